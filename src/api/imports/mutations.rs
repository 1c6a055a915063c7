//! Starting, confirming and cancelling imports over GraphQL.

use async_graphql::{Enum, ID, InputObject};
use entity::account::View;
use entity::ids::Kind;

use super::columns::ImportColumnMappingInput;
use super::{ImportKind, ImportMode};
use crate::api::Mutation;
use crate::api::assignments::{SeatSourceInput, WhenFull, component_ids};
use crate::api::bulk::{BulkErrorPolicy, check_length};
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api::jobs::on_error;
use crate::error::{Error, Result};
use crate::imports::{
    CancelImport, ConfirmImport, Import, StartImport, StartImportOnce, UndoImport, mapping, run,
};
use crate::limits;
use crate::read::Scope;
use graphql::{Date, Type};

/// How the file's text is encoded.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
enum ImportEncoding {
    /// UTF-8, with a byte order mark or without.
    #[graphql(name = "UTF_8")]
    Utf8,
    /// UTF-16, the low byte first.
    #[graphql(name = "UTF_16LE")]
    Utf16Le,
    /// UTF-16, the high byte first.
    #[graphql(name = "UTF_16BE")]
    Utf16Be,
    /// Tried where the bytes are no UTF-8.
    #[graphql(name = "WINDOWS_1252")]
    Windows1252,
}

impl ImportEncoding {
    /// As it is kept.
    const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF_8",
            Self::Utf16Le => "UTF_16LE",
            Self::Utf16Be => "UTF_16BE",
            Self::Windows1252 => "WINDOWS_1252",
        }
    }
}

/// Which uploaded file to import, and how.
#[derive(InputObject, Debug)]
struct StartImportInput {
    /// The upload that was announced by createUpload and whose file was sent.
    upload_id: ID,
    /// What the file holds; by default users.
    #[graphql(default_with = "ImportKind::Users")]
    kind: ImportKind,
    /// Of assignments, what everybody in the file is given: 1 to 100 subscriptions or products, each product once. Null for a file of users.
    sources: Option<Vec<SeatSourceInput>>,
    /// Of assignments, the components that are on in these seats, of whichever of the products; at most 100. Null, and for products of which none is named: the
    /// product's defaults for a new seat, and those of now for one that is held.
    component_ids: Option<Vec<ID>>,
    /// By default every row is judged and nothing changed until confirmImport.
    #[graphql(default_with = "ImportMode::DryRun")]
    mode: ImportMode,
    /// What happens to those for whom no seat is left: by default their row fails.
    #[graphql(default_with = "WhenFull::Refuse")]
    when_full: WhenFull,
    /// Of assignments, the last day (UTC) on which the seats are held, today or later; seats that are held already end on it, too. Null: new seats have no end, and others keep theirs.
    expires_on: Option<Date>,
    /// What to do when some rows cannot be applied; by default the others are. Whoever waits has not failed.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
    /// Whether those who are new are sent their invitations; by default they are.
    #[graphql(default = true)]
    send_invitations: bool,
    /// What columns hold that are not understood by their headings, at most 64; all others are understood as usual. Null: as for the last file of the account with the
    /// same headers that was applied, if any column of that was named; an empty list: none is named.
    column_mapping: Option<Vec<ImportColumnMappingInput>>,
    /// Null: told by the byte order mark, else UTF-8.
    encoding: Option<ImportEncoding>,
    /// Makes the call safe to repeat for 24 hours, also with the same file in another upload: the import of the first call is answered. 1 to 200 bytes;
    /// null: no key.
    idempotency_key: Option<String>,
}

/// Which import to apply after its dry run.
#[derive(InputObject, Debug)]
struct ConfirmImportInput {
    /// An import that awaits confirmation.
    import_id: ID,
}

/// Which import to stop.
#[derive(InputObject, Debug)]
struct CancelImportInput {
    /// An import that has not come to its end.
    import_id: ID,
}

/// Which import to take back.
#[derive(InputObject, Debug)]
struct UndoImportInput {
    /// An import that has come to its end, within 30 days of that.
    import_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("startImport", start)
        .doc("Starting the same upload twice gives the same import.")
        .guard(Guard::from(Permission::ImportsWrite).view(View::Current))
        .weight(50);
    t.mutation("confirmImport", confirm)
        .doc("Applies what a dry run found. The rows are judged again as they are applied.")
        .guard(Guard::from(Permission::ImportsWrite).view(View::Current))
        .weight(10);
    t.mutation("undoImport", undo)
        .doc("Takes back what an import did, in the background, where nothing has changed since: who was added and has not joined is removed, and seats that were given are free. Asked again, it is taken back once.")
        .guard(Guard::from(Permission::ImportsWrite).recent())
        .weight(50);
    t.mutation("cancelImport", cancel)
        .doc("Stops between two batches; rows done stay done.")
        .guard(Permission::ImportsWrite)
        .weight(10);
}

async fn start(scope: Scope, input: StartImportInput) -> Result<Import> {
    let sources = input.sources.unwrap_or_default();
    check_length(sources.len().max(1), limits::NAMED_AT_ONCE, "input.sources")?;
    let sources = sources.iter().enumerate();
    let sources = sources.map(|(place, source)| source.read(&format!("input.sources.{place}")));
    let kind = input.kind.into();
    let mapping = |named: Vec<ImportColumnMappingInput>| {
        check_length(named.len().max(1), limits::FILE_COLUMNS, "input.columnMapping")?;
        let named = named.into_iter().map(Into::into).collect();
        Ok::<_, Error>(mapping::check(named, run::kind_of(kind))?)
    };
    let command = StartImport {
        mapping: input.column_mapping.map(mapping).transpose()?,
        kind,
        sources: sources.collect::<Result<_>>()?,
        components: input.component_ids.as_deref().map(component_ids).transpose()?,
        upload_id: require_id(Kind::Upload, &input.upload_id, "input.uploadId")?,
        mode: input.mode.into(),
        on_error: on_error(input.on_error),
        waits: input.when_full == WhenFull::Waitlist,
        expires_on: input.expires_on.map(|day| day.0),
        send_invitations: input.send_invitations,
        encoding: input.encoding.map(ImportEncoding::name),
    };
    let command = StartImportOnce::of(input.idempotency_key, command);
    Ok(scope.run(command).await?.into())
}

async fn confirm(scope: Scope, input: ConfirmImportInput) -> Result<Import> {
    let import_id = require_id(Kind::Import, &input.import_id, "input.importId")?;
    Ok(scope.run(ConfirmImport { import_id }).await?.into())
}

async fn cancel(scope: Scope, input: CancelImportInput) -> Result<Import> {
    let import_id = require_id(Kind::Import, &input.import_id, "input.importId")?;
    Ok(scope.run(CancelImport { import_id }).await?.into())
}

async fn undo(scope: Scope, input: UndoImportInput) -> Result<Import> {
    let import_id = require_id(Kind::Import, &input.import_id, "input.importId")?;
    Ok(scope.run(UndoImport { import_id }).await?.into())
}
