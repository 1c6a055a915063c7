//! Ending sessions from afar: one's own on a device that was lost, or those of another user of the account.

use entity::user::{self, Status};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::end::end_some;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// Whose sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Own,
    Of(Uuid),
}

/// Ends the named sessions, or all; of one's own, all but the present one.
#[derive(Clone, Debug)]
pub struct RevokeSessions {
    pub whose: Whose,
    pub sessions: Option<Vec<Uuid>>,
}

impl Command for RevokeSessions {
    /// How many there were to end. Sessions of others, ended ones and unknown ones are not among them.
    type Output = usize;
    const NAME: &'static str = "sessions.revoke";

    fn action(&self) -> Action {
        match self.whose {
            Whose::Own => Action::Own,
            Whose::Of(_) => Action::EndSessions,
        }
    }

    async fn apply(self, work: &mut Work) -> Result<usize> {
        let member = work.member()?.clone();
        let (user_id, kept) = match self.whose {
            Whose::Own => (member.user_id, Some(member.session_id)),
            Whose::Of(user_id) => (user_id, None),
        };
        let user = user::Entity::find_by_id((member.account_id, user_id));
        let user = user.one(work.reader()).await?;
        if user.is_none_or(|user| user.status == Status::Removed) {
            let refusal = Refusal::new(Code::NotFound, "There is no such user.");
            return Err(refusal.at("input.userId").into());
        }
        end_some(work, member.account_id, user_id, self.sessions.as_deref(), kept).await
    }
}
