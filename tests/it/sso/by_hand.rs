//! What a person does on the pages of a provider, whichever it is.

use std::collections::HashMap;

use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::browser::{Browser, Page};
use super::parties::PASSWORD;

/// Opens an address and signs somebody in wherever it leads.
pub async fn sign_in(browser: &mut Browser, address: &str, login: &str) -> Page {
    // LemonLDAP::NG asks for the user, and in its demonstration their password is their name.
    let page = browser
        .sign_in(
            address,
            &[("login", login), ("password", PASSWORD), ("user", login)],
        )
        .await;
    match page.url.path() {
        "/login.html" => at_glewlwyd(browser, &page, login).await,
        _ => page,
    }
}

/// Opens the address at which a provider's session is ended, and says yes.
pub async fn sign_out(browser: &mut Browser, address: &str) -> Page {
    let page = browser.sign_in(address, &[]).await;
    let asked = asked(&page.url);
    if asked.get("prompt").is_some_and(|prompt| prompt == "end_session") {
        let path = format!("/api/{}/session/{}", asked["plugin"], asked["sid"]);
        done(
            browser,
            Method::DELETE,
            &page.url.join(&path).unwrap(),
            &json!({}),
        )
        .await;
        done(
            browser,
            Method::DELETE,
            &page.url.join("/api/auth/").unwrap(),
            &json!({}),
        )
        .await;
    }
    page
}

/// Its pages are a script's: what that would call is called.
async fn at_glewlwyd(browser: &mut Browser, page: &Page, login: &str) -> Page {
    let asked = asked(&page.url);
    let at = |path: &str| page.url.join(path).unwrap();
    let who = json!({"username": login, "password": PASSWORD});
    done(browser, Method::POST, &at("/api/auth/"), &who).await;
    let granted = json!({"scope": asked["scope"]});
    let client = format!("/api/auth/grant/{}", asked["client_id"]);
    done(browser, Method::PUT, &at(&client), &granted).await;
    browser
        .open(&format!("{}&g_continue", asked["callback_url"]))
        .await
}

async fn done(browser: &mut Browser, method: Method, url: &Url, body: &serde_json::Value) {
    let (status, answer) = browser.call(method, url, body).await;
    assert_eq!(status, StatusCode::OK, "{url}: {answer}");
}

fn asked(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}
