//! The cookie that ties an attempt to the browser that began it.
//!
//! It holds the codes of the last few attempts, so that tabs do not get in each other's way, and keeps those that are over: whoever goes back to an answer is
//! known again. It is `Lax`, because it has to come along when the provider sends the browser back.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::{HeaderMap, HeaderValue};
use url::Url;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::secrets::{Claim, Purpose};
use crate::sso::attempt;
use crate::sso::sign_in::before::Before;

const NAME: &str = "muster-sso";
/// Tabs in which one person signs in at the same time.
const MOST: usize = 10;
const SEPARATOR: char = '.';

/// How long a cookie stays with the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    OfAnAttempt,
    /// It goes at once.
    Over,
}

/// A cookie for this host alone, hidden from scripts, which comes along when another site leads the browser here.
pub fn cookie(base: &str, value: &str, lifetime: Lifetime, public_url: &Url) -> Result<HeaderValue> {
    let mut cookie = Cookie::new(name(base, public_url), value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_path("/");
    if is_https(public_url) {
        cookie.set_secure(true);
    }
    let seconds = match lifetime {
        Lifetime::OfAnAttempt => attempt::LIFETIME.num_seconds(),
        Lifetime::Over => 0,
    };
    let text = format!("{cookie}; Max-Age={seconds}");
    let mut header = HeaderValue::from_str(&text).map_err(Error::internal)?;
    header.set_sensitive(true);
    Ok(header)
}

/// With a prefix that keeps other hosts from planting it; without https browsers refuse the prefix.
pub fn name(base: &str, public_url: &Url) -> String {
    let prefix = if is_https(public_url) { "__Host-" } else { "" };
    format!("{prefix}{base}")
}

fn is_https(public_url: &Url) -> bool {
    public_url.scheme() == "https"
}

/// Holds the session a browser left with.
const BEFORE: &str = "muster-sso-before";

/// The session a browser left with.
pub fn read_before(app: &App, headers: &HeaderMap) -> Result<Option<Before>> {
    let jar = CookieJar::from_headers(headers);
    match jar.get(&name(BEFORE, &app.settings().public_url)) {
        Some(code) => Before::open(app, code.value()),
        None => Ok(None),
    }
}

/// The cookie to leave with.
pub fn set_before(app: &App, before: Before) -> Result<HeaderValue> {
    let code = before.code(app)?;
    cookie(BEFORE, &code, Lifetime::OfAnAttempt, &app.settings().public_url)
}

/// Takes that cookie away.
pub fn clear_before(public_url: &Url) -> Result<HeaderValue> {
    cookie(BEFORE, "", Lifetime::Over, public_url)
}

/// The attempts a browser began.
pub struct Attempts(Vec<String>);

impl Attempts {
    pub fn read(headers: &HeaderMap, public_url: &Url) -> Self {
        let jar = CookieJar::from_headers(headers);
        let value = jar
            .get(&name(NAME, public_url))
            .map(Cookie::value)
            .unwrap_or_default();
        let codes = value.split(SEPARATOR).filter(|code| !code.is_empty());
        Self(codes.take(MOST).map(str::to_owned).collect())
    }

    /// Whether this browser began the attempt.
    pub fn contain(&self, app: &App, claim: Claim) -> Result<bool> {
        Ok(self.claims(app)?.contains(&Some(claim)))
    }

    /// Whether this browser began any attempt at a provider of this account.
    pub fn are_of(&self, app: &App, account_id: Uuid) -> Result<bool> {
        let mut claims = self.claims(app)?.into_iter().flatten();
        Ok(claims.any(|claim| claim.account_id == account_id))
    }

    fn claims(&self, app: &App) -> Result<Vec<Option<Claim>>> {
        let open = |code: &String| Ok(app.secrets().open(Purpose::SsoBrowser, code)?);
        self.0.iter().map(open).collect()
    }

    /// The cookie with one attempt more; the oldest is dropped.
    pub fn with(mut self, code: String, public_url: &Url) -> Result<HeaderValue> {
        self.0.insert(0, code);
        self.0.truncate(MOST);
        let codes = self.0.join(&SEPARATOR.to_string());
        cookie(NAME, &codes, Lifetime::OfAnAttempt, public_url)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::Attempts;

    #[test]
    fn the_cookie_is_the_hosts_own_and_keeps_the_last_ten_attempts() {
        let home = "https://muster.example".parse().unwrap();
        let mut headers = HeaderMap::new();
        let sent = "__Host-muster-sso=j.i.h.g.f.e.d.c.b.a; muster-sso=planted";
        headers.insert("cookie", sent.parse().unwrap());
        let cookie = Attempts::read(&headers, &home).with("k".into(), &home).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-muster-sso=k.j.i.h.g.f.e.d.c.b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"
        );
    }
}
