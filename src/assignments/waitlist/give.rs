//! Giving free seats to whoever is next.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::assignment::Source;
use entity::ids::Kind;
use entity::lists::Uuids;
use entity::user::Status;
use entity::{assignment, subscription, waitlist_entry};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use crate::assignments::people::Holder;
use crate::assignments::{SeatSource, place, rules};
use crate::command::Work;
use crate::command::consequences::Consequence;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::products::{Catalogue, Product, catalogue_holding};

/// Follows wherever seats became free.
pub static GIVE: Consequence = Consequence {
    name: "seats.give_to_waiting",
    act: |work, account_id| give(work, account_id).boxed(),
};

/// One who is next, as many of each product as it has seats.
#[derive(FromQueryResult)]
struct Next {
    id: Uuid,
    user_id: Uuid,
    product_id: Uuid,
    components: Option<Uuids>,
    expires_on: Option<NaiveDate>,
    source: Source,
    requested_by: Option<Uuid>,
    status: Status,
    email: String,
    given_name: Option<String>,
}

/// What is free in term, by product, and those who stand first in its line. Whoever cannot hold a seat any more has left; should one not have, they are passed over, and so is who waits for a seat until a day that is over.
const NEXT: &str = "SELECT w.id, w.user_id, w.product_id, w.components, w.expires_on, w.source, w.requested_by, u.status, u.email, u.given_name \
    FROM (SELECT e.*, ROW_NUMBER() OVER (PARTITION BY e.product_id ORDER BY e.rank, e.id) AS place \
        FROM waitlist_entries e JOIN users h ON h.account_id = e.account_id AND h.id = e.user_id \
        WHERE e.account_id = $1 AND h.status NOT IN ('DISABLED', 'REMOVED') AND (e.expires_on IS NULL OR e.expires_on >= $2)) w \
    JOIN (SELECT s.product_id, SUM(s.seats - s.seats_used) AS free FROM subscriptions s \
        WHERE s.account_id = $1 AND s.state IN ('ACTIVE', 'TRIAL') AND s.starts_on <= $2 AND s.ends_on >= $2 GROUP BY s.product_id) f \
        ON f.product_id = w.product_id AND w.place <= f.free \
    JOIN users u ON u.account_id = w.account_id AND u.id = w.user_id \
    WHERE w.account_id = $1 ORDER BY w.rank, w.id";

/// Gives what is free to those who wait for it, and tells them by mail. One statement where nobody waits or nothing is free.
///
/// The administrators hear nothing of a subscription that is full again: they never saw it otherwise.
pub async fn give(work: &mut Work, account_id: Uuid) -> Result<()> {
    let today = work.now().date_naive();
    let values = [account_id.into(), today.into()];
    let next: Vec<Next> = work
        .fetch(Statement::from_sql_and_values(work.backend(), NEXT, values))
        .await?;
    if next.is_empty() {
        return Ok(());
    }
    let products: Vec<Uuid> = next.iter().map(|entry| entry.product_id).collect();
    let subscriptions = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), subscription::Column::ProductId, &products))
        .all(work.reader())
        .await?;
    let is_there = |known: &Catalogue| known.has(products.iter().copied());
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let mut stock = rules::Stock::new(&subscriptions, today);
    let (mut rows, mut holders, mut served) = (Vec::new(), HashMap::new(), Vec::new());
    for entry in next {
        let Some(product) = catalogue.by_id(entry.product_id) else {
            continue;
        };
        let source = SeatSource::Product(entry.product_id);
        let Ok(taken) = stock.take(source, &product.0.model.name) else {
            continue;
        };
        served.push(entry.id);
        rows.push(assignment::Model {
            account_id,
            id: work.new_id(),
            version: 1,
            user_id: entry.user_id,
            subscription_id: taken.id,
            product_id: entry.product_id,
            components: Uuids(components(product, entry.components)),
            source: entry.source,
            assigned_by: entry.requested_by,
            assigned_at: work.now(),
            expires_on: entry.expires_on,
            expiry_told_for: None,
            reclaim_told_at: None,
            waited_as: Some(entry.id),
        });
        let holder = Holder {
            id: entry.user_id,
            status: entry.status,
            email: entry.email,
            given_name: entry.given_name,
        };
        holders.insert(holder.id, holder);
    }
    let gone = waitlist_entry::Entity::delete_many()
        .filter(waitlist_entry::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), waitlist_entry::Column::Id, &served));
    work.delete(gone).await?;
    work.touch(Kind::Account.text(account_id));
    place::place(work, account_id, &holders, &rows).await?;
    place::confirm(work, account_id, &catalogue, &holders, &rows).await
}

/// What was asked for when the waiting began, if the product still is so that it can be on.
fn components(product: &Product, asked: Option<Uuids>) -> Vec<Uuid> {
    let asked = asked.map(|asked| asked.0);
    let good = asked.filter(|asked| rules::check(product, asked).is_ok());
    good.unwrap_or_else(|| rules::defaults(product))
}
