//! Putting people into a group and taking them out of it, with what that gives and frees.

use std::collections::HashSet;

use entity::group;
use entity::ids::Kind;
use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::find;
use super::join::{Joined, join};
use super::leave::leave_one;
use super::seats::{SeatChange, changes, check_size};
use crate::access::Action;
use crate::assignments::Assigned;
use crate::assignments::by_group::{self, Remembered, Wish};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::arrays::among;
use crate::platform::constants::Constants;

/// Puts users into a group.
#[derive(Clone, Debug)]
pub struct AddGroupMembers {
    pub group_id: Uuid,
    pub users: Vec<Uuid>,
    /// Add nobody unless all can be added. Whoever waits for a seat is added.
    pub all_or_nothing: bool,
}

/// Takes users out of a group.
#[derive(Clone, Debug)]
pub struct RemoveGroupMembers {
    pub group_id: Uuid,
    pub users: Vec<Uuid>,
    /// Take nobody out unless all can be.
    pub all_or_nothing: bool,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct Changed {
    pub group: group::Model,
    /// For each user that was named, in order: whether it was otherwise before.
    pub outcomes: Vec<Result<bool, Refusal>>,
    pub users: Vec<Uuid>,
    pub seats: Vec<SeatChange>,
    /// Who waits for a seat that the group gives.
    pub waiting: HashSet<Uuid>,
    /// Who gave a seat back, once for each.
    pub released: Vec<Uuid>,
}

impl Command for AddGroupMembers {
    type Output = Changed;
    const NAME: &'static str = "groups.add_members";

    fn action(&self) -> Action {
        Action::ManageGroups
    }

    async fn apply(self, work: &mut Work) -> Result<Changed> {
        let account_id = work.account_id()?;
        let mut group = find::one(work, account_id, self.group_id).await?;
        check_size(
            self.users.len(),
            find::subscriptions(work, &group).await?,
            "input.userFilter",
        )?;
        let mut outcomes = present(work, account_id, &self.users, "input.userIds").await?;
        let there: Vec<Uuid> = outcomes.iter().filter_map(|one| one.clone().ok()).collect();
        let pairs: Vec<(Uuid, Uuid)> = there.iter().map(|user| (group.id, *user)).collect();
        let mut joined = join(work, account_id, &pairs).await?.into_iter();
        let mut came = Vec::new();
        let mut results = Vec::with_capacity(outcomes.len());
        for (place, outcome) in outcomes.drain(..).enumerate() {
            let user = match outcome {
                Ok(user) => user,
                Err(refusal) => {
                    results.push(Err(refusal));
                    continue;
                }
            };
            results.push(match joined.next() {
                Some(Joined::New(_)) => {
                    came.push(user);
                    Ok(true)
                }
                Some(Joined::Refused(refusal)) => Err(refusal.at(&format!("input.userIds.{place}"))),
                _ => Ok(false),
            });
        }
        insist(self.all_or_nothing, &results)?;
        touch(work, group.id, &came);
        let given = by_group::give(work, account_id, &came, Vec::new(), &Remembered::new()).await?;
        let waits = |(_, outcome): &&(Wish, Assigned)| matches!(outcome, Assigned::Waiting { .. });
        let waiting = given.iter().filter(waits).map(|(wish, _)| wish.user_id);
        group.member_count += i32::try_from(came.len()).map_err(Error::internal)?;
        Ok(Changed {
            group,
            outcomes: results,
            users: self.users,
            seats: changes(&given, &[]),
            waiting: waiting.collect(),
            released: Vec::new(),
        })
    }
}

impl Command for RemoveGroupMembers {
    type Output = Changed;
    const NAME: &'static str = "groups.remove_members";

    fn action(&self) -> Action {
        Action::ManageGroups
    }

    async fn apply(self, work: &mut Work) -> Result<Changed> {
        let account_id = work.account_id()?;
        let mut group = find::one(work, account_id, self.group_id).await?;
        check_size(
            self.users.len(),
            find::subscriptions(work, &group).await?,
            "input.userFilter",
        )?;
        let present = present(work, account_id, &self.users, "input.userIds").await?;
        let there: Vec<Uuid> = present.iter().filter_map(|one| one.clone().ok()).collect();
        let left = leave_one(work, account_id, group.id, &there).await?;
        let gone: HashSet<Uuid> = left.iter().copied().collect();
        let outcome = |one: Result<Uuid, Refusal>| one.map(|user| gone.contains(&user));
        let outcomes: Vec<Result<bool, Refusal>> = present.into_iter().map(outcome).collect();
        insist(self.all_or_nothing, &outcomes)?;
        touch(work, group.id, &left);
        let freed = by_group::withdraw(work, account_id, &left).await?;
        group.member_count -= i32::try_from(left.len()).map_err(Error::internal)?;
        Ok(Changed {
            group,
            outcomes,
            users: self.users,
            seats: changes(&[], &freed),
            waiting: HashSet::new(),
            released: freed.iter().map(|seat| seat.user_id).collect(),
        })
    }
}

/// For each user that is named: whether they are in the account, once each. `field` is the list that names them.
pub(super) async fn present(
    work: &Work,
    account_id: Uuid,
    users: &[Uuid],
    field: &str,
) -> Result<Vec<Result<Uuid, Refusal>>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Uuid> = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.ne_constant(Status::Removed))
        .filter(among(work.backend(), user::Column::Id, users))
        .select_only()
        .column(user::Column::Id)
        .into_tuple()
        .all(work.reader())
        .await?;
    let found: HashSet<Uuid> = found.into_iter().collect();
    let mut seen = HashSet::new();
    let judged = |(place, id): (usize, &Uuid)| {
        let refuse = |code, text: &str| Err(Refusal::new(code, text).at(&format!("{field}.{place}")));
        match found.contains(id) {
            false => refuse(Code::NotFound, "There is no such user."),
            true if !seen.insert(*id) => {
                refuse(Code::DuplicateInput, "This user stands earlier in the list.")
            }
            true => Ok(*id),
        }
    };
    Ok(users.iter().enumerate().map(judged).collect())
}

/// All or nothing: one refusal refuses the call.
fn insist(all_or_nothing: bool, outcomes: &[Result<bool, Refusal>]) -> Result<()> {
    let refusals: Vec<Refusal> = outcomes.iter().filter_map(|one| one.clone().err()).collect();
    match all_or_nothing && !refusals.is_empty() {
        true => Err(Error::Refused(refusals)),
        false => Ok(()),
    }
}

fn touch(work: &mut Work, group_id: Uuid, users: &[Uuid]) {
    if users.is_empty() {
        return;
    }
    work.touch(Kind::Group.text(group_id));
    for user in users {
        work.touch(Kind::User.text(*user));
    }
}
