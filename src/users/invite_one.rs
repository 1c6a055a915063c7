//! Inviting one person. Where a list is answered entry by entry, one person is invited or the call is refused, and then nothing was changed: no seat
//! is given to somebody who was there already, and the call's key is not used up.

use uuid::Uuid;

use super::invite::{InviteUsers, Person};
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::idempotency::Once;

/// Invites the one person the command names.
#[derive(Debug)]
pub struct InviteUser {
    once: Once<InviteUsers>,
}

impl InviteUser {
    pub fn of(idempotency_key: Option<String>, command: InviteUsers) -> Self {
        Self {
            once: Once::of(idempotency_key, command),
        }
    }
}

impl Command for InviteUser {
    /// The user.
    type Output = Uuid;
    const NAME: &'static str = InviteUsers::NAME;
    /// The command within leaves the row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        self.once.action()
    }

    async fn apply(self, work: &mut Work) -> Result<Uuid> {
        let done = work.run(self.once).await?;
        let person = done.output.into_iter().next().map(|added| added.person);
        match person {
            Some(Person::Unchanged { .. }) if !done.is_repeated => {
                let text = "This person is in the account already.";
                Err(Refusal::new(Code::AlreadyExists, text).at("input.email").into())
            }
            Some(Person::Refused(refusal)) => {
                let field = match refusal.code {
                    Code::RoleNotAssignable => "input.role",
                    _ => "input.email",
                };
                Err(refusal.at(field).into())
            }
            Some(person) => person.user_id().ok_or_else(nobody),
            None => Err(nobody()),
        }
    }
}

fn nobody() -> Error {
    Error::internal("one person was to be invited, and nobody was answered")
}
