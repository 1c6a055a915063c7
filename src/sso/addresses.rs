//! Where a provider reaches us. They are what an administrator registers with it, so they begin with the public address, never with what a request
//! claims, and each provider has its own: an answer meant for one cannot be played to another.

use entity::ids::Kind;
use url::Url;
use uuid::Uuid;

use crate::app::App;

/// Where it sends the browser back to with a code.
pub fn redirect_uri(app: &App, provider_id: Uuid) -> Url {
    at(&app.settings().public_url, "callback", provider_id)
}

/// Where it sends a browser that begins at the provider's own portal.
pub fn initiate_login_uri(app: &App, provider_id: Uuid) -> Url {
    at(&app.settings().public_url, "initiate", provider_id)
}

/// Where it tells us that a session of its own has ended.
pub fn backchannel_logout_uri(app: &App, provider_id: Uuid) -> Url {
    at(&app.settings().public_url, "logout", provider_id)
}

/// Where it finds the key of ours that `PRIVATE_KEY_JWT` proves us with.
pub fn jwks_uri(app: &App, provider_id: Uuid) -> Url {
    at(&app.settings().public_url, "jwks", provider_id)
}

/// Where somebody begins who must come by this provider: a path of ours.
pub fn start_path(provider_id: Uuid) -> String {
    let id = Kind::IdentityProvider.text(provider_id);
    format!("/sso/start?provider={id}")
}

/// Where the browser that tries a configuration out begins.
pub fn test_url(app: &App, token: &str) -> Url {
    let mut url = app.settings().public_url.clone();
    url.set_path("/sso/start");
    url.query_pairs_mut().append_pair("test", token);
    url
}

/// Where somebody learns that they are signed out here and that their provider's session goes on.
pub fn signed_out_url(app: &App) -> Url {
    let mut url = app.settings().public_url.clone();
    url.set_path("/sso/signed-out");
    url
}

fn at(public_url: &Url, what: &str, provider_id: Uuid) -> Url {
    let mut url = public_url.clone();
    let id = Kind::IdentityProvider.text(provider_id);
    url.set_path(&format!("/sso/{what}/{id}"));
    url
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::at;

    #[test]
    fn every_provider_has_addresses_of_its_own_at_the_public_address() {
        let public_url = "https://muster.example".parse().unwrap();
        let of = |number| at(&public_url, "callback", Uuid::from_u128(number)).to_string();
        assert_eq!(
            of(1),
            "https://muster.example/sso/callback/idp_00000000000000000000000001"
        );
        assert_ne!(of(1), of(2));
    }
}
