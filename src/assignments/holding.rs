//! What holds a seat, or a place in a line: somebody's hand, or groups and nothing else. It is told by its source (decision 0042).

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::assignment::{self, Column, Source};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Code, Refusal, Result};
use crate::platform::arrays::{among, listed};

/// Whether a group of its holder gives the product of a seat.
pub const IS_GIVEN: &str = "EXISTS (SELECT 1 FROM group_members m JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    WHERE m.account_id = assignments.account_id AND m.user_id = assignments.user_id AND g.product_id = assignments.product_id)";

/// The same for a place in a line.
pub const IS_WANTED: &str = "EXISTS (SELECT 1 FROM group_members m JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    WHERE m.account_id = waitlist_entries.account_id AND m.user_id = waitlist_entries.user_id AND g.product_id = waitlist_entries.product_id)";

/// The names of the groups that give something to people.
const NAMES: &str = "SELECT m.user_id, g.product_id, n.name FROM group_members m \
    JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    JOIN user_groups n ON n.account_id = m.account_id AND n.id = m.group_id WHERE m.account_id = $1 AND m.user_id ";

const IN_ORDER: &str = " ORDER BY m.id, g.id";

#[derive(FromQueryResult)]
struct Named {
    user_id: Uuid,
    product_id: Uuid,
    name: String,
}

/// Seats that are held by hand are so no longer, and stay with the groups that give them: for as long as these do.
pub async fn let_go(work: &mut Work, account_id: Uuid, seats: &[Uuid]) -> Result<()> {
    if seats.is_empty() {
        return Ok(());
    }
    let endless = assignment::Entity::update_many()
        .col_expr(Column::ExpiresOn, Expr::value(None::<NaiveDate>))
        .col_expr(Column::ExpiryToldFor, Expr::value(None::<NaiveDate>))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ExpiresOn.is_not_null())
        .filter(among(work.backend(), Column::Id, seats));
    work.update(endless).await?;
    hold(work, account_id, seats, Source::Group, None).await
}

/// Has seats held by something else than before.
pub async fn hold(
    work: &mut Work,
    account_id: Uuid,
    seats: &[Uuid],
    source: Source,
    by: Option<Uuid>,
) -> Result<()> {
    let update = assignment::Entity::update_many()
        .col_expr(Column::Source, Expr::value(source))
        .col_expr(Column::AssignedBy, Expr::value(by))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, seats));
    work.update(update).await?;
    for id in seats {
        work.touch(entity::ids::Kind::Assignment.text(*id));
    }
    Ok(())
}

/// Why seats are not taken back, or places not given up, that groups alone hold; by user and product.
pub async fn refusals(
    work: &Work,
    account_id: Uuid,
    users: Vec<Uuid>,
) -> Result<HashMap<(Uuid, Uuid), Refusal>> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = vec![account_id.into()];
    let sql = format!("{NAMES}{}{IN_ORDER}", listed(work.backend(), users, &mut values));
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let mut names: HashMap<(Uuid, Uuid), Vec<String>> = HashMap::new();
    for found in work.fetch::<Named>(statement).await? {
        let of_seat = names.entry((found.user_id, found.product_id)).or_default();
        if !of_seat.contains(&found.name) {
            of_seat.push(found.name);
        }
    }
    Ok(names
        .into_iter()
        .map(|(key, names)| (key, refusal(&names)))
        .collect())
}

/// Groups that are named in a refusal.
const NAMED: usize = 5;

fn refusal(groups: &[String]) -> Refusal {
    let mut named: Vec<String> = groups
        .iter()
        .take(NAMED)
        .map(|name| format!("\"{name}\""))
        .collect();
    if groups.len() > NAMED {
        named.push(format!("{} more", groups.len() - NAMED));
    }
    let (what, it) = match groups {
        [_] => ("group", "it"),
        _ => ("groups", "each of them"),
    };
    let text = format!(
        "This is theirs by the {what} {}. Remove them from {it}, or take the subscription off {it}.",
        named.join(", ")
    );
    Refusal::new(Code::HeldByGroup, text)
}
