//! Assignments as clients see them.

mod listing;
mod mutations;
mod reclaiming;
mod waitlist;

use async_graphql::Enum;
use entity::assignment;
use entity::ids::Kind;

use crate::assignments::{Assignment, read};
use crate::products::catalogue_holding;
pub use listing::{on_account, on_product, on_subscription, on_user};
pub use mutations::{SeatSourceInput, component_ids, on_mutation};
pub use reclaiming::on_account as on_reclaimable;
pub use waitlist::on_account as on_waitlist;

use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::error::Result;
use crate::products::{Catalogue, Component, Product};
use crate::read::Scope;
use crate::subscriptions::Subscription;
use crate::users::User;
use graphql::{Object, Rows, Type, enum_leaf};

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
        crate::api::usage::on_assignment(t);
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
