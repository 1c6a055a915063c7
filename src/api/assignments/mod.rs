//! Assignments as clients see them.

mod mutations;

use async_graphql::{Enum, ID, InputObject};
use entity::assignment;
use entity::ids::Kind;
use uuid::Uuid;

use crate::assignments::{Assignment, read};
use crate::products::catalogue_holding;
pub use mutations::{SeatSourceInput, component_ids, on_mutation};

use crate::api::PageArguments;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::error::Result;
use crate::products::{Catalogue, Component, Product};
use crate::read::Scope;
use crate::read::paging::Page;
use crate::read::terms;
use crate::subscriptions::Subscription;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, enum_leaf, group};

/// What made an assignment.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "assignment::Source")]
pub enum AssignmentSource {
    /// assignSeats, an invitation, or enableUsers.
    Manual,
    /// An import of a CSV file.
    CsvImport,
    /// Membership in a group. Reserved: nothing gives seats so yet.
    Group,
    /// The first sign-in by single sign-on.
    SsoJit,
    /// A script with an API token.
    Api,
}

enum_leaf!(AssignmentSource);

/// What makes the seats that this reader gives.
pub fn given_by(scope: &Scope) -> assignment::Source {
    match scope.actor().is_script() {
        true => assignment::Source::Api,
        false => assignment::Source::Manual,
    }
}

impl Object for Assignment {
    const NAME: &'static str = "Assignment";
    const DOC: &'static str = "One seat held by one user; at most one per user and product.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |seat| Gid(Kind::Assignment, seat.0.id))
            .doc("Global id.");
        t.value("version", |seat| seat.0.version)
            .doc("Grows with every change.");
        t.reference::<User, _>("user", |seat| seat.0.user_id)
            .doc("Who holds the seat.");
        t.reference::<Subscription, _>("subscription", |seat| seat.0.subscription_id)
            .doc("What the seat was taken from.");
        t.reference::<Product, _>("product", |seat| seat.0.product_id)
            .doc("What the seat is a right to use.");
        t.many("components", components)
            .doc("Every component of the product, on or off in this seat.");
        t.value("source", |seat| AssignmentSource::from(seat.0.source))
            .doc("What gave the seat.");
        t.value("assignedAt", |seat| seat.0.assigned_at)
            .doc("When it was given.");
        t.reference::<User, _>("assignedBy", |seat| seat.0.assigned_by)
            .doc("Who gave it; null if no person did.")
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
        t.child("component", |part| part.component.clone())
            .doc("Which component.");
        t.value("isEnabled", |part| part.is_enabled)
            .doc("Whether it is on in this seat.");
    }
}

async fn components(scope: Scope, seats: Rows<Assignment>) -> Result<Vec<Vec<AssignmentComponent>>> {
    let is_there = |known: &Catalogue| known.has(seats.iter().map(|seat| seat.0.product_id));
    let catalogue = catalogue_holding(scope.app(), is_there).await?;
    let enabled = read::enabled_components(&scope, &seats).await?;
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
    /// Taken from this subscription.
    pub subscription_id: Option<ID>,
    /// Of this product.
    pub product_id: Option<ID>,
    /// Given by one of these; at most 200.
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
    /// Which seats; null: all.
    filter: Option<AssignmentFilter>,
}

/// `User.assignments`.
pub fn on_user(t: &mut Type<User>) {
    t.page("assignments", of_users)
        .doc("The seats they hold, in the order they were given.")
        .guard(Guard::or_own(Permission::ProductsRead, |user: &User| user.0.id));
}

async fn of_users(
    scope: Scope,
    users: Rows<User>,
    args: AssignmentPageArgs,
) -> Result<Vec<Connection<Assignment>>> {
    let filter = args.filter.unwrap_or_default();
    terms::alternatives(filter.source.as_deref().unwrap_or_default())?;
    let list = format!("assignments of user {filter:?}");
    let page = Page::new(&args.page.into(), scope.account_id()?, &list)?;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let mut found = Assignment::of_users(&scope, &ids).await?;
    found.retain(|seat| filter.matches(seat));
    let of_users = group(ids.into_iter(), found, |seat| seat.0.user_id);
    let cut = |seats| page.cut(seats, |seat: &Assignment| ("", seat.0.id)).into();
    Ok(of_users.into_iter().map(cut).collect())
}
