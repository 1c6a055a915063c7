//! A small, well-behaved OpenID provider on loopback. It signs in whoever a test says, without asking, and lets a test change what it says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

pub const CLIENT_ID: &str = "muster at acme";
/// With characters that the basic scheme has to escape.
pub const CLIENT_SECRET: &str = "s3cret: with/odd %chars";

/// The provider; it lives as long as the test.
#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    desk: Arc<Mutex<Desk>>,
}

/// What the provider knows and what it was asked.
pub struct Desk {
    key: Key,
    /// Claims of whoever is signing in, for the ID token.
    pub person: Value,
    /// Claims that only the userinfo endpoint gives out.
    pub userinfo: Value,
    /// Laid over the ID token's claims; `null` takes a claim away.
    pub twist: Value,
    /// Laid over its answers to token requests.
    pub token_answer: Value,
    /// What it answers to token requests instead: status and body.
    pub token_refusal: Option<(u16, Value)>,
    /// What the userinfo endpoint answers instead: status, type and body.
    pub userinfo_instead: Option<(u16, &'static str, &'static str)>,
    /// What it publishes in place of its keys, as JSON or not.
    pub jwks_instead: Option<&'static str>,
    /// It refuses to sign anybody in: with this code and this text.
    pub refusal: Option<(&'static str, &'static str)>,
    /// How clients prove themselves: `basic`, `post`, `none` or `private_key_jwt`.
    pub client_auth: &'static str,
    /// Everybody who comes from now on is somebody new.
    pub is_crowded: bool,
    crowd: usize,
    /// Our public keys, as fetched by whoever tests `private_key_jwt`.
    pub client_jwks: Value,
    pub metadata: Value,
    pub jwks_fetched: usize,
    pub last_request: HashMap<String, String>,
    codes: HashMap<String, HashMap<String, String>>,
}

struct Key {
    pair: EcdsaKeyPair,
    id: String,
}

impl Key {
    fn new() -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        Self {
            pair: EcdsaKeyPair::generate(algorithm).unwrap(),
            id: Uuid::new_v4().to_string(),
        }
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)})
    }
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        });
        let desk = Desk {
            key: Key::new(),
            person: json!({}),
            userinfo: json!({}),
            twist: json!({}),
            token_answer: json!({}),
            token_refusal: None,
            userinfo_instead: None,
            jwks_instead: None,
            refusal: None,
            client_auth: "basic",
            is_crowded: false,
            crowd: 0,
            client_jwks: Value::Null,
            metadata,
            jwks_fetched: 0,
            last_request: HashMap::new(),
            codes: HashMap::new(),
        };
        let provider = Self {
            issuer,
            desk: Arc::new(Mutex::new(desk)),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata_document))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap()
    }

    /// Who signs in from now on: somebody whose address is verified.
    pub fn seat(&self, subject: &str, email: &str) {
        self.desk().person = json!({
            "sub": subject, "email": email, "email_verified": true,
            "given_name": "Grace", "family_name": "Hopper",
        });
    }

    pub fn twist(&self, claims: Value) {
        self.desk().twist = claims;
    }

    pub fn rotate_key(&self) {
        self.desk().key = Key::new();
    }

    /// Signs anything at all with the present key.
    pub fn sign(&self, header: Value, claims: &Value) -> String {
        self.desk().sign(header, claims)
    }

    /// A logout token as it should be, with changes laid over it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better without a reference"
    )]
    pub fn logout_token(&self, now: i64, changes: Value) -> String {
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120,
            "jti": Uuid::new_v4().to_string(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        lay_over(&mut claims, &changes);
        self.sign(json!({"typ": "logout+jwt"}), &claims)
    }

    /// One for this subject whose header says this of its type.
    pub fn logout_token_of_type(&self, now: i64, kind: &Value, subject: &str) -> String {
        let claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": Uuid::new_v4().to_string(), "sub": subject,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        self.sign(json!({"typ": kind}), &claims)
    }
}

