//! Looking after the contracts of an account, once a day (UTC): what renews itself is renewed, terms that begin get the seats that were asked for, whoever may do something about it
//! is told of what ends soon, and it is noted how many seats are taken.
//!
//! A job like any other, and one transaction under its lease and the account's lock: so it is done once, however many replicas look, and a worker that dies leaves nothing of it. What was
//! done is not found again.

use chrono::{Days, NaiveDate};
use entity::ids::Kind;
use entity::{account, contract, subscription};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::renew::{LATEST, renew, renews_itself};
use super::terms::{self, Moved};
use super::{notice, rules};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};
use crate::subscriptions::days;

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let look = LookAfter { lease: lease.clone() };
    app.run(&Actor::Platform, look).await
}

struct LookAfter {
    lease: Lease,
}

impl Command for LookAfter {
    type Output = ();
    const NAME: &'static str = "contracts.look_after";
    /// The commands within leave their own rows.
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account_id = self.lease.account_id;
        let today = work.now().date_naive();
        let account = work.lock(account_id).await?;
        let account = account.ok_or_else(|| Error::internal("there is no such account"))?;
        work.run(RenewDue { account_id }).await?;
        let short = work.run(BeginTerms { account_id }).await?;
        notice::tell_of_seats_kept(work, &account, &short).await?;
        let subscriptions = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(subscription::Column::EndsOn.gte(today))
            .all(work.reader())
            .await?;
        notice::tell_of_ends(work, &account, &subscriptions).await?;
        days::note(work, account_id, &subscriptions).await?;
        let seen_to = account::Entity::update_many()
            .col_expr(account::Column::ContractsLookedAfterOn, Expr::value(today))
            .filter(account::Column::Id.eq(account_id));
        work.update(seen_to).await?;
        jobs::finish(work, &self.lease).await
    }
}

/// Renews what renews itself.
struct RenewDue {
    account_id: Uuid,
}

impl Command for RenewDue {
    type Output = ();
    const NAME: &'static str = "contracts.renew_by_itself";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let today = work.now().date_naive();
        let since = today - Days::new(LATEST.unsigned_abs());
        let ending = contract::Entity::find()
            .filter(contract::Column::AccountId.eq(self.account_id))
            .filter(contract::Column::AutoRenews.eq(true))
            .filter(contract::Column::EndsOn.between(since, today))
            .all(work.reader())
            .await?;
        let due = ending.into_iter().filter(|one| renews_itself(one, today));
        let renewals: Vec<Moved> = due
            .filter_map(|contract| {
                let (begins_on, ends_on) = rules::next_term(&contract, today)?;
                Some(Moved {
                    begins_on: Some(rules::next_begins(&contract, begins_on, today)),
                    contract,
                    ends_on,
                })
            })
            .collect();
        if !renewals.is_empty() {
            work.touch(Kind::Account.text(self.account_id));
        }
        renew(work, self.account_id, renewals).await?;
        Ok(())
    }
}

/// Gives subscriptions whose new term begins the seats that were asked for.
struct BeginTerms {
    account_id: Uuid,
}

impl Command for BeginTerms {
    /// Those that keep more, because more are held: as they are now, and what was asked for.
    type Output = Vec<(subscription::Model, i32)>;
    const NAME: &'static str = "subscriptions.begin_term";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let today: NaiveDate = work.now().date_naive();
        let beginning = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(self.account_id))
            .filter(subscription::Column::NextTermOn.lte(today))
            .all(work.reader())
            .await?;
        if beginning.is_empty() {
            return Ok(Vec::new());
        }
        let changes: Vec<_> = beginning
            .into_iter()
            .map(|before| {
                let after = terms::begun(&before, today);
                (before, after)
            })
            .collect();
        let short = changes.iter().filter_map(|(before, after)| {
            let asked = before.next_seats.filter(|asked| *asked < after.seats)?;
            Some((after.clone(), asked))
        });
        let short = short.collect();
        work.touch(Kind::Account.text(self.account_id));
        terms::write(work, self.account_id, changes).await?;
        Ok(short)
    }
}
