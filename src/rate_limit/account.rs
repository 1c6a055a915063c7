//! What is counted for an account, and for a person in it.

use uuid::Uuid;

use super::Counters;
use super::rates::{REFUSALS, REFUSALS_OF_A_PERSON, Rate};
use crate::access::{Action, Actor};
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// Counts for an account.
pub fn of_account(rate: Rate, account_id: Uuid) -> Counters {
    Counters::each(rate, &account_id.to_string())
}

/// Counts for a user of an account.
pub fn of_person(rate: Rate, account_id: Uuid, user_id: Uuid) -> Counters {
    Counters::each(rate, &format!("{account_id} {user_id}"))
}

/// What a refused call counts against. The person comes first, so that nobody who floods the audit log keeps another's attempts out of it.
pub fn refusals(actor: &Actor) -> Counters {
    let account = actor.account_id().map(|id| of_account(REFUSALS, id));
    let person = actor.member();
    let person = person.map(|member| of_person(REFUSALS_OF_A_PERSON, member.account_id, member.user_id));
    account
        .into_iter()
        .chain(person)
        .fold(Counters::default(), Counters::and)
}

/// Counts what is about to be done outside of a transaction, in one of its own: a look into the DNS, a file read from the store.
#[derive(Clone, Debug)]
pub struct Count {
    pub counters: Counters,
    /// What the command needs that is counted.
    pub action: Action,
}

impl Command for Count {
    type Output = ();
    const NAME: &'static str = "rate_limit.count";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        self.action
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        super::take(work, &self.counters).await
    }
}
