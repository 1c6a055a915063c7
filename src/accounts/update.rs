//! Changing what holds for an account.

use entity::account;
use entity::ids::Kind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::naming::write_anew;
use super::read::Account;
use super::settings::{Settings, differences};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::events::Wake;

/// Changes settings; where nothing is said but what is so already, nothing is changed.
#[derive(Clone, Debug, Default)]
pub struct UpdateAccount {
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub settings: Settings,
}

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
        let after = self.settings.applied(&before)?;
        let different = differences(&before, &after);
        if !different.is_empty() {
            for (field, was, is) in different {
                work.changed(field, was, is);
            }
            let is_ordered_anew = after.default_locale != before.default_locale;
            write(work, after, is_ordered_anew).await?;
            work.touch(Kind::Account.text(account_id));
            work.wake(Wake::Account { id: account_id });
            if is_ordered_anew {
                write_anew(work, account_id).await?;
            }
        }
        let now = super::profile::read(work.reader(), account_id).await?;
        now.map(Account)
            .ok_or_else(|| Error::internal("there is no such account"))
    }
}

async fn write(work: &Work, after: account::Model, is_ordered_anew: bool) -> Result<()> {
    use account::Column;
    let mut update = account::Entity::update_many()
        .col_expr(Column::Name, Expr::value(after.name))
        .col_expr(Column::DefaultLocale, Expr::value(after.default_locale))
        .col_expr(
            Column::AllowedInviteDomains,
            Expr::value(after.allowed_invite_domains),
        )
        .col_expr(
            Column::InvitationLifetimeDays,
            Expr::value(after.invitation_lifetime_days),
        )
        .col_expr(Column::SeatNoticePercent, Expr::value(after.seat_notice_percent))
        .col_expr(Column::AuditKeptDays, Expr::value(after.audit_kept_days))
        .col_expr(Column::ReclaimIdleDays, Expr::value(after.reclaim_idle_days))
        .col_expr(Column::GraceDays, Expr::value(after.grace_days))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(after.id));
    if is_ordered_anew {
        update = update.col_expr(Column::NamesVersion, Expr::value(0));
    }
    work.update(update).await?;
    Ok(())
}
