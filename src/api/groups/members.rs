//! Who comes into a group and who leaves it, over GraphQL.

use std::collections::HashMap;

use async_graphql::{ID, InputObject};
use entity::bulk_job::Task;
use entity::ids::Kind;
use uuid::Uuid;

use crate::api::Mutation;
use crate::api::assignments::{are_many, whom};
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, item};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::jobs::on_error;
use crate::api::users::{UserBulkResult, UserFilter};
use crate::bulk_jobs::{BulkJob, StartBulkJob};
use crate::command::Command;
use crate::error::Result;
use crate::groups::{AddGroupMembers, Changed, Group, RemoveGroupMembers, SeatChange};
use crate::read::{ById, Scope};
use graphql::{Bulk, Envelope, Payload, Type};

/// The mutations about members.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("addGroupMembers", add)
        .doc("Puts users into a group: at most 100 at once, and of all who match a filter up to 5,000, in the background if they are more than 100. They get the seats that it gives and they do not have; where none is left they wait. With dryRun nothing is changed, and the answer says what would be.")
        .guard(Permission::GroupsWrite)
        .weight(50);
    t.mutation("removeGroupMembers", remove)
        .doc("Takes users out of a group: at most 100 at once, and of all who match a filter up to 5,000, in the background if they are more than 100. Seats that no other group of theirs gives and nobody gave by hand are free. With dryRun nothing is changed, and the answer says what would be.")
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
    /// All for whom this holds, at most 5,000, in the order they were added to the account; needs the permission `USERS_READ`. More than 100 are seen to by a job.
    user_filter: Option<UserFilter>,
    /// What happens when some cannot come in or leave; by default the others do. Whoever waits for a seat has come in.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
    /// True: nothing is changed, and the answer says what would be; of more than 100 people without `results`.
    #[graphql(default = false)]
    dry_run: bool,
}

/// Whom a call means.
struct Meant {
    group_id: Uuid,
    users: Vec<Uuid>,
    /// As they were given; empty if they were found.
    given: Vec<ID>,
    on_error: BulkErrorPolicy,
    dry_run: bool,
}

impl GroupMembersInput {
    async fn read(self, scope: &Scope) -> Result<Meant> {
        Ok(Meant {
            group_id: require_id(Kind::Group, &self.group_id, "input.groupId")?,
            users: whom(scope, self.user_ids.as_deref(), self.user_filter, None).await?,
            given: self.user_ids.unwrap_or_default(),
            on_error: self.on_error,
            dry_run: self.dry_run,
        })
    }
}

async fn add(scope: Scope, input: GroupMembersInput) -> Result<Bulk<UserBulkResult, Moved>> {
    let meant = input.read(&scope).await?;
    let (group_id, users) = (meant.group_id, meant.users.clone());
    let command = AddGroupMembers {
        group_id,
        users,
        all_or_nothing: meant.on_error == BulkErrorPolicy::RejectAll,
    };
    meant
        .see_to(&scope, command, Task::AddGroupMembers { group_id })
        .await
}

async fn remove(scope: Scope, input: GroupMembersInput) -> Result<Bulk<UserBulkResult, Moved>> {
    let meant = input.read(&scope).await?;
    let (group_id, users) = (meant.group_id, meant.users.clone());
    let command = RemoveGroupMembers {
        group_id,
        users,
        all_or_nothing: meant.on_error == BulkErrorPolicy::RejectAll,
    };
    meant
        .see_to(&scope, command, Task::RemoveGroupMembers { group_id })
        .await
}

impl Meant {
    /// A few are seen to at once, many by a job; a rehearsal is always at once, and tells of many only what it comes to.
    async fn see_to<C: Command<Output = Changed>>(
        self,
        scope: &Scope,
        command: C,
        task: Task,
    ) -> Result<Bulk<UserBulkResult, Moved>> {
        let is_large = are_many(&self.users);
        if self.dry_run {
            let changed = scope.rehearse(command).await?;
            return Ok(match is_large {
                true => Bulk::none().with(Moved::by(&changed)),
                false => answer(&self.given, changed),
            });
        }
        if !is_large {
            return Ok(answer(&self.given, scope.run(command).await?));
        }
        let start = StartBulkJob {
            task,
            on_error: on_error(self.on_error),
            users: self.users,
        };
        let job = scope.run(start).await?;
        Ok(Bulk::none().with(Moved {
            group: Group::by_ids(scope, &[self.group_id]).await?.pop(),
            seats: Vec::new(),
            job: Some(job),
        }))
    }
}

/// How it ended for each user.
fn answer(given: &[ID], changed: Changed) -> Bulk<UserBulkResult, Moved> {
    let moved = Moved::by(&changed);
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
    Bulk::of(results).with(moved)
}

/// The group, and the seats that moved; or the job that sees to it.
#[derive(Clone)]
struct Moved {
    group: Option<Group>,
    seats: Vec<SeatChange>,
    job: Option<Uuid>,
}

impl Moved {
    fn by(changed: &Changed) -> Self {
        Self {
            group: Some(changed.group.clone().into()),
            seats: changed.seats.clone(),
            job: None,
        }
    }
}

impl Payload for Moved {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child_opt("group", |moved| moved.group.clone()).doc(
            "The group as the call leaves it, or with dryRun would; where a job sees to it, as it is before.",
        );
        t.children("seats", |moved| moved.seats.clone())
            .doc("What it comes to in seats, by product; empty if no seat moves, or a job sees to it.");
        t.link::<BulkJob, _>("job", |moved| moved.job)
            .doc("The job that sees to more than 100 people, in whose `items` is what becomes of each; `results` is empty then. Null if the call itself did.");
    }
}
