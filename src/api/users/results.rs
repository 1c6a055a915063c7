//! What inviting answers: the one person, or how it ended for each of many.

use async_graphql::Enum;
use uuid::Uuid;

use crate::api::bulk::BulkItemStatus;
use crate::api::errors::UserError;
use crate::error::{Refusal, Result};
use crate::invitations::Invitation;
use crate::invitations::read::of_users;
use crate::read::{ById, Scope};
use crate::users::User;
use crate::users::invite_one::Invited;
use crate::users::invitee::{Added, Kept, Made, PersonOutcome};
use crate::users::recipients::Recipient;
use graphql::{Bulk, Dyn, Envelope, Links, Object, Payload, Rows, Type, enum_leaf};

impl Payload for Invited {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.one_opt("user", user_of_one)
            .doc("Who was invited, or who is in the account already; null if nobody is.");
        t.one_opt("invitation", invitation_of_one)
            .doc("Their latest invitation.");
        t.value("keptAsKnown", |invited| known_details(&invited.kept)).doc(
            "What the call says otherwise of somebody who was known: inviting leaves it as it is; see updateUser and changeUserRole.",
        );
    }

    fn user_errors(&self) -> Vec<Dyn> {
        let refused = self.refusal.iter().cloned();
        refused.map(|refusal| UserError::from(refusal).into()).collect()
    }
}

async fn user_of_one(scope: Scope, invited: Rows<Invited>) -> Result<Links<User>> {
    let added = invited
        .iter()
        .map(|invited| (invited.user_id, invited.made.as_ref()));
    users(&scope, added.collect()).await
}

async fn invitation_of_one(scope: Scope, invited: Rows<Invited>) -> Result<Links<Invitation>> {
    let added = invited
        .iter()
        .map(|invited| (invited.user_id, invited.made.as_ref()));
    invitations(&scope, added.collect()).await
}

/// Who was added, by id, with what was made of them: what is not new is read.
type Persons<'a> = Vec<(Option<Uuid>, Option<&'a Made>)>;

async fn users(scope: &Scope, added: Persons<'_>) -> Result<Links<User>> {
    let known = added.iter().filter(|(_, made)| made.is_none());
    let known: Vec<Uuid> = known.filter_map(|(user_id, _)| *user_id).collect();
    let mut found = User::by_ids(scope, &known).await?;
    found.extend(
        added
            .iter()
            .filter_map(|(_, made)| Some(made.as_ref()?.user.clone())),
    );
    let wanted = added.into_iter().map(|(user_id, _)| user_id);
    Ok(Links::by_key(wanted, found, |user| user.0.id))
}

async fn invitations(scope: &Scope, added: Persons<'_>) -> Result<Links<Invitation>> {
    let known = added.iter().filter(|(_, made)| made.is_none());
    let known: Vec<Uuid> = known.filter_map(|(user_id, _)| *user_id).collect();
    // In order of making: of several for one user, the last one stays.
    let mut found = of_users(scope, &known).await?;
    found.extend(
        added
            .iter()
            .filter_map(|(_, made)| made.as_ref()?.invitation.clone()),
    );
    let wanted = added.into_iter().map(|(user_id, _)| user_id);
    Ok(Links::by_key(wanted, found, |invitation| invitation.0.user_id))
}

/// A listed entry: who is meant, or the text as typed with what is wrong.
pub type Listed = std::result::Result<Recipient, (String, Refusal)>;

/// What is particular to one address.
#[derive(Clone)]
pub struct InviteUsersResult {
    email: String,
    user_id: Option<Uuid>,
    made: Option<Made>,
    kept: Vec<Kept>,
}

/// What is known of a person.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Kept")]
pub enum KnownDetail {
    /// Their given name.
    GivenName,
    /// Their family name.
    FamilyName,
    /// Their role.
    Role,
}

enum_leaf!(KnownDetail);

fn known_details(kept: &[Kept]) -> Vec<KnownDetail> {
    kept.iter().copied().map(KnownDetail::from).collect()
}

impl InviteUsersResult {
    /// How it ended for each listed entry; those that could be read were added, in the same order.
    pub fn each(listed: Vec<Listed>, added: Vec<Added>) -> Bulk<Self> {
        let mut added = added.into_iter();
        let result = |entry: Listed| match entry {
            Err((email, refusal)) => {
                let own = Self {
                    email,
                    user_id: None,
                    made: None,
                    kept: Vec::new(),
                };
                Some((BulkItemStatus::Failed, vec![UserError::from(refusal)], own))
            }
            Ok(recipient) => {
                let added = added.next()?;
                let own = Self {
                    email: recipient.email.as_typed().to_owned(),
                    user_id: added.person.user_id(),
                    made: added.made.clone(),
                    kept: added.kept.clone(),
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
    let mut refusals: Vec<Refusal> = added.missing_seats(true).collect();
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
        t.one_opt("user", user)
            .doc("Who was added, or was there already; null if nobody was.");
        t.one_opt("invitation", invitation)
            .doc("Their latest invitation; null if they were not invited.");
        t.value("keptAsKnown", |result| known_details(&result.kept)).doc(
            "What the entry says otherwise of somebody who was known: inviting leaves it as it is; see updateUser and changeUserRole.",
        );
    }
}

async fn user(scope: Scope, results: Rows<InviteUsersResult>) -> Result<Links<User>> {
    let added = results
        .iter()
        .map(|result| (result.user_id, result.made.as_ref()));
    users(&scope, added.collect()).await
}

async fn invitation(scope: Scope, results: Rows<InviteUsersResult>) -> Result<Links<Invitation>> {
    let added = results
        .iter()
        .map(|result| (result.user_id, result.made.as_ref()));
    invitations(&scope, added.collect()).await
}
