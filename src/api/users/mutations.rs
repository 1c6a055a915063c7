//! Inviting and changing users over GraphQL: inputs become commands.

use async_graphql::{ID, InputObject, OneofObject};
use entity::account::View;
use entity::ids::Kind;
use entity::user::Origin;

use super::results::{InviteUsersResult, Listed};
use crate::api::Mutation;
use crate::api::accounts::Viewer;
use crate::api::assignments::given_by;
use crate::api::bulk::{BulkErrorPolicy, check_length};
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api::users::Role;
use crate::assignments::SeatSource;
use crate::error::{Code, Refusal, Result};
use crate::idempotency::Once;
use crate::person::{EmailAddress, locale, name, trim};
use crate::read::Scope;
use crate::users::User;
use crate::users::invite::{InviteUsers, SeatTerms};
use crate::users::invite_one::{InviteUser, Invited};
use crate::users::invitee::Invitee;
use crate::users::recipients::{Recipient, recipients};
use crate::users::update::{UpdateProfile, UpdateUser};
use graphql::{Bulk, Sent, Type};
use uuid::Uuid;

/// People one call may invite (domain, section 3).
const MOST_INVITED: usize = crate::limits::INVITED_AT_ONCE;
/// Subscriptions, or products, one call may name.
const MOST_SEATS: usize = crate::limits::SUBSCRIPTIONS_OF_AN_INVITATION;
/// Groups one call may name.
const MOST_GROUPS: usize = crate::limits::GROUPS_AT_ONCE;
/// Characters of a personal message.
const LONGEST_MESSAGE: usize = crate::limits::MESSAGE;

/// Whom to invite, and what they get at once.
#[derive(InputObject, Debug)]
struct InviteUserInput {
    /// E-mail address, at most 254 bytes.
    email: String,
    /// Given name, at most 60 characters; null: not known.
    given_name: Option<String>,
    /// Family name, at most 60 characters; null: not known.
    family_name: Option<String>,
    /// What they become; a user by default. `PRIMARY_ADMIN` is refused: see `transferPrimaryAdmin`.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Seats reserved at once for the invited user; at most 100 subscriptions.
    subscription_ids: Option<Vec<ID>>,
    /// Groups that they come into, at most 20, with the seats that these give; where there is none left they wait.
    group_ids: Option<Vec<ID>>,
    /// Personal words for the mail, at most 500 characters; null: none.
    message: Option<String>,
    /// Language tag of the person, like de or pt-BR, at most 35 characters; null: not known.
    locale: Option<String>,
    /// Makes the call safe to repeat for 24 hours: 1 to 200 bytes; the same key with another input is refused. Null: no key.
    idempotency_key: Option<String>,
}

/// Whom to invite: exactly one of the two forms.
#[derive(OneofObject, Debug)]
enum InviteRecipientsInput {
    /// Addresses separated by semicolons (commas, spaces and line ends are accepted too), at most 200 after de-duplication.
    List(String),
    /// One address an entry, at most 200 after de-duplication, each of at most 254 bytes.
    Emails(Vec<String>),
}

/// Whom to invite, and what they all get at once.
#[derive(InputObject, Debug)]
struct InviteUsersInput {
    /// Whom to invite.
    recipients: InviteRecipientsInput,
    /// What they all become; users by default. `PRIMARY_ADMIN` is refused: see `transferPrimaryAdmin`.
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Seats reserved at once for everybody; at most 100 subscriptions.
    subscription_ids: Option<Vec<ID>>,
    /// Groups that they all come into, at most 20, who is known already too, with the seats that these give; where there is none left they wait.
    group_ids: Option<Vec<ID>>,
    /// Personal words for the mails, at most 500 characters; null: none.
    message: Option<String>,
    /// True by default. False: the users are STAGED and invited later.
    #[graphql(default = true)]
    send_now: bool,
    /// What happens when some cannot be invited; by default the others are.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
    /// Makes the call safe to repeat for 24 hours: 1 to 200 bytes; the same key with another input is refused. Null: no key.
    idempotency_key: Option<String>,
}

/// Which user to change. What is left out or null stays as it is.
#[derive(InputObject, Debug)]
struct UpdateUserInput {
    /// The user to change.
    user_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused. Null: change them whatever it is.
    expected_version: Option<i32>,
    /// Given name, at most 60 characters; blank: none any more.
    given_name: Option<String>,
    /// Family name, at most 60 characters; blank: none any more.
    family_name: Option<String>,
    /// Language tag, like de or pt-BR, at most 35 characters; blank: none any more.
    locale: Option<String>,
}

