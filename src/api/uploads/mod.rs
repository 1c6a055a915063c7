//! Uploads as clients see them.

use crate::api::old::OldStyle as _;
use std::sync::Arc;

use async_graphql::{Enum, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::upload;
use futures::FutureExt;

use crate::api::Mutation;
use crate::api::errors::{Payload, UserError};
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::Refusal;
use crate::platform::storage::PresignedPut;
use crate::uploads::{CreateUpload, Upload, presign};
use graphql::{Object, Type, enum_leaf};

/// What a file will be used for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "upload::Purpose")]
pub enum UploadPurpose {
    UserImport,
}

/// Life cycle of an upload.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadStatus {
    AwaitingFile,
    Consumed,
    Expired,
    Rejected,
}

enum_leaf!(UploadPurpose, UploadStatus);

fn status(upload: &Upload, now: DateTime<Utc>) -> UploadStatus {
    match upload.0.status {
        upload::Status::Consumed => UploadStatus::Consumed,
        upload::Status::Rejected => UploadStatus::Rejected,
        upload::Status::AwaitingFile if upload.0.expires_at <= now => UploadStatus::Expired,
        upload::Status::AwaitingFile => UploadStatus::AwaitingFile,
    }
}

impl Object for Upload {
    const NAME: &'static str = "Upload";
    const DOC: &'static str = "A place to PUT one file, straight to object storage. The URL is bound to key, length, type and checksum and is shown once.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |upload| Gid(Kind::Upload, upload.0.id));
        t.value("purpose", |upload| UploadPurpose::from(upload.0.purpose));
        t.old_values("status", |ask, uploads| {
            let now = ask.scope.app().clock().now();
            std::future::ready(Ok(uploads.iter().map(|upload| status(upload, now)).collect())).boxed()
        });
        t.text("filename", |upload| &upload.0.filename);
        t.value("byteSize", |upload| upload.0.byte_size);
        t.value("createdAt", |upload| upload.0.created_at);
        t.value("expiresAt", |upload| upload.0.expires_at);
    }
}

/// Where and how to send the file.
#[derive(Clone, Debug)]
pub struct UploadTarget(Arc<PresignedPut>);

impl Object for UploadTarget {
    const NAME: &'static str = "UploadTarget";
    const DOC: &'static str = "Where and how to send the file.";

    fn describe(t: &mut Type<Self>) {
        t.text("url", |target| &target.0.url);
        t.text("method", |target| target.0.method);
        t.children("headers", |target| {
            target.0.headers.iter().cloned().map(HttpHeader).collect()
        })
        .doc("The request must carry these exactly.");
        t.value("expiresAt", |target| target.0.expires_at);
    }
}

/// A header of a request.
#[derive(Clone, Debug)]
pub struct HttpHeader((String, String));

impl Object for HttpHeader {
    const NAME: &'static str = "HttpHeader";
    const DOC: &'static str = "A header that the request must carry exactly so.";

    fn describe(t: &mut Type<Self>) {
        t.text("name", |header| &header.0.0);
        t.text("value", |header| &header.0.1);
    }
}

/// Which file will be sent: the store takes exactly this one.
#[derive(InputObject, Debug)]
struct CreateUploadInput {
    purpose: UploadPurpose,
    filename: String,
    /// At most 5242880 (5 MiB).
    byte_size: i32,
    /// text/csv only.
    content_type: String,
    /// Base64 SHA-256 of the file.
    sha256: String,
}

/// Answer of createUpload.
#[derive(Clone, Debug, Default)]
pub struct CreateUploadPayload {
    upload: Option<Upload>,
    target: Option<UploadTarget>,
    refusals: Vec<Refusal>,
}

impl Payload for CreateUploadPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::default()
        }
    }
}

impl Object for CreateUploadPayload {
    const NAME: &'static str = "CreateUploadPayload";
    const DOC: &'static str = "Answer of createUpload.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("upload", |payload| payload.upload.clone());
        t.child_opt("target", |payload| payload.target.clone());
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}

/// The mutation of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("createUpload", |ask, input: CreateUploadInput| {
        async move {
            let command = CreateUpload {
                purpose: input.purpose.into(),
                filename: input.filename,
                byte_size: input.byte_size,
                content_type: input.content_type,
                sha256: input.sha256,
            };
            let upload = ask.scope.app().run(ask.scope.actor(), command).await?;
            let target = Some(UploadTarget(Arc::new(presign(ask.scope, &upload).await?)));
            Ok(CreateUploadPayload {
                upload: Some(Upload(Arc::new(upload))),
                target,
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .guard(Permission::ImportsWrite)
    .weight(10);
}
