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
/// The one type that is taken; what the bytes really are is looked at later.
pub const CONTENT_TYPE: &str = "text/csv";
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
        if self.content_type != CONTENT_TYPE {
            let text = "Only CSV files are taken (text/csv). Save the sheet as CSV first.";
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
        Ok(name.chars().take(LONGEST_FILENAME).collect())
    }
}
