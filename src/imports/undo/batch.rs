//! One batch of rows taken back, one transaction: people, seats, mails that wait, what the rows say of it, the figures and the event.

use std::collections::HashSet;

use chrono::Duration;
use entity::ids::numbered;
use entity::import::{self, Phase};
use entity::import_row::{self, Problems, RowUndo};
use entity::{assignment, group_member, invitation, mail, notification, user, waitlist_entry};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::rules::{Plan, Present};
use crate::access::Action;
use crate::assignments::by_group;
use crate::assignments::waitlist::LeaveWaitlist;
use crate::assignments::{AssignSeats, Named, UnassignSeats, confirmation_key};
use crate::background::jobs::{self, Lease};
use crate::background::offered;
use crate::command::{Command, Work};
use crate::error::{Error, Result};
use crate::groups::leave_by;
use crate::imports::{judge, step};
use crate::notifications::{Notice, notify};
use crate::platform::arrays::{among, among_texts};
use crate::platform::constants::Constants;
use crate::users::lifecycle::RemoveUsers;

/// Rows of one transaction, as many as are applied in one.
const BATCH: u64 = 500;

/// Takes back the rows before those that were taken back last.
#[derive(Clone, Debug)]
pub struct UndoBatch {
    pub lease: Lease,
    pub lease_for: Duration,
}

/// Whether there is more to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undoing {
    GoesOn,
    Done,
}

impl Command for UndoBatch {
    type Output = Undoing;
    const NAME: &'static str = "imports.undo_batch";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Undoing> {
        jobs::hold(work, &self.lease, self.lease_for).await?;
        let mut import = step::load(work, self.lease.account_id, self.lease.subject_id).await?;
        let mut undo = import
            .undo
            .take()
            .ok_or_else(|| Error::internal("nobody asked for it"))?;
        let mut rows = import_row::Entity::find()
            .filter(import_row::Column::AccountId.eq(import.account_id))
            .filter(import_row::Column::Id.gte(numbered(import.id, 0)))
            .filter(import_row::Column::Id.lt(numbered(import.id, undo.before_line)))
            .order_by_desc(import_row::Column::Id)
            .limit(BATCH)
            .all(work.reader())
            .await?;
        let lines = rows
            .last()
            .zip(rows.first())
            .map(|(first, last)| (first.line, last.line));
        undo.before_line = lines.map_or(undo.before_line, |(first, _)| first);
        let present = look(work, &rows).await?;
        let mut plan = Plan::of(&rows, &present);
        take_back(work, &plan).await?;
        give_again(work, &mut plan).await?;
        withhold_mails(work, &rows, &plan, &present).await?;
        for (row, left) in rows.iter_mut().zip(plan.rows) {
            undo.processed += 1;
            let Some(left) = left else { continue };
            let is_left = !left.is_empty();
            undo.left += i32::from(is_left);
            undo.undone += i32::from(!is_left);
            row.undo = Some(if is_left { RowUndo::Left } else { RowUndo::Undone });
            row.undo_problems = is_left.then_some(Problems(left));
        }
        let is_done = u64::try_from(rows.len()).unwrap_or(u64::MAX) < BATCH;
        let noted = OnConflict::columns([import_row::Column::AccountId, import_row::Column::Id])
            .update_columns([import_row::Column::Undo, import_row::Column::UndoProblems])
            .to_owned();
        let models = rows.into_iter().map(IntoActiveModel::into_active_model);
        work.insert_or(models.collect(), noted).await?;
        if is_done {
            undo.finished_at = Some(work.now());
            import.phase = Phase::Done;
            jobs::finish(work, &self.lease).await?;
            announce(work, &import, &undo).await?;
        }
        import.undo = Some(undo);
        step::store(work, &mut import, lines).await?;
        Ok(if is_done { Undoing::Done } else { Undoing::GoesOn })
    }
}

/// Everybody of some rows as they are now, with five statements.
async fn look(work: &Work, rows: &[import_row::Model]) -> Result<Present> {
    let (account_id, backend) = (work.account_id()?, work.backend());
    let ids: HashSet<Uuid> = rows
        .iter()
        .filter(|row| row.effects.is_some())
        .filter_map(|row| row.user_id)
        .collect();
    let ids = Vec::from_iter(ids);
    if ids.is_empty() {
        return Ok(Present::default());
    }
    let users = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(among(backend, user::Column::Id, &ids))
        .all(work.reader())
        .await?;
    let invitations = invitation::Entity::find()
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(among(backend, invitation::Column::UserId, &ids))
        .filter(invitation::Column::Status.eq_constant(invitation::Status::Pending))
        .all(work.reader())
        .await?;
    let seats = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(account_id))
        .filter(among(backend, assignment::Column::UserId, &ids))
        .all(work.reader())
        .await?;
    let memberships = group_member::Entity::find()
        .filter(group_member::Column::AccountId.eq(account_id))
        .filter(among(backend, group_member::Column::UserId, &ids))
        .all(work.reader())
        .await?;
    let waiting = waitlist_entry::Entity::find()
        .filter(waitlist_entry::Column::AccountId.eq(account_id))
        .filter(waitlist_entry::Column::Source.ne_constant(assignment::Source::Group))
        .filter(among(backend, waitlist_entry::Column::UserId, &ids))
        .all(work.reader())
        .await?;
    let invitations = invitations.into_iter();
    Ok(Present {
        waiting: waiting
            .into_iter()
            .map(|entry| (entry.id, entry.user_id))
            .collect(),
        memberships: memberships.into_iter().map(|row| (row.id, row.user_id)).collect(),
        users: users.into_iter().map(|user| (user.id, user)).collect(),
        invitations: invitations
            .map(|invitation| (invitation.user_id, invitation))
            .collect(),
        seats: seats.into_iter().map(|seat| (seat.id, seat)).collect(),
    })
}

