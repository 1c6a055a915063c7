//! Seats that groups give (decision 0042).
//!
//! What groups give is not written anywhere: it follows from who is in them and what they have. Of a seat it is written what holds it: one whose source is a group is held by
//! groups alone, and is free when none of its holder's groups gives the product any more; any other is held by hand, whatever groups give beside. So is a place in a line.

use std::collections::{HashMap, HashSet};

use entity::assignment::{self, Column, Source};
use entity::waitlist_entry;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use super::people::Holder;
use super::unassign::release;
use super::{AssignSeats, Assigned, SeatRequest, SeatSource};
use crate::command::Work;
use crate::error::{Code, Refusal, Result};
use crate::platform::arrays::{among, listed};
use crate::platform::constants::Constants;

/// Whether a group of its holder gives the product of a seat.
pub const IS_GIVEN: &str = "EXISTS (SELECT 1 FROM group_members m JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    WHERE m.account_id = assignments.account_id AND m.user_id = assignments.user_id AND g.product_id = assignments.product_id)";

/// The same for a place in a line.
pub(super) const IS_WANTED: &str = "EXISTS (SELECT 1 FROM group_members m JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    WHERE m.account_id = waitlist_entries.account_id AND m.user_id = waitlist_entries.user_id AND g.product_id = waitlist_entries.product_id)";

/// What groups give to people who can hold a seat, in the order in which they came into the groups.
const WISHES: &str = "SELECT m.user_id, g.subscription_id, g.product_id FROM group_members m \
    JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    JOIN users u ON u.account_id = m.account_id AND u.id = m.user_id \
    WHERE m.account_id = $1 AND u.status NOT IN ('DISABLED', 'REMOVED') AND m.user_id ";

const IN_ORDER: &str = " ORDER BY m.id, g.id";

/// The names of the groups that give something to people.
const NAMES: &str = "SELECT m.user_id, g.product_id, n.name FROM group_members m \
    JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    JOIN user_groups n ON n.account_id = m.account_id AND n.id = m.group_id WHERE m.account_id = $1 AND m.user_id ";

/// A seat that a group gives to somebody.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Wish {
    pub user_id: Uuid,
    pub subscription_id: Uuid,
    pub product_id: Uuid,
}

/// What people had on in seats, by user and product: they get it again where their groups give them the seat.
pub type Remembered = HashMap<(Uuid, Uuid), Vec<Uuid>>;

#[derive(FromQueryResult)]
struct Named {
    user_id: Uuid,
    product_id: Uuid,
    name: String,
}

/// Gives people what their groups give and they do not have; whoever finds no seat waits for it. Answers what was not there before, in the order in which it was given.
pub async fn give(
    work: &mut Work,
    account_id: Uuid,
    users: &[Uuid],
    newcomers: Vec<Holder>,
    remembered: &Remembered,
) -> Result<Vec<(Wish, Assigned)>> {
    let wishes = wishes(work, account_id, users).await?;
    if wishes.is_empty() {
        return Ok(Vec::new());
    }
    let request = |wish: &Wish| SeatRequest {
        user_id: wish.user_id,
        source: SeatSource::Subscription(wish.subscription_id),
        components: remembered.get(&(wish.user_id, wish.product_id)).cloned(),
    };
    let command = |requests, newcomers| AssignSeats {
        requests,
        source: Source::Group,
        waits: true,
        newcomers,
    };
    let mut outcomes = work
        .run(command(wishes.iter().map(request).collect(), newcomers))
        .await?;
    // Components that cannot be on any more give way to the defaults.
    let is_refused = |place: &usize| outcomes[*place].refusal().is_some();
    let refused: Vec<usize> = (0..outcomes.len()).filter(is_refused).collect();
    if !refused.is_empty() && !remembered.is_empty() {
        let plain = refused.iter().map(|place| SeatRequest {
            components: None,
            ..request(&wishes[*place])
        });
        let again = work.run(command(plain.collect(), Vec::new())).await?;
        for (place, outcome) in refused.into_iter().zip(again) {
            outcomes[place] = outcome;
        }
    }
    let given = wishes.into_iter().zip(outcomes);
    let is_new = |(_, outcome): &(Wish, Assigned)| {
        !matches!(
            outcome,
            Assigned::Unchanged(_) | Assigned::Waiting { is_new: false, .. }
        )
    };
    Ok(given.filter(is_new).collect())
}

/// Each product once for each user: by whichever of their groups they came into first.
async fn wishes(work: &Work, account_id: Uuid, users: &[Uuid]) -> Result<Vec<Wish>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![account_id.into()];
    let sql = format!(
        "{WISHES}{}{IN_ORDER}",
        listed(work.backend(), users.to_vec(), &mut values)
    );
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let mut wishes = work.fetch::<Wish>(statement).await?;
    let mut seen = HashSet::new();
    wishes.retain(|wish| seen.insert((wish.user_id, wish.product_id)));
    Ok(wishes)
}

/// Takes back what groups alone gave to people and none of their groups gives any more, and has them wait no longer for such. Answers the seats that are free.
pub async fn withdraw(work: &mut Work, account_id: Uuid, users: &[Uuid]) -> Result<Vec<assignment::Model>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let seats = assignment::Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::UserId, users))
        .filter(Column::Source.eq_constant(Source::Group))
        .filter(Expr::cust(IS_GIVEN).not())
        .all(work.reader())
        .await?;
    let waiting = waitlist_entry::Entity::delete_many()
        .filter(waitlist_entry::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), waitlist_entry::Column::UserId, users))
        .filter(waitlist_entry::Column::Source.eq_constant(Source::Group))
        .filter(Expr::cust(IS_WANTED).not());
    work.delete(waiting).await?;
    release(work, account_id, &seats).await?;
    Ok(seats)
}

/// Seats that are held by hand are so no longer, and stay with the groups that give them.
pub(super) async fn let_go(work: &mut Work, account_id: Uuid, seats: &[Uuid]) -> Result<()> {
    if seats.is_empty() {
        return Ok(());
    }
    hold(work, account_id, seats, Source::Group, None).await
}

/// Has seats held by something else than before.
pub(super) async fn hold(
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
pub(super) async fn refusals(
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
