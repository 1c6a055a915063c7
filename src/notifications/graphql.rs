//! Notifications as their reader sees them. Nobody sees another's.

use std::sync::Arc;

use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use entity::notification;
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use uuid::Uuid;

use crate::accounts::Viewer;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{Connection, Gid, Links, Listed, NoArgs, Object, Type, enum_leaf};
use crate::graphql::node::{self, Node};
use crate::graphql::paging::{Given, OrderDirection, Page};

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

/// A message to one user.
#[derive(Clone, Debug)]
pub struct Notification(pub Arc<notification::Model>);

impl Notification {
    pub async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() || scope.actor().person().is_none() {
            return Ok(Vec::new());
        }
        let found = own(scope)?
            .filter(notification::Column::Id.is_in(ids.iter().copied()))
            .all(scope.db())
            .await?;
        Ok(found.into_iter().map(|model| Self(Arc::new(model))).collect())
    }
}

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
    page: Given,
}

fn own(scope: &Scope) -> Result<Select<notification::Entity>> {
    let member = scope.member()?;
    Ok(notification::Entity::find()
        .filter(notification::Column::AccountId.eq(member.account_id))
        .filter(notification::Column::UserId.eq(member.user_id)))
}

/// `Viewer.notifications` and the count of unread ones.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.values("unreadNotificationCount", |ask, viewers| {
        async move {
            let unread = own(ask.scope)?
                .filter(notification::Column::ReadAt.is_null())
                .count(ask.scope.db())
                .await?;
            Ok(viewers
                .iter()
                .map(|_| i32::try_from(unread).unwrap_or(i32::MAX))
                .collect::<Vec<i32>>())
        }
        .boxed()
    });
    t.page("notifications", |ask, _, args: NotificationPageArgs| {
        async move {
            let given = args.page;
            let page = Page::new(&given, ask.scope.account_id()?, "notifications")?;
            let listed = own(ask.scope)?;
            let total = match ask.wants::<Connection<Notification>>("totalCount") {
                true => Some(i32::try_from(listed.clone().count(ask.scope.db()).await?).unwrap_or(i32::MAX)),
                false => None,
            };
            let newest_first = page.narrow(listed, None, notification::Column::Id, OrderDirection::Desc);
            let rows = newest_first.all(ask.scope.db()).await?;
            let rows = rows
                .into_iter()
                .map(|model| Notification(Arc::new(model)))
                .collect();
            Ok(Links::all(vec![page.close(
                rows,
                total,
                |notification: &Notification| ("", notification.0.id),
            )]))
        }
        .boxed()
    });
}
