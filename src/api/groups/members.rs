//! Who comes into a group and who leaves it, over GraphQL.

use std::collections::HashMap;

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use uuid::Uuid;

use crate::api::Mutation;
use crate::api::assignments::whom;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, item};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::users::{UserBulkResult, UserFilter};
use crate::error::Result;
use crate::groups::{AddGroupMembers, Changed, Group, RemoveGroupMembers, SeatChange};
use crate::read::Scope;
use graphql::{Bulk, Envelope, Payload, Type};

/// The mutations about members.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("addGroupMembers", add)
        .doc("Puts up to 100 users into a group. They get the seats that it gives and they do not have; where none is left they wait. With dryRun nothing is changed, and the answer says what would be.")
        .guard(Permission::GroupsWrite)
        .weight(50);
    t.mutation("removeGroupMembers", remove)
        .doc("Takes up to 100 users out of a group. Seats that no other group of theirs gives and nobody gave by hand are free. With dryRun nothing is changed, and the answer says what would be.")
        .guard(Permission::GroupsWrite)
        .weight(50);
}

/// Which users come into a group or leave it. Exactly one of `userIds` and `userFilter` is given.
#[derive(InputObject, Debug)]
struct GroupMembersInput {
    /// The group.
    group_id: ID,
    /// These users, 1 to 100.
    user_ids: Option<Vec<ID>>,
    /// All for whom this holds, at most 100, in the order they were added to the account; needs the permission `USERS_READ`.
    user_filter: Option<UserFilter>,
    /// What happens when some cannot come in or leave; by default the others do. Whoever waits for a seat has come in.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
    /// True: nothing is changed, and the answer says what would be.
    #[graphql(default = false)]
    dry_run: bool,
}

/// Whom a call means.
struct Meant {
    group_id: Uuid,
    users: Vec<Uuid>,
    /// As they were given; empty if they were found.
    given: Vec<ID>,
    all_or_nothing: bool,
    dry_run: bool,
}

impl GroupMembersInput {
    async fn read(self, scope: &Scope) -> Result<Meant> {
        Ok(Meant {
            group_id: require_id(Kind::Group, &self.group_id, "input.groupId")?,
            users: whom(scope, self.user_ids.as_deref(), self.user_filter).await?,
            given: self.user_ids.unwrap_or_default(),
            all_or_nothing: self.on_error == BulkErrorPolicy::RejectAll,
            dry_run: self.dry_run,
        })
    }
}

async fn add(scope: Scope, input: GroupMembersInput) -> Result<Bulk<UserBulkResult, Moved>> {
    let Meant {
        group_id,
        users,
        given,
        all_or_nothing,
        dry_run,
    } = input.read(&scope).await?;
    let command = AddGroupMembers {
        group_id,
        users,
        all_or_nothing,
    };
    let changed = match dry_run {
        true => scope.rehearse(command).await?,
        false => scope.run(command).await?,
    };
    Ok(answer(&given, changed))
}

async fn remove(scope: Scope, input: GroupMembersInput) -> Result<Bulk<UserBulkResult, Moved>> {
    let Meant {
        group_id,
        users,
        given,
        all_or_nothing,
        dry_run,
    } = input.read(&scope).await?;
    let command = RemoveGroupMembers {
        group_id,
        users,
        all_or_nothing,
    };
    let changed = match dry_run {
        true => scope.rehearse(command).await?,
        false => scope.run(command).await?,
    };
    Ok(answer(&given, changed))
}

/// How it ended for each user.
fn answer(given: &[ID], changed: Changed) -> Bulk<UserBulkResult, Moved> {
    let mut released: HashMap<Uuid, i32> = HashMap::new();
    for user in changed.released {
        *released.entry(user).or_default() += 1;
    }
    let users = changed.users.into_iter().zip(changed.outcomes).enumerate();
    let results = users.map(|(place, (user, outcome))| {
        let text = given
            .get(place)
            .map_or_else(|| Kind::User.text(user), |id| id.0.clone());
        let own = UserBulkResult::new(text, released.remove(&user).unwrap_or_default());
        let status = |is_new| match is_new {
            true => BulkItemStatus::Applied,
            false => BulkItemStatus::Unchanged,
        };
        item(outcome.map(status), own)
    });
    Bulk::of(results).with(Moved {
        group: changed.group.into(),
        seats: changed.seats,
    })
}

/// The group, and the seats that moved.
#[derive(Clone)]
struct Moved {
    group: Group,
    seats: Vec<SeatChange>,
}

impl Payload for Moved {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child("group", |moved| moved.group.clone())
            .doc("The group as the call leaves it, or with dryRun would.");
        t.children("seats", |moved| moved.seats.clone())
            .doc("What it comes to in seats, by product; empty if no seat moves.");
    }
}
