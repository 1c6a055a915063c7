//! What a dry run found, and how many rows came to which outcome.

use std::sync::Arc;

use entity::import_row::RowOutcome;
use uuid::Uuid;

use super::row::ImportRowOutcome;
use crate::error::Result;
use crate::imports::preview::{NAMED, Preview, SwitchedOff};
use crate::imports::read::Stretch;
use crate::imports::{Import, ImportRow};
use crate::products::Component;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;
use crate::users::User;
use graphql::{Object, Rows, Type};

/// Rows a preview shows.
const SAMPLE: i32 = 20;

/// How many rows came to an outcome.
#[derive(Clone, Copy, Debug)]
pub struct ImportOutcomeCount(ImportRowOutcome, i32);

impl Object for ImportOutcomeCount {
    const NAME: &'static str = "ImportOutcomeCount";
    const DOC: &'static str = "How many rows came to an outcome.";

    fn describe(t: &mut Type<Self>) {
        t.value("outcome", |count| count.0).doc("Which outcome.");
        t.value("count", |count| count.1)
            .doc("How many rows came to it; outcomes of no row are left out.");
    }
}

pub fn outcome_counts(import: &Import) -> Vec<ImportOutcomeCount> {
    counted(&import.0.outcomes.0)
}

fn counted(outcomes: &std::collections::BTreeMap<String, i32>) -> Vec<ImportOutcomeCount> {
    use sea_orm::{ActiveEnum, Iterable};
    let count = |outcome: RowOutcome| {
        let count = outcomes.get(&outcome.to_value()).copied()?;
        Some(ImportOutcomeCount(outcome.into(), count))
    };
    RowOutcome::iter().filter_map(count).collect()
}

/// Result of a dry run.
#[derive(Clone, Debug)]
pub struct ImportPreview(Arc<Preview>, Uuid);

impl ImportPreview {
    pub fn of(import: &Import) -> Option<Self> {
        let preview = serde_json::from_value(import.0.preview.clone()?).ok()?;
        Some(Self(Arc::new(preview), import.0.id))
    }
}

impl Object for ImportPreview {
    const NAME: &'static str = "ImportPreview";
    const DOC: &'static str = "Result of a dry run.";

    fn describe(t: &mut Type<Self>) {
        t.text("detectedEncoding", |preview| &preview.0.encoding)
            .doc("The encoding the file was read in: `UTF-8`, `UTF-16LE`, `UTF-16BE` or `windows-1252`.");
        t.text("delimiter", |preview| &preview.0.delimiter)
            .doc("The character between two cells: a comma, a semicolon or a tab.");
        t.children("columns", |preview| {
            preview.0.columns.iter().cloned().map(ImportColumn).collect()
        })
        .doc("The columns in the order of the file, at most 64.");
        t.value("rowCount", |preview| preview.0.rows)
            .doc("Rows of the file, header and blank lines aside; at most 5,000.");
        t.children("outcomeCounts", |preview| counted(&preview.0.outcomes))
            .doc("Rows by the outcome they would come to; adds up to `rowCount`.");
        t.value("mailCount", |preview| preview.0.mails)
            .doc("Mails that would be sent.");
        t.children("seatNeeds", |preview| {
            let need = |(id, required, free): &(Uuid, i32, i32)| {
                let freed = preview.0.freed.get(id).copied().unwrap_or_default();
                ImportSeatNeed(*id, *required, *free, freed)
            };
            preview.0.seats.iter().map(need).collect()
        })
        .doc("Seats that would be taken, or be free again, for each subscription that the file draws on.");
        t.children("switchedOff", |preview| {
            preview.0.switched_off.iter().cloned().map(ImportSwitchedOff).collect()
        })
        .doc("Components that would be switched off in seats that people of the file have already, each with how many that are.");
        t.many("sampleRows", sample_rows)
            .doc("The rows of the first 20 lines.");
    }
}

async fn sample_rows(scope: Scope, previews: Rows<ImportPreview>) -> Result<Vec<Vec<ImportRow>>> {
    let stretch = |preview: &ImportPreview| Stretch {
        import_id: preview.1,
        first: 1,
        last: i32::MAX,
    };
    let wanted: Vec<Stretch> = previews.iter().map(stretch).collect();
    ImportRow::stretches(&scope, &wanted, SAMPLE).await
}

/// How a column of the file is understood.
#[derive(Clone, Debug)]
pub struct ImportColumn((String, Option<String>));

impl Object for ImportColumn {
    const NAME: &'static str = "ImportColumn";
    const DOC: &'static str = "How a column of the file is understood.";

    fn describe(t: &mut Type<Self>) {
        t.text("header", |column| &column.0.0)
            .doc("Its heading, as it stands in the file.");
        t.text_opt("mappedTo", |column| column.0.1.as_deref()).doc(
            "GIVEN_NAME, FAMILY_NAME, EMAIL, ROLE, PRODUCT, EXTERNAL_ID or GROUPS. Null: the column is ignored.",
        );
    }
}

/// A component that would be switched off.
#[derive(Clone, Debug)]
pub struct ImportSwitchedOff(SwitchedOff);

impl Object for ImportSwitchedOff {
    const NAME: &'static str = "ImportSwitchedOff";
    const DOC: &'static str =
        "A component that some people of the file have on, and would not have any more.";

    fn describe(t: &mut Type<Self>) {
        t.link::<Component, _>("component", |off| off.0.component)
            .doc("Which one.");
        t.value("count", |off| off.0.count).doc("How many would lose it.");
        t.many("users", losing)
            .at_most(NAMED)
            .doc("The first of them, at most 20.");
    }
}

async fn losing(scope: Scope, off: Rows<ImportSwitchedOff>) -> Result<Vec<Vec<User>>> {
    let ids: Vec<Uuid> = off.iter().flat_map(|off| off.0.users.iter().copied()).collect();
    let found = User::by_ids(&scope, &ids).await?;
    let by_id = |id: &Uuid| found.iter().find(|user| user.0.id == *id).cloned();
    let among = |ids: &[Uuid]| ids.iter().filter_map(by_id).collect();
    Ok(off.iter().map(|off| among(&off.0.users)).collect())
}

/// Seats that an import would take.
#[derive(Clone, Copy, Debug)]
pub struct ImportSeatNeed(Uuid, i32, i32, i32);

impl Object for ImportSeatNeed {
    const NAME: &'static str = "ImportSeatNeed";
    const DOC: &'static str = "Seats that an import would take.";

    fn describe(t: &mut Type<Self>) {
        t.link::<Subscription, _>("subscription", |need| need.0)
            .doc("What the seats would be taken from.");
        t.value("required", |need| need.1)
            .doc("Seats that the rows of the file would take.");
        t.value("available", |need| need.2).doc("Free before the import.");
        t.value("freed", |need| need.3)
            .doc("Seats that would be free again.");
    }
}
