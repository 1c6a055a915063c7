//! What the platform does again and again, whatever the accounts: one process at a time takes it in hand, under a lease. Once a day what is old is cleared away; once an hour
//! it is looked in which accounts something is to be looked after ([`Upkeep`]), and a job is made for each.

use std::time::Duration as Pause;

use chrono::{DateTime, Duration, Utc};
use entity::{account, chore};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::objects;
use super::retention::ClearAway;
use super::upkeep::{self, Upkeep};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// The chore that clears away what is old.
pub const RETENTION: &str = "retention";
/// How often to look whether it is due.
const LOOK: Pause = Pause::from_mins(1);
/// A process that died over it is followed by another after this; renewed with each account.
const LEASE: Duration = Duration::minutes(10);
/// After a failure.
const AGAIN_AFTER: Duration = Duration::minutes(15);
/// Between two accounts: a hundred thousand are looked through in a quarter of an hour.
const BETWEEN_ACCOUNTS: Pause = Pause::from_millis(5);
/// Accounts looked up at once.
const ACCOUNTS: u64 = 500;

/// Something done again and again.
#[derive(Clone, Copy)]
struct Chore {
    name: &'static str,
    every: Duration,
}

const CLEARING: Chore = Chore {
    name: RETENTION,
    every: Duration::days(1),
};

/// The chore of looking for what is to be looked after.
const fn looking_for(what: Upkeep) -> Chore {
    Chore {
        name: what.name(),
        every: Duration::hours(1),
    }
}

/// Looks once a minute until the process stops.
pub async fn look_again_and_again(app: App) {
    loop {
        // Not at once: whoever starts has something better to do.
        tokio::time::sleep(LOOK).await;
        for what in Upkeep::ALL {
            if let Err(error) = app.unless_away(look_for(&app, what)).await {
                tracing::warn!(?error, ?what, "it could not be looked what is to be looked after");
            }
        }
        if let Err(error) = app.unless_away(once(&app)).await {
            tracing::warn!(?error, "what is old could not be cleared away");
        }
    }
}

/// Clears away what is old if that is due and in nobody's hands. Answers whether it was done.
pub async fn once(app: &App) -> Result<bool> {
    let Some(token) = app.run(&Actor::Platform, Take(CLEARING)).await? else {
        return Ok(false);
    };
    let done = clear_all(app, token).await;
    finish(app, CLEARING, token, done).await
}

/// The same with asking for something to be looked after where it is due.
pub async fn look_for(app: &App, what: Upkeep) -> Result<bool> {
    let chore = looking_for(what);
    let Some(token) = app.run(&Actor::Platform, Take(chore)).await? else {
        return Ok(false);
    };
    let done = ask_for_all(app, chore, what, token).await;
    finish(app, chore, token, done).await
}

async fn finish(app: &App, chore: Chore, token: Uuid, done: Result<()>) -> Result<bool> {
    let failure = done.as_ref().err().map(|error| format!("{error:?}"));
    let finish = Finish {
        chore,
        token,
        failure,
    };
    app.run(&Actor::Platform, finish).await?;
    done.map(|()| true)
}

async fn ask_for_all(app: &App, chore: Chore, what: Upkeep, token: Uuid) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let accounts = upkeep::due(app, what, after, ACCOUNTS).await?;
        let Some(last) = accounts.last().copied() else {
            return Ok(());
        };
        for account_id in accounts {
            app.run(&Actor::Platform, upkeep::Ask { account_id, what })
                .await?;
            // Whoever lost the lease stops: another is at it.
            let hold = Hold { chore, token };
            if !app.run(&Actor::Platform, hold).await? {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_ACCOUNTS).await;
        }
        after = last;
    }
}

