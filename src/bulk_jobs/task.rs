//! What is done for some of the people of a job: the place where a new task says what it does.

use entity::bulk_job::{SeatFrom, Task};
use entity::bulk_job_item::Outcome;
use entity::import_row::Problem;
use uuid::Uuid;

use crate::access::{Action, permit};
use crate::assignments::{
    AssignToUsers, Assigned, Given, Named, SeatSource, UnassignSeats, Unassigned, check_last_day, for_all,
};
use crate::command::Work;
use crate::error::{Code, Refusal, Result};
use crate::groups::{self, AddGroupMembers, Changed, RemoveGroupMembers};
use crate::limits;

/// What became of it for one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Came {
    pub outcome: Outcome,
    pub problems: Vec<Problem>,
}

/// What whoever asks for a task must be allowed to do, when they ask and whenever some of it is done.
pub const fn action(task: &Task) -> Action {
    match task {
        Task::AssignSeats { .. } | Task::UnassignSeats { .. } => Action::ManageAssignments,
        Task::AddGroupMembers { .. } | Task::RemoveGroupMembers { .. } => Action::ManageGroups,
    }
}

/// What it is called in a sentence: "… was done".
pub const fn title(task: &Task) -> &'static str {
    match task {
        Task::AssignSeats { .. } => "Giving seats",
        Task::UnassignSeats { .. } => "Taking seats back",
        Task::AddGroupMembers { .. } => "Putting people into a group",
        Task::RemoveGroupMembers { .. } => "Taking people out of a group",
    }
}

/// Refuses what would be refused for everybody, before anybody is looked at.
pub async fn check(work: &Work, task: &Task) -> Result<()> {
    match task {
        Task::AssignSeats {
            sources,
            components,
            expires_on,
            ..
        } => {
            check_last_day(*expires_on, work.now().date_naive())?;
            for_all(work, &sources_of(sources), components.as_deref(), true).await?;
            Ok(())
        }
        Task::UnassignSeats { .. } => Ok(()),
        Task::AddGroupMembers { group_id } => {
            let group = groups::one(work, work.account_id()?, *group_id).await?;
            // As in the call: who puts people into a group that gives seats gives seats.
            match groups::subscriptions(work, &group).await? {
                0 => Ok(()),
                _ => permit(work.actor(), Action::ManageAssignments),
            }
        }
        Task::RemoveGroupMembers { group_id } => {
            groups::one(work, work.account_id()?, *group_id).await?;
            Ok(())
        }
    }
}

/// Refuses what is too much for one transaction.
pub fn check_size(task: &Task, people: usize) -> Result<(), Refusal> {
    let seats = match task {
        Task::AssignSeats { sources, .. } => people.saturating_mul(sources.len()),
        // Of members of groups the commands see to it themselves.
        _ => people,
    };
    if seats <= limits::SEATS_AT_ONCE {
        return Ok(());
    }
    let text = format!(
        "That would be {seats} seats, and {} are given together or not at all. Name fewer sources, or skip what fails.",
        limits::SEATS_AT_ONCE
    );
    Err(Refusal::new(Code::TooManyItems, text).at("input.sources"))
}

/// Does a task for some people. Answers what became of it for each, in order.
pub async fn carry_out(work: &mut Work, task: &Task, users: Vec<Uuid>) -> Result<Vec<Came>> {
    match task {
        Task::AssignSeats {
            sources,
            components,
            source,
            waits,
            expires_on,
        } => {
            let command = AssignToUsers {
                users,
                sources: sources_of(sources),
                components: components.clone(),
                source: *source,
                expires_on: *expires_on,
                waits: *waits,
                all_or_nothing: false,
            };
            let given = work.run(command).await?;
            Ok(given.chunks(sources.len()).map(assigned).collect())
        }
        Task::UnassignSeats { product_id } => {
            let command = UnassignSeats {
                seats: Named::OfUsers {
                    users,
                    product_id: *product_id,
                },
                all_or_nothing: false,
            };
            Ok(work.run(command).await?.iter().map(unassigned).collect())
        }
        Task::AddGroupMembers { group_id } => {
            let command = AddGroupMembers {
                group_id: *group_id,
                users,
                all_or_nothing: false,
            };
            Ok(moved(&work.run(command).await?))
        }
        Task::RemoveGroupMembers { group_id } => {
            let command = RemoveGroupMembers {
                group_id: *group_id,
                users,
                all_or_nothing: false,
            };
            Ok(moved(&work.run(command).await?))
        }
    }
}

