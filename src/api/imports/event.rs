//! Events of an import as clients see them.

use crate::api::jobs::JobEventKind;
use crate::error::Result;
use crate::imports::ImportRow;
use crate::imports::event::ImportEvent;
use crate::imports::progress::MOST_ROWS;
use crate::imports::read::Stretch;
use crate::read::Scope;
use graphql::{Object, Rows, Type};

impl Object for ImportEvent {
    const NAME: &'static str = "ImportEvent";
    const DOC: &'static str = "One step of a job. The first event of a subscription is always a snapshot, the last one always says `isFinal`, then the stream completes.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |event| event.sequence)
            .doc("Place of the event among those of its job, from 1; send the last one back as `afterSequence` to resume.");
        t.value("kind", |event| JobEventKind::from(event.kind))
            .doc("Why it was sent.");
        t.child("import", |event| event.import.clone())
            .doc("The import as it was then.");
        t.many("rows", rows)
            .at_most(MOST_ROWS)
            .doc("Rows that changed state since the previous event, at most 50; read `import.rows` for all.");
        t.value("hasGap", |event| event.has_gap).doc(
            "Events between the asked-for sequence and this one are no longer kept: re-read the import.",
        );
        t.value("isFinal", Self::is_final)
            .doc("Whether the job is done and no event comes after this one.");
    }
}

async fn rows(scope: Scope, events: Rows<ImportEvent>) -> Result<Vec<Vec<ImportRow>>> {
    let wanted: Vec<Stretch> = events.iter().map(ImportEvent::stretch).collect();
    ImportRow::stretches(&scope, &wanted, MOST_ROWS.into()).await
}
