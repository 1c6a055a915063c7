//! The ways a secret can come: every endpoint, with a good one and with a bad one.

use http::StatusCode;
use serde_json::json;

use super::canaries::Canaries;
use crate::imports;
use crate::sso_sign_in::provider::{CLIENT_ID, Provider};
use crate::sso_sign_in::setting::Setting;
use crate::support::{Client, PASSWORD, Socket, sha256};

/// Signing in, rightly and wrongly; renewing, and with a spent token; changing the password; signing out.
pub async fn by_password(setting: &Setting, canaries: &mut Canaries) {
    let email = "uma@acme.example";
    setting.team.join(&setting.house, email, "USER").await;
    let mut browser = setting.browser();
    let wrong = canaries.coin("wrong password");
    let page = browser
        .post("/auth/sign-in", &json!({"email": email, "password": wrong}))
        .await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    let beside = canaries.coin("password in place of an address");
    browser
        .post("/auth/sign-in", &json!({"email": beside, "password": beside}))
        .await;
    let garbled = canaries.coin("password in a body that is no JSON");
    let page = browser
        .post("/auth/sign-in", &json!(format!("{{{garbled}")))
        .await;
    assert!(page.status.is_client_error());

    browser
        .post("/auth/sign-in", &json!({"email": email, "password": PASSWORD}))
        .await;
    canaries.keep_cookies("signed in", &browser);
    let mut thief = browser.clone();
    let mut api = browser.api().await;
    canaries.keep("renewed access token", api.token.as_ref().unwrap());
    canaries.keep_cookies("renewed", &browser);
    setting.house.app.clock().advance(chrono::Duration::minutes(1));
    assert_eq!(
        thief.post("/auth/refresh", &json!({})).await.status,
        StatusCode::UNAUTHORIZED
    );

    api.token = setting.house.sign_in(email, PASSWORD).await.token;
    canaries.keep("second access token", api.token.as_ref().unwrap());
    let new = canaries.coin("new password");
    let request = api.http.post(format!("{}/auth/password/change", api.url));
    let request = request.bearer_auth(api.token.as_ref().unwrap());
    let changed = request
        .json(&json!({"password": PASSWORD, "newPassword": new}))
        .send();
    assert_eq!(changed.await.unwrap().status(), StatusCode::NO_CONTENT);
    browser.post("/auth/sign-out", &json!({})).await;
}

/// Credentials in headers, addresses, documents and variables, where they belong and where they do not.
pub async fn by_graphql(setting: &Setting, canaries: &mut Canaries) {
    let mut stranger = setting.house.anonymous();
    stranger.token = Some(canaries.coin("token nobody made"));
    assert_eq!(
        stranger.refused("{ viewer { user { id } } }", json!({})).await,
        "UNAUTHENTICATED"
    );
    stranger.token = None;
    let literal = canaries.coin("literal");
    let accept =
        "mutation { acceptInvitation(input: {token: \"%\", password: \"%\"}) { userErrors { code } } }";
    stranger.send(&accept.replace('%', &literal), json!({})).await;
    let preview =
        "mutation($token: String!) { previewInvitation(input: {token: $token}) { userErrors { code } } }";
    stranger
        .send(preview, json!({"token": canaries.coin("variable")}))
        .await;
    stranger
        .send(
            preview,
            json!({"token": [canaries.coin("variable of another type")]}),
        )
        .await;
    stranger
        .send(
            &format!("{{ {} ", canaries.coin("syntax error").replace('-', "_")),
            json!({}),
        )
        .await;
    let address = format!(
        "{}/graphql?access_token={}",
        stranger.url,
        canaries.coin("address")
    );
    stranger.get(&address).await;
    let body = stranger
        .http
        .post(format!("{}/graphql", stranger.url))
        .header("content-type", "application/json");
    let answer = body
        .body(format!("{{\"query\": \"{}", canaries.coin("broken JSON")))
        .send();
    assert!(answer.await.unwrap().status().is_client_error());

    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let until = setting.house.app.clock().now() + chrono::Duration::days(30);
    let input = json!({"name": "Nightly sync", "scopes": ["USERS_READ"], "expiresAt": until.to_rfc3339()});
    let admin = &setting.team.admin;
    let made = admin.ask(create, json!({"input": input})).await;
    let secret = canaries.keep("API token", made["createApiToken"]["secret"].as_str().unwrap());
    let mut script = admin.clone();
    script.token = Some(secret);
    script
        .ask("{ account { users { nodes { id } } } }", json!({}))
        .await;
    assert_eq!(
        script.refused("{ account { domains { id } } }", json!({})).await,
        "FORBIDDEN"
    );
    script.token = Some(canaries.keep(
        "API token with a flaw",
        &script.token.unwrap().replace("mst_", "mst_x"),
    ));
    assert_eq!(
        script.refused("{ account { id } }", json!({})).await,
        "UNAUTHENTICATED"
    );
}

