//! Notifications as their reader sees them. Nobody sees another's.

use crate::api::old::OldStyle as _;
use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::notification;
use futures::FutureExt;

use crate::api::PageArguments;
use crate::api::accounts::Viewer;
use crate::api::ids::Gid;
use crate::api::node::{LOADERS, Node};
use crate::notifications::{Notification, read};
use graphql::{Connection, Links, Object, Type, enum_leaf};

/// What a message is about. More will be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "notification::Kind")]
pub enum NotificationKind {
    ImportFinished,
    SeatsExhausted,
    RoleChanged,
    SsoProblem,
    DomainCheckFailed,
}

/// How soon somebody has to do something about it.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "notification::Severity")]
pub enum NotificationSeverity {
    Info,
    Warning,
    Critical,
}

enum_leaf!(NotificationKind, NotificationSeverity);

impl Object for Notification {
    const NAME: &'static str = "Notification";
    const DOC: &'static str = "A message to one user.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |notification| Gid(Kind::Notification, notification.0.id));
        t.value("kind", |notification| NotificationKind::from(notification.0.kind));
        t.value("severity", |notification| {
            NotificationSeverity::from(notification.0.severity)
        });
        t.text("title", |notification| &notification.0.title);
        t.text("body", |notification| &notification.0.body);
        t.node_link::<Node>("subject", LOADERS, |notification| notification.0.subject.clone())
            .doc("What it is about, while it is there and the reader's to see.");
        t.value("createdAt", |notification| notification.0.created_at);
        t.value("readAt", |notification| notification.0.read_at);
    }
}

#[derive(InputObject, Debug)]
struct NotificationPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Viewer.notifications` and the count of unread ones.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.old_values("unreadNotificationCount", |ask, viewers| {
        async move {
            let unread = read::unread(ask.scope).await?;
            Ok(viewers.iter().map(|_| unread).collect::<Vec<i32>>())
        }
        .boxed()
    });
    t.old_page("notifications", |ask, _, args: NotificationPageArgs| {
        async move {
            let wants_total = ask.wants::<Connection<Notification>>("totalCount");
            let page = read::page(ask.scope, &args.page.into(), wants_total).await?;
            Ok(Links::all(vec![page.into()]))
        }
        .boxed()
    });
}
