//! The cookies: the refresh token, and what marks a browser as its person's own.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::sessions::{Begun, SessionSettings, Sessions, device};

/// Browsers take a name with this prefix only from https, for this host alone and for all its paths: no other host of the domain can plant one.
/// The embedded demo on loopback goes without it: without https browsers refuse the prefix, and some refuse `Secure`.
const PREFIX: &str = "__Host-";
const REFRESH: &str = "muster-refresh";
const DEVICE: &str = "muster-device";

fn name(cookie: &str, settings: &SessionSettings) -> String {
    let prefix = if settings.is_https() { PREFIX } else { "" };
    format!("{prefix}{cookie}")
}

/// For the other modules that begin sessions for browsers.
impl Sessions {
    /// The refresh token a browser sent along.
    pub fn refresh_token(&self, headers: &HeaderMap) -> Option<SecretString> {
        read(headers, self.settings())
    }

    /// The cookie of a session just begun.
    pub fn refresh_cookie(&self, begun: &Begun) -> Result<HeaderValue> {
        set(begun, self.settings(), self.app().clock().now())
    }
}

/// The refresh token a browser sent along.
pub(super) fn read(headers: &HeaderMap, settings: &SessionSettings) -> Option<SecretString> {
    value(REFRESH, headers, settings)
}

/// What a browser shows to be known as its person's own.
pub(super) fn read_device(headers: &HeaderMap, settings: &SessionSettings) -> Option<SecretString> {
    value(DEVICE, headers, settings)
}

fn value(cookie: &str, headers: &HeaderMap, settings: &SessionSettings) -> Option<SecretString> {
    let jar = CookieJar::from_headers(headers);
    jar.get(&name(cookie, settings))
        .map(|cookie| cookie.value().into())
}

/// Sets the cookie for what is left of the session.
pub(super) fn set(begun: &Begun, settings: &SessionSettings, now: DateTime<Utc>) -> Result<HeaderValue> {
    let seconds = (begun.expires_at - now).num_seconds();
    write(REFRESH, begun.refresh_token.expose_secret(), seconds, settings)
}

/// Takes the cookie away.
pub(super) fn clear(settings: &SessionSettings) -> Result<HeaderValue> {
    write(REFRESH, "", 0, settings)
}

/// Marks the browser as its person's own.
pub(super) fn set_device(token: &SecretString, settings: &SessionSettings) -> Result<HeaderValue> {
    write(
        DEVICE,
        token.expose_secret(),
        device::LIFETIME.num_seconds(),
        settings,
    )
}

fn write(which: &str, value: &str, seconds: i64, settings: &SessionSettings) -> Result<HeaderValue> {
    let mut cookie = Cookie::new(name(which, settings), value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    if settings.is_https() {
        cookie.set_secure(true);
    }
    let text = format!("{cookie}; Max-Age={seconds}");
    let mut header = HeaderValue::from_str(&text).map_err(Error::internal)?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::{REFRESH, clear, write};
    use crate::sessions::SessionSettings;

    fn settings(public_url: &str) -> SessionSettings {
        SessionSettings {
            public_url: public_url.parse().unwrap(),
            allowed_origins: Vec::new(),
            behind_proxy: false,
        }
    }

    #[test]
    fn over_https_the_cookie_is_bound_to_the_host_and_hidden_from_scripts() {
        let cookie = write(REFRESH, "abc", 60, &settings("https://muster.example")).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-muster-refresh=abc; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60"
        );
        assert!(cookie.is_sensitive());
    }

    #[test]
    fn on_loopback_without_https_it_has_another_name() {
        let cookie = clear(&settings("http://127.0.0.1:8080")).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "muster-refresh=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"
        );
    }
}
