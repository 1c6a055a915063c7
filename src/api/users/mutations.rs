//! Inviting and changing users over GraphQL: inputs become commands.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject, OneofObject};
use entity::assignment;
use entity::ids::Kind;
use entity::user::Origin;
use futures::FutureExt;

use super::payloads::{InviteUserPayload, InviteUsersPayload, UpdateUserPayload};
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, check_length};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::users::Role;
use crate::assignments::SeatSource;
use crate::error::{Code, Refusal, Result};
use crate::person::{EmailAddress, locale, name};
use crate::users::invite::{InviteUsers, Invitee};
use crate::users::invite_one::InviteUser;
use crate::users::recipients::{Recipient, recipients};
use crate::users::update::UpdateUser;
use graphql::Type;

/// People one call may invite (domain, section 3).
const MOST_INVITED: usize = crate::limits::INVITED_AT_ONCE;
/// Subscriptions one call may name.
const MOST_SUBSCRIPTIONS: usize = crate::limits::SUBSCRIPTIONS_OF_AN_INVITATION;
/// Characters of a personal message.
const LONGEST_MESSAGE: usize = crate::limits::MESSAGE;

/// Whom to invite, and what they get at once.
#[derive(InputObject, Debug)]
struct InviteUserInput {
    email: String,
    given_name: Option<String>,
    family_name: Option<String>,
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Seats reserved at once for the invited user; at most 100 subscriptions.
    subscription_ids: Option<Vec<ID>>,
    message: Option<String>,
    locale: Option<String>,
    idempotency_key: Option<String>,
}

/// Whom to invite: exactly one of the two forms.
#[derive(OneofObject, Debug)]
enum InviteRecipientsInput {
    /// Addresses separated by semicolons (commas, spaces and line ends are accepted too), at most 200 after de-duplication.
    List(String),
    Emails(Vec<String>),
}

/// Whom to invite, and what they all get at once.
#[derive(InputObject, Debug)]
struct InviteUsersInput {
    recipients: InviteRecipientsInput,
    #[graphql(default_with = "Role::User")]
    role: Role,
    /// Seats reserved at once for everybody; at most 100 subscriptions.
    subscription_ids: Option<Vec<ID>>,
    message: Option<String>,
    /// False: the users are STAGED and invited later.
    #[graphql(default = true)]
    send_now: bool,
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
    idempotency_key: Option<String>,
}

/// Which user to change. What is left out or null stays as it is.
#[derive(InputObject, Debug)]
struct UpdateUserInput {
    user_id: ID,
    expected_version: Option<i32>,
    given_name: Option<String>,
    family_name: Option<String>,
    locale: Option<String>,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("inviteUser", |ask, input: InviteUserInput| {
        async move {
            let command = InviteUsers {
                entries: vec![input.invitee()?],
                message: message(input.message)?,
                ..invitation(true, true)
            };
            let command = InviteUser::of(input.idempotency_key, command);
            let invited = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(InviteUserPayload {
                user_id: invited.user_id,
                refusals: invited.refusal.into_iter().collect(),
            })
        }
        .boxed()
    })
    .guard(Permission::UsersWrite)
    .weight(10);
    t.old_mutation("inviteUsers", |ask, input: InviteUsersInput| {
        async move {
            let (listed, command) = input.command()?;
            let command = crate::idempotency::Once::of(input.idempotency_key, command);
            let added = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(InviteUsersPayload::of(listed, added.output))
        }
        .boxed()
    })
    .guard(Permission::UsersWrite)
    .weight(50);
    t.old_mutation("updateUser", |ask, input: UpdateUserInput| {
        async move {
            let command = UpdateUser {
                user_id: require_id(Kind::User, &input.user_id, "input.userId")?,
                expected_version: input.expected_version,
                given_name: input.given_name,
                family_name: input.family_name,
                locale: input.locale,
            };
            let user = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(UpdateUserPayload {
                user: Some(user.into()),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .guard(Permission::UsersWrite)
    .weight(10);
    super::lifecycle::on_mutation(t);
}

fn invitation(send_now: bool, all_or_nothing: bool) -> InviteUsers {
    InviteUsers {
        entries: Vec::new(),
        message: None,
        send_now,
        origin: Origin::Invitation,
        seat_source: assignment::Source::Manual,
        all_or_nothing,
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
            seats: seats(self.subscription_ids.as_ref())?,
        })
    }
}

/// A listed entry: who is meant, or the text as typed with what is wrong.
pub type Listed = std::result::Result<Recipient, (String, Refusal)>;

impl InviteUsersInput {
    /// The entries as listed, and the command for those that can be read.
    fn command(&self) -> Result<(Vec<Listed>, InviteUsers)> {
        let listed: Vec<Listed> = match &self.recipients {
            InviteRecipientsInput::List(list) => {
                let read =
                    recipients(list, MOST_INVITED).map_err(|refusal| refusal.at("input.recipients.list"))?;
                read.into_iter()
                    .map(|entry| entry.map_err(|unread| (unread.typed, unread.refusal)))
                    .collect()
            }
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
        let seats = seats(self.subscription_ids.as_ref())?;
        let invitee = |recipient: &Recipient| Invitee {
            email: recipient.email.clone(),
            given_name: recipient.given_name.clone(),
            family_name: recipient.family_name.clone(),
            role: self.role.into(),
            external_id: None,
            locale: None,
            seats: seats.clone(),
        };
        let entries = listed
            .iter()
            .filter_map(|entry| entry.as_ref().ok())
            .map(invitee)
            .collect();
        let message = message(self.message.clone())?;
        Ok((
            listed,
            InviteUsers {
                entries,
                message,
                ..invitation(self.send_now, all_or_nothing)
            },
        ))
    }
}

/// A list of addresses: each is one entry, whatever stands in it; what comes again in any letter case is left out.
fn listed_one_by_one(emails: &[String]) -> Vec<Listed> {
    let mut seen = std::collections::HashSet::new();
    let mut listed = Vec::with_capacity(emails.len());
    for (place, typed) in emails.iter().enumerate() {
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
    listed
}

/// What is named twice is wanted once.
fn seats(subscriptions: Option<&Vec<ID>>) -> Result<Vec<SeatSource>> {
    let ids = subscriptions.map(Vec::as_slice).unwrap_or_default();
    if ids.len() > MOST_SUBSCRIPTIONS {
        let text = format!("At most {MOST_SUBSCRIPTIONS} subscriptions can be named here.");
        return Err(Refusal::new(Code::TooManyItems, text)
            .at("input.subscriptionIds")
            .into());
    }
    let mut seats = Vec::with_capacity(ids.len());
    for id in ids {
        let seat = SeatSource::Subscription(require_id(Kind::Subscription, id, "input.subscriptionIds")?);
        if !seats.contains(&seat) {
            seats.push(seat);
        }
    }
    Ok(seats)
}

fn message(given: Option<String>) -> Result<Option<String>, Refusal> {
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
