//! What follows from a change, whoever made it and however: done once, at the end of the outermost command, in its transaction.
//!
//! So a command that takes three people out in whose place others wait gives the seats when all three are gone, and none of its parts has to know of the others.

use futures::future::BoxFuture;
use uuid::Uuid;

use super::{Command, Work};
use crate::error::Result;

/// Something that follows for an account. It has no actor of its own, needs no right, and leaves an audit row of its own if it touched anything.
#[derive(Debug)]
pub struct Consequence {
    /// As it stands in the audit log.
    pub name: &'static str,
    pub act: for<'a> fn(&'a mut Work, Uuid) -> BoxFuture<'a, Result<()>>,
}

impl Work {
    /// Has something follow. Asked for twice it follows once.
    pub fn follow_with(&mut self, consequence: &'static Consequence, account_id: Uuid) {
        let is_known =
            |(known, of): &(&Consequence, Uuid)| known.name == consequence.name && *of == account_id;
        if !self.consequences.iter().any(is_known) {
            self.consequences.push((consequence, account_id));
        }
    }

    /// Runs the outermost command and whatever follows from it.
    pub(super) async fn run_to_the_end<C: Command>(&mut self, command: C) -> Result<C::Output> {
        let output = self.run(command).await?;
        while let Some((consequence, account_id)) = self.consequences.pop() {
            (consequence.act)(self, account_id).await?;
            if !self.targets.is_empty() {
                self.audit_applied(consequence.name)?;
            }
        }
        Ok(output)
    }
}
