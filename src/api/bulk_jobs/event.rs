//! Events of a job as clients see them.

use crate::api::jobs::JobEventKind;
use crate::bulk_jobs::{BulkJobEvent, BulkJobItem, MOST_ITEMS};
use crate::error::Result;
use crate::read::Scope;
use graphql::{Object, Rows, Type};

impl Object for BulkJobEvent {
    const NAME: &'static str = "BulkJobEvent";
    const DOC: &'static str = "As ImportEvent, of a job that is done for many people.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |event| event.sequence)
            .doc("Place of the event among those of its job, from 1; send the last one back as `afterSequence` to resume.");
        t.value("kind", |event| JobEventKind::from(event.kind))
            .doc("Why it was sent.");
        t.child("job", |event| event.job.clone())
            .doc("The job as it was then.");
        t.many("items", items)
            .at_most(MOST_ITEMS)
            .doc("People who were done since the previous event, at most 50; read `job.items` for all.");
        t.value("hasGap", |event| event.has_gap)
            .doc("Events between the asked-for sequence and this one are no longer kept: re-read the job.");
        t.value("isFinal", Self::is_final)
            .doc("Whether the job is done and no event comes after this one.");
    }
}

async fn items(scope: Scope, events: Rows<BulkJobEvent>) -> Result<Vec<Vec<BulkJobItem>>> {
    let wanted: Vec<_> = events.iter().map(BulkJobEvent::stretch).collect();
    BulkJobItem::stretches(&scope, &wanted, MOST_ITEMS.into()).await
}
