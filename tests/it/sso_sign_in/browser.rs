//! A browser that keeps cookies and follows redirects only when it is told to.

use std::collections::BTreeMap;

use http::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::support::Client;

#[derive(Clone)]
pub struct Browser {
    home: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

/// What the browser shows.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub fn location(&self) -> &str {
        let location = self.headers.get(LOCATION);
        location
            .unwrap_or_else(|| panic!("no redirect: {self:?}"))
            .to_str()
            .unwrap()
    }

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
            home: home.to_owned(),
            http: http.build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address, or a path of ours.
    pub async fn open(&mut self, address: &str) -> Page {
        let address = self.absolute(address);
        self.send(self.http.get(address)).await
    }

    pub async fn post_form(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let request = self.http.post(self.absolute(path)).body(body.finish());
        self.send(request.header("content-type", "application/x-www-form-urlencoded"))
            .await
    }

    /// Asks for an address's headers alone.
    pub async fn head(&mut self, address: &str) -> Page {
        let address = self.absolute(address);
        self.send(self.http.head(address)).await
    }

    /// Posts JSON as a page of ours does.
    pub async fn post(&mut self, path: &str, body: &Value) -> Page {
        let request = self.http.post(self.absolute(path)).json(body);
        self.send(request.header(ORIGIN, self.home.clone())).await
    }

    fn absolute(&self, address: &str) -> String {
        match address.starts_with('/') {
            true => format!("{}{address}", self.home),
            false => address.to_owned(),
        }
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let text = response.text().await.unwrap();
        Page {
            status,
            headers,
            text,
        }
    }

    /// From `/sso/start?…` to the provider and back to the callback's address, which is not opened.
    pub async fn travel(&mut self, query: &str) -> String {
        let page = self.open(&format!("/sso/start?{query}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
        self.open(page.location()).await.location().to_owned()
    }

    /// A whole round trip; what the callback answers.
    pub async fn sign_in(&mut self, query: &str) -> Page {
        let back = self.travel(query).await;
        self.open(&back).await
    }

    /// The API as the signed-in person sees it.
    pub async fn api(&mut self) -> Client {
        let page = self.post("/auth/refresh", &json!({})).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let answer: Value = serde_json::from_str(&page.text).unwrap();
        let mut client = Client::of(&self.home);
        client.token = Some(answer["accessToken"].as_str().unwrap().to_owned());
        client
    }

    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    pub fn has_cookie(&self, name: &str) -> bool {
        self.cookies.contains_key(name)
    }

    pub fn lose(&mut self, cookie: &str) {
        self.cookies.remove(cookie);
    }
}
