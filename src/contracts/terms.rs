//! What becomes of subscriptions when the last day of their contract moves, and when a new term begins.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::contract;
use entity::ids::Kind;
use entity::subscription::{Column, Entity, Model, State};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use crate::assignments::waitlist;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::events::Wake;

/// A contract whose last day becomes another.
#[derive(Clone, Debug)]
pub struct Moved {
    /// As it was.
    pub contract: contract::Model,
    pub ends_on: NaiveDate,
    /// The first day of the next term, if this adds one.
    pub begins_on: Option<NaiveDate>,
}

impl Moved {
    /// A subscription of the contract afterwards; as it was, if it is not concerned.
    ///
    /// What would end with the contract goes along with it. A trial does not: it ends when it ends. Where the contract ends earlier, all that would outlive it ends with it, and what
    /// would not have begun by then is cancelled.
    pub fn applied(&self, before: &Model) -> Model {
        let mut after = before.clone();
        let (was, is) = (self.contract.ends_on, self.ends_on);
        if before.state == State::Cancelled {
            return after;
        }
        if is < was && before.ends_on > is {
            match before.starts_on > is {
                true => after.state = State::Cancelled,
                false => after.ends_on = is,
            }
            // The term that was agreed does not come.
            after.next_term_on = before.next_term_on.filter(|begins| *begins <= is);
        }
        if is > was && (was..is).contains(&before.ends_on) && before.state != State::Trial {
            after.ends_on = is;
            let begins_on = self.begins_on.filter(|_| before.next_seats.is_some());
            after.next_term_on = before.next_term_on.or(begins_on);
        }
        after
    }
}

/// A subscription on a day: with the seats of its new term, if that has begun. Of those that are held none is taken away.
pub fn begun(before: &Model, today: NaiveDate) -> Model {
    let mut after = before.clone();
    if let Some(seats) = before.next_seats
        && before.next_term_on.is_some_and(|begins| begins <= today)
    {
        after.seats = Ord::max(seats, before.seats_used);
        after.next_seats = None;
        after.next_term_on = None;
    }
    after
}

/// Does it to the subscriptions of some contracts. Two statements, whatever the number.
pub async fn follow(work: &mut Work, account_id: Uuid, moved: &[Moved]) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let today = work.now().date_naive();
    let of: HashMap<Uuid, &Moved> = moved.iter().map(|one| (one.contract.id, one)).collect();
    let ids: Vec<Uuid> = of.keys().copied().collect();
    let found = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::ContractId, &ids))
        .all(work.reader())
        .await?;
    let after = found.into_iter().filter_map(|before| {
        let after = of.get(&before.contract_id)?.applied(&before);
        Some((before, begun(&after, today)))
    });
    write(work, account_id, after.collect()).await
}

/// Writes what became of subscriptions: those that are others than before, by one statement. Whoever waits is served.
pub async fn write(work: &mut Work, account_id: Uuid, changes: Vec<(Model, Model)>) -> Result<()> {
    let changes: Vec<(Model, Model)> = changes
        .into_iter()
        .filter(|(before, after)| before != after)
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    let case = |value: fn(&Model) -> Value| {
        let all = changes.iter().fold(CaseStatement::new(), |case, (_, after)| {
            case.case(Column::Id.eq(after.id), Expr::value(value(after)))
        });
        Expr::Case(Box::new(all))
    };
    let ids: Vec<Uuid> = changes.iter().map(|(before, _)| before.id).collect();
    let update = Entity::update_many()
        .col_expr(Column::EndsOn, case(|after| after.ends_on.into()))
        .col_expr(Column::State, case(|after| after.state.into()))
        .col_expr(Column::Seats, case(|after| after.seats.into()))
        .col_expr(Column::NextSeats, case(|after| after.next_seats.into()))
        .col_expr(Column::NextTermOn, case(|after| after.next_term_on.into()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, &ids));
    work.update(update).await?;
    for (before, after) in &changes {
        work.touch(Kind::Subscription.text(after.id));
        if before.seats != after.seats {
            let number = |seats: i32| Some(seats.to_string());
            work.changed("seats", number(before.seats), number(after.seats));
        }
    }
    let products: HashSet<Uuid> = changes.iter().map(|(_, after)| after.product_id).collect();
    for product in products {
        sold(work, account_id, product);
    }
    Ok(())
}

