//! What inviting answers: the one person, or how it ended for each of many.

use uuid::Uuid;

use crate::api::bulk::BulkItemStatus;
use crate::api::errors::UserError;
use crate::api::invitations::latest_of;
use crate::assignments::Assigned;
use crate::error::{Refusal, Result};
use crate::invitations::Invitation;
use crate::read::Scope;
use crate::users::User;
use crate::users::invite_one::Invited;
use crate::users::invitee::{Added, PersonOutcome};
use crate::users::recipients::Recipient;
use graphql::{Bulk, Dyn, Envelope, Links, Object, Payload, Rows, Type};

impl Payload for Invited {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.link::<User, _>("user", |invited| invited.user_id)
            .doc("Who was invited, or who is in the account already; null if nobody is.");
        t.one_opt("invitation", invitation_of_one)
            .doc("Their latest invitation.");
    }

    fn user_errors(&self) -> Vec<Dyn> {
        let refused = self.refusal.iter().cloned();
        refused.map(|refusal| UserError::from(refusal).into()).collect()
    }
}

async fn invitation_of_one(scope: Scope, invited: Rows<Invited>) -> Result<Links<Invitation>> {
    latest_of(&scope, invited.iter().map(|invited| invited.user_id).collect()).await
}

/// A listed entry: who is meant, or the text as typed with what is wrong.
pub type Listed = std::result::Result<Recipient, (String, Refusal)>;

/// What is particular to one address.
#[derive(Clone)]
pub struct InviteUsersResult {
    email: String,
    user_id: Option<Uuid>,
}

impl InviteUsersResult {
    /// How it ended for each listed entry; those that could be read were added, in the same order.
    pub fn each(listed: Vec<Listed>, added: Vec<Added>) -> Bulk<Self> {
        let mut added = added.into_iter();
        let result = |entry: Listed| match entry {
            Err((email, refusal)) => {
                let own = Self { email, user_id: None };
                Some((BulkItemStatus::Failed, vec![UserError::from(refusal)], own))
            }
            Ok(recipient) => {
                let added = added.next()?;
                let own = Self {
                    email: recipient.email.as_typed().to_owned(),
                    user_id: added.person.user_id(),
                };
                let (status, refusals) = ended(added);
                Some((status, UserError::each(&refusals), own))
            }
        };
        Bulk::of(listed.into_iter().filter_map(result))
    }
}

/// How it ended for somebody, and everything that was refused.
fn ended(added: Added) -> (BulkItemStatus, Vec<Refusal>) {
    let refused = added.seats.iter().filter_map(Assigned::refusal);
    let mut refusals: Vec<Refusal> = refused.cloned().collect();
    let took_a_seat = added.seats.iter().any(|seat| seat.new_product().is_some());
    let status = match added.person {
        PersonOutcome::Refused(refusal) => {
            refusals.push(refusal);
            BulkItemStatus::Failed
        }
        // As in an import: whoever asked has something to do about it.
        _ if !refusals.is_empty() => BulkItemStatus::Failed,
        PersonOutcome::Unchanged { .. } if !took_a_seat => BulkItemStatus::Unchanged,
        _ => BulkItemStatus::Applied,
    };
    (status, refusals)
}

impl Object for InviteUsersResult {
    const NAME: &'static str = "InviteUsersResult";
    const DOC: &'static str = "Outcome for one address. It is FAILED too when a seat could not be had, though the person is added and invited.";

    fn describe(t: &mut Type<Self>) {
        t.text("email", |result| &result.email)
            .doc("The address as understood, or the entry as typed.");
        t.link::<User, _>("user", |result| result.user_id)
            .doc("Who was added, or was there already; null if nobody was.");
        t.one_opt("invitation", invitation)
            .doc("Their latest invitation; null if they were not invited.");
    }
}

async fn invitation(scope: Scope, results: Rows<InviteUsersResult>) -> Result<Links<Invitation>> {
    latest_of(&scope, results.iter().map(|result| result.user_id).collect()).await
}
