//! Assignments as clients see them.

mod asked;
mod lapse;
mod listing;
mod mutations;
mod reclaiming;
mod taking;
mod waitlist;

use async_graphql::Enum;
use entity::assignment;
use entity::ids::Kind;
use uuid::Uuid;

use crate::assignments::{Assignment, read};
use crate::products::catalogue_holding;
pub use asked::{are_many, whom};
pub use listing::{on_account, on_product, on_subscription, on_user};
pub use mutations::{SeatSourceInput, WhenFull, component_ids, on_mutation};
pub use reclaiming::on_account as on_reclaimable;
pub use waitlist::on_account as on_waitlist;

use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::error::Result;
use crate::groups::Group;
use crate::groups::read::giving;
use crate::products::{Catalogue, Component, Product};
use crate::read::{ById, Scope};
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
    /// Membership in a group, and nothing else: when no group of theirs gives it any more, the seat is free.
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
            .doc("What holds the seat.");
        t.many("groups", groups)
            .doc("The holder's groups that give the product; the seat stays for as long as there is one.")
            .guard(Guard::or_own(Permission::UsersRead, |seat: &Self| seat.0.user_id));
        t.value("assignedAt", |seat| seat.0.assigned_at)
            .doc("When it was given.");
        t.value("expiresOn", |seat| seat.0.expires_on)
            .doc("The last day (UTC) on which it is held; null: until it is taken back.");
        lapse::on_assignment(t);
        t.reference::<User, _>("assignedBy", |seat| seat.0.assigned_by)
            .doc("Who gave it; null if no person did.")
            .guard(Permission::UsersRead);
        crate::api::usage::on_assignment(t);
    }
}

async fn groups(scope: Scope, seats: Rows<Assignment>) -> Result<Vec<Vec<Group>>> {
    let giving = giving(&scope, &seats).await?;
    let ids: Vec<Uuid> = giving.iter().map(|(_, group)| *group).collect();
    let found = Group::by_ids(&scope, &ids).await?;
    let of_seat = |seat: &Assignment| {
        let of = giving.iter().filter(|(id, _)| *id == seat.0.id);
        let mut groups: Vec<Group> = of
            .filter_map(|(_, group)| found.iter().find(|one| one.0.id == *group))
            .cloned()
            .collect();
        groups.sort_by(|one, other| (&one.0.name_key, one.0.id).cmp(&(&other.0.name_key, other.0.id)));
        groups
    };
    Ok(seats.iter().map(of_seat).collect())
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