/// By the commands that free seats and remove people on a click.
async fn take_back(work: &mut Work, plan: &Plan) -> Result<()> {
    let account_id = work.account_id()?;
    let left = leave_by(work, account_id, &plan.parted).await?;
    if !plan.left.is_empty() {
        let command = LeaveWaitlist {
            entries: plan.left.clone(),
            all_or_nothing: false,
        };
        work.run(command).await?;
    }
    if !plan.freed.is_empty() {
        let command = UnassignSeats {
            seats: Named::Assignments(plan.freed.clone()),
            all_or_nothing: false,
        };
        work.run(command).await?;
    }
    by_group::withdraw(work, account_id, &left).await?;
    if !plan.removed.is_empty() {
        let users = plan.removed.clone();
        let command = RemoveUsers {
            users,
            all_or_nothing: true,
        };
        work.run(command).await?;
    }
    Ok(())
}

/// Seats that were taken are given again, where there are any; the row of one that is not says so.
async fn give_again(work: &mut Work, plan: &mut Plan) -> Result<()> {
    let today = work.now().date_naive();
    let mut given = std::mem::take(&mut plan.given);
    // What was to end meanwhile has ended.
    given.retain(|(_, request)| request.expires_on.is_none_or(|day| day >= today));
    let (places, requests): (Vec<usize>, Vec<_>) = given.into_iter().unzip();
    if requests.is_empty() {
        return Ok(());
    }
    let command = AssignSeats {
        requests,
        source: assignment::Source::CsvImport,
        waits: false,
        newcomers: Vec::new(),
    };
    for (place, outcome) in places.into_iter().zip(work.run(command).await?) {
        let refusal = outcome.refusal().map(judge::problem);
        if let Some(Some(left)) = plan.rows.get_mut(place) {
            left.extend(refusal);
        }
    }
    Ok(())
}

/// What was not sent yet of what is taken back is not sent any more; what is on its way is.
async fn withhold_mails(
    work: &Work,
    rows: &[import_row::Model],
    plan: &Plan,
    present: &Present,
) -> Result<()> {
    let offered = plan.removed.iter().filter_map(|id| present.invitations.get(id));
    let offered = offered.map(|invitation| offered::key(invitation.id, invitation.generation));
    // The first seat of a batch names the mail that confirms it to its person.
    let is_undone = |(_, left): &(&import_row::Model, &Option<_>)| left.as_ref().is_some_and(Vec::is_empty);
    let undone = rows.iter().zip(&plan.rows).filter(is_undone);
    let effects = undone.filter_map(|(row, _)| row.effects.as_ref());
    let confirmed = effects.filter_map(|effects| effects.seats.first());
    let confirmed = confirmed.copied().map(confirmation_key);
    let keys: Vec<String> = offered.chain(confirmed).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let waiting = mail::Entity::delete_many()
        .filter(mail::Column::AccountId.eq(work.account_id()?))
        .filter(among_texts(
            work.backend(),
            mail::Column::Key,
            keys.iter().map(String::as_str),
        ))
        .filter(mail::Column::Status.eq_constant(mail::Status::Ready))
        .filter(mail::Column::LeaseToken.is_null());
    work.delete(waiting).await?;
    Ok(())
}

/// Tells whoever asked for it, in the app.
async fn announce(work: &mut Work, import: &import::Model, undo: &import::Undo) -> Result<()> {
    let left = match undo.left {
        0 => String::new(),
        left => format!(" {left} were left, with the reason in each."),
    };
    let notice = Notice {
        kind: notification::Kind::ImportFinished,
        severity: match undo.left {
            0 => notification::Severity::Info,
            _ => notification::Severity::Warning,
        },
        title: format!("The import of {} was taken back", import.filename),
        body: format!("{} rows: {} taken back.{left}", undo.processed, undo.undone),
        subject: Some(entity::ids::Kind::Import.text(import.id)),
    };
    notify(work, import.account_id, &[undo.asked_by], &notice).await?;
    Ok(())
}
