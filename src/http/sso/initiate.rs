//! `/sso/initiate/{provider}`: the person begins at the provider's own portal, which sends the browser here to begin properly (OpenID Connect Core section 4).
//!
//! Nobody is signed in by it. It only leads to `/sso/start` by another way: a whole round trip with state and nonce of ours follows.

use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use url::Url;

use super::return_to::return_to;
use super::start::{Journey, send_off};
use super::{Visitor, failure, pages, provider_named};
use crate::error::Result;

#[derive(Deserialize)]
pub(super) struct Initiated {
    iss: String,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
}

pub(super) async fn by_link(
    visitor: Visitor,
    Path(provider): Path<String>,
    sent: Result<Query<Initiated>, QueryRejection>,
) -> Response {
    initiate(visitor, &provider, sent.ok().map(|Query(sent)| sent)).await
}

pub(super) async fn by_form(
    visitor: Visitor,
    Path(provider): Path<String>,
    sent: Result<Form<Initiated>, FormRejection>,
) -> Response {
    initiate(visitor, &provider, sent.ok().map(|Form(sent)| sent)).await
}

async fn initiate(visitor: Visitor, provider: &str, sent: Option<Initiated>) -> Response {
    let provider = match provider_named(visitor.app(), provider).await {
        Ok(provider) => provider,
        Err(error) => return failure(&error),
    };
    let (Some(provider), Some(sent)) = (provider, sent) else {
        return pages::nowhere_to_go();
    };
    if sent.iss != provider.issuer {
        return pages::nowhere_to_go();
    }
    let home = &visitor.app().settings().public_url;
    let journey = Journey {
        return_to: return_to(
            sent.target_link_uri
                .and_then(|uri| path_here(&uri, home))
                .as_deref(),
        ),
        provider,
        test: None,
        login_hint: sent.login_hint,
        is_fresh_demanded: false,
    };
    send_off(visitor, journey).await
}

/// The path of an address of ours; anybody else's leads nowhere.
fn path_here(uri: &str, home: &Url) -> Option<String> {
    let uri: Url = uri.parse().ok()?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    (uri.origin() == home.origin()).then(|| format!("{}{query}", uri.path()))
}

#[cfg(test)]
mod tests {
    use super::path_here;

    #[test]
    fn only_addresses_of_ours_are_targets() {
        let home = "https://muster.example/".parse().unwrap();
        let path = |uri| path_here(uri, &home);
        assert_eq!(
            path("https://muster.example/users?x=1").as_deref(),
            Some("/users?x=1")
        );
        for foreign in [
            "/users",
            "https://evil.example/users",
            "http://muster.example/users",
            "https://muster.example:8443/users",
            "https://muster.example@evil.example/",
            "javascript:alert(1)",
        ] {
            assert_eq!(path(foreign), None, "{foreign}");
        }
    }
}
