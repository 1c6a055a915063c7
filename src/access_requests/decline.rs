//! Declining requests.

use entity::access_request::Status;
use uuid::Uuid;

use super::decided::{Decided, named, write};
use super::rules::{Step, step, words};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Refusal, Result};

/// Declines requests. One that cannot be declined keeps no other from it.
#[derive(Clone, Debug)]
pub struct Decline {
    pub requests: Vec<Uuid>,
    pub answer: Option<String>,
}

impl Command for Decline {
    /// One for each that was named, in order: whether it was declined by this.
    type Output = Vec<Result<bool, Refusal>>;
    const NAME: &'static str = "access_requests.decline";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let answer = words(self.answer.as_deref(), "input.answer")?;
        let account_id = work.account_id()?;
        let known = named(work, account_id, &self.requests).await?;
        let mut decided: Vec<Decided<'_>> = Vec::new();
        let mut outcomes = Vec::with_capacity(self.requests.len());
        for (place, id) in self.requests.iter().enumerate() {
            let request = known.get(id);
            let is_again = decided.iter().any(|one| one.request.id == *id);
            let outcome = match step(request, Status::Declined) {
                Ok(Step::Decide) if !is_again => {
                    decided.extend(request.map(|request| Decided {
                        request,
                        waits: false,
                    }));
                    Ok(true)
                }
                Ok(_) => Ok(false),
                Err(refusal) => Err(refusal.at(&format!("input.requestIds.{place}"))),
            };
            outcomes.push(outcome);
        }
        write(work, account_id, Status::Declined, answer.as_deref(), &decided).await?;
        Ok(outcomes)
    }
}
