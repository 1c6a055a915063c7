//! Starting and cancelling exports over GraphQL.

use async_graphql::{Enum, ID, InputObject};
use entity::export::Delimiter;
use entity::ids::Kind;
use graphql::{Sent, Type};

use super::{ExportColumnSet, ExportFormat, ExportKind};
use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::users::{DateTimeRange, UserFilter};
use crate::error::Result;
use crate::exports::request::Request;
use crate::exports::{CancelExport, Export, StartExport};
use crate::idempotency::Once;
use crate::read::Scope;
use crate::users::filter::TimeRange;

/// What stands between two cells of a CSV file.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Delimiter")]
enum ExportDelimiter {
    /// `,`
    Comma,
    /// `;`, as spreadsheets want it where numbers have a decimal comma.
    Semicolon,
    /// A tab.
    Tab,
}

/// What to list, and how.
#[derive(InputObject, Debug)]
struct StartExportInput {
    /// What the file lists.
    kind: ExportKind,
    /// More columns of a list of users, at most 200, named twice is named once; by default none.
    #[graphql(default)]
    column_sets: Vec<ExportColumnSet>,
    /// Only the users for whom this holds, or their seats; null: everybody. Not for `AUDIT_EVENTS`.
    user_filter: Option<UserFilter>,
    /// Only what happened then; null: ever. For `AUDIT_EVENTS` alone.
    period: Option<DateTimeRange>,
    /// How the file is written; by default as CSV.
    #[graphql(default_with = "ExportFormat::Csv")]
    format: ExportFormat,
    /// What stands between the cells of a CSV file; null: a comma.
    delimiter: Option<ExportDelimiter>,
    /// Whether a CSV file begins with a byte order mark, without which some spreadsheets take it for another encoding; null: it does.
    has_byte_order_mark: Option<bool>,
    /// Makes the call safe to repeat for 24 hours: the export of the first call is answered. 1 to 200 bytes; null: no key.
    idempotency_key: Option<String>,
}

/// Which export to stop.
#[derive(InputObject, Debug)]
struct CancelExportInput {
    /// An export that has not come to its end.
    export_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("startExport", start)
        .doc("Makes a file of what the account has, as it is when the work begins. Exports of one account are made one after the other, at most 100 in 24 hours.")
        .guard(Permission::ExportsWrite)
        .weight(50);
    t.mutation("cancelExport", cancel)
        .doc("Stops within a second or two; there is no file then.")
        .guard(Permission::ExportsWrite)
        .weight(10);
}

async fn start(scope: Scope, mut input: StartExportInput, sent: Sent) -> Result<Export> {
    let key = input.idempotency_key.take();
    let filter = input
        .user_filter
        .map(|filter| filter.for_reader(&scope))
        .transpose()?;
    let period = input
        .period
        .map(|DateTimeRange { from, to }| TimeRange { from, to });
    let command = StartExport {
        kind: input.kind.into(),
        format: input.format.into(),
        request: Request {
            columns: input.column_sets.into_iter().map(Into::into).collect(),
            users: filter,
            period,
            delimiter: input.delimiter.map(Into::into),
            has_mark: input.has_byte_order_mark,
        },
    };
    Ok(scope
        .run(Once::sent(key, sent.hash(), command))
        .await?
        .output
        .into())
}

async fn cancel(scope: Scope, input: CancelExportInput) -> Result<Export> {
    let export_id = require_id(Kind::Export, &input.export_id, "input.exportId")?;
    Ok(scope.run(CancelExport { export_id }).await?.into())
}
