//! Giving seats that were decided upon: counted where they are sold, written, told to whoever may use them at once.

use std::collections::{BTreeMap, HashMap};

use entity::assignment;
use entity::ids::Kind;
use entity::user::Status;
use sea_orm::IntoActiveModel;
use uuid::Uuid;

use super::people::Holder;
use super::{SEATS, rules};
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::platform::events::Wake;
use crate::products::Catalogue;

/// Writes seats of an account. `holders` are those who get them.
pub async fn place(
    work: &mut Work,
    account_id: Uuid,
    holders: &HashMap<Uuid, Holder>,
    rows: &[assignment::Model],
) -> Result<()> {
    count(work, account_id, holders, rows).await?;
    for row in rows {
        work.touch(Kind::Assignment.text(row.id));
        work.wake(Wake::Seats {
            account_id,
            id: row.product_id,
        });
    }
    let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
    work.insert(rows.collect()).await
}

/// Takes the seats where they are sold. The guard cannot fail under the account's lock; that it is there anyway is the point of it.
async fn count(
    work: &Work,
    account_id: Uuid,
    holders: &HashMap<Uuid, Holder>,
    rows: &[assignment::Model],
) -> Result<()> {
    let mut wanted: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    for row in rows {
        let user = holders.get(&row.user_id);
        let is_reserved = user.is_some_and(|user| user.status != Status::Active);
        let (seats, reserved) = wanted.entry(row.subscription_id).or_default();
        *seats += 1;
        *reserved += i32::from(is_reserved);
    }
    for (id, (seats, reserved)) in wanted {
        // Nobody reads it: the lock keeps what was planned from failing.
        let refusal = rules::exhausted(id, "the product", seats, 0);
        work.count(&SEATS, account_id, id, vec![seats, reserved], Some(refusal))
            .await?;
    }
    Ok(())
}

/// What the mail is known by that confirms seats to their user: the first of them names it.
pub fn confirmation_key(first: Uuid) -> String {
    format!("products:{first}")
}

/// Tells active users what they were given, in one mail each. Who has not accepted yet reads it in their invitation, and again on accepting.
pub async fn confirm(
    work: &mut Work,
    account_id: Uuid,
    catalogue: &Catalogue,
    holders: &HashMap<Uuid, Holder>,
    rows: &[assignment::Model],
) -> Result<()> {
    let mut given: BTreeMap<Uuid, (&Holder, Uuid, Vec<String>)> = BTreeMap::new();
    for row in rows {
        let active = holders
            .get(&row.user_id)
            .filter(|user| user.status == Status::Active);
        let (Some(user), Some(product)) = (active, catalogue.by_id(row.product_id)) else {
            continue;
        };
        let (_, _, names) = given.entry(row.user_id).or_insert((user, row.id, Vec::new()));
        names.push(product.0.model.name.clone());
    }
    if given.is_empty() {
        return Ok(());
    }
    let account_name = work.account(account_id).await?.name;
    let mail = |(user, first, products): (&Holder, Uuid, Vec<String>)| Mail {
        key: confirmation_key(first),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter: Letter::ProductConfirmation {
            account_name: account_name.clone(),
            products,
        },
    };
    outbox::write(work, account_id, given.into_values().map(mail).collect()).await
}