fn sources_of(sources: &[SeatFrom]) -> Vec<SeatSource> {
    let source = |from: &SeatFrom| match *from {
        SeatFrom::Subscription(id) => SeatSource::Subscription(id),
        SeatFrom::Product(id) => SeatSource::Product(id),
    };
    sources.iter().map(source).collect()
}

/// A person who could not have all of it has failed, whatever they have got: somebody has to see to them.
fn assigned(given: &[Given]) -> Came {
    let refusals = given.iter().filter_map(|one| one.outcome.refusal());
    let problems: Vec<Problem> = refusals.map(problem).collect();
    let is_any = |is: fn(&Assigned) -> bool| given.iter().any(|one| is(&one.outcome));
    let outcome = if !problems.is_empty() {
        Outcome::Failed
    } else if is_any(|one| matches!(one, Assigned::Waiting { .. })) {
        Outcome::Waitlisted
    } else if is_any(|one| matches!(one, Assigned::New(_) | Assigned::Changed(_))) {
        Outcome::Applied
    } else {
        Outcome::Unchanged
    };
    Came { outcome, problems }
}

/// Who has no seat any more when it is their turn is as they were to be; who has it by a group alone keeps it.
fn unassigned(outcome: &Unassigned) -> Came {
    match outcome {
        Ok(_) => Came {
            outcome: Outcome::Applied,
            problems: Vec::new(),
        },
        Err(refusal) if refusal.code == Code::HeldByGroup => failed(refusal),
        Err(_) => Came {
            outcome: Outcome::Unchanged,
            problems: Vec::new(),
        },
    }
}

/// Who came into a group and waits for any of what it gives waits.
fn moved(changed: &Changed) -> Vec<Came> {
    let each = changed.users.iter().zip(&changed.outcomes);
    let came = each.map(|(user, outcome)| match outcome {
        Err(refusal) => failed(refusal),
        Ok(is_new) => Came {
            outcome: match is_new {
                false => Outcome::Unchanged,
                true if changed.waiting.contains(user) => Outcome::Waitlisted,
                true => Outcome::Applied,
            },
            problems: Vec::new(),
        },
    });
    came.collect()
}

fn failed(refusal: &Refusal) -> Came {
    Came {
        outcome: Outcome::Failed,
        problems: vec![problem(refusal)],
    }
}

/// Nobody named anything: what is at fault has no place in the call.
fn problem(refusal: &Refusal) -> Problem {
    Problem {
        code: refusal.code.name(),
        message: refusal.message.clone(),
        column: None,
    }
}

#[cfg(test)]
mod tests {
    use entity::assignment::Source;
    use entity::bulk_job_item::Outcome;
    use uuid::Uuid;

    use super::assigned;
    use crate::assignments::read::Seat;
    use crate::assignments::{Assigned, Given};
    use crate::error::{Code, Refusal};

    #[test]
    fn whoever_lacks_a_part_has_failed_and_whoever_waits_for_one_waits() {
        let seat = Seat {
            id: Uuid::nil(),
            version: 1,
            user_id: Uuid::nil(),
            subscription_id: Uuid::nil(),
            product_id: Uuid::nil(),
            source: Source::Manual,
            assigned_by: None,
            assigned_at: chrono::DateTime::UNIX_EPOCH,
            expires_on: None,
        };
        let (new, held) = (Assigned::New(seat), Assigned::Unchanged(seat));
        let waiting = Assigned::Waiting {
            entry: Uuid::nil(),
            is_new: false,
        };
        let short = Assigned::Refused(Refusal::new(Code::SeatsExhausted, "none"));
        let came = |outcomes: &[&Assigned]| {
            let given = |outcome: &&Assigned| Given {
                user_id: Uuid::nil(),
                outcome: Assigned::clone(outcome),
            };
            assigned(&outcomes.iter().map(given).collect::<Vec<_>>())
        };
        assert_eq!(came(&[&held, &held]).outcome, Outcome::Unchanged);
        assert_eq!(came(&[&held, &new]).outcome, Outcome::Applied);
        assert_eq!(came(&[&waiting, &new]).outcome, Outcome::Waitlisted);
        let failed = came(&[&new, &short, &waiting]);
        assert_eq!(failed.outcome, Outcome::Failed);
        assert_eq!(failed.problems[0].code, "SEATS_EXHAUSTED");
    }
}
