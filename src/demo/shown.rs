//! What the demo says at its end: for a person, or as one JSON object.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::run::Credentials;
use super::{classic, life};
use crate::client::Summary;

/// What there is to say.
pub struct Shown {
    pub summary: Summary,
    pub mails: u64,
    pub url: String,
    pub(super) credentials: Credentials,
    pub token: SecretString,
    /// Where somebody new signs in by the demo's identity provider.
    pub sso_path: Option<String>,
}

impl Shown {
    pub fn to_json(&self) -> String {
        let url = self.url.trim_end_matches('/');
        json!({
            "rows": self.summary.rows,
            "outcomes": self.summary.outcomes,
            "seconds": self.summary.took.as_secs_f64(),
            "mails": self.mails,
            "import_status": self.summary.status,
            "url": url,
            "graphql_url": format!("{url}/graphql"),
            "websocket_url": format!("{}/graphql", url.replacen("http", "ws", 1)),
            "email": self.credentials.email,
            "password": self.credentials.password,
            "classic_email": classic::email(&self.credentials.slug),
            "works_email": life::email(&self.credentials.slug),
            "access_token": self.token.expose_secret(),
            "sso_url": self.sso_path.as_ref().map(|path| format!("{url}{path}")),
        })
        .to_string()
    }

    pub fn to_text(&self, data_dir: &Path) -> String {
        let url = self.url.trim_end_matches('/');
        let Self {
            summary,
            mails,
            credentials,
            ..
        } = self;
        let sso = match &self.sso_path {
            Some(path) => format!(
                "Single sign-on: {url}{path}\n                as somebody who is not in the account yet, by an identity provider of the demo's own\n"
            ),
            None => String::new(),
        };
        format!(
            "{summary}\n\n{mails} mails were written; they lie in {mail}\n\n\
             Look around:  {url}/\n\
             The API:      {url}/graphiql\n\
             Sign in:      {email}  {password}\n\
             A year of it: {works}  (the same password)\n\
             Classic view: {classic}  (the same password)\n\
             {sso}\
             Header:       {{\"Authorization\": \"Bearer {token}\"}}  (good for ten minutes)\n\
             A new token:  curl -s {url}/auth/sign-in -H 'content-type: application/json' \\\n                   \
             -d '{{\"email\": \"{email}\", \"password\": \"{password}\"}}'\n",
            summary = summary.to_text(),
            mail = data_dir.join("mail").display(),
            email = credentials.email,
            works = life::email(&credentials.slug),
            classic = classic::email(&credentials.slug),
            password = credentials.password,
            token = self.token.expose_secret(),
        )
    }
}
