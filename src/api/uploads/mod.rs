//! Uploads as clients see them.

use std::sync::Arc;

use async_graphql::{Enum, InputObject};
use chrono::{DateTime, Utc};
use entity::account::View;
use entity::ids::Kind;
use entity::upload;

use crate::api::Mutation;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::Result;
use crate::platform::storage::PresignedPut;
use crate::read::Scope;
use crate::uploads::{CreateUpload, Upload, presign};
use graphql::{Envelope, Object, Payload, Rows, Type, enum_leaf};

/// What a file will be used for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "upload::Purpose")]
pub enum UploadPurpose {
    /// A CSV file of people, for startImport.
    UserImport,
}

/// Life cycle of an upload.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadStatus {
    /// The link is good; no import was started from it yet.
    AwaitingFile,
    /// An import was started from it.
    Consumed,
    /// The link lapsed before an import was started from it.
    Expired,
    /// Reserved: a file that is not the one announced is refused by startImport, and the upload stays as it is.
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
        t.value("id", |upload| Gid(Kind::Upload, upload.0.id))
            .doc("Global id.");
        t.value("purpose", |upload| UploadPurpose::from(upload.0.purpose))
            .doc("What the file will be used for.");
        t.values("status", statuses).doc("Where it stands now.");
        t.text("filename", |upload| &upload.0.filename)
            .doc("Its name as announced, without folders; at most 200 characters.");
        t.value("byteSize", |upload| upload.0.byte_size)
            .doc("Length of the file as announced, in bytes.");
        t.value("createdAt", |upload| upload.0.created_at)
            .doc("When it was announced.");
        t.value("expiresAt", |upload| upload.0.expires_at)
            .doc("Until when the link is good: 15 minutes after `createdAt`.");
    }
}

async fn statuses(scope: Scope, uploads: Rows<Upload>) -> Result<Vec<UploadStatus>> {
    let now = scope.app().clock().now();
    Ok(uploads.iter().map(|upload| status(upload, now)).collect())
}

/// Where and how to send the file.
#[derive(Clone, Debug)]
pub struct UploadTarget(Arc<PresignedPut>);

impl Object for UploadTarget {
    const NAME: &'static str = "UploadTarget";
    const DOC: &'static str = "Where and how to send the file.";

    fn describe(t: &mut Type<Self>) {
        t.text("url", |target| &target.0.url)
            .doc("Where to send the file, signed; a secret until it lapses.");
        t.text("method", |target| target.0.method)
            .doc("The request's method: PUT.");
        t.children("headers", |target| {
            target.0.headers.iter().cloned().map(HttpHeader).collect()
        })
        .doc("The request must carry these exactly.");
        t.value("expiresAt", |target| target.0.expires_at)
            .doc("Until when the request is accepted.");
    }
}

/// A header of a request.
#[derive(Clone, Debug)]
pub struct HttpHeader((String, String));

impl Object for HttpHeader {
    const NAME: &'static str = "HttpHeader";
    const DOC: &'static str = "A header that the request must carry exactly so.";

    fn describe(t: &mut Type<Self>) {
        t.text("name", |header| &header.0.0)
            .doc("Name of the header; case does not matter.");
        t.text("value", |header| &header.0.1)
            .doc("Its value, to the letter.");
    }
}

/// Which file will be sent: the store takes exactly this one.
#[derive(InputObject, Debug)]
struct CreateUploadInput {
    /// What the file will be used for.
    purpose: UploadPurpose,
    /// Its name, for people; folders are left out, and more than 200 characters are refused.
    filename: String,
    /// Length of the file in bytes: 1 to 5242880 (5 MiB).
    byte_size: i32,
    /// What the browser calls it: `text/csv` or another name of CSV files, with or without parameters; for a file of unknown type (`application/octet-stream`, or
    /// nothing) its name has to end with `.csv`, `.tsv`, `.tab` or `.txt`. At most 255 bytes. What it really is is seen by its content.
    content_type: String,
    /// SHA-256 of the file in base64: 44 characters.
    sha256: String,
}

/// The mutation of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("createUpload", create)
        .doc("Announces a file and answers where to PUT it within 15 minutes. The store takes exactly that file: its length, type and checksum.")
        .guard(Guard::from(Permission::ImportsWrite).view(View::Current))
        .weight(10);
}

async fn create(scope: Scope, input: CreateUploadInput) -> Result<Created> {
    let command = CreateUpload {
        purpose: input.purpose.into(),
        filename: input.filename,
        byte_size: input.byte_size,
        content_type: input.content_type,
        sha256: input.sha256,
    };
    let upload = scope.run(command).await?;
    let target = UploadTarget(Arc::new(presign(&scope, &upload).await?));
    Ok(Created {
        upload: upload.into(),
        target,
    })
}

/// A place for a file, and how to send it there.
#[derive(Clone, Debug)]
struct Created {
    upload: Upload,
    target: UploadTarget,
}

impl Payload for Created {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child("upload", |created| created.upload.clone())
            .doc("What was announced, for startImport; null if the call was refused.");
        t.child("target", |created| created.target.clone())
            .doc("Where and how to send the file; shown this once. Null if the call was refused.");
    }
}
