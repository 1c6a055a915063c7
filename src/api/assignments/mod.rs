//! Assignments as clients see them.

mod mutations;

use crate::api::old::OldStyle as _;
use async_graphql::{Enum, ID, InputObject};
use entity::assignment;
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Linked;
use crate::assignments::{Assignment, read};
use crate::products::catalogue_holding;
pub use mutations::on_mutation;

use crate::api::PageArguments;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::old::NoArgs;
use crate::error::Result;
use crate::products::{Catalogue, Component, Product};
use crate::read::Scope;
use crate::read::paging::Page;
use crate::read::terms;
use crate::subscriptions::Subscription;
use crate::users::User;
use graphql::{Links, Object, Type, enum_leaf, group};

/// What made an assignment.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "assignment::Source")]
pub enum AssignmentSource {
    Manual,
    CsvImport,
    Group,
    SsoJit,
    Api,
}

enum_leaf!(AssignmentSource);

impl Object for Assignment {
    const NAME: &'static str = "Assignment";
    const DOC: &'static str = "One seat held by one user; at most one per user and product.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |seat| Gid(Kind::Assignment, seat.0.id));
        t.value("version", |seat| seat.0.version);
        t.old_one("user", |ask, seats, _: NoArgs| {
            async move {
                let ids: Vec<_> = seats.iter().map(|seat| Some(seat.0.user_id)).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.old_one("subscription", |ask, seats, _: NoArgs| {
            async move {
                let ids: Vec<_> = seats.iter().map(|seat| Some(seat.0.subscription_id)).collect();
                Subscription::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.old_one("product", |ask, seats, _: NoArgs| {
            async move {
                let ids: Vec<_> = seats.iter().map(|seat| Some(seat.0.product_id)).collect();
                Product::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.old_many("components", |ask, seats, _: NoArgs| {
            components(ask.scope, seats).boxed()
        });
        t.value("source", |seat| AssignmentSource::from(seat.0.source));
        t.value("assignedAt", |seat| seat.0.assigned_at);
        t.old_one_opt("assignedBy", |ask, seats, _: NoArgs| {
            async move {
                let ids: Vec<_> = seats.iter().map(|seat| seat.0.assigned_by).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        })
        .guard(Permission::UsersRead);
    }
}

/// A component of an assigned product, on or off.
#[derive(Clone, Debug)]
pub struct AssignmentComponent {
    component: Component,
    is_enabled: bool,
}

impl Object for AssignmentComponent {
    const NAME: &'static str = "AssignmentComponent";
    const DOC: &'static str = "State of one component in an assignment.";

    fn describe(t: &mut Type<Self>) {
        t.child("component", |part| part.component.clone());
        t.value("isEnabled", |part| part.is_enabled);
    }
}

async fn components(scope: &Scope, seats: &[Assignment]) -> Result<Vec<Vec<AssignmentComponent>>> {
    let is_there = |known: &Catalogue| known.has(seats.iter().map(|seat| seat.0.product_id));
    let catalogue = catalogue_holding(scope.app(), is_there).await?;
    let enabled = read::enabled_components(scope, seats).await?;
    let of_seat = |seat: &Assignment| {
        let enabled = enabled.get(&seat.0.id).map_or(&[][..], Vec::as_slice);
        let parts = catalogue
            .by_id(seat.0.product_id)
            .map_or(&[][..], |product| &product.0.components);
        let part = |component: &Component| AssignmentComponent {
            component: component.clone(),
            is_enabled: enabled.contains(&component.0.id),
        };
        parts.iter().map(part).collect()
    };
    Ok(seats.iter().map(of_seat).collect())
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct AssignmentFilter {
    pub subscription_id: Option<ID>,
    pub product_id: Option<ID>,
    pub source: Option<Vec<AssignmentSource>>,
}

impl AssignmentFilter {
    fn matches(&self, seat: &Assignment) -> bool {
        let is = |kind: Kind, wanted: &Option<ID>, id: Uuid| {
            wanted
                .as_ref()
                .is_none_or(|wanted| kind.parse(wanted) == Some(id))
        };
        is(Kind::Subscription, &self.subscription_id, seat.0.subscription_id)
            && is(Kind::Product, &self.product_id, seat.0.product_id)
            && self
                .source
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&AssignmentSource::from(seat.0.source)))
    }
}

#[derive(InputObject, Debug)]
struct AssignmentPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    filter: Option<AssignmentFilter>,
}

/// `User.assignments`.
pub fn on_user(t: &mut Type<User>) {
    t.old_page("assignments", |ask, users, args: AssignmentPageArgs| {
        async move {
            let given = args.page;
            let filter = args.filter.unwrap_or_default();
            terms::alternatives(filter.source.as_deref().unwrap_or_default())?;
            let page = Page::new(
                &given.into(),
                ask.scope.account_id()?,
                &format!("assignments of user {filter:?}"),
            )?;
            let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
            let mut found = Assignment::of_users(ask.scope, &ids).await?;
            found.retain(|seat| filter.matches(seat));
            let of_users = group(ids.iter().copied(), found, |seat| seat.0.user_id);
            let pages = of_users
                .into_iter()
                .map(|seats| page.cut(seats, |seat: &Assignment| ("", seat.0.id)).into());
            Ok(Links::all(pages.collect()))
        }
        .boxed()
    })
    .guard(Guard::or_own(Permission::ProductsRead, |user: &User| user.0.id));
}
