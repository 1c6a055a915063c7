//! `muster export`: a file is asked for, its making is watched, and it comes down as it is read: never as a whole in memory, and under its name only when it is whole.

mod asked;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::HumanCount;
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use self::asked::input;
use super::api::{Api, link};
use super::bar::Bar;
use super::error::{ClientError, UserError, refuse};
use super::follow::follow;
use super::print;
use super::watch::Patience;

pub use asked::ExportArgs;

/// For the file itself: some hundred MiB over a slow line.
const TRANSFER_TIMEOUT: Duration = Duration::from_mins(30);

const START_EXPORT: &str = "mutation StartExport($input: StartExportInput!) {
  startExport(input: $input) {
    export { id }
    userErrors { code message }
  }
}";

const RESULT: &str = "query ExportResult($id: ID!) {
  export(id: $id) {
    status
    rowCount
    failure { code message }
    download { url filename byteSize }
  }
}";

/// Does it all, prints the summary to standard output and gives it back.
pub async fn export(args: ExportArgs) -> Result<Exported, ClientError> {
    let began = Instant::now();
    let api = Api::new(&args.url, args.token.as_ref().ok_or(ClientError::NoToken)?)?;
    let bar = Bar::of(!args.json, "waiting");
    // Whoever has named a file hears at once that it is there already.
    if let Some(output) = &args.output {
        check_free(output, args.force).await?;
    }
    let export_id = start(&api, &args).await?;
    let out_of_sight = |source: ClientError| ClientError::OutOfSight {
        what: "export",
        id: export_id.clone(),
        source: Box::new(source),
    };
    let patience = Patience::default();
    let followed = follow(&api, &export_id, &patience, |progress| bar.show(progress));
    followed.await.map_err(out_of_sight)?;
    let made = result(&api, &export_id).await?;
    let file = match &made.download {
        Some(download) => Some(fetch(&api, download, &args, &bar).await?),
        None => None,
    };
    drop(bar);
    let exported = Exported {
        export_id,
        status: made.status,
        rows: made.row_count.unwrap_or_default(),
        took: began.elapsed(),
        failure: made.failure,
        file,
    };
    print::line(&if args.json {
        exported.to_json()
    } else {
        exported.to_text()
    })?;
    Ok(exported)
}

/// How an export went.
#[derive(Clone, Debug)]
pub struct Exported {
    pub export_id: String,
    /// The export's status as the API names it.
    pub status: String,
    /// Rows of the file, its headers aside.
    pub rows: u32,
    /// From asking to the last byte.
    pub took: Duration,
    /// Why there is no file.
    pub failure: Option<UserError>,
    /// Where the file is.
    pub file: Option<PathBuf>,
}

impl Exported {
    /// 0: the file is there; 1: it is not.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.file.is_none())
    }

    /// One JSON object on one line.
    fn to_json(&self) -> String {
        json!({
            "rows": self.rows,
            "seconds": (self.took.as_secs_f64() * 1_000.0).round() / 1_000.0,
            "export_status": self.status,
            "export_id": self.export_id,
            "failure": self.failure.as_ref().map(|failure| json!({"code": failure.code, "message": failure.message})),
            "file": self.file.as_ref().map(|path| path.display().to_string()),
        })
        .to_string()
    }

    /// Some lines for people.
    fn to_text(&self) -> String {
        let (status, seconds) = (self.status.to_lowercase(), self.took.as_secs_f64());
        match (&self.file, &self.failure) {
            (Some(path), _) => {
                let rows = HumanCount(self.rows.into());
                format!("{rows} rows in {seconds:.1} s: {}", path.display())
            }
            (None, Some(failure)) => format!("{} ({})", failure.message, failure.code),
            (None, None) => format!("The export {} {status}: there is no file.", self.export_id),
        }
    }
}

/// Starts the export under a key of its own: asked twice, the server starts once.
async fn start(api: &Api, args: &ExportArgs) -> Result<String, ClientError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        start_export: Payload,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        export: Option<Started>,
        user_errors: Vec<UserError>,
    }
    #[derive(Deserialize)]
    struct Started {
        id: String,
    }
    let Data {
        start_export: started,
    } = api
        .query_patiently(START_EXPORT, json!({ "input": input(args) }))
        .await?;
    refuse(started.user_errors)?;
    started
        .export
        .map(|export| export.id)
        .ok_or_else(|| ClientError::Answer("it names no export".into()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    status: String,
    row_count: Option<u32>,
    failure: Option<UserError>,
    download: Option<Download>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Download {
    url: String,
    filename: String,
    byte_size: u64,
}

async fn result(api: &Api, export_id: &str) -> Result<Made, ClientError> {
    #[derive(Deserialize)]
    struct Data {
        export: Option<Made>,
    }
    let data: Data = api.query_patiently(RESULT, json!({ "id": export_id })).await?;
    data.export
        .ok_or_else(|| ClientError::Answer(format!("there is no export {export_id} any more")))
}

/// Writes the file beside its place, piece by piece, and puts it there when it is whole.
async fn fetch(api: &Api, download: &Download, args: &ExportArgs, bar: &Bar) -> Result<PathBuf, ClientError> {
    let path = match &args.output {
        Some(path) => path.clone(),
        // A name from elsewhere: no path.
        None => PathBuf::from(Path::new(&download.filename).file_name().unwrap_or_default()),
    };
    check_free(&path, args.force).await?;
    let mut draft = path.clone().into_os_string();
    draft.push(".part");
    let draft = PathBuf::from(draft);
    let written = stream(api, download, &draft, bar).await;
    let unwritable = |source| ClientError::File {
        path: path.clone(),
        source,
    };
    match written {
        Ok(()) => tokio::fs::rename(&draft, &path).await.map_err(unwritable)?,
        Err(error) => {
            let _ = tokio::fs::remove_file(&draft).await;
            return Err(error);
        }
    }
    Ok(path)
}

async fn stream(api: &Api, download: &Download, draft: &Path, bar: &Bar) -> Result<(), ClientError> {
    let url = link(&download.url)?;
    let unreachable = |error| ClientError::unreachable(&url, error);
    let unwritable = |source| ClientError::File {
        path: draft.to_owned(),
        source,
    };
    let request = api.http().get(url.clone()).timeout(TRANSFER_TIMEOUT);
    let mut response = request.send().await.map_err(unreachable)?;
    if !response.status().is_success() {
        return Err(ClientError::status(
            &url,
            response.status(),
            "The file could not be downloaded.",
        ));
    }
    let mut file = tokio::fs::File::create(draft).await.map_err(unwritable)?;
    let mut received: u64 = 0;
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        file.write_all(&chunk).await.map_err(unwritable)?;
        received += chunk.len() as u64;
        bar.show_bytes(received, download.byte_size);
    }
    file.sync_all().await.map_err(unwritable)?;
    if received != download.byte_size {
        let text = format!("of {} bytes of the file {received} came", download.byte_size);
        return Err(ClientError::Answer(text));
    }
    Ok(())
}

/// What is there is not written over unless that is wanted.
async fn check_free(path: &Path, force: bool) -> Result<(), ClientError> {
    let is_there = tokio::fs::try_exists(path).await;
    let source = match is_there {
        Ok(true) if !force => std::io::Error::from(std::io::ErrorKind::AlreadyExists),
        Err(error) => error,
        Ok(_) => return Ok(()),
    };
    Err(ClientError::File {
        path: path.to_owned(),
        source,
    })
}