impl Desk {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better without a reference"
    )]
    fn sign(&self, header: Value, claims: &Value) -> String {
        let mut whole = json!({"alg": "ES256", "kid": self.key.id});
        lay_over(&mut whole, &header);
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&whole), encode(claims));
        let signature = self
            .key
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether a token request proves itself the way this client is registered.
    fn is_authenticated(&self, headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
        let header = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap());
        let escape = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let id_in_form = form.get("client_id").is_some_and(|id| id == CLIENT_ID);
        match self.client_auth {
            "basic" => {
                let pair = STANDARD.encode(format!("{}:{}", escape(CLIENT_ID), escape(CLIENT_SECRET)));
                header == Some(&format!("Basic {pair}")) && !form.contains_key("client_secret")
            }
            "post" => {
                id_in_form
                    && form
                        .get("client_secret")
                        .is_some_and(|secret| secret == CLIENT_SECRET)
            }
            "none" => id_in_form && header.is_none() && !form.contains_key("client_secret"),
            "private_key_jwt" => header.is_none() && self.is_signed_by_client(&form["client_assertion"]),
            other => panic!("{other}"),
        }
    }

    fn is_signed_by_client(&self, assertion: &str) -> bool {
        let key = &self.client_jwks["keys"][0];
        let (x, y) = (key["x"].as_str().unwrap(), key["y"].as_str().unwrap());
        let key = jsonwebtoken::DecodingKey::from_ec_components(x, y).unwrap();
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
        validation.set_audience(&[self.metadata["token_endpoint"].as_str().unwrap()]);
        validation.set_issuer(&[CLIENT_ID]);
        jsonwebtoken::decode::<Value>(assertion, &key, &validation).is_ok()
    }
}

fn lay_over(claims: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims
                .as_object_mut()
                .unwrap()
                .insert(name.clone(), value.clone()),
        };
    }
}

async fn metadata_document(State(provider): State<Provider>) -> Json<Value> {
    Json(provider.desk().metadata.clone())
}

async fn jwks(State(provider): State<Provider>) -> Response {
    let mut desk = provider.desk();
    desk.jwks_fetched += 1;
    if let Some(instead) = desk.jwks_instead {
        return ([(CONTENT_TYPE, "application/json")], instead).into_response();
    }
    let odd = json!({"kty": "quantum", "kid": "from the future"});
    Json(json!({"keys": [odd, desk.key.jwk()]})).into_response()
}

async fn authorize(
    State(provider): State<Provider>,
    Query(asked): Query<HashMap<String, String>>,
) -> Redirect {
    let mut desk = provider.desk();
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], CLIENT_ID);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
    let code = Uuid::new_v4().to_string();
    let mut back: Url = asked["redirect_uri"].parse().unwrap();
    match desk.refusal {
        None => back.query_pairs_mut().append_pair("code", &code),
        Some((error, text)) => back
            .query_pairs_mut()
            .append_pair("error", error)
            .append_pair("error_description", text),
    };
    back.query_pairs_mut()
        .append_pair("state", &asked["state"])
        .append_pair("iss", &provider.issuer);
    desk.last_request.clone_from(&asked);
    desk.codes.insert(code, asked);
    Redirect::to(back.as_str())
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut desk = provider.desk();
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    if let Some((status, body)) = &desk.token_refusal {
        let status = StatusCode::from_u16(*status).unwrap();
        return (status, Json(body.clone())).into_response();
    }
    if !desk.is_authenticated(&headers, &form) {
        return refused("invalid_client");
    }
    let Some(asked) = desk.codes.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    if asked["code_challenge"] != challenge || asked["redirect_uri"] != form["redirect_uri"] {
        return refused("invalid_grant");
    }
    let access_token = Uuid::new_v4().to_string();
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let hash = digest(&SHA256, access_token.as_bytes());
    let mut claims = json!({
        "iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]), "unheard_of": {"claim": [1, 2]},
    });
    lay_over(&mut claims, &desk.person);
    if desk.is_crowded {
        desk.crowd += 1;
        let number = desk.crowd;
        let person = json!({"given_name": "Ann", "family_name": "Other", "sub": format!("subject-{number}"), "email": format!("person{number}@acme.example"), "email_verified": true});
        lay_over(&mut claims, &person);
    }
    let twist = desk.twist.clone();
    lay_over(&mut claims, &twist);
    let id_token = desk.sign(json!({"typ": "JWT"}), &claims);
    let mut answer = json!({"access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token});
    lay_over(&mut answer, &desk.token_answer);
    Json(answer).into_response()
}

async fn userinfo(State(provider): State<Provider>) -> Response {
    let desk = provider.desk();
    if let Some((status, kind, body)) = desk.userinfo_instead {
        let status = StatusCode::from_u16(status).unwrap();
        return (status, [(CONTENT_TYPE, kind)], body).into_response();
    }
    let mut claims = json!({"sub": desk.person["sub"]});
    lay_over(&mut claims, &desk.userinfo);
    Json(claims).into_response()
}
