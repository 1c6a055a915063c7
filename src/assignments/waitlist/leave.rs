//! Leaving the line.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::assignment::Source;
use entity::ids::Kind;
use entity::waitlist_entry::{self, Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::stand::hold;
use crate::access::Action;
use crate::assignments::holding::{self, IS_WANTED};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::arrays::among;

/// Takes people off the waitlist.
#[derive(Clone, Debug)]
pub struct LeaveWaitlist {
    pub entries: Vec<Uuid>,
    /// Take nobody off unless all can be.
    pub all_or_nothing: bool,
}

/// A place, and whether a group of whoever stands there gives the product.
#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    entry: waitlist_entry::Model,
    is_of_group: bool,
}

impl Found {
    /// Whoever stands there by a group stands there for as long as the group gives the product.
    fn is_held_by_groups(&self) -> bool {
        self.is_of_group && self.entry.source == Source::Group
    }
}

impl Command for LeaveWaitlist {
    /// One for each that was named, in order.
    type Output = Vec<Result<(), Refusal>>;
    const NAME: &'static str = "seats.leave_waitlist";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let account_id = work.account_id()?;
        let found: Vec<Found> = Entity::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(among(work.backend(), Column::Id, &self.entries))
            .expr_as(Expr::cust(IS_WANTED), "is_of_group")
            .into_model()
            .all(work.reader())
            .await?;
        let kept = found.iter().filter(|one| one.is_held_by_groups());
        let kept = kept.map(|one| one.entry.user_id).collect();
        let kept = holding::refusals(work, account_id, kept).await?;
        let outcomes = self.outcomes(&found, &kept);
        let refusals: Vec<Refusal> = outcomes.iter().filter_map(|one| one.clone().err()).collect();
        if self.all_or_nothing && !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        let by_hand = found.iter().filter(|one| !one.is_held_by_groups());
        let (staying, leaving): (Vec<&Found>, Vec<&Found>) = by_hand.partition(|one| one.is_of_group);
        let ids = |these: Vec<&Found>| these.into_iter().map(|one| one.entry.id).collect::<Vec<Uuid>>();
        let (staying, leaving) = (ids(staying), ids(leaving));
        if !staying.is_empty() {
            hold(work, account_id, &staying, (Source::Group, None, None)).await?;
        }
        if !leaving.is_empty() {
            for id in &leaving {
                work.touch(Kind::WaitlistEntry.text(*id));
            }
            let gone = Entity::delete_many()
                .filter(Column::AccountId.eq(account_id))
                .filter(among(work.backend(), Column::Id, &leaving));
            work.delete(gone).await?;
        }
        Ok(outcomes)
    }
}

impl LeaveWaitlist {
    fn outcomes(&self, found: &[Found], kept: &HashMap<(Uuid, Uuid), Refusal>) -> Vec<Result<(), Refusal>> {
        let mut waiting: HashMap<Uuid, &Found> = found.iter().map(|one| (one.entry.id, one)).collect();
        let outcome = |(place, id): (usize, &Uuid)| {
            let refusal = match waiting.remove(id) {
                Some(one) if one.is_held_by_groups() => {
                    let known = kept.get(&(one.entry.user_id, one.entry.product_id));
                    known.cloned().unwrap_or_else(missing)
                }
                Some(_) => return Ok(()),
                None => missing(),
            };
            Err(refusal.at(&format!("input.entryIds.{place}")))
        };
        self.entries.iter().enumerate().map(outcome).collect()
    }
}

fn missing() -> Refusal {
    let text = "There is no such entry: the person has a seat or does not wait any more.";
    Refusal::new(Code::NotFound, text)
}

/// Nobody waits any more for a seat until a day that is over; whoever's group gives the product waits on, without an end. Answers how many places changed.
pub async fn end(work: &Work, account_id: Uuid) -> Result<u64> {
    let today = work.now().date_naive();
    let stays = Entity::update_many()
        .col_expr(Column::Source, Expr::value(Source::Group))
        .col_expr(Column::ExpiresOn, Expr::value(None::<NaiveDate>))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ExpiresOn.lt(today))
        .filter(Expr::cust(IS_WANTED));
    let stayed = work.update(stays).await?;
    let over = Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ExpiresOn.lt(today));
    Ok(stayed + work.delete(over).await?)
}

/// These users wait for nothing any more.
pub async fn leave(work: &Work, account_id: Uuid, users: &[Uuid]) -> Result<()> {
    let gone = Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::UserId, users));
    work.delete(gone).await?;
    Ok(())
}
