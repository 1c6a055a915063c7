//! Making, naming and equipping groups over GraphQL.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use uuid::Uuid;

use super::members;
use crate::api::Mutation;
use crate::api::bulk::{check_length, named};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::ids::GivenId;
use crate::error::{Error, Result};
use crate::groups::{
    CreateGroup, DeleteGroup, Deleted, Equipped, Group, SeatChange, SetGroupSubscriptions, UpdateGroup,
};
use crate::idempotency::Once;
use crate::limits;
use crate::products::Product;
use crate::read::{ById, Scope};
use graphql::{Envelope, Object, Payload, Sent, Type};

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("createGroup", create)
        .doc("Makes a group. It gives nothing until setGroupSubscriptions says what.")
        .guard(Permission::GroupsWrite)
        .weight(10);
    t.mutation("updateGroup", update)
        .doc("Calls a group something else, or says anew what it is for.")
        .guard(Permission::GroupsWrite)
        .weight(10);
    t.mutation("deleteGroup", delete)
        .doc("Deletes a group: nobody is in it any more, and seats that only it gave are free. With dryRun nothing is changed, and the answer says which would be.")
        .guard(Permission::GroupsWrite)
        .weight(50);
    members::on_mutation(t);
    t.mutation("setGroupSubscriptions", set_subscriptions)
        .doc("Has a group give just these subscriptions: members get the seats they do not have, or wait for them, and give back those that no group of theirs gives any more and nobody gave by hand. With dryRun nothing is changed, and the answer says what would be.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
}

/// A new group.
#[derive(InputObject, Debug)]
struct CreateGroupInput {
    /// What it is called: one line of at most 100 characters, without `|`; no other group of the account has it (`ALREADY_EXISTS`).
    name: String,
    /// What it is for, at most 500 characters; null or blank: nothing is said.
    description: Option<String>,
    /// Who is in it from the beginning, at most 100; null: nobody.
    member_ids: Option<Vec<ID>>,
    /// Makes the call safe to repeat for 24 hours: 1 to 200 bytes; the same key with another input is refused. Null: no key.
    idempotency_key: Option<String>,
}

async fn create(scope: Scope, input: CreateGroupInput, sent: Sent) -> Result<Group> {
    let members = input.member_ids.unwrap_or_default();
    let members = match members.is_empty() {
        true => Vec::new(),
        false => named(Kind::User, &members, limits::NAMED_AT_ONCE, "input.memberIds")?,
    };
    let command = CreateGroup {
        name: input.name,
        description: input.description,
        members,
    };
    let made = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    let group = Group::by_ids(&scope, &[made.output.0]).await?.pop();
    group.ok_or_else(|| Error::from(missing()))
}

/// A group that was made under the same key before may be gone by now.
fn missing() -> crate::error::Refusal {
    let text = "The group that this call made has been deleted since.";
    crate::error::Refusal::new(crate::error::Code::NotFound, text)
}

/// Which group is called or described otherwise. What is left out or null stays as it is.
#[derive(InputObject, Debug)]
struct UpdateGroupInput {
    /// The group to change.
    group_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused. Null: whatever it is.
    expected_version: Option<i32>,
    /// What it is called: one line of at most 100 characters, without `|`.
    name: Option<String>,
    /// What it is for, at most 500 characters; blank: nothing any more.
    description: Option<String>,
}

async fn update(scope: Scope, input: UpdateGroupInput) -> Result<Group> {
    let command = UpdateGroup {
        group_id: require_id(Kind::Group, &input.group_id, "input.groupId")?,
        expected_version: input.expected_version,
        name: input.name,
        description: input.description,
    };
    Ok(scope.run(command).await?.into())
}

/// Which group is deleted.
#[derive(InputObject, Debug)]
struct DeleteGroupInput {
    /// The group to delete.
    group_id: ID,
    /// True: nothing is changed, and the answer says what would be.
    #[graphql(default = false)]
    dry_run: bool,
}

async fn delete(scope: Scope, input: DeleteGroupInput) -> Result<Deleted> {
    let command = DeleteGroup {
        group_id: require_id(Kind::Group, &input.group_id, "input.groupId")?,
    };
    match input.dry_run {
        true => scope.rehearse(command).await,
        false => scope.run(command).await,
    }
}

impl Payload for Deleted {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.value("deletedGroupId", |done| GivenId(Kind::Group.text(done.group_id)))
            .doc("The group that is no more, or with dryRun would be.");
        t.children("seats", |done| done.seats.clone())
            .doc("What it comes to in seats, by product; empty if no seat moves.");
    }
}

/// What a group gives.
#[derive(InputObject, Debug)]
struct SetGroupSubscriptionsInput {
    /// The group.
    group_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused. Null: whatever it is.
    expected_version: Option<i32>,
    /// All that it gives from now, at most 20 subscriptions; empty: nothing.
    subscription_ids: Vec<ID>,
    /// True: nothing is changed, and the answer says what would be.
    #[graphql(default = false)]
    dry_run: bool,
}

async fn set_subscriptions(scope: Scope, input: SetGroupSubscriptionsInput) -> Result<Equipped> {
    let field = "input.subscriptionIds";
    check_length(
        input.subscription_ids.len().max(1),
        limits::GROUP_SUBSCRIPTIONS,
        field,
    )?;
    let mut subscriptions: Vec<Uuid> = Vec::new();
    for (place, id) in input.subscription_ids.iter().enumerate() {
        let id = require_id(Kind::Subscription, id, &format!("{field}.{place}"))?;
        if !subscriptions.contains(&id) {
            subscriptions.push(id);
        }
    }
    let command = SetGroupSubscriptions {
        group_id: require_id(Kind::Group, &input.group_id, "input.groupId")?,
        expected_version: input.expected_version,
        subscriptions,
    };
    match input.dry_run {
        true => scope.rehearse(command).await,
        false => scope.run(command).await,
    }
}

impl Payload for Equipped {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child("group", |done| Group::from(done.group.clone()))
            .doc("The group as the call leaves it, or with dryRun would.");
        t.children("seats", |done| done.seats.clone())
            .doc("What it comes to in seats, by product; empty if no seat moves.");
    }
}

impl Object for SeatChange {
    const NAME: &'static str = "GroupSeatChange";
    const DOC: &'static str = "What a change of a group comes to in seats of one product. Before a change, `required` is to be held against `product.seats.available`.";

    fn describe(t: &mut Type<Self>) {
        t.reference::<Product, _>("product", |change| change.product_id)
            .doc("Of what.");
        t.value("required", |change| change.required)
            .doc("Members who have no seat of it, and neither wait for one: so many more are needed.");
        t.value("given", |change| change.given)
            .doc("Those of them who get one now.");
        t.value("waiting", |change| change.waiting)
            .doc("Those of them for whom none is left, or no subscription is in term: they wait in order, and each gets the seat in the very moment that frees one.");
        t.value("released", |change| change.released).doc(
            "Seats that nobody of them holds any more; whoever waits for the product gets them at once.",
        );
    }
}
