//! `muster import` against a server written out by hand: what is sent where, what is told, what is saved.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use axum::routing::{get, post, put};
use muster::client::{ClientError, ImportArgs, run, sign_in};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const TOKEN: &str = "token-of-the-test";
const FILE: &str = "First Name,Last Name,Email\nAda,Lovelace,ada@lumen.example\nB,C,nonsense\n";
/// `sha256sum` of [`FILE`], as base64.
const FILE_SHA256: &str = "8W5zm/ICmX3Ag3rtGjgIpnjLyK9eP+szWiInXsLiEAs=";
const REPORT: &str = "First Name,Last Name,Email,Problem\nB,C,nonsense,EMAIL_INVALID: no\n";

/// A server that knows one file and remembers what it was asked.
#[derive(Clone, Default)]
struct Server {
    base: Arc<Mutex<String>>,
    inputs: Arc<Mutex<Vec<Value>>>,
    stored: Arc<Mutex<Vec<u8>>>,
    /// The first start of the import is answered by a gateway, as while a server restarts.
    is_restarting: Arc<Mutex<bool>>,
    refuses_upload: bool,
}

impl Server {
    async fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        self.base.lock().unwrap().clone_from(&base);
        let router = Router::new()
            .route("/graphql", post(graphql))
            .route("/store/file", put(store))
            .route("/store/report", get(report))
            .route("/auth/sign-in", post(enter))
            .with_state(self);
        tokio::spawn(async move { axum::serve(listener, router).await });
        base
    }
}

async fn graphql(
    State(server): State<Server>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> (StatusCode, Json<Value>) {
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        let error = json!({ "message": "Sign in first.", "extensions": { "code": "UNAUTHENTICATED" } });
        return (StatusCode::UNAUTHORIZED, Json(json!({ "errors": [error] })));
    }
    let document = request["query"].as_str().unwrap();
    if let Some(input) = request["variables"].get("input") {
        server.inputs.lock().unwrap().push(input.clone());
    }
    let data = if document.contains("createUpload") {
        json!({ "createUpload": created_upload(&server) })
    } else if document.contains("startImport") {
        if std::mem::take(&mut *server.is_restarting.lock().unwrap()) {
            return (StatusCode::BAD_GATEWAY, Json(Value::Null));
        }
        json!({ "startImport": { "import": { "id": "imp_1" }, "userErrors": [] } })
    } else if document.contains("importEvents") {
        json!({ "importEvents": [last_event()] })
    } else {
        json!({ "import": result(&server) })
    };
    (StatusCode::OK, Json(json!({ "data": data })))
}

fn created_upload(server: &Server) -> Value {
    if server.refuses_upload {
        let error = json!({ "code": "FILE_TYPE_NOT_ALLOWED", "message": "Only CSV files." });
        return json!({ "upload": null, "target": null, "userErrors": [error] });
    }
    let base = server.base.lock().unwrap();
    let headers = json!([
        { "name": "content-type", "value": "text/csv" },
        { "name": "x-amz-checksum-sha256", "value": FILE_SHA256 },
    ]);
    let target = json!({ "url": format!("{base}/store/file"), "method": "PUT", "headers": headers });
    json!({ "upload": { "id": "upl_1" }, "target": target, "userErrors": [] })
}

fn last_event() -> Value {
    let progress = json!({
        "phase": "DONE", "processed": 2, "total": 2, "percent": 100,
        "succeeded": 1, "failed": 1, "skipped": 0,
    });
    let import = json!({ "status": "SUCCEEDED_WITH_ERRORS", "progress": progress });
    json!({ "sequence": 9, "isFinal": true, "import": import })
}

fn result(server: &Server) -> Value {
    let base = server.base.lock().unwrap();
    json!({
        "status": "SUCCEEDED_WITH_ERRORS",
        "progress": { "total": 2 },
        "outcomeCounts": [{ "outcome": "INVITED", "count": 1 }, { "outcome": "FAILED", "count": 1 }],
        "failure": null,
        "errorReport": { "url": format!("{base}/store/report") },
    })
}

async fn store(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let is_as_signed = headers["content-type"] == "text/csv"
        && headers["x-amz-checksum-sha256"] == FILE_SHA256
        && headers["content-length"] == FILE.len().to_string()
        && !headers.contains_key("authorization");
    if !is_as_signed {
        return StatusCode::FORBIDDEN;
    }
    *server.stored.lock().unwrap() = body.to_vec();
    StatusCode::OK
}

async fn report(headers: HeaderMap) -> (StatusCode, &'static str) {
    if headers.contains_key("authorization") {
        return (StatusCode::FORBIDDEN, "the store must not see the token");
    }
    (StatusCode::OK, REPORT)
}

async fn enter(Json(credentials): Json<Value>) -> (StatusCode, Json<Value>) {
    if credentials == json!({ "email": "ada@lumen.example", "password": "geheim" }) {
        let session = json!({ "accessToken": TOKEN, "expiresAt": "2030-01-01T00:00:00Z" });
        (StatusCode::OK, Json(session))
    } else {
        (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "code": "UNAUTHENTICATED" })),
        )
    }
}

