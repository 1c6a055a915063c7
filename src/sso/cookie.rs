//! The cookie that ties an attempt to the browser that began it.
//!
//! It holds the codes of the last few attempts, so that two tabs do not get in each other's way. It is `Lax`, because it has to come along when the
//! provider sends the browser back.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::{HeaderMap, HeaderValue};
use url::Url;

use super::attempt;
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::secrets::{Claim, Purpose};

const NAME: &str = "__Host-muster-sso";
/// Without https browsers refuse the prefix.
const NAME_WITHOUT_HTTPS: &str = "muster-sso";
/// Tabs in which one person signs in at the same time.
const MOST: usize = 3;
const SEPARATOR: char = '.';

/// The attempts a browser began.
pub struct Attempts(Vec<String>);

impl Attempts {
    pub fn read(headers: &HeaderMap, public_url: &Url) -> Self {
        let jar = CookieJar::from_headers(headers);
        let value = jar.get(name(public_url)).map(Cookie::value).unwrap_or_default();
        let codes = value.split(SEPARATOR).filter(|code| !code.is_empty());
        Self(codes.take(MOST).map(str::to_owned).collect())
    }

    /// Whether this browser began the attempt.
    pub fn contain(&self, app: &App, claim: Claim) -> Result<bool> {
        for code in &self.0 {
            if app.secrets().open(Purpose::SsoBrowser, code)? == Some(claim) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether this browser began any attempt of ours.
    pub fn are_genuine(&self, app: &App) -> Result<bool> {
        for code in &self.0 {
            if app.secrets().open(Purpose::SsoBrowser, code)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The cookie with one attempt more; the oldest makes room.
    pub fn with(mut self, code: String, public_url: &Url) -> Result<HeaderValue> {
        self.0.insert(0, code);
        self.0.truncate(MOST);
        self.write(public_url)
    }

    /// The cookie without an attempt that is over.
    pub fn without(mut self, app: &App, claim: Claim) -> Result<HeaderValue> {
        let mut left = Vec::new();
        for code in self.0 {
            if app.secrets().open(Purpose::SsoBrowser, &code)? != Some(claim) {
                left.push(code);
            }
        }
        self.0 = left;
        self.write(&app.settings().public_url)
    }

    fn write(&self, public_url: &Url) -> Result<HeaderValue> {
        let mut cookie = Cookie::new(name(public_url), self.0.join(&SEPARATOR.to_string()));
        cookie.set_http_only(true);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_path("/");
        if is_https(public_url) {
            cookie.set_secure(true);
        }
        let seconds = match self.0.is_empty() {
            true => 0,
            false => attempt::LIFETIME.num_seconds(),
        };
        let text = format!("{cookie}; Max-Age={seconds}");
        let mut header = HeaderValue::from_str(&text).map_err(Error::internal)?;
        header.set_sensitive(true);
        Ok(header)
    }
}

fn name(public_url: &Url) -> &'static str {
    if is_https(public_url) {
        NAME
    } else {
        NAME_WITHOUT_HTTPS
    }
}

fn is_https(public_url: &Url) -> bool {
    public_url.scheme() == "https"
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::Attempts;

    #[test]
    fn the_cookie_is_the_hosts_own_and_keeps_the_last_three_attempts() {
        let home = "https://muster.example".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "cookie",
            "__Host-muster-sso=c.b.a; muster-sso=planted".parse().unwrap(),
        );
        let cookie = Attempts::read(&headers, &home).with("d".into(), &home).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-muster-sso=d.c.b; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"
        );
    }
}
