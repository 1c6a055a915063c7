//! Telling the administrators that a subscription has no seat left: once per crossing, in the app and by mail.

use std::collections::HashMap;

use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::user::{Role, Status};
use entity::{assignment, subscription, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify};
use crate::platform::constants::Constants;
use crate::products::Catalogue;

/// Whom a full subscription is told: whoever can buy seats or free some, in either view.
const TOLD: [Role; 4] = [
    Role::PrimaryAdmin,
    Role::SecondaryAdmin,
    Role::ContractManager,
    Role::SoftwareCoordinator,
];

/// Looks which subscriptions the new rows fill up; `before` is how they stood.
pub async fn tell(
    work: &mut Work,
    catalogue: &Catalogue,
    before: &[subscription::Model],
    rows: &[assignment::Model],
) -> Result<()> {
    let mut taken: HashMap<Uuid, (i32, Uuid)> = HashMap::new();
    for row in rows {
        let (count, last) = taken.entry(row.subscription_id).or_default();
        *count += 1;
        *last = row.id;
    }
    let crossed = before.iter().filter_map(|subscription| {
        let (count, last) = taken.get(&subscription.id)?;
        (subscription.seats_used + count == subscription.seats).then_some((subscription, *last))
    });
    let crossed: Vec<_> = crossed.collect();
    if crossed.is_empty() {
        return Ok(());
    }
    let account_id = work.account_id()?;
    let account_name = work.account(account_id).await?.name;
    let administrators = administrators(work, account_id).await?;
    let ids: Vec<Uuid> = administrators.iter().map(|user| user.id).collect();
    let mut mails = Vec::new();
    for (subscription, last) in crossed {
        let product = catalogue
            .by_id(subscription.product_id)
            .map(|product| product.0.model.name.clone());
        let product = product.unwrap_or_default();
        let notice = Notice {
            kind: notification::Kind::SeatsExhausted,
            severity: Severity::Warning,
            title: format!("All seats of {product} are taken"),
            body: format!(
                "All {} seats are assigned. Nobody else can be given {product} until one is freed or added.",
                subscription.seats
            ),
            subject: Some(Kind::Subscription.text(subscription.id)),
        };
        notify(work, account_id, &ids, &notice).await?;
        // The assignment that filled it names the crossing: the next one is another.
        mails.extend(administrators.iter().map(|user| Mail {
            key: format!("seats-full:{last}:{}", user.id),
            to_address: user.email.clone(),
            to_name: user.given_name.clone(),
            letter: Letter::SeatsFull {
                account_name: account_name.clone(),
                product: product.clone(),
                seats: subscription.seats,
            },
        }));
    }
    outbox::write(work, account_id, mails).await
}

async fn administrators(work: &Work, account_id: Uuid) -> Result<Vec<user::Model>> {
    Ok(user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.eq_constant(Status::Active))
        .filter(user::Column::Role.is_in(TOLD))
        .all(work.reader())
        .await?)
}