async fn clear_all(app: &App, token: Uuid) -> Result<()> {
    let mut after = Uuid::nil();
    // A store that is away keeps nobody's rows from being cleared: it is told of at the end, and the chore is due again.
    let mut store = Ok(());
    loop {
        let accounts: Vec<Uuid> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::Id.gt(after))
            .order_by_asc(account::Column::Id)
            .limit(ACCOUNTS)
            .into_tuple()
            .all(app.reader())
            .await?;
        let Some(last) = accounts.last().copied() else {
            return store;
        };
        for account_id in accounts {
            let batch = ClearAway {
                account_id,
                retention: app.settings().retention,
            };
            while app.run(&Actor::Platform, batch).await? {}
            // Whoever lost the lease stops: another is at it.
            loop {
                let hold = Hold {
                    chore: CLEARING,
                    token,
                };
                if !app.run(&Actor::Platform, hold).await? {
                    return Ok(());
                }
                if store.is_err() {
                    break;
                }
                match objects::clear(app, account_id, app.settings().retention).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => store = Err(error),
                }
            }
            // A day is long, and whoever uses the database meanwhile is to notice nothing.
            tokio::time::sleep(BETWEEN_ACCOUNTS).await;
        }
        after = last;
    }
}

/// Takes a chore in hand.
struct Take(Chore);

impl Command for Take {
    /// The lease's token.
    type Output = Option<Uuid>;
    const NAME: &'static str = "chores.take";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Option<Uuid>> {
        let first = chore::ActiveModel {
            name: Set(self.0.name.to_owned()),
            run_at: Set(DateTime::<Utc>::UNIX_EPOCH),
            lease_token: Set(None),
            lease_until: Set(None),
            last_error: Set(None),
            finished_at: Set(None),
        };
        let known = OnConflict::column(chore::Column::Name).do_nothing().to_owned();
        work.insert_new(vec![first], known).await?;
        let now = work.now();
        let token = Uuid::new_v4();
        let free = chore::Column::LeaseUntil
            .is_null()
            .or(chore::Column::LeaseUntil.lt(now));
        let taking = chore::Entity::update_many()
            .col_expr(chore::Column::LeaseToken, Expr::value(token))
            .col_expr(chore::Column::LeaseUntil, Expr::value(now + LEASE))
            .filter(chore::Column::Name.eq(self.0.name))
            .filter(chore::Column::RunAt.lte(now))
            .filter(free);
        Ok((work.update(taking).await? > 0).then_some(token))
    }
}

/// Renews the lease; false when it is another's.
struct Hold {
    chore: Chore,
    token: Uuid,
}

impl Command for Hold {
    type Output = bool;
    const NAME: &'static str = "chores.hold";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let until = work.now() + LEASE;
        let holding = chore::Entity::update_many()
            .col_expr(chore::Column::LeaseUntil, Expr::value(until))
            .filter(chore::Column::Name.eq(self.chore.name))
            .filter(chore::Column::LeaseToken.eq(self.token));
        Ok(work.update(holding).await? > 0)
    }
}

/// Lays a chore down until it is due again, or for a while when it failed.
struct Finish {
    chore: Chore,
    token: Uuid,
    failure: Option<String>,
}

impl Command for Finish {
    type Output = ();
    const NAME: &'static str = "chores.finish";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let now = work.now();
        let next = now
            + if self.failure.is_some() {
                AGAIN_AFTER
            } else {
                self.chore.every
            };
        let mut finishing = chore::Entity::update_many()
            .col_expr(chore::Column::LeaseToken, Expr::value(None::<Uuid>))
            .col_expr(chore::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
            .col_expr(chore::Column::RunAt, Expr::value(next))
            .col_expr(
                chore::Column::LastError,
                Expr::value(self.failure.as_deref().map(super::kept)),
            )
            .filter(chore::Column::Name.eq(self.chore.name))
            .filter(chore::Column::LeaseToken.eq(self.token));
        if self.failure.is_none() {
            finishing = finishing.col_expr(chore::Column::FinishedAt, Expr::value(now));
        }
        work.update(finishing).await?;
        Ok(())
    }
}
