//! The classic view's two ways to add people. What happens is what `inviteUser` and `inviteUsers` do.

use async_graphql::{ID, InputObject};
use entity::account::View;
use entity::ids::Kind;
use entity::user::Role;
use graphql::{Bulk, Sent, Type};

use super::mutations::{invitation, read_list, seats};
use super::results::InviteUsersResult;
use crate::api::Mutation;
use crate::api::bulk::check_length;
use crate::api::guard::{Guard, Permission};
use crate::assignments::SeatSource;
use crate::error::{Error, Result};
use crate::idempotency::Once;
use crate::person::{EmailAddress, required_name};
use crate::read::Scope;
use crate::users::invite::InviteUsers;
use crate::users::invite_one::{InviteUser, Invited};
use crate::users::invitee::Invitee;
use crate::users::recipients::Recipient;

/// People one call may add (domain, section 3).
const MOST_ADDED: usize = crate::limits::ADDED_AT_ONCE_IN_THE_CLASSIC_VIEW;

/// Whom to add, and what they get at once.
#[derive(InputObject, Debug)]
struct ClassicAddUserInput {
    /// E-mail address, at most 254 bytes.
    email: String,
    /// Given name, at most 60 characters; it has to be there.
    given_name: String,
    /// Family name, at most 60 characters; it has to be there.
    family_name: String,
    /// "Add access now": a seat of each of these products at once, at most 100. Null: none.
    product_ids: Option<Vec<ID>>,
    /// Makes the call safe to repeat for 24 hours: 1 to 200 bytes; the same key with another input is refused. Null: no key.
    idempotency_key: Option<String>,
}

/// Whom to add, and what they all get at once.
#[derive(InputObject, Debug)]
struct ClassicBulkAddUsersInput {
    /// People separated by semicolons, as inviteUsers reads them: at most 50, after those that come again are left out. With more nobody is added.
    list: String,
    /// "Add access now": a seat of each of these products at once for everybody, at most 100. Null: none.
    product_ids: Option<Vec<ID>>,
    /// Makes the call safe to repeat for 24 hours: 1 to 200 bytes; the same key with another input is refused. Null: no key.
    idempotency_key: Option<String>,
}

/// The mutations of this file.
pub fn on_mutation(t: &mut Type<Mutation>) {
    let guard = || Guard::from(Permission::UsersWrite).view(View::Classic);
    t.mutation("classicAddUser", add)
        .doc("Classic view: adds one person by address, given and family name, and sends them an invitation. Without a seat that is asked for nobody is added.")
        .guard(guard())
        .weight(10);
    t.mutation("classicBulkAddUsers", add_all)
        .doc("Classic view: adds people by a list and sends them invitations, at most 50 at once; one result for each address, in the order of the list after de-duplication.")
        .guard(guard())
        .weight(50);
}

async fn add(scope: Scope, input: ClassicAddUserInput, sent: Sent) -> Result<Invited> {
    let command = InviteUsers {
        entries: vec![input.invitee()?],
        ..in_the_classic_view(&scope, true)
    };
    scope
        .run(InviteUser::sent(input.idempotency_key, sent.hash(), command))
        .await
}

async fn add_all(
    scope: Scope,
    input: ClassicBulkAddUsersInput,
    sent: Sent,
) -> Result<Bulk<InviteUsersResult>> {
    let read = read_list(&input.list, MOST_ADDED, "input.list")?;
    check_length(read.listed.len(), MOST_ADDED, "input.list")?;
    let wanted = products(input.product_ids.as_ref())?;
    let invitee = |recipient: &Recipient| Invitee {
        email: recipient.email.clone(),
        given_name: recipient.given_name.clone(),
        family_name: recipient.family_name.clone(),
        role: Role::User,
        external_id: None,
        locale: None,
        seats: wanted.clone(),
        groups: Vec::new(),
        known_as: None,
        told: None,
    };
    let command = InviteUsers {
        entries: read.listed.iter().flatten().map(invitee).collect(),
        ..in_the_classic_view(&scope, false)
    };
    let added = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    Ok(InviteUsersResult::each(read.listed, added.output).leaving_out(read.left_out))
}

fn in_the_classic_view(scope: &Scope, all_or_nothing: bool) -> InviteUsers {
    InviteUsers {
        seats_at: Some("input.productIds"),
        view: View::Classic,
        ..invitation(scope, true, all_or_nothing)
    }
}

impl ClassicAddUserInput {
    /// All that is wrong is told at once: somebody fills in a form.
    fn invitee(&self) -> Result<Invitee> {
        let email = EmailAddress::parse(&self.email).map_err(|refusal| refusal.at("input.email"));
        let given_name = required_name(&self.given_name, "input.givenName");
        let family_name = required_name(&self.family_name, "input.familyName");
        let wanted = products(self.product_ids.as_ref())?;
        match (email, given_name, family_name) {
            (Ok(email), Ok(given_name), Ok(family_name)) => Ok(Invitee {
                email,
                given_name: Some(given_name),
                family_name: Some(family_name),
                role: Role::User,
                external_id: None,
                locale: None,
                seats: wanted,
                groups: Vec::new(),
                known_as: None,
                told: None,
            }),
            (email, given_name, family_name) => {
                let refusals = [email.err(), given_name.err(), family_name.err()];
                Err(Error::Refused(refusals.into_iter().flatten().collect()))
            }
        }
    }
}

fn products(given: Option<&Vec<ID>>) -> Result<Vec<SeatSource>> {
    seats(given, Kind::Product, SeatSource::Product, "input.productIds")
}
