//! Marking one's own notifications as read.

use chrono::{DateTime, Duration, Utc};
use entity::notification::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::events::Wake;

/// Which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of others, and ones that are gone, are passed over.
    These(Vec<Uuid>),
    /// All that were sent until then.
    Until(DateTime<Utc>),
    All,
}

/// Marks notifications of whoever asks. What is read already stays read since when it was; what was read is not told in the mail of the day.
#[derive(Clone, Debug)]
pub struct MarkRead {
    pub which: Which,
}

impl Command for MarkRead {
    /// How many were unread before.
    type Output = u64;
    const NAME: &'static str = "notifications.mark_read";
    /// What somebody has read is nobody else's business.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<u64> {
        let member = work.member()?;
        let (account_id, user_id) = (member.account_id, member.user_id);
        let marking = Entity::update_many()
            .col_expr(Column::ReadAt, Expr::value(work.now()))
            .col_expr(Column::InDigest, Expr::value(false))
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::UserId.eq(user_id))
            .filter(Column::ReadAt.is_null());
        let marking = match &self.which {
            Which::These(ids) => marking.filter(among(work.backend(), Column::Id, ids)),
            // Times are told in whole milliseconds, and kept finer.
            Which::Until(time) => marking.filter(Column::CreatedAt.lte(*time + Duration::microseconds(999))),
            Which::All => marking,
        };
        let marked = work.update(marking).await?;
        if marked > 0 {
            work.wake(Wake::Notices {
                account_id,
                id: user_id,
            });
        }
        Ok(marked)
    }
}
