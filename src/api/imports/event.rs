//! Events of an import as clients see them.

use crate::api::old::OldStyle as _;
use async_graphql::Enum;
use futures::FutureExt;

use crate::api::old::NoArgs;
use crate::imports::ImportRow;
use crate::imports::progress::{EventKind, ImportEvent, MOST_ROWS};
use crate::imports::read::Stretch;
use graphql::{Object, Type, enum_leaf};

/// Why an event was sent.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "EventKind")]
pub enum JobEventKind {
    Snapshot,
    Progress,
    Status,
    Heartbeat,
}

enum_leaf!(JobEventKind);

impl Object for ImportEvent {
    const NAME: &'static str = "ImportEvent";
    const DOC: &'static str = "One step of a job. The first event of a subscription is always a snapshot, the last one always says `isFinal`, then the stream completes.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |event| event.sequence);
        t.value("kind", |event| JobEventKind::from(event.kind));
        t.child("import", |event| event.import.clone());
        t.old_many("rows", |ask, events, _: NoArgs| {
            async move {
                let wanted: Vec<Stretch> = events.iter().map(Self::stretch).collect();
                ImportRow::stretches(ask.scope, &wanted, MOST_ROWS).await
            }
            .boxed()
        })
        .doc("Rows that changed state since the previous event, at most 50; read `import.rows` for all.");
        t.value("hasGap", |event| event.has_gap).doc(
            "Events between the asked-for sequence and this one are no longer kept: re-read the import.",
        );
        t.value("isFinal", Self::is_final);
    }
}
