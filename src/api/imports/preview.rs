//! What a dry run found, and how many rows came to which outcome.

use crate::api::old::OldStyle as _;
use std::sync::Arc;

use entity::import_row::Outcome;
use futures::FutureExt;
use uuid::Uuid;

use super::row::ImportRowOutcome;
use crate::api::Linked;
use crate::api::old::NoArgs;
use crate::imports::read::Stretch;
use crate::imports::run::Preview;
use crate::imports::{Import, ImportRow};
use crate::subscriptions::Subscription;
use graphql::{Object, Type};

/// Rows a preview shows.
const SAMPLE: i32 = 20;

/// How many rows came to an outcome.
#[derive(Clone, Copy, Debug)]
pub struct ImportOutcomeCount(ImportRowOutcome, i32);

impl Object for ImportOutcomeCount {
    const NAME: &'static str = "ImportOutcomeCount";
    const DOC: &'static str = "How many rows came to an outcome.";

    fn describe(t: &mut Type<Self>) {
        t.value("outcome", |count| count.0);
        t.value("count", |count| count.1);
    }
}

pub fn outcome_counts(import: &Import) -> Vec<ImportOutcomeCount> {
    counted(&import.0.outcomes.0)
}

fn counted(outcomes: &std::collections::BTreeMap<String, i32>) -> Vec<ImportOutcomeCount> {
    use sea_orm::{ActiveEnum, Iterable};
    let count = |outcome: Outcome| {
        let count = outcomes.get(&outcome.to_value()).copied()?;
        Some(ImportOutcomeCount(outcome.into(), count))
    };
    Outcome::iter().filter_map(count).collect()
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
        t.text("detectedEncoding", |preview| &preview.0.encoding);
        t.text("delimiter", |preview| &preview.0.delimiter);
        t.children("columns", |preview| {
            preview.0.columns.iter().cloned().map(ImportColumn).collect()
        });
        t.value("rowCount", |preview| preview.0.rows);
        t.children("outcomeCounts", |preview| counted(&preview.0.outcomes));
        t.value("mailCount", |preview| preview.0.mails)
            .doc("Mails that would be sent.");
        t.children("seatNeeds", |preview| {
            preview.0.seats.iter().copied().map(ImportSeatNeed).collect()
        });
        t.old_many("sampleRows", |ask, previews, _: NoArgs| {
            async move {
                let stretch = |preview: &Self| Stretch {
                    import_id: preview.1,
                    first: 1,
                    last: i32::MAX,
                };
                let wanted: Vec<Stretch> = previews.iter().map(stretch).collect();
                ImportRow::stretches(ask.scope, &wanted, SAMPLE).await
            }
            .boxed()
        })
        .doc("The rows of the first 20 lines.");
    }
}

/// How a column of the file is understood.
#[derive(Clone, Debug)]
pub struct ImportColumn((String, Option<String>));

impl Object for ImportColumn {
    const NAME: &'static str = "ImportColumn";
    const DOC: &'static str = "How a column of the file is understood.";

    fn describe(t: &mut Type<Self>) {
        t.text("header", |column| &column.0.0);
        t.text_opt("mappedTo", |column| column.0.1.as_deref()).doc(
            "GIVEN_NAME, FAMILY_NAME, EMAIL, ROLE, PRODUCT or EXTERNAL_ID. Null: the column is ignored.",
        );
    }
}

/// Seats that an import would take.
#[derive(Clone, Copy, Debug)]
pub struct ImportSeatNeed((Uuid, i32, i32));

impl Object for ImportSeatNeed {
    const NAME: &'static str = "ImportSeatNeed";
    const DOC: &'static str = "Seats that an import would take.";

    fn describe(t: &mut Type<Self>) {
        t.old_one("subscription", |ask, needs, _: NoArgs| {
            async move {
                let ids: Vec<_> = needs.iter().map(|need| Some(need.0.0)).collect();
                Subscription::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.value("required", |need| need.0.1);
        t.value("available", |need| need.0.2)
            .doc("Free before the import.");
    }
}
