//! A browser without a screen: it keeps cookies, follows redirects from host to host, and fills in the forms a person would.

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use crate::support::Client;

const MOST_REDIRECTS: usize = 20;
/// A login, a password, a consent, and what a provider may think of beside.
const MOST_FORMS: usize = 6;

pub struct Browser {
    home: Url,
    http: reqwest::Client,
    /// By host and port, and by name.
    cookies: BTreeMap<(String, String), String>,
}

/// What the browser shows in the end.
#[derive(Debug)]
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub text: String,
}

impl Page {
    /// The code a page of refusal ends with.
    pub fn code(&self) -> &str {
        let rest = self.text.split("Code: ").nth(1);
        let rest = rest.unwrap_or_else(|| panic!("no code: {self:?}"));
        rest.split('<').next().unwrap()
    }
}

impl Browser {
    pub fn new(home: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            home: home.parse().unwrap(),
            http: http.build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address, or a path of ours, and follows wherever it leads.
    pub async fn open(&mut self, address: &str) -> Page {
        let url = self.home.join(address).unwrap();
        self.follow(url, None).await
    }

    /// Opens an address and answers every form on the way, up to a page without one.
    pub async fn sign_in(&mut self, address: &str, answers: &[(&str, &str)]) -> Page {
        let mut page = self.open(address).await;
        for _ in 0..MOST_FORMS {
            let Some(form) = Form::first(&page) else {
                return page;
            };
            page = self.follow(form.action.clone(), Some(form.filled(answers))).await;
        }
        panic!("forms without end: {page:?}");
    }

    /// Calls what a script of the page would call, with JSON.
    pub async fn call(&mut self, method: Method, url: &Url, body: &Value) -> (StatusCode, String) {
        let request = self.http.request(method, url.clone()).json(body);
        let origin = url.origin().ascii_serialization();
        let response = self.send(url, request.header(ORIGIN, origin)).await;
        (response.status(), response.text().await.unwrap())
    }

    /// The value of a cookie of ours.
    pub fn cookie(&self, name: &str) -> Option<&String> {
        self.cookies.get(&(host(&self.home), name.to_owned()))
    }

    /// The API as the signed-in person sees it.
    pub async fn api(&mut self) -> Client {
        let url = self.home.join("/auth/refresh").unwrap();
        let origin = self.home.origin().ascii_serialization();
        let request = self
            .http
            .post(url.clone())
            .header(ORIGIN, origin)
            .json(&json!({}));
        let response = self.send(&url, request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let answer: Value = response.json().await.unwrap();
        let mut client = Client::of(self.home.as_str().trim_end_matches('/'));
        client.token = Some(answer["accessToken"].as_str().unwrap().to_owned());
        client
    }

    /// Whether we have given it a session.
    pub fn is_signed_in(&self) -> bool {
        let ours = (host(&self.home), "muster-refresh".to_owned());
        self.cookies.contains_key(&ours)
    }

    async fn follow(&mut self, mut url: Url, mut form: Option<String>) -> Page {
        for _ in 0..MOST_REDIRECTS {
            let request = match form.take() {
                None => self.http.get(url.clone()),
                Some(body) => self
                    .http
                    .post(url.clone())
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(body),
            };
            let response = self.send(&url, request).await;
            let status = response.status();
            if let Some(target) = response
                .headers()
                .get(LOCATION)
                .filter(|_| status.is_redirection())
            {
                url = url.join(target.to_str().unwrap()).unwrap();
                continue;
            }
            let text = response.text().await.unwrap();
            return Page { url, status, text };
        }
        panic!("redirects without end, the last one to {url}");
    }

    async fn send(&mut self, url: &Url, request: reqwest::RequestBuilder) -> reqwest::Response {
        let own = self.cookies.iter().filter(|((at, _), _)| *at == host(url));
        let cookies: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let request = match cookies.is_empty() {
            true => request,
            false => request.header(COOKIE, cookies.join("; ")),
        };
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let key = (host(url), name.to_owned());
            match value {
                "" => self.cookies.remove(&key),
                value => self.cookies.insert(key, value.to_owned()),
            };
        }
        response
    }
}

fn host(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap(),
        url.port_or_known_default().unwrap()
    )
}

/// A form as it stands on a page.
struct Form {
    action: Url,
    fields: Vec<(String, String)>,
}

impl Form {
    fn first(page: &Page) -> Option<Self> {
        let (_, rest) = page.text.split_once("<form")?;
        let (form, _) = rest.split_once("</form>").unwrap();
        let (head, body) = form.split_once('>').unwrap();
        let action = attribute(head, "action").unwrap_or_default();
        let inputs = body.split('<').filter(|tag| {
            tag.starts_with("input") || (tag.starts_with("button") && attribute(tag, "name").is_some())
        });
        let field = |tag: &str| {
            Some((
                attribute(tag, "name")?,
                attribute(tag, "value").unwrap_or_default(),
            ))
        };
        Some(Self {
            action: page.url.join(&action).unwrap(),
            fields: inputs.filter_map(field).collect(),
        })
    }

    /// The form with what the person types where it is asked for.
    fn filled(&self, answers: &[(&str, &str)]) -> String {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.fields {
            // Where a form asks for a user, it is one whose password is their name.
            let asks_for_user = self.fields.iter().any(|(name, _)| name == "user");
            let name_asked = if asks_for_user && name == "password" {
                "user"
            } else {
                name
            };
            let answer = answers.iter().find(|(asked, _)| *asked == name_asked);
            body.append_pair(name, answer.map_or(value, |(_, answer)| answer));
        }
        body.finish()
    }
}

/// An attribute's value, its entities undone.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&#39;", "'")
            .replace("&#34;", "\"")
            .replace("&amp;", "&"),
    )
}