fn args(base: &str, folder: &Path) -> ImportArgs {
    let file = folder.join("people.csv");
    std::fs::write(&file, FILE).unwrap();
    ImportArgs {
        file,
        url: base.to_owned(),
        token: Some(SecretString::from(TOKEN)),
        dry_run: false,
        force: false,
        json: true,
    }
}

#[tokio::test]
async fn a_file_goes_up_as_signed_and_its_failed_rows_come_back_beside_it() {
    let server = Server {
        is_restarting: Arc::new(Mutex::new(true)),
        ..Server::default()
    };
    let base = server.clone().serve().await;
    let folder = tempfile::tempdir().unwrap();
    let summary = run(args(&base, folder.path())).await.unwrap();

    assert_eq!(*server.stored.lock().unwrap(), FILE.as_bytes());
    let start = json!({ "uploadId": "upl_1", "kind": "USERS", "mode": "APPLY", "idempotencyKey": "upl_1" });
    assert_eq!(
        *server.inputs.lock().unwrap(),
        [
            json!({
                "purpose": "USER_IMPORT", "filename": "people.csv", "byteSize": FILE.len(),
                "contentType": "text/csv", "sha256": FILE_SHA256,
            }),
            start.clone(),
            // Sent again after the gateway's answer; the key makes it the same import.
            start,
        ]
    );
    assert_eq!(
        (summary.rows, summary.failed_rows(), summary.exit_code()),
        (2, 1, 2)
    );
    let report = folder.path().join("people.errors.csv");
    assert_eq!(std::fs::read_to_string(&report).unwrap(), REPORT);
    assert_eq!(summary.error_report, Some(report));
}

#[tokio::test]
async fn a_refused_file_is_not_sent_anywhere() {
    let server = Server {
        refuses_upload: true,
        ..Server::default()
    };
    let base = server.clone().serve().await;
    let folder = tempfile::tempdir().unwrap();
    let error = run(args(&base, folder.path())).await.unwrap_err();
    assert_eq!(error.to_string(), "Only CSV files. (FILE_TYPE_NOT_ALLOWED)");
    assert!(server.stored.lock().unwrap().is_empty());
    assert_eq!(server.inputs.lock().unwrap().len(), 1);
    assert!(!folder.path().join("people.errors.csv").exists());
}

#[tokio::test]
async fn a_wrong_token_is_told_as_what_it_is() {
    let base = Server::default().serve().await;
    let folder = tempfile::tempdir().unwrap();
    let args = ImportArgs {
        token: Some(SecretString::from("another")),
        ..args(&base, folder.path())
    };
    let error = run(args).await.unwrap_err();
    assert_eq!(error.to_string(), "Sign in first. (UNAUTHENTICATED)");
    assert_eq!(error.exit_code(), 3);
}

#[tokio::test]
async fn signing_in_gives_the_token_and_a_wrong_password_none() {
    let base = Server::default().serve().await;
    let token = sign_in(&base, "ada@lumen.example", &SecretString::from("geheim")).await;
    assert_eq!(token.unwrap().expose_secret(), TOKEN);
    let refused = sign_in(&base, "ada@lumen.example", &SecretString::from("falsch")).await;
    assert!(matches!(refused, Err(ClientError::Status { .. })));
}

#[tokio::test]
async fn the_failed_rows_of_an_earlier_run_are_kept_unless_they_are_to_be_written_over() {
    let base = Server::default().serve().await;
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("people.errors.csv");
    std::fs::write(&first, "half corrected").unwrap();
    let summary = run(args(&base, folder.path())).await.unwrap();
    let second = folder.path().join("people.errors-2.csv");
    assert_eq!(summary.error_report.as_ref(), Some(&second));
    assert_eq!(std::fs::read_to_string(&second).unwrap(), REPORT);
    assert_eq!(std::fs::read_to_string(&first).unwrap(), "half corrected");

    let forced = ImportArgs {
        force: true,
        ..args(&base, folder.path())
    };
    assert_eq!(run(forced).await.unwrap().error_report.as_ref(), Some(&first));
    assert_eq!(std::fs::read_to_string(&first).unwrap(), REPORT);
}

#[test]
fn the_command_line_ends_with_a_code_of_its_own_for_no_token_and_for_wrong_usage() {
    let ended = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
        command
            .args(arguments)
            .env_remove("MUSTER_TOKEN")
            .env_remove("MUSTER_URL");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = ended(&["import", "people.csv", "--url", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(3));
    assert!(
        said.contains("There is no access token. Set MUSTER_TOKEN"),
        "{said}"
    );
    assert_eq!(ended(&["import", "people.csv"]).0, Some(64));
    assert_eq!(ended(&["imports"]).0, Some(64));
    assert_eq!(ended(&["--help"]).0, Some(0));
}
