//! Notifications as their reader sees them. Nobody sees another's.

use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use entity::notification;
use futures::FutureExt;

use crate::api::PageArguments;
use crate::api::accounts::Viewer;
use crate::api::node::{self, Node};
use crate::graphql::batch::{Connection, Gid, Links, Listed, NoArgs, Object, Type, enum_leaf};
use crate::notifications::{Notification, read};

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
        t.any_opt("subject", |ask, notifications: &[Self], _: NoArgs| {
            let subjects = notifications
                .iter()
                .map(|notification| notification.0.subject.clone());
            let (places, ids): (Vec<usize>, Vec<ID>) = subjects
                .enumerate()
                .filter_map(|(place, subject)| Some((place, ID(subject?))))
                .unzip();
            let mut found: Vec<Option<Node>> = vec![None; notifications.len()];
            async move {
                for (place, node) in places.into_iter().zip(node::find(ask.scope, &ids).await?) {
                    found[place] = node;
                }
                Ok(found)
            }
            .boxed()
        })
        .doc("What it is about, while it is there and the reader's to see.");
        t.value("createdAt", |notification| notification.0.created_at);
        t.value("readAt", |notification| notification.0.read_at);
    }
}

impl Listed for Notification {
    const CONNECTION: &'static str = "NotificationConnection";
    const EDGE: &'static str = "NotificationEdge";
}

#[derive(InputObject, Debug)]
struct NotificationPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Viewer.notifications` and the count of unread ones.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.values("unreadNotificationCount", |ask, viewers| {
        async move {
            let unread = read::unread(ask.scope).await?;
            Ok(viewers.iter().map(|_| unread).collect::<Vec<i32>>())
        }
        .boxed()
    });
    t.page("notifications", |ask, _, args: NotificationPageArgs| {
        async move {
            let wants_total = ask.wants::<Connection<Notification>>("totalCount");
            let page = read::page(ask.scope, &args.page.into(), wants_total).await?;
            Ok(Links::all(vec![page.into()]))
        }
        .boxed()
    });
}
