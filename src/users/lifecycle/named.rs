//! Users that a call names: who they are, what is to be done with each, and how it ended.

use std::collections::{HashMap, HashSet};

use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::enforcement::break_glass_users;
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::constants::Constants;

/// What became of one user.
#[derive(Clone, Debug, PartialEq)]
pub enum UserOutcome {
    Applied {
        released_seats: i32,
        /// Seats they held before and could not be given back.
        shortfalls: Vec<Refusal>,
    },
    /// It was so already.
    Unchanged,
    Refused(Refusal),
}

/// What is to be done with one user.
#[derive(Clone, Debug, PartialEq)]
pub enum UserPlan {
    Change,
    Leave,
    Refuse(Refusal),
}

impl From<Result<(), Refusal>> for UserPlan {
    fn from(answer: Result<(), Refusal>) -> Self {
        answer.map_or_else(Self::Refuse, |()| Self::Change)
    }
}

/// The account's users among those named, and a plan for each name, in order.
pub struct Named {
    users: HashMap<Uuid, user::Model>,
    plans: Vec<(Uuid, UserPlan)>,
}

impl Named {
    /// Reads with two statements, however many are named, and judges each; the second argument of `judge` says whether single sign-on relies on them.
    pub async fn judged(
        work: &Work,
        ids: &[Uuid],
        judge: impl Fn(&user::Model, bool) -> UserPlan,
    ) -> Result<Self> {
        let account_id = work.account_id()?;
        let found = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(user::Column::Id.is_in(ids.iter().copied()))
            .filter(user::Column::Status.ne_constant(Status::Removed))
            .all(work.reader())
            .await?;
        let users: HashMap<Uuid, user::Model> = found.into_iter().map(|user| (user.id, user)).collect();
        let keepers = break_glass_users(work.reader(), account_id).await?;
        let mut seen = HashSet::new();
        let plan = |(place, id): (usize, &Uuid)| {
            let plan = match users.get(id) {
                None => refuse(Code::NotFound, "There is no such user."),
                Some(_) if !seen.insert(*id) => {
                    refuse(Code::DuplicateInput, "This user stands earlier in the list.")
                }
                Some(user) => judge(user, keepers.contains(id)),
            };
            let plan = match plan {
                UserPlan::Refuse(refusal) => UserPlan::Refuse(refusal.at(&format!("input.userIds.{place}"))),
                other => other,
            };
            (*id, plan)
        };
        let plans = ids.iter().enumerate().map(plan).collect();
        Ok(Self { users, plans })
    }

    /// All or nothing: one refusal refuses the call.
    pub fn insist(&self) -> Result<()> {
        let refusals = self.plans.iter().filter_map(|(_, plan)| match plan {
            UserPlan::Refuse(refusal) => Some(refusal.clone()),
            _ => None,
        });
        let refusals: Vec<Refusal> = refusals.collect();
        if refusals.is_empty() {
            Ok(())
        } else {
            Err(Error::Refused(refusals))
        }
    }

    /// Those to be changed, in the order they were named.
    pub fn to_change(&self) -> Vec<&user::Model> {
        let chosen = self.plans.iter().filter(|(_, plan)| *plan == UserPlan::Change);
        chosen.filter_map(|(id, _)| self.users.get(id)).collect()
    }

    /// How it ended for each name; `applied` tells of those that were changed.
    pub fn outcomes(self, mut applied: impl FnMut(Uuid) -> UserOutcome) -> Vec<UserOutcome> {
        let outcome = |(id, plan)| match plan {
            UserPlan::Change => applied(id),
            UserPlan::Leave => UserOutcome::Unchanged,
            UserPlan::Refuse(refusal) => UserOutcome::Refused(refusal),
        };
        self.plans.into_iter().map(outcome).collect()
    }
}

fn refuse(code: Code, text: &str) -> UserPlan {
    UserPlan::Refuse(Refusal::new(code, text))
}
