//! Adding the people of some rows, with the seats that their rows or the whole file name.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use entity::account::View;
use entity::ids::numbered;
use entity::import::{OnError, Source};
use entity::user::Origin;
use entity::{assignment, import, import_row};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::judge::{self, Judged, RowResult};
use super::parse::Row;
use super::products;
use crate::access::Action;
use crate::assignments::SeatSource;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::groups::names::Names;
use crate::platform::arrays::among;
use crate::products::catalogue_holding;
use crate::users::invite::{InviteUsers, SeatTerms};
use crate::users::invitee::Invitee;

/// What came of rows, in order.
pub type RowResults = Vec<RowResult>;

/// What adding people came to.
#[derive(Debug)]
pub struct Came {
    pub results: RowResults,
    /// Mails that were written.
    pub mails: usize,
}

/// Adds the people of some rows.
#[derive(Clone, Debug)]
pub struct AddPeople {
    pub rows: Arc<[Row]>,
    pub range: Range<usize>,
    pub send_invitations: bool,
    /// What everybody is given, beside what the rows say.
    pub sources: Arc<[Source]>,
    /// The import in whose books it stands what became of the rows before the range.
    pub import_id: Uuid,
    /// Whether what could be done stays though some could not.
    pub stays: bool,
    /// Whoever finds no seat waits for one.
    pub waits: bool,
    /// The last day on which the seats are held.
    pub expires_on: Option<NaiveDate>,
}

impl Command for AddPeople {
    type Output = Came;
    const NAME: &'static str = "imports.add_people";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Came> {
        let mails_before = work.mails_written();
        let rows = &self.rows[self.range.clone()];
        let catalogue = catalogue_holding(work.app(), |known| products::are_known(rows, known)).await?;
        let words = rows.iter().filter_map(|row| row.entry.as_ref().ok());
        let words = words.flat_map(|entry| entry.groups.iter().map(String::as_str));
        let groups = Names::of(work, work.account_id()?, words.collect()).await?;
        let judged: Vec<Judged> = rows
            .iter()
            .map(|row| judge::judge(row, &catalogue, &groups, &self.sources))
            .collect();
        let entries = judged.iter().filter_map(|judged| match judged {
            Judged::Invitee(invitee) => Some(Invitee::clone(invitee)),
            Judged::Refused(_) => None,
        });
        let command = InviteUsers {
            seats_at: None,
            view: View::Current,
            entries: entries.collect(),
            earlier: self.came_in_before(work).await?,
            message: None,
            send_now: self.send_invitations,
            // A list of who gets a product invites nobody who is there.
            only_new: !self.sources.is_empty(),
            terms: SeatTerms {
                components: self.components(),
                expires_on: self.expires_on,
                waits: self.waits,
            },
            origin: Origin::CsvImport,
            seat_source: assignment::Source::CsvImport,
            all_or_nothing: false,
        };
        let mut added = if command.entries.is_empty() {
            Vec::new()
        } else {
            work.run(command).await?
        }
        .into_iter();
        let result = |(judged, row)| match judged {
            Judged::Refused(refusals) => Some(judge::refused(&refusals)),
            Judged::Invitee(_) => added
                .next()
                .map(|added| judge::added(added, row, &self.sources, self.stays)),
        };
        let results = judged.into_iter().zip(rows).filter_map(result).collect();
        Ok(Came {
            results,
            mails: work.mails_written() - mails_before,
        })
    }
}

impl AddPeople {
    /// The people of some rows of an import's file.
    pub fn of(import: &import::Model, rows: Arc<[Row]>, range: Range<usize>) -> Self {
        let sources = import.sources.as_ref().map(|sources| sources.0.as_slice());
        Self {
            rows,
            range,
            send_invitations: import.send_invitations,
            sources: sources.unwrap_or_default().into(),
            import_id: import.id,
            stays: import.on_error == OnError::SkipFailed,
            waits: import.waits,
            expires_on: import.expires_on,
        }
    }

    fn components(&self) -> HashMap<SeatSource, Vec<Uuid>> {
        let customised = self.sources.iter();
        let customised = customised.filter_map(|source| Some((source.into(), source.components.clone()?)));
        customised.collect()
    }

    /// Those of whom earlier batches were told, and this one is told again: who came in, by the first of their lines that brought them.
    async fn came_in_before(&self, work: &Work) -> Result<Vec<Invitee>> {
        let (before, rows) = (&self.rows[..self.range.start], &self.rows[self.range.clone()]);
        let Some(first_line) = rows.first().map(|row| row.line) else {
            return Ok(Vec::new());
        };
        let again = rows
            .iter()
            .filter(|row| row.same_as.is_some_and(|line| line < first_line));
        let again: HashSet<&str> = again.filter_map(email_key).collect();
        if again.is_empty() {
            return Ok(Vec::new());
        }
        let told = before
            .iter()
            .filter(|row| email_key(row).is_some_and(|key| again.contains(key)));
        let told: Vec<&Row> = told.collect();
        let ids: Vec<Uuid> = told
            .iter()
            .map(|row| numbered(self.import_id, line(row)))
            .collect();
        let booked = import_row::Entity::find()
            .filter(import_row::Column::AccountId.eq(work.account_id()?))
            .filter(among(work.backend(), import_row::Column::Id, &ids))
            .filter(import_row::Column::UserId.is_not_null())
            .all(work.reader())
            .await?;
        let booked: HashSet<i32> = booked.into_iter().map(|row| row.line).collect();
        let mut seen = HashSet::new();
        let came_in = told
            .into_iter()
            .filter(|row| booked.contains(&line(row)) && seen.insert(email_key(row)));
        Ok(came_in.filter_map(judge::person).collect())
    }
}

fn email_key(row: &Row) -> Option<&str> {
    row.entry.as_ref().ok().map(|entry| entry.email.key())
}

/// Where a row stands, as its own row has it.
pub fn line(row: &Row) -> i32 {
    i32::try_from(row.line).unwrap_or(i32::MAX)
}
