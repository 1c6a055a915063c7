//! An import that is taken back, as clients see it.

use entity::import::Undo;

use crate::users::User;
use graphql::{Object, Type};

/// How far taking an import back is.
#[derive(Clone, Debug)]
pub struct ImportUndo(pub Undo);

impl Object for ImportUndo {
    const NAME: &'static str = "ImportUndo";
    const DOC: &'static str = "How far taking an import back is.";

    fn describe(t: &mut Type<Self>) {
        t.link::<User, _>("requestedBy", |undo| Some(undo.0.asked_by))
            .doc("Who asked for it.");
        t.value("requestedAt", |undo| undo.0.asked_at)
            .doc("When they asked for it.");
        t.value("finishedAt", |undo| undo.0.finished_at)
            .doc("When it was done; null until then, and where it came to a halt.");
        t.value("processed", |undo| undo.0.processed)
            .doc("Rows that were looked at, from the last to the first: those undone, those left, and those that had done nothing.");
        t.value("undoneCount", |undo| undo.0.undone)
            .doc("Rows of which everything was taken back.");
        t.value("leftCount", |undo| undo.0.left)
            .doc("Rows of which something stays, because it was changed since: `rows(filter: {undo: [LEFT]})` lists them with the reasons.");
        t.text_opt("failure", |undo| undo.0.failure.as_deref())
            .doc("Why it came to a halt; asked for again, it goes on. Null if it did not.");
    }
}