pub async fn by_socket(setting: &Setting, canaries: &mut Canaries) {
    let mut socket = Socket::admitted(&setting.team.admin).await;
    let preview =
        "mutation($token: String!) { previewInvitation(input: {token: $token}) { userErrors { code } } }";
    let variables = json!({"token": canaries.coin("variable on a socket")});
    let payload = json!({"query": preview, "variables": variables});
    socket
        .say(&json!({"type": "subscribe", "id": "1", "payload": payload}))
        .await;
    assert_eq!(socket.hear().await.unwrap()["type"], "next");
    socket
        .say(&json!({"type": canaries.coin("message of no known type")}))
        .await;
    while socket.hear().await.is_ok() {}
    let mut stranger = setting.house.anonymous();
    stranger.token = Some(canaries.coin("token nobody made, on a socket"));
    assert_eq!(Socket::open(&stranger).await.hear().await, Err(4403));
}

/// Links in mails: an invitation, and a forgotten password.
pub async fn by_mail(setting: &Setting, canaries: &mut Canaries) {
    let house = &setting.house;
    setting.team.invite("zoe@acme.example").await;
    canaries.keep("invitation", &house.invitation_token("zoe@acme.example").await);
    let email = "otto@elsewhere.example";
    setting.team.join(house, email, "USER").await;
    canaries.keep("accepted invitation", &house.invitation_token(email).await);
    let mut browser = setting.browser();
    browser
        .post("/auth/password/forgot", &json!({"email": email}))
        .await;
    let link = || {
        house.mails().into_iter().find_map(|mail| {
            let rest = mail.split("/password#token=").nth(1)?;
            let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            Some(rest.split(|c| !is_token(c)).next().unwrap().to_owned())
        })
    };
    for _ in 0..500 {
        if link().is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let token = canaries.keep("password link", &link().expect("a mail with a link"));
    let body = json!({"token": token, "password": canaries.coin("password by a link")});
    let page = browser.post("/auth/password/reset", &body).await;
    assert_eq!(page.status, StatusCode::NO_CONTENT, "{page:?}");
    let page = browser.post("/auth/password/reset", &body).await;
    assert!(page.status.is_client_error(), "a second time");
}

/// Signed addresses: where a file goes, and where a report comes from.
pub async fn by_upload(setting: &Setting, canaries: &mut Canaries) {
    let admin: &Client = &setting.team.admin;
    let csv = b"First Name,Last Name,Email,Role,Products,External ID\nA,B,no address,,,\n";
    let (_, target) = admin.announce("people.csv", csv).await;
    let address = target["url"].as_str().unwrap();
    canaries.keep_address("upload", address, &["X-Amz-Signature"]);
    assert!(admin.put(&target, csv).await.is_success());
    let other = vec![b'x'; csv.len()];
    assert!(!admin.put(&target, &other).await.is_success());
    let (status, _) = admin.get(&address.replace(".csv", ".exe")).await;
    assert!(!status.is_success());
    let import = imports::support::run(admin, csv, json!({})).await;
    let report = import["errorReport"]["url"].as_str().unwrap();
    canaries.keep_address("report", report, &["X-Amz-Signature"]);
    let (status, bytes) = admin.get(report).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(sha256(&bytes), sha256(csv));
}

/// A client secret, good and bad.
pub async fn by_configuration(setting: &Setting, canaries: &mut Canaries) {
    let create = "mutation($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id } userErrors { code } } }";
    let input = |issuer: &str, secret: &str| json!({"input": {"name": "Other", "issuer": issuer, "clientId": CLIENT_ID, "clientSecret": secret, "domainIds": []}});
    let admin = &setting.team.admin;
    let other = Provider::start().await;
    let secret = canaries.coin("client secret of another provider");
    let made = admin.ask(create, input(&other.issuer, &secret)).await;
    assert_eq!(made["createIdentityProvider"]["userErrors"], json!([]));
    let id = made["createIdentityProvider"]["identityProvider"]["id"]
        .as_str()
        .unwrap();
    let secret = canaries.coin("client secret of nobody");
    admin.ask(create, input("https://nobody.invalid", &secret)).await;
    let start = "mutation($id: ID!) { startSsoTest(input: {identityProviderId: $id}) { testUrl userErrors { code } } }";
    let started = admin.ask(start, json!({"id": id})).await;
    let link = started["startSsoTest"]["testUrl"].as_str().unwrap();
    canaries.keep_address("trial", link, &["test"]);
    let mut browser = setting.browser();
    let query = link.split('?').nth(1).unwrap();
    let back = browser.travel(query).await;
    canaries.keep_address("trial", &back, &["code", "state"]);
    canaries.keep_cookies("trial", &browser);
    let page = browser.open(&back).await;
    assert!(
        page.text.contains("not passed") || page.text.contains("failed"),
        "{page:?}"
    );
}

/// Signing in there and signing out there; answers that are refused.
pub async fn by_provider(setting: &Setting, canaries: &mut Canaries) {
    let query = format!("provider={}", setting.idp_id());
    setting.provider.seat("subject-1", "grace@acme.example");
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    canaries.keep_address("sign-in", &back, &["code", "state"]);
    canaries.keep_cookies("sign-in", &browser);
    let asked = setting.provider.desk().last_request.clone();
    canaries.keep("nonce", &asked["nonce"]);
    assert_eq!(browser.open(&back).await.status, StatusCode::SEE_OTHER);
    canaries.keep_cookies("signed in there", &browser);
    canaries.keep(
        "access token of a link",
        browser.api().await.token.as_ref().unwrap(),
    );
    assert_eq!(browser.open(&back).await.status, StatusCode::SEE_OTHER);
    assert_eq!(setting.browser().open(&back).await.code(), "BROWSER_MISMATCH");

    let callback = format!("/sso/callback/{}", setting.idp_id());
    let stray = format!(
        "{callback}?code={}&state={}",
        canaries.coin("code"),
        canaries.coin("state")
    );
    assert_eq!(browser.open(&stray).await.code(), "STATE_UNKNOWN");
    let mut other = setting.browser();
    let back = other.travel(&query).await;
    let state = back.split('&').find(|pair| pair.starts_with("state=")).unwrap();
    let error = format!("{callback}?error=access_denied&error_description=not+today&{state}");
    assert!(other.open(&error).await.status.is_client_error());
    let code = canaries.coin("code that the provider refuses");
    let mut other = setting.browser();
    let back = other.travel(&query).await;
    let genuine = back
        .split(['?', '&'])
        .find(|pair| pair.starts_with("code="))
        .unwrap();
    let page = other.open(&back.replace(genuine, &format!("code={code}"))).await;
    assert_eq!(page.code(), "TOKEN_REQUEST_FAILED");

    let now = setting.house.app.clock().now().timestamp();
    let path = format!("/sso/logout/{}", setting.idp_id());
    for changes in [
        json!({"sub": "subject-1", "nonce": "n"}),
        json!({"sub": "subject-1"}),
    ] {
        let name = format!("logout token {changes}");
        let token = canaries.keep(&name, &setting.provider.logout_token(now, changes));
        browser.post_form(&path, &[("logout_token", &token)]).await;
    }
}

/// The same ways when what they end in is broken: whoever writes down why must not write down what with.
pub async fn by_failure(setting: &Setting, canaries: &mut Canaries) {
    let query = format!("provider={}", setting.idp_id());
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    canaries.keep_address("sign-in that breaks", &back, &["code", "state"]);
    setting.team.invite("ivy@acme.example").await;
    let token = canaries.keep(
        "invitation that breaks",
        &setting.house.invitation_token("ivy@acme.example").await,
    );
    let mut known = setting.browser();
    known
        .post(
            "/auth/sign-in",
            &json!({"email": "admin@acme.example", "password": PASSWORD}),
        )
        .await;
    canaries.keep_cookies("session that breaks", &known);

    for table in ["sessions", "identities", "external_identities"] {
        setting
            .house
            .force(&format!("ALTER TABLE {table} RENAME TO away"))
            .await
            .unwrap();
        let password = canaries.coin(&format!("password without {table}"));
        let wanted = json!({"email": "admin@acme.example", "password": password});
        setting.browser().post("/auth/sign-in", &wanted).await;
        known.clone().post("/auth/refresh", &json!({})).await;
        browser.clone().open(&back).await;
        let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
        let input = json!({"input": {"token": token, "password": password}});
        setting.house.anonymous().send(accept, input).await;
        setting
            .house
            .force(&format!("ALTER TABLE away RENAME TO {table}"))
            .await
            .unwrap();
    }
}
