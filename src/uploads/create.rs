//! Granting an upload: an address to which one file may be sent.

use chrono::Duration;
use entity::ids::Kind;
use entity::upload::{self, Purpose, Status};

use crate::access::Action;
use crate::background::objects;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::imports::parse::MAX_FILE_BYTES;
use crate::limits;
use crate::person::is_forbidden;
use crate::platform::storage::Sha256;
use crate::rate_limit::{self, of_account, rates};

/// How long the link is good.
pub const LINK_LIFETIME: Duration = Duration::minutes(15);
/// The type under which every file is stored, whatever a browser calls it; what the bytes really are is looked at later.
const CONTENT_TYPE: &str = "text/csv";
/// What browsers call a CSV file, going by what is installed beside them.
const LABELS: [&str; 14] = [
    CONTENT_TYPE,
    "text/x-csv",
    "text/comma-separated-values",
    "text/x-comma-separated-values",
    "text/tab-separated-values",
    "text/plain",
    "application/csv",
    "application/x-csv",
    "application/vnd.ms-excel",
    "application/msexcel",
    "application/x-msexcel",
    "application/excel",
    "application/x-excel",
    "text/anytext",
];
/// What they call a file they know nothing of: its name has to say more.
const UNKNOWN: [&str; 5] = [
    "",
    "application/octet-stream",
    "binary/octet-stream",
    "application/x-download",
    "application/force-download",
];
const ENDINGS: [&str; 4] = [".csv", ".tsv", ".tab", ".txt"];
const LONGEST_FILENAME: usize = limits::FILENAME;

/// Announces a file.
#[derive(Clone, Debug)]
pub struct CreateUpload {
    pub purpose: Purpose,
    pub filename: String,
    pub byte_size: i32,
    pub content_type: String,
    /// Base64.
    pub sha256: String,
}

impl Command for CreateUpload {
    type Output = upload::Model;
    const NAME: &'static str = "uploads.create";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<upload::Model> {
        let filename = self.check()?;
        let member = work.member()?.clone();
        rate_limit::take(work, &of_account(rates::UPLOADS, member.account_id)).await?;
        let id = work.new_id();
        // Nothing a client says stands in the key.
        let object_key = objects::uploaded(member.account_id, id)?;
        let upload = upload::Model {
            account_id: member.account_id,
            id,
            created_by: member.user_id,
            purpose: self.purpose,
            status: Status::AwaitingFile,
            filename,
            content_type: CONTENT_TYPE.to_owned(),
            byte_size: self.byte_size,
            sha256: self.sha256,
            object_key: object_key.as_str().to_owned(),
            created_at: work.now(),
            expires_at: work.now() + LINK_LIFETIME,
        };
        work.insert(vec![upload::ActiveModel::from(upload.clone())])
            .await?;
        work.touch(Kind::Upload.text(id));
        Ok(upload)
    }
}

impl CreateUpload {
    fn check(&self) -> Result<String, Refusal> {
        if usize::try_from(self.byte_size).is_ok_and(|size| size > MAX_FILE_BYTES) {
            let text = "The file is larger than 5 MiB. Split it into several files.";
            return Err(Refusal::new(Code::FileTooLarge, text).at("input.byteSize"));
        }
        if self.byte_size < 1 {
            return Err(Refusal::new(Code::FileEmpty, "The file is empty.").at("input.byteSize"));
        }
        if !self.may_be_csv() {
            let text = "This type is none of a CSV file. Save the sheet as CSV; a file of unknown type is taken if its name ends with .csv.";
            return Err(Refusal::new(Code::FileTypeNotAllowed, text).at("input.contentType"));
        }
        if self.sha256.len() > limits::FILE_CLAIMS || Sha256::parse_base64(&self.sha256).is_none() {
            let text = "sha256 is the base64 of the file's SHA-256.";
            return Err(Refusal::new(Code::Invalid, text).at("input.sha256"));
        }
        let name: String = self.filename.chars().filter(|c| !is_forbidden(*c)).collect();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
        if name.is_empty() {
            return Err(Refusal::new(Code::Required, "The file has no name.").at("input.filename"));
        }
        let length = name.chars().count();
        if length > LONGEST_FILENAME {
            let text = format!(
                "A file name has at most {LONGEST_FILENAME} characters; this one has {length}. Shorten it."
            );
            return Err(Refusal::new(Code::TooLong, text).at("input.filename"));
        }
        Ok(name.to_owned())
    }

    /// Goes by the label without its parameters, and by the name where the label says nothing. Never by the content, which is not here yet.
    fn may_be_csv(&self) -> bool {
        let label = self
            .content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let name = self.filename.trim().to_lowercase();
        let is_short = self.content_type.len() <= limits::FILE_TYPE;
        let is_named = || ENDINGS.iter().any(|ending| name.ends_with(ending));
        is_short && (LABELS.contains(&label.as_str()) || (UNKNOWN.contains(&label.as_str()) && is_named()))
    }
}
