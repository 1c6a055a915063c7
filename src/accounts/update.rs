//! Changing what holds for an account.

use std::ops::RangeInclusive;

use entity::account;
use entity::ids::Kind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::read::Account;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::limits;
use crate::platform::events::Wake;

/// Changes settings. What is `None` stays as it is; where nothing is said but what is so already, nothing is changed.
#[derive(Clone, Debug)]
pub struct UpdateAccount {
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub seat_notice_percent: Option<i32>,
    /// For how many days the audit log is kept.
    pub audit_kept_days: Option<i32>,
    /// 0: nothing is reclaimed by itself.
    pub reclaim_idle_days: Option<i32>,
}

/// The least there is, which the database holds to as well.
const SHORTEST_AUDIT_DAYS: usize = 90;

/// For how many days somebody is idle at least whose seat is taken back by itself: twice the notice they are given.
const SHORTEST_IDLE: i32 = 14;

impl Command for UpdateAccount {
    type Output = Account;
    const NAME: &'static str = "accounts.update";

    fn action(&self) -> Action {
        Action::ManageAccount
    }

    async fn apply(self, work: &mut Work) -> Result<Account> {
        let account_id = work.account_id()?;
        let before = work.account(account_id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            let text = "Somebody changed the account meanwhile. Read it again.";
            return Err(Refusal::new(Code::StaleVersion, text)
                .at("input.expectedVersion")
                .into());
        }
        let percent = within(
            self.seat_notice_percent.unwrap_or(before.seat_notice_percent),
            1..=100,
            ("input.seatNoticePercent", "A percentage is 1 to 100."),
        )?;
        let days = within(
            self.audit_kept_days.unwrap_or(before.audit_kept_days),
            SHORTEST_AUDIT_DAYS..=limits::AUDIT_KEPT_DAYS,
            (
                "input.auditKeptDays",
                "The audit log is kept for 90 to 3,650 days.",
            ),
        )?;
        let idle = self.reclaim_idle_days(before.reclaim_idle_days)?;
        let mut is_changed = false;
        for (field, was, is) in [
            (
                "seatNoticePercent",
                Some(before.seat_notice_percent),
                Some(percent),
            ),
            ("auditKeptDays", Some(before.audit_kept_days), Some(days)),
            ("reclaimIdleDays", before.reclaim_idle_days, idle),
        ] {
            if was != is {
                let told = |number: Option<i32>| number.map(|number| number.to_string());
                work.changed(field, told(was), told(is));
                is_changed = true;
            }
        }
        if is_changed {
            let update = account::Entity::update_many()
                .col_expr(account::Column::SeatNoticePercent, Expr::value(percent))
                .col_expr(account::Column::AuditKeptDays, Expr::value(days))
                .col_expr(account::Column::ReclaimIdleDays, Expr::value(idle))
                .col_expr(
                    account::Column::Version,
                    Expr::col(account::Column::Version).add(1),
                )
                .filter(account::Column::Id.eq(account_id));
            work.update(update).await?;
            work.touch(Kind::Account.text(account_id));
            work.wake(Wake::Account { id: account_id });
        }
        let now = super::profile::read(work.reader(), account_id).await?;
        now.map(Account)
            .ok_or_else(|| Error::internal("there is no such account"))
    }
}

fn within(value: i32, bounds: RangeInclusive<usize>, (place, text): (&str, &str)) -> Result<i32> {
    match usize::try_from(value).is_ok_and(|value| bounds.contains(&value)) {
        true => Ok(value),
        false => Err(Refusal::new(Code::Invalid, text).at(place).into()),
    }
}

impl UpdateAccount {
    fn reclaim_idle_days(&self, before: Option<i32>) -> Result<Option<i32>, Refusal> {
        let longest = i32::try_from(limits::IDLE_DAYS).unwrap_or(i32::MAX);
        match self.reclaim_idle_days {
            None => Ok(before),
            Some(0) => Ok(None),
            Some(days) if (SHORTEST_IDLE..=longest).contains(&days) => Ok(Some(days)),
            Some(_) => {
                let text = format!(
                    "Seats are taken back after {SHORTEST_IDLE} to {longest} days, or with 0 not at all."
                );
                Err(Refusal::new(Code::Invalid, text).at("input.reclaimIdleDays"))
            }
        }
    }
}
