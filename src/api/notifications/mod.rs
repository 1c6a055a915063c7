//! Notifications as their reader sees them. Nobody sees another's.

mod added;
mod mutations;
mod preferences;

use async_graphql::{Enum, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::notification;
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf};

pub use added::on_subscription;
pub use mutations::on_mutation;

use crate::api::PageArguments;
use crate::api::accounts::Viewer;
use crate::api::ids::Gid;
use crate::api::node::{LOADERS, Node};
use crate::error::Result;
use crate::notifications::{Notification, read};
use crate::read::Scope;

/// What a message is about. More will be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "notification::Kind")]
pub enum NotificationKind {
    /// An import the reader started has ended, well or not.
    ImportFinished,
    /// An export the reader started has ended: its file can be fetched, or there is none.
    ExportReady,
    /// A subscription has no free seat left.
    SeatsExhausted,
    /// So many seats of a subscription are taken as the account wants to hear of (`seatNoticePercent`).
    SeatsRunningOut,
    /// The mail of an invitation was refused, or given up; to whoever sent the invitation.
    InvitationBounced,
    /// Somebody gave the reader another role.
    RoleChanged,
    /// Single sign-on needs care, for example a client secret that is about to expire.
    SsoProblem,
    /// The record that proves a domain is missing, or the domain has lapsed over it.
    DomainCheckFailed,
    /// A job for many people that the reader asked for has ended, well or not.
    JobFinished,
    /// A seat of the reader ends within a week, or will be taken back unless they need it.
    SeatEnding,
    /// So many of the account's cloud credits are gone as it wants to hear of (`noticePercents`).
    CreditsRunningOut,
    /// No cloud credits are left.
    CreditsExhausted,
    /// A contract or a subscription ends or is renewed soon, or has more seats in its new term than were asked for.
    ContractEnding,
    /// Somebody asks for a product they do not have; to whoever may give them a seat.
    AccessRequested,
    /// What the reader asked for was approved or declined.
    AccessDecided,
}

/// How soon somebody has to do something about it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "notification::Severity")]
pub enum NotificationSeverity {
    /// Good to know; nothing has to be done.
    Info,
    /// Something has to be done soon.
    Warning,
    /// Something does not work any more, or will not within a day.
    Critical,
}

enum_leaf!(NotificationKind, NotificationSeverity);

impl Object for Notification {
    const NAME: &'static str = "Notification";
    const DOC: &'static str = "A message to one user.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |notification| Gid(Kind::Notification, notification.0.id))
            .doc("Global id, opaque.");
        t.value("kind", |notification| NotificationKind::from(notification.0.kind))
            .doc("What it is about.");
        t.value("severity", |notification| {
            NotificationSeverity::from(notification.0.severity)
        })
        .doc("How soon something has to be done about it.");
        t.text("title", |notification| &notification.0.title)
            .doc("One line of plain text, in English.");
        t.text("body", |notification| &notification.0.body)
            .doc("What happened and what to do about it: plain text, in English.");
        t.node_link::<Node>("subject", LOADERS, |notification| notification.0.subject.clone())
            .doc("What it is about, while it is there and the reader's to see.");
        t.value("createdAt", |notification| notification.0.created_at)
            .doc("When it was sent.");
        t.values("keptUntil", kept_until)
            .doc("When it is deleted, read or not.");
        t.value("readAt", |notification| notification.0.read_at)
            .doc("When the reader marked it as read; null as long as it is unread.");
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
struct NotificationFilter {
    /// True: only what is unread; false: only what was read; null: both.
    is_unread: Option<bool>,
    /// Of one of these kinds, at most 200, named twice is named once; null: of any.
    kind: Option<Vec<NotificationKind>>,
}

impl From<NotificationFilter> for read::Filter {
    fn from(given: NotificationFilter) -> Self {
        Self {
            is_unread: given.is_unread,
            kinds: given
                .kind
                .map(|kinds| kinds.into_iter().map(notification::Kind::from).collect()),
        }
    }
}

#[derive(InputObject, Debug)]
struct NotificationPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which of them; null: all.
    filter: Option<NotificationFilter>,
}

/// `Viewer.notifications` and the count of unread ones.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.values("unreadNotificationCount", unread)
        .doc("How many of the viewer's notifications in this account are unread, counted up to 1,000: that number means so many or more.");
    t.page("notifications", page)
        .doc("The viewer's own in this account, newest first.");
    preferences::on_viewer(t);
}

async fn kept_until(scope: Scope, notifications: Rows<Notification>) -> Result<Vec<DateTime<Utc>>> {
    let kept = scope.app().settings().retention.of_history();
    let until = |notification: &Notification| notification.0.created_at + kept;
    Ok(notifications.iter().map(until).collect())
}

async fn unread(scope: Scope) -> Result<i32> {
    read::unread(&scope).await
}

async fn page(scope: Scope, args: NotificationPageArgs, wants: Wants) -> Result<Connection<Notification>> {
    let filter = args.filter.unwrap_or_default().into();
    let page = read::page(&scope, &args.page.into(), &filter, wants.field("totalCount")).await?;
    Ok(page.into())
}
