//! What is signed by somebody, or says so: access tokens, and what identity providers publish and answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::account::Plan;
use entity::identity_provider::TokenAuthMethod;
use entity::ids::Kind;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{edited, edits, fuzz_live, json_value};
use crate::sso::stage::{Stage, Terms};
use crate::support::hostile::{CLIENT_ID, CLIENT_SECRET, Hostile, Instead};
use crate::support::{Database, House, team};

const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "auth_time",
    "email",
    "email_verified",
    "given_name",
    "family_name",
    "sid",
    "events",
    "jti",
    "groups",
    "alg",
    "kid",
    "typ",
    "crit",
    "kty",
    "crv",
    "x",
    "y",
    "n",
    "e",
    "use",
    "keys",
];
const METADATA: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    "response_types_supported",
    "id_token_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "scopes_supported",
    "authorization_response_iss_parameter_supported",
];

/// Three parts as a token has them, each of any JSON.
fn forged() -> impl Strategy<Value = String> {
    let part = || json_value(CLAIMS).prop_map(|value| URL_SAFE_NO_PAD.encode(value.to_string()));
    (part(), part(), prop::collection::vec(any::<u8>(), 0..100)).prop_map(|(header, claims, signature)| {
        format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
    })
}

fn members(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(names), json_value(names)), 0..3).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_but_the_one_that_was_issued_is_good() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let issued = team.admin.token.clone().unwrap();
    let known = issued.clone();
    let token = prop_oneof![
        3 => edits("[A-Za-z0-9._-]{0,4}").prop_map(move |edits| edited(&known, &edits)),
        2 => forged(),
        1 => "mst_[A-Za-z0-9_-]{0,80}",
        1 => (1_usize..7_000).prop_map(|length| "x".repeat(length)),
        1 => "[ -~]{0,60}",
    ];
    fuzz_live(&token, async |token| {
        let sent = team
            .admin
            .http
            .post(format!("{}/graphql", team.admin.url))
            .bearer_auth(&token)
            .json(&json!({"query": "{ viewer { user { id } } }"}));
        let response = sent.send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        let answer: Value = response.json().await.map_err(|error| error.to_string())?;
        let is_somebody = answer["data"]["viewer"].is_object();
        // Signatures end in bits that say nothing; another spelling of the same bytes is the same token.
        let is_the_issued = token.trim() == issued;
        match !status.is_server_error() && (is_the_issued || !is_somebody) {
            true => Ok(()),
            false => Err(format!("{status} {answer}")),
        }
    });
    house.close().await;
}

/// A stage with a provider that answers anything.
async fn set() -> (Stage, Hostile) {
    let stage = Stage::open(Database::Sqlite).await;
    let hostile = Hostile::start(stage.house.app.clock()).await;
    hostile.seat("subject-1", "eve@acme.example");
    let terms = Terms {
        issuer: &hostile.issuer,
        client_id: CLIENT_ID,
        client_secret: Some(CLIENT_SECRET),
        auth_method: TokenAuthMethod::ClientSecretBasic,
        is_authoritative: false,
    };
    stage.connect(&terms).await;
    (stage, hostile)
}

/// A sign-in, with nothing remembered of the last one; what is wrong with its end.
async fn sign_in(stage: &Stage) -> Result<(), String> {
    stage.house.app.clock().advance(chrono::Duration::hours(2));
    let mut browser = stage.browser();
    let page = browser.open(&stage.start()).await;
    match page.status.as_u16() == 500 || page.text.contains("INTERNAL") {
        true => Err(format!("{page:?}")),
        false => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_provider_publishes_a_sign_in_comes_to_an_end() {
    let (stage, hostile) = set().await;
    let document = prop_oneof![
        2 => json_value(METADATA).prop_map(|value| value.to_string()),
        1 => (1_usize..60_000).prop_map(|levels| "[".repeat(levels)),
        1 => (1_usize..60_000).prop_map(|levels| format!("{}1{}", "{\"issuer\":".repeat(levels), "}".repeat(levels))),
    ];
    let given = (
        members(METADATA),
        prop::option::weighted(0.5, prop::collection::vec(json_value(CLAIMS), 0..4)),
        prop::option::weighted(0.3, document),
    );
    fuzz_live(&given, async |(metadata, keys, document)| {
        hostile.behave();
        {
            let mut desk = hostile.desk();
            desk.metadata = metadata;
            desk.published = keys;
            if let Some(text) = document {
                desk.instead.insert("discovery", Instead::Text(text.leak()));
            }
        }
        sign_in(&stage).await
    });
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_provider_says_of_somebody_a_sign_in_comes_to_an_end() {
    let (stage, hostile) = set().await;
    let given = (
        members(CLAIMS),
        members(CLAIMS),
        members(&["id_token", "access_token", "token_type", "expires_in"]),
        prop::option::weighted(0.3, forged()),
    );
    fuzz_live(&given, async |(claims, header, mut answer, token)| {
        hostile.behave();
        if let Some(token) = token {
            answer["id_token"] = json!(token);
        }
        {
            let mut desk = hostile.desk();
            desk.claims = claims;
            desk.header = header;
            desk.token_answer = answer;
        }
        sign_in(&stage).await
    });
    stage.house.settle_mails().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_logout_token_is_a_fault_of_ours() {
    let (stage, _hostile) = set().await;
    let address = format!(
        "{}/sso/logout/{}",
        stage.house.url,
        Kind::IdentityProvider.text(stage.provider_id)
    );
    let http = reqwest::Client::new();
    let body = prop_oneof![
        forged().prop_map(|token| format!("logout_token={token}")),
        ".{0,80}",
        (1_usize..40_000).prop_map(|length| format!("logout_token={}", ".".repeat(length)))
    ];
    fuzz_live(&body, async |body| {
        stage.house.app.clock().advance(chrono::Duration::minutes(20));
        let sent = http
            .post(&address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send();
        let status = sent.await.map_err(|error| error.to_string())?.status();
        match status.is_client_error() {
            true => Ok(()),
            false => Err(status.to_string()),
        }
    });
    stage.close().await;
}
