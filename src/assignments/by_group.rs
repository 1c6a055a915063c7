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

use super::holding::{IS_GIVEN, IS_WANTED};
use super::people::Holder;
use super::unassign::release;
use super::{AssignSeats, Assigned, SeatRequest, SeatSource};
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::{among, listed};
use crate::platform::constants::Constants;

/// What groups give to people who can hold a seat, in the order in which they came into the groups.
const WISHES: &str = "SELECT m.user_id, g.subscription_id, g.product_id FROM group_members m \
    JOIN group_subscriptions g ON g.account_id = m.account_id AND g.group_id = m.group_id \
    JOIN users u ON u.account_id = m.account_id AND u.id = m.user_id \
    WHERE m.account_id = $1 AND u.status NOT IN ('DISABLED', 'REMOVED') AND m.user_id ";

const IN_ORDER: &str = " ORDER BY m.id, g.id";

/// A seat that a group gives to somebody.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Wish {
    pub user_id: Uuid,
    pub subscription_id: Uuid,
    pub product_id: Uuid,
}

/// What people had on in seats, by user and product: they get it again where their groups give them the seat.
pub type Remembered = HashMap<(Uuid, Uuid), Vec<Uuid>>;

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
        expires_on: None,
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
