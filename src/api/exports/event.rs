//! Events of an export as clients see them.

use crate::api::jobs::JobEventKind;
use crate::exports::progress::ExportEvent;
use crate::read::follow::Step;
use graphql::{Object, Type};

impl Object for ExportEvent {
    const NAME: &'static str = "ExportEvent";
    const DOC: &'static str = "An export at a moment: the whole of what there is to know, so that nothing is lost with an event that was missed. The first event of a subscription is always a snapshot, the last one always says `isFinal`, then the stream completes.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |event| event.export.0.sequence)
            .doc("`progress.sequence` of the export: grows with every change.");
        t.value("kind", |event| JobEventKind::from(event.kind))
            .doc("Why it was sent.");
        t.child("export", |event| event.export.clone())
            .doc("The export as it is.");
        t.value("isFinal", Step::is_final)
            .doc("Whether the export has come to its end and no event comes after this one.");
    }
}