/// There are other seats than before: whoever waits for one may have it.
pub fn sold(work: &mut Work, account_id: Uuid, product_id: Uuid) {
    work.wake(Wake::Seats {
        account_id,
        id: product_id,
    });
    work.follow_with(&waitlist::GIVE, account_id);
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use entity::contract;
    use entity::subscription::{Model, State};
    use uuid::Uuid;

    use super::{Moved, begun};

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn subscription(state: State, starts: u32, ends: u32) -> Model {
        Model {
            account_id: Uuid::nil(),
            id: Uuid::nil(),
            version: 1,
            product_id: Uuid::nil(),
            contract_id: Uuid::nil(),
            state,
            seats: 10,
            seats_used: 6,
            seats_reserved: 0,
            starts_on: day(starts),
            ends_on: day(ends),
            created_at: DateTime::UNIX_EPOCH,
            next_seats: Some(8),
            next_term_on: None,
            told_for: None,
            told_days: None,
        }
    }

    /// A contract that ends on the 20th.
    fn moved(ends: u32, begins: Option<u32>) -> Moved {
        Moved {
            contract: contract::Model {
                account_id: Uuid::nil(),
                id: Uuid::nil(),
                number: "C-1".into(),
                starts_on: day(1),
                ends_on: day(20),
                auto_renews: false,
                purchaser_name: None,
                reseller_name: None,
                terminated_at: None,
                created_at: DateTime::UNIX_EPOCH,
                version: 1,
                renewal_months: 1,
                next_term_on: None,
                told_for: None,
                told_days: None,
            },
            ends_on: day(ends),
            begins_on: begins.map(day),
        }
    }

    #[test]
    fn what_ends_with_its_contract_goes_along_and_nothing_else() {
        let renewed = moved(30, Some(21));
        for (state, ends, expected, begins) in [
            (State::Active, 20, 30, Some(day(21))),
            (State::PastDue, 20, 30, Some(day(21))),
            (State::Active, 25, 30, Some(day(21))),
            // It was to end before, or later anyway.
            (State::Active, 19, 19, None),
            (State::Active, 31, 31, None),
            (State::Trial, 20, 20, None),
            (State::Cancelled, 20, 20, None),
        ] {
            let after = renewed.applied(&subscription(state, 1, ends));
            assert_eq!(
                (after.ends_on, after.next_term_on),
                (day(expected), begins),
                "{state:?} {ends}"
            );
        }
    }

    #[test]
    fn what_would_outlive_its_contract_ends_with_it_or_never_begins() {
        let ended = moved(15, None);
        for (state, starts, ends, expected) in [
            (State::Active, 1, 20, (State::Active, 15)),
            (State::Trial, 1, 20, (State::Trial, 15)),
            (State::Active, 1, 14, (State::Active, 14)),
            (State::Active, 15, 20, (State::Active, 15)),
            (State::Active, 16, 20, (State::Cancelled, 20)),
        ] {
            let after = ended.applied(&subscription(state, starts, ends));
            assert_eq!(
                (after.state, after.ends_on),
                (expected.0, day(expected.1)),
                "{state:?} {starts} to {ends}"
            );
        }
        let mut planned = subscription(State::Active, 1, 20);
        planned.next_term_on = Some(day(18));
        assert_eq!(ended.applied(&planned).next_term_on, None);
    }

    #[test]
    fn a_new_term_has_the_seats_that_were_asked_for_and_takes_none_that_is_held() {
        let mut one = subscription(State::Active, 1, 20);
        assert_eq!(begun(&one, day(31)), one, "it was not renewed");
        one.next_term_on = Some(day(21));
        assert_eq!(begun(&one, day(20)), one);
        let after = begun(&one, day(21));
        assert_eq!(
            (after.seats, after.next_seats, after.next_term_on),
            (8, None, None)
        );
        one.next_seats = Some(4);
        assert_eq!(begun(&one, day(22)).seats, 6);
    }
}
