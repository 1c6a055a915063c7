//! Starting, confirming and cancelling imports over GraphQL.

use crate::api::old::OldStyle as _;
use std::sync::Arc;

use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use entity::import::OnError;
use futures::FutureExt;

use super::{ImportKind, ImportMode};
use crate::api::Mutation;
use crate::api::bulk::BulkErrorPolicy;
use crate::api::errors::{Payload, UserError, require_id};
use crate::api::guard::Permission;
use crate::error::Refusal;
use crate::imports::{CancelImport, ConfirmImport, Import, StartImport, StartImportOnce};
use graphql::{Object, Type};

/// How the file's text is encoded.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
enum ImportEncoding {
    #[graphql(name = "UTF_8")]
    Utf8,
    #[graphql(name = "UTF_16LE")]
    Utf16Le,
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
    upload_id: ID,
    #[graphql(default_with = "ImportKind::Users")]
    kind: ImportKind,
    #[graphql(default_with = "ImportMode::DryRun")]
    mode: ImportMode,
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
    #[graphql(default = true)]
    send_invitations: bool,
    /// Null: told by the byte order mark, else UTF-8.
    encoding: Option<ImportEncoding>,
    idempotency_key: Option<String>,
}

/// Which import to apply after its dry run.
#[derive(InputObject, Debug)]
struct ConfirmImportInput {
    import_id: ID,
}

/// Which import to stop.
#[derive(InputObject, Debug)]
struct CancelImportInput {
    import_id: ID,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("startImport", |ask, input: StartImportInput| {
        async move {
            let ImportKind::Users = input.kind;
            let command = StartImport {
                upload_id: require_id(Kind::Upload, &input.upload_id, "input.uploadId")?,
                mode: input.mode.into(),
                on_error: match input.on_error {
                    BulkErrorPolicy::RejectAll => OnError::RejectAll,
                    BulkErrorPolicy::SkipFailed => OnError::SkipFailed,
                },
                send_invitations: input.send_invitations,
                encoding: input.encoding.map(ImportEncoding::name),
            };
            let command = StartImportOnce::of(input.idempotency_key, command);
            let import = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(StartImportPayload(ImportPayload::of(import)))
        }
        .boxed()
    })
    .doc("Starting the same upload twice gives the same import.")
    .guard(Permission::ImportsWrite)
    .weight(50);
    t.old_mutation("confirmImport", |ask, input: ConfirmImportInput| {
        async move {
            let import_id = require_id(Kind::Import, &input.import_id, "input.importId")?;
            let import = ask
                .scope
                .app()
                .run(ask.scope.actor(), ConfirmImport { import_id })
                .await?;
            Ok(ConfirmImportPayload(ImportPayload::of(import)))
        }
        .boxed()
    })
    .guard(Permission::ImportsWrite)
    .weight(10);
    t.old_mutation("cancelImport", |ask, input: CancelImportInput| {
        async move {
            let import_id = require_id(Kind::Import, &input.import_id, "input.importId")?;
            let import = ask
                .scope
                .app()
                .run(ask.scope.actor(), CancelImport { import_id })
                .await?;
            Ok(CancelImportPayload(ImportPayload::of(import)))
        }
        .boxed()
    })
    .doc("Stops between two batches; rows done stay done.")
    .guard(Permission::ImportsWrite)
    .weight(10);
}

/// What the three answer alike.
#[derive(Clone, Debug, Default)]
struct ImportPayload {
    import: Option<Import>,
    refusals: Vec<Refusal>,
}

impl ImportPayload {
    fn of(import: entity::import::Model) -> Self {
        Self {
            import: Some(Import(Arc::new(import))),
            refusals: Vec::new(),
        }
    }
}

macro_rules! import_payload {
    ($(#[doc = $doc:literal])+ $name:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default)]
        pub struct $name(ImportPayload);

        impl Payload for $name {
            fn refused(refusals: Vec<Refusal>) -> Self {
                Self(ImportPayload { import: None, refusals })
            }
        }

        impl Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),+).trim_ascii();

            fn describe(t: &mut Type<Self>) {
                t.child_opt("import", |payload| payload.0.import.clone());
                t.any_children("userErrors", |payload| UserError::each(&payload.0.refusals));
            }
        }
    };
}

import_payload! {
    /// Answer of startImport.
    StartImportPayload
}

import_payload! {
    /// Answer of confirmImport.
    ConfirmImportPayload
}

import_payload! {
    /// Answer of cancelImport.
    CancelImportPayload
}
