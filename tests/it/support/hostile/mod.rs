//! An OpenID provider of our own that does whatever a test tells it to: sign with any algorithm, say anything, answer too much or something else.
//!
//! Left alone it behaves: whoever is seated is signed in without being asked, and every test of a refusal first shows that the same way leads in.

mod keys;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Body;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use muster::platform::clock::Clock;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

pub use keys::{Algorithm, Key};

pub const CLIENT_ID: &str = "muster";
pub const CLIENT_SECRET: &str = "what only the two of us know";

/// The provider; it lives as long as the test.
#[derive(Clone)]
pub struct Hostile {
    pub issuer: String,
    /// The house's own, so that a test that moves one moves both.
    clock: Clock,
    desk: Arc<Mutex<Desk>>,
}

/// What it does.
pub struct Desk {
    /// Claims of whoever signs in.
    pub person: Value,
    /// Laid over the ID token's claims, as are the others over what they name; `null` takes away.
    pub claims: Value,
    pub header: Value,
    pub metadata: Value,
    pub token_answer: Value,
    /// The `iss` it sends the browser back with (RFC 9207).
    pub response_issuer: Option<String>,
    pub key: Key,
    /// The keys it publishes; without a word the one it signs with.
    pub published: Option<Vec<Value>>,
    /// What it answers on a path instead: `discovery`, `jwks`, `token`, `userinfo`.
    pub instead: HashMap<&'static str, Instead>,
    /// How often each path was asked for.
    pub asked: HashMap<&'static str, usize>,
    codes: HashMap<String, HashMap<String, String>>,
}

/// An answer that is none.
#[derive(Clone, Debug)]
pub enum Instead {
    /// As many bytes of JSON, sent in pieces.
    Huge(usize),
    Redirect(String),
    /// JSON that says it is a page.
    Page,
    Status(u16),
    /// Whatever text, as JSON.
    Text(&'static str),
}

impl Hostile {
    pub async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let hostile = Self {
            desk: Arc::new(Mutex::new(Desk::well_behaved(&issuer))),
            clock: clock.clone(),
            issuer,
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/{other}", get(other))
            .with_state(hostile.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        hostile
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap()
    }

    /// Behaves again, with a new key, and the same person at the desk.
    pub fn behave(&self) {
        let mut desk = self.desk();
        let (person, asked) = (desk.person.clone(), desk.asked.clone());
        *desk = Desk {
            person,
            asked,
            ..Desk::well_behaved(&self.issuer)
        };
    }

    /// Who signs in from now on: somebody whose address is verified.
    pub fn seat(&self, subject: &str, email: &str) {
        self.desk().person = json!({
            "sub": subject, "email": email, "email_verified": true,
            "given_name": "Eve", "family_name": "Adams",
        });
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.desk().asked.get(path).copied().unwrap_or_default()
    }
}

impl Desk {
    fn well_behaved(issuer: &str) -> Self {
        Self {
            person: json!({}),
            claims: json!({}),
            header: json!({}),
            metadata: json!({}),
            token_answer: json!({}),
            response_issuer: Some(issuer.to_owned()),
            key: Key::new(Algorithm::Es256),
            published: None,
            instead: HashMap::new(),
            asked: HashMap::new(),
            codes: HashMap::new(),
        }
    }

    /// Counts a question, and answers what is to be answered instead.
    fn instead(&mut self, path: &'static str) -> Option<Response> {
        *self.asked.entry(path).or_default() += 1;
        self.instead.get(path).cloned().map(Instead::into_response)
    }

    fn id_token(&self, hostile: &Hostile, asked: &HashMap<String, String>, access_token: &str) -> String {
        let now = hostile.clock.now().timestamp();
        let mut claims = json!({
            "iss": hostile.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "at_hash": self.key.half_hash(access_token.as_bytes()),
        });
        lay_over(&mut claims, &self.person);
        lay_over(&mut claims, &self.claims);
        let mut header = json!({"typ": "JWT", "alg": self.key.name(), "kid": self.key.id});
        lay_over(&mut header, &self.header);
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Instead {
    fn into_response(self) -> Response {
        const PIECE: usize = 64 * 1024;
        let json = [(CONTENT_TYPE, "application/json")];
        match self {
            Self::Huge(bytes) => {
                let pieces = std::iter::once("{\"padding\":\"".to_owned())
                    .chain((0..bytes / PIECE).map(|_| "x".repeat(PIECE)))
                    .map(Ok::<_, std::io::Error>);
                (json, Body::from_stream(futures::stream::iter(pieces))).into_response()
            }
            Self::Redirect(target) => Redirect::temporary(&target).into_response(),
            Self::Page => ([(CONTENT_TYPE, "text/html")], "{}").into_response(),
            Self::Status(status) => {
                let status = StatusCode::from_u16(status).unwrap();
                (status, json, "{\"error\": \"<script>alert(1)</script>\"}").into_response()
            }
            Self::Text(text) => (json, text).into_response(),
        }
    }
}

fn lay_over(whole: &mut Value, changes: &Value) {
    let whole = whole.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => whole.remove(name),
            value => whole.insert(name.clone(), value.clone()),
        };
    }
}

async fn discovery(State(hostile): State<Hostile>) -> Response {
    let mut desk = hostile.desk();
    if let Some(instead) = desk.instead("discovery") {
        return instead;
    }
    let issuer = &hostile.issuer;
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [desk.key.name()],
        "authorization_response_iss_parameter_supported": true,
    });
    lay_over(&mut metadata, &desk.metadata);
    Json(metadata).into_response()
}

async fn jwks(State(hostile): State<Hostile>) -> Response {
    let mut desk = hostile.desk();
    if let Some(instead) = desk.instead("jwks") {
        return instead;
    }
    let keys = desk.published.clone().unwrap_or_else(|| vec![desk.key.jwk()]);
    Json(json!({"keys": keys})).into_response()
}

async fn authorize(State(hostile): State<Hostile>, Query(asked): Query<HashMap<String, String>>) -> Redirect {
    let mut desk = hostile.desk();
    let code = Uuid::new_v4().to_string();
    let mut back: Url = asked["redirect_uri"].parse().unwrap();
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked["state"]);
    if let Some(issuer) = &desk.response_issuer {
        back.query_pairs_mut().append_pair("iss", issuer);
    }
    desk.codes.insert(code, asked);
    Redirect::to(back.as_str())
}

async fn token(State(hostile): State<Hostile>, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut desk = hostile.desk();
    if let Some(instead) = desk.instead("token") {
        return instead;
    }
    let Some(asked) = desk.codes.remove(&form["code"]) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    assert_eq!(asked["code_challenge"], challenge);
    let access_token = Uuid::new_v4().to_string();
    let id_token = desk.id_token(&hostile, &asked, &access_token);
    let mut answer = json!({"access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token});
    lay_over(&mut answer, &desk.token_answer);
    Json(answer).into_response()
}

/// Everything it is asked for elsewhere, the userinfo endpoint among it.
async fn other(State(hostile): State<Hostile>, Path(path): Path<String>) -> Response {
    let mut desk = hostile.desk();
    if path != "userinfo" {
        return StatusCode::NOT_FOUND.into_response();
    }
    match desk.instead("userinfo") {
        Some(instead) => instead,
        None => Json(desk.person.clone()).into_response(),
    }
}
