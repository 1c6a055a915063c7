//! The audit log as clients see it: events, newest first, with what readers may see of them.

mod target;

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};
use entity::audit_event;
use entity::ids::{self, Kind};
use graphql::{Connection, Links, Load, Object, Rows, Type, Wants, enum_leaf};

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::errors::filter_id;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::users::DateTimeRange;
use crate::audit::filter::Filter;
use crate::audit::masking::Masking;
use crate::audit::{ActorKind, AuditEvent, Change, read};
use crate::error::{Error, Result};
use crate::read::{ById, Scope};
use crate::users::User;

/// What acted.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "ActorKind")]
pub enum AuditActorKind {
    /// A person; or whoever bears the link of an invitation, or a password, and is nobody yet.
    User,
    /// A script, with the rights of whoever made the token.
    ApiToken,
    /// An identity provider that signed somebody in or out.
    IdentityProvider,
    /// Muster itself: an import on somebody's behalf, or what follows from another change.
    System,
    /// The operator, at the command line.
    Support,
}

/// How it ended.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "audit_event::AuditOutcome")]
pub enum AuditOutcome {
    /// It was done.
    Success,
    /// Whoever tried may not do it, or was not let in; nothing was changed.
    Denied,
}

enum_leaf!(AuditActorKind, AuditOutcome);

impl Object for AuditEvent {
    const NAME: &'static str = "AuditEvent";
    const DOC: &'static str = "Something that was done or refused. Events are never changed; of people who were removed they show neither name nor address.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |event| Gid(Kind::AuditEvent, event.0.id))
            .doc("Global id, opaque.");
        t.value("occurredAt", |event| event.0.occurred_at)
            .doc("When it happened.");
        t.text("action", |event| &event.0.action)
            .doc("What was done, as a word and a verb (`users.invite`): stable, and listed in docs/audit.md. An attempt that was refused before it began stands under the name of the mutation (`removeUsers`).");
        t.value("actorKind", |event| AuditActorKind::from(event.actor_kind()))
            .doc("What acted.");
        t.one_opt("actor", actors)
            .doc("The user who acted, or on whose behalf something else did; null where that is nobody, of who was removed, and where the reader may not see users.");
        t.values("actorLabel", actor_labels)
            .doc("Who acted, in words, as they were called then: an e-mail address, the name of a token or of an identity provider. `(removed user)` stands for who was removed.");
        target::on_event(t);
        t.text_opt("ipAddress", |event| event.0.ip_address.as_deref())
            .doc("The address of the network it came from; null for what no request asked for.");
        t.text_opt("userAgent", |event| event.0.user_agent.as_deref())
            .doc("What the program called itself that asked for it, at most 256 characters; null if it did not.");
        t.text("requestId", |event| &event.0.request_id)
            .doc("The `x-request-id` of the answer; empty for what no request asked for.");
        t.value("outcome", |event| AuditOutcome::from(event.0.outcome))
            .doc("How it ended.");
        t.many("changes", changes)
            .at_most(20)
            .doc("Values that were changed, in the order in which that was said; who was touched is named by `targets`.");
    }
}

impl Object for Change {
    const NAME: &'static str = "AuditChange";
    const DOC: &'static str = "One changed value; secrets are never included.";

    fn describe(t: &mut Type<Self>) {
        t.text("field", |change| &change.field)
            .doc("What was changed, mostly as the API calls it.");
        t.text_opt("before", |change| change.before.as_deref())
            .doc("The value before, as text; null if there was none. `(removed user)` stands for personal data of who was removed.");
        t.text_opt("after", |change| change.after.as_deref())
            .doc("The value afterwards, likewise; null if there is none.");
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct AuditEventFilter {
    /// What was done is one of these: a whole action (`users.invite`), or the word it begins with (`users`); at most 200, each of at most 100 characters.
    pub action: Option<Vec<String>>,
    /// What acted is one of these; at most 200.
    pub actor_kind: Option<Vec<AuditActorKind>>,
    /// The user who acted, or on whose behalf something else did.
    pub actor_id: Option<ID>,
    /// What was touched, by its global id: with a user's, all that was done to them.
    pub target_id: Option<ID>,
    /// It ended in one of these ways; at most 200.
    pub outcome: Option<Vec<AuditOutcome>>,
    /// It came from this address of a network, IPv4 or IPv6 in any spelling; at most 45 characters.
    pub ip_address: Option<String>,
    /// When it happened.
    pub occurred_at: Option<DateTimeRange>,
}

impl AuditEventFilter {
    pub fn read(self) -> Result<Filter> {
        let target = |given: &ID| {
            let wrong = || Error::BadInput("`filter.targetId` is no id.".into());
            let (kind, id) = ids::parse(given).ok_or_else(wrong)?;
            Ok::<_, Error>(kind.text(id))
        };
        let within = |range: Option<DateTimeRange>| -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
            let DateTimeRange { from, to } = range.unwrap_or_default();
            (from, to)
        };
        Ok(Filter {
            actions: self.action,
            actor_kinds: all(self.actor_kind),
            actor_id: filter_id(Kind::User, self.actor_id.as_ref(), "actorId")?,
            target: self.target_id.as_ref().map(target).transpose()?,
            outcomes: all(self.outcome),
            ip_address: self.ip_address,
            occurred_at: within(self.occurred_at),
        })
    }
}

fn all<A, B: From<A>>(given: Option<Vec<A>>) -> Option<Vec<B>> {
    given.map(|given| given.into_iter().map(B::from).collect())
}

#[derive(InputObject, Debug)]
struct AuditEventPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Only events for which this holds; null: all.
    filter: Option<AuditEventFilter>,
}

/// `Account.auditEvents`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("auditEvents", events)
        .doc("What was done or refused in the account, newest first, for as long as it is kept (`AccountSettings.auditKeptDays`).")
        .guard(Permission::AuditRead);
}

async fn events(scope: Scope, args: AuditEventPageArgs, wants: Wants) -> Result<Connection<AuditEvent>> {
    let filter = args.filter.unwrap_or_default().read()?;
    let page = read::page(&scope, &args.page.into(), &filter, wants.field("totalCount")).await?;
    Ok(page.into())
}

async fn actors(scope: Scope, events: Rows<AuditEvent>) -> Result<Links<User>> {
    let wanted: Vec<_> = events.iter().map(|event| event.0.actor_id).collect();
    let ids: Vec<_> = wanted.iter().flatten().copied().collect();
    let mut found = User::by_ids(&scope, &ids).await?;
    found.retain(|user| user.is_shown(&scope));
    Ok(Links::by_key(wanted.into_iter(), found, |user: &User| user.0.id))
}

async fn actor_labels(scope: Scope, events: Rows<AuditEvent>) -> Result<Vec<String>> {
    let masking = Masking::of(&scope, &events).await?;
    Ok(events.iter().map(|event| masking.actor_label(event)).collect())
}

async fn changes(scope: Scope, events: Rows<AuditEvent>) -> Result<Vec<Vec<Change>>> {
    let masking = Masking::of(&scope, &events).await?;
    Ok(events.iter().map(|event| masking.changes(event)).collect())
}