/// What to write about the viewer. What is null stays as it is.
#[derive(InputObject, Debug)]
struct UpdateViewerProfileInput {
    /// The `version` of `viewer.user` that was read; when it is another by now, the call is refused. Null: whatever it is.
    expected_version: Option<i32>,
    /// Given name, at most 60 characters; blank: none any more.
    given_name: Option<String>,
    /// Family name, at most 60 characters; blank: none any more.
    family_name: Option<String>,
    /// Language tag, like de or pt-BR, at most 35 characters; blank: none any more.
    locale: Option<String>,
}

/// The mutations of this module.
pub fn on_mutation(t: &mut Type<Mutation>) {
    let guard = || Guard::from(Permission::UsersWrite).view(View::Current);
    t.mutation("inviteUser", invite)
        .doc("Adds one person and sends them an invitation. Whoever is in the account already is answered, with a userError.")
        .guard(guard())
        .weight(10);
    t.mutation("inviteUsers", invite_all)
        .doc("Adds people and sends them invitations, at most 200 at once; one result for each address, in the order of the input after de-duplication.")
        .guard(guard())
        .weight(50);
    t.mutation("updateUser", update)
        .doc("Changes names and language. The names of users who are managed by the identity provider are refused.")
        .guard(Permission::UsersWrite)
        .weight(10);
    t.mutation("updateViewerProfile", update_own)
        .doc("Changes the viewer's own names and language in this account. Names that the identity provider keeps are refused.")
        .guard(Guard::oneself())
        .weight(10);
    super::classic::on_mutation(t);
    super::lifecycle::on_mutation(t);
    super::sending::on_mutation(t);
}

async fn invite(scope: Scope, input: InviteUserInput, sent: Sent) -> Result<Invited> {
    let command = InviteUsers {
        entries: vec![input.invitee()?],
        message: message(input.message)?,
        ..invitation(&scope, true, true)
    };
    scope
        .run(InviteUser::sent(input.idempotency_key, sent.hash(), command))
        .await
}

async fn invite_all(scope: Scope, input: InviteUsersInput, sent: Sent) -> Result<Bulk<InviteUsersResult>> {
    let (Read { listed, left_out }, command) = input.command(&scope)?;
    let added = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    Ok(InviteUsersResult::each(listed, added.output).leaving_out(left_out))
}

async fn update(scope: Scope, input: UpdateUserInput) -> Result<User> {
    let command = UpdateUser {
        user_id: require_id(Kind::User, &input.user_id, "input.userId")?,
        expected_version: input.expected_version,
        given_name: input.given_name,
        family_name: input.family_name,
        locale: input.locale,
    };
    Ok(scope.run(command).await?.into())
}

async fn update_own(scope: Scope, input: UpdateViewerProfileInput) -> Result<Viewer> {
    let command = UpdateProfile {
        expected_version: input.expected_version,
        given_name: input.given_name,
        family_name: input.family_name,
        locale: input.locale,
    };
    scope.run(command).await?;
    Ok(Viewer)
}

/// What every call to add people has in common.
pub(super) fn invitation(scope: &Scope, send_now: bool, all_or_nothing: bool) -> InviteUsers {
    let origin = match scope.actor().is_script() {
        true => Origin::Api,
        false => Origin::Invitation,
    };
    InviteUsers {
        entries: Vec::new(),
        earlier: Vec::new(),
        message: None,
        send_now,
        only_new: false,
        terms: SeatTerms::default(),
        origin,
        seat_source: given_by(scope),
        seats_at: Some("input.subscriptionIds"),
        all_or_nothing,
        view: View::Current,
    }
}

impl InviteUserInput {
    fn invitee(&self) -> Result<Invitee> {
        let at = |path: &'static str| move |refusal: Refusal| refusal.at(path);
        let names = |given: &Option<String>, path| given.as_ref().map(|given| name(given, path)).transpose();
        Ok(Invitee {
            email: EmailAddress::parse(&self.email).map_err(at("input.email"))?,
            given_name: names(&self.given_name, "input.givenName")?.flatten(),
            family_name: names(&self.family_name, "input.familyName")?.flatten(),
            role: self.role.into(),
            external_id: None,
            locale: match &self.locale {
                Some(given) => locale(given, "input.locale")?,
                None => None,
            },
            seats: subscriptions(self.subscription_ids.as_ref())?,
            groups: groups(self.group_ids.as_deref(), "input.groupIds")?,
            known_as: None,
            told: None,
        })
    }
}

