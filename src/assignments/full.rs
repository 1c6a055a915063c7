//! Telling the administrators that a subscription has no seat left, or few: once per crossing, in the app and by mail.

use std::collections::HashMap;

use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::{assignment, subscription};
use uuid::Uuid;

use super::rules::{self, Crossing};
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify_each, who_may};
use crate::products::Catalogue;

/// Looks which subscriptions the new rows fill up, or bring to the share that the account wants to hear of; `before` is how they stood.
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
    if taken.is_empty() {
        return Ok(());
    }
    let account_id = work.account_id()?;
    let account = work.account(account_id).await?;
    let crossed = before.iter().filter_map(|subscription| {
        let (count, last) = taken.get(&subscription.id)?;
        let crossing = rules::crossing(subscription, *count, account.seat_notice_percent)?;
        Some((subscription, *last, crossing))
    });
    let crossed: Vec<_> = crossed.collect();
    if crossed.is_empty() {
        return Ok(());
    }
    // Whoever can buy seats or free some, in either view.
    let administrators = who_may(work, account_id, Action::ReadContracts).await?;
    let ids: Vec<Uuid> = administrators.iter().map(|user| user.id).collect();
    let (mut mails, mut notices) = (Vec::new(), Vec::new());
    for (subscription, last, crossing) in crossed {
        let product = catalogue
            .by_id(subscription.product_id)
            .map(|product| product.0.model.name.clone());
        let product = product.unwrap_or_default();
        let (seats, left) = (subscription.seats, crossing.left());
        let (kind, key, title, body) = match crossing {
            Crossing::Full => (
                notification::Kind::SeatsExhausted,
                "seats-full",
                format!("All seats of {product} are taken"),
                format!(
                    "All {seats} seats are assigned. Nobody else can be given {product} until one is freed or added."
                ),
            ),
            Crossing::Low { .. } => (
                notification::Kind::SeatsRunningOut,
                "seats-low",
                format!("Few seats of {product} are left"),
                format!(
                    "{left} of {seats} seats are free. Nobody can be given {product} any more when they are taken."
                ),
            ),
        };
        let notice = Notice {
            kind,
            severity: Severity::Warning,
            title,
            body,
            subject: Some(Kind::Subscription.text(subscription.id)),
        };
        notices.extend(ids.iter().map(|id| (*id, notice.clone())));
        // The assignment that filled it names the crossing: the next one is another.
        mails.extend(administrators.iter().map(|user| {
            let mail = Mail {
                key: format!("{key}:{last}:{}", user.id),
                to_address: user.email.clone(),
                to_name: user.given_name.clone(),
                letter: Letter::SeatsFull {
                    account_name: account.name.clone(),
                    product: product.clone(),
                    seats,
                    left,
                },
            };
            (user.id, kind, mail)
        }));
    }
    let told = notify_each(work, account_id, &notices).await?;
    let wanted = mails.into_iter();
    let wanted = wanted.filter(|(user_id, kind, _)| told.wants_mail(*user_id, *kind));
    outbox::write(work, account_id, wanted.map(|(_, _, mail)| mail).collect()).await
}
