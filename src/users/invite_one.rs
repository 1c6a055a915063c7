//! Inviting one person. Where a list is answered entry by entry, one person is invited or the call is refused, and then nothing was changed: no seat
//! is given to somebody who was there already, and the call's key is not used up.

use uuid::Uuid;

use super::invite::InviteUsers;
use super::invitee::{Added, Kept, Made, PersonOutcome};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::idempotency::Once;

/// Invites the one person the command names.
#[derive(Debug)]
pub struct InviteUser {
    once: Once<InviteUsers>,
}

impl InviteUser {
    /// `sent` is the hash of the input as it was sent.
    pub fn sent(idempotency_key: Option<String>, sent: [u8; 32], command: InviteUsers) -> Self {
        Self {
            once: Once::sent(idempotency_key, sent, command),
        }
    }
}

/// How it ended.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Who was invited, or was there already.
    pub user_id: Option<Uuid>,
    /// The rows, where they are new.
    pub made: Option<Made>,
    /// What was asked for otherwise of somebody known.
    pub kept: Vec<Kept>,
    /// Why nothing was changed.
    pub refusal: Option<Refusal>,
}

impl Command for InviteUser {
    type Output = Invited;
    const NAME: &'static str = InviteUsers::NAME;
    /// The command within leaves the row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        self.once.action()
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        self.once.prepare(app, actor).await
    }

    async fn apply(self, work: &mut Work) -> Result<Invited> {
        let added = work.run(self.once).await?.output.into_iter().next();
        let Added {
            person, made, kept, ..
        } = added.ok_or_else(|| Error::internal("nobody was answered"))?;
        let user_id = person.user_id();
        let refusal = match person {
            PersonOutcome::Unchanged { .. } => {
                let text = "This person is in the account already.";
                Some(Refusal::new(Code::AlreadyExists, text).at("input.email"))
            }
            PersonOutcome::Refused(refusal) => {
                let is_about_the_role = refusal.code == Code::RoleNotAssignable;
                Some(refusal.at(if is_about_the_role {
                    "input.role"
                } else {
                    "input.email"
                }))
            }
            _ => None,
        };
        if refusal.is_some() {
            work.take_back();
        }
        Ok(Invited {
            user_id,
            made,
            kept,
            refusal,
        })
    }
}