impl InviteUsersInput {
    /// The entries as listed, and the command for those that can be read.
    fn command(&self, scope: &Scope) -> Result<(Read, InviteUsers)> {
        let Read { listed, left_out } = match &self.recipients {
            InviteRecipientsInput::List(list) => read_list(list, MOST_INVITED, "input.recipients.list")?,
            InviteRecipientsInput::Emails(emails) => listed_one_by_one(emails),
        };
        check_length(listed.len(), MOST_INVITED, "input.recipients")?;
        let unread = listed
            .iter()
            .filter_map(|entry| entry.as_ref().err())
            .map(|(_, refusal)| refusal.clone());
        let all_or_nothing = self.on_error == BulkErrorPolicy::RejectAll;
        if all_or_nothing && listed.iter().any(std::result::Result::is_err) {
            return Err(crate::error::Error::Refused(unread.collect()));
        }
        let seats = subscriptions(self.subscription_ids.as_ref())?;
        let in_groups = groups(self.group_ids.as_deref(), "input.groupIds")?;
        let invitee = |recipient: &Recipient| Invitee {
            email: recipient.email.clone(),
            given_name: recipient.given_name.clone(),
            family_name: recipient.family_name.clone(),
            role: self.role.into(),
            external_id: None,
            locale: None,
            seats: seats.clone(),
            groups: in_groups.clone(),
            known_as: None,
            told: None,
        };
        let entries = listed
            .iter()
            .filter_map(|entry| entry.as_ref().ok())
            .map(invitee)
            .collect();
        let message = message(self.message.clone())?;
        Ok((
            Read { listed, left_out },
            InviteUsers {
                entries,
                message,
                ..invitation(scope, self.send_now, all_or_nothing)
            },
        ))
    }
}

/// Whom a call names.
pub(super) struct Read {
    pub listed: Vec<Listed>,
    /// Entries that were blank or came again.
    pub left_out: usize,
}

/// Reads a pasted list.
pub(super) fn read_list(list: &str, most: usize, field: &str) -> Result<Read> {
    let read = recipients(list, most).map_err(|refusal| refusal.at(field))?;
    let entries = read.entries.into_iter();
    Ok(Read {
        listed: entries
            .map(|entry| entry.map_err(|unread| (unread.typed, unread.refusal)))
            .collect(),
        left_out: read.left_out,
    })
}

/// A list of addresses: each is one entry, whatever stands in it; what is blank, or comes again in any letter case, is left out.
fn listed_one_by_one(emails: &[String]) -> Read {
    let mut seen = std::collections::HashSet::new();
    let mut listed = Vec::with_capacity(emails.len());
    for (place, typed) in emails.iter().enumerate() {
        if trim(typed).is_empty() {
            continue;
        }
        match EmailAddress::parse(typed) {
            Ok(email) if !seen.insert(email.key().to_owned()) => {}
            Ok(email) => listed.push(Ok(Recipient {
                email,
                given_name: None,
                family_name: None,
            })),
            Err(refusal) => {
                listed.push(Err((
                    typed.clone(),
                    refusal.at(&format!("input.recipients.emails.{place}")),
                )));
            }
        }
    }
    let left_out = emails.len() - listed.len();
    Read { listed, left_out }
}

/// Seats that a call names for everybody, each once, by ids of `kind`.
pub(super) fn seats(
    given: Option<&Vec<ID>>,
    kind: Kind,
    source: fn(Uuid) -> SeatSource,
    field: &str,
) -> Result<Vec<SeatSource>> {
    let ids = given.map(Vec::as_slice).unwrap_or_default();
    if ids.len() > MOST_SEATS {
        let text = format!("At most {MOST_SEATS} can be named here.");
        return Err(Refusal::new(Code::TooManyItems, text).at(field).into());
    }
    let mut seats = Vec::with_capacity(ids.len());
    for id in ids {
        let seat = source(require_id(kind, id, field)?);
        if !seats.contains(&seat) {
            seats.push(seat);
        }
    }
    Ok(seats)
}

fn subscriptions(given: Option<&Vec<ID>>) -> Result<Vec<SeatSource>> {
    seats(
        given,
        Kind::Subscription,
        SeatSource::Subscription,
        "input.subscriptionIds",
    )
}

/// Groups that a call names for everybody, each once.
pub(super) fn groups(given: Option<&[ID]>, field: &str) -> Result<Vec<Uuid>> {
    let ids = given.unwrap_or_default();
    if ids.len() > MOST_GROUPS {
        let text = format!("At most {MOST_GROUPS} can be named here.");
        return Err(Refusal::new(Code::TooManyItems, text).at(field).into());
    }
    let mut groups = Vec::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        let group = require_id(Kind::Group, id, &format!("{field}.{place}"))?;
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Ok(groups)
}

/// The personal words of an invitation.
pub(super) fn message(given: Option<String>) -> Result<Option<String>, Refusal> {
    let given = given
        .map(|given| given.trim().to_owned())
        .filter(|given| !given.is_empty());
    match given {
        Some(text) if text.chars().count() > LONGEST_MESSAGE => {
            let text = format!("A message has at most {LONGEST_MESSAGE} characters.");
            Err(Refusal::new(Code::TooLong, text).at("input.message"))
        }
        given => Ok(given),
    }
}
