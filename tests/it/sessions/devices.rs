//! One's browsers and devices: seeing them, and showing them out on every replica, sockets included.

use std::time::Duration;

use entity::account::Plan;
use entity::ids::Kind;
use futures::{SinkExt, StreamExt};
use muster::access::Actor;
use muster::server::Server;
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::support::BeginByProvider;
use crate::support::{Client, Database, House, PASSWORD, Team, team};

const SOON: Duration = Duration::from_secs(5);
const NEW: &str = "a quite different passphrase";
const REVOKE: &str = "mutation($input: RevokeSessionsInput!) { revokeSessions(input: $input) { revokedCount userErrors { code field } } }";

async fn revoke(client: &Client, input: Value) -> Value {
    client.ask(REVOKE, json!({"input": input})).await["revokeSessions"].clone()
}

async fn session_of(client: &Client) -> String {
    let answer = client.ask("{ viewer { session { id } } }", json!({})).await;
    answer["viewer"]["session"]["id"].as_str().unwrap().to_owned()
}

async fn id_of(client: &Client) -> String {
    let answer = client.ask("{ viewer { user { id } } }", json!({})).await;
    answer["viewer"]["user"]["id"].as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_sessions_and_which_one_they_are_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let second = house.sign_in("user@acme.example", PASSWORD).await;
    let query = "{ viewer { session { id isCurrent authMethod createdAt lastSeenAt expiresAt authenticatedAt ipAddress userAgent } sessions { id isCurrent } } }";
    let seen = second.ask(query, json!({})).await["viewer"].clone();
    assert_eq!(seen["session"]["isCurrent"], true);
    assert_eq!(seen["session"]["authMethod"], "PASSWORD");
    assert_eq!(seen["session"]["ipAddress"], "127.0.0.1");
    let listed = seen["sessions"].as_array().unwrap();
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!(listed[0], json!({"id": seen["session"]["id"], "isCurrent": true}));
    assert_eq!(listed[1]["isCurrent"], false);

    let node = "query($id: ID!) { node(id: $id) { __typename ... on Session { isCurrent } } }";
    let own = json!({"id": session_of(&user).await});
    assert_eq!(
        second.ask(node, own.clone()).await["node"],
        json!({"__typename": "Session", "isCurrent": false})
    );
    // Nobody else sees them but whoever sees the people of the account.
    let third = team.join(&house, "third@acme.example", "USER").await;
    assert_eq!(third.ask(node, own.clone()).await["node"], Value::Null);
    assert_eq!(
        team.admin.ask(node, own).await["node"],
        json!({"__typename": "Session", "isCurrent": false})
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn revoking_ends_the_others_or_those_named_and_nobody_elses(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let here = team.join(&house, "user@acme.example", "USER").await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(house.sign_in("user@acme.example", PASSWORD).await);
    }
    let foreign = session_of(&team.admin).await;
    let named = json!({"sessionIds": [session_of(&others[0]).await, foreign, "ses_nonsense"]});
    assert_eq!(
        revoke(&here, named.clone()).await,
        json!({"revokedCount": 1, "userErrors": []})
    );
    others[0].until_shown_out().await;
    assert_eq!(revoke(&here, named).await["revokedCount"], 0);
    assert_eq!(revoke(&here, json!({})).await["revokedCount"], 2);
    for other in &others[1..] {
        other.until_shown_out().await;
    }
    session_of(&team.admin).await;
    let own = json!({"sessionIds": [session_of(&here).await]});
    assert_eq!(revoke(&here, own).await["revokedCount"], 1);
    here.until_shown_out().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_users_sessions_are_ended_by_an_administrator_only(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let elsewhere = crate::support::team(&house, "other", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let user_id = id_of(&user).await;
    let admin = json!({"input": {"userId": team.admin_id}});
    assert_eq!(user.refused(REVOKE, admin).await, "FORBIDDEN");
    session_of(&team.admin).await;

    for unknown in [
        elsewhere.admin_id.clone(),
        Kind::User.text(uuid::Uuid::from_u128(5)),
        "nonsense".into(),
    ] {
        let answer = revoke(&team.admin, json!({"userId": unknown})).await;
        assert_eq!(answer["revokedCount"], 0);
        assert_eq!(answer["userErrors"][0]["code"], "NOT_FOUND", "{unknown}");
    }
    session_of(&elsewhere.admin).await;
    assert_eq!(
        revoke(&team.admin, json!({"userId": user_id})).await["revokedCount"],
        1
    );
    user.until_shown_out().await;
    assert_eq!(
        revoke(&team.admin, json!({"userId": team.admin_id})).await["revokedCount"],
        0
    );
    session_of(&team.admin).await;
    house.close().await;
}

/// A second server on the same database and with the same key.
struct Replica {
    url: String,
    stop: watch::Sender<bool>,
}

impl Replica {
    async fn of(house: &House) -> Self {
        // The same folder: replicas have one store.
        let mut config = House::config(&house.folder, &house.database_url);
        // Tokens are for one address, whichever replica it leads to.
        config.web.public_url = Some(house.url.parse().unwrap());
        let server = Server::start(&config).await.unwrap();
        let url = format!("http://{}", server.address);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move { server.run(stopped).await.unwrap() });
        Self { url, stop }
    }
}

/// Opens a socket with a token, and answers how long it took until the server closed it and with which code.
async fn until_closed(url: &str, token: &str, ready: tokio::sync::oneshot::Sender<()>) -> u16 {
    let mut request = format!("{}/graphql", url.replace("http", "ws"))
        .into_client_request()
        .unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let payload = json!({"Authorization": format!("Bearer {token}")});
    let init = json!({"type": "connection_init", "payload": payload});
    socket.send(Message::text(init.to_string())).await.unwrap();
    let acknowledged = socket.next().await.unwrap().unwrap();
    assert!(acknowledged.to_text().unwrap().contains("connection_ack"));
    ready.send(()).unwrap();
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("closed without a word: {other:?}"),
        }
    }
}

/// Opens sockets of one user on two replicas, has their sessions end in some way, and demands that both are closed in time.
async fn closes_sockets_everywhere(team: &Team, house: &House, email: &str, end: impl AsyncFnOnce(&Client)) {
    // Before there is a second server, whose worker would take the invitation's mail.
    let user = team.join(house, email, "USER").await;
    let replica = Replica::of(house).await;
    let token = user.token.clone().unwrap();
    let mut sockets = Vec::new();
    for url in [&house.url, &replica.url] {
        let (ready, is_ready) = tokio::sync::oneshot::channel();
        let (url, token) = (url.clone(), token.clone());
        sockets.push(tokio::spawn(
            async move { until_closed(&url, &token, ready).await },
        ));
        is_ready.await.unwrap();
    }
    let mut there = user.clone();
    there.url.clone_from(&replica.url);
    session_of(&there).await;
    end(&user).await;
    for socket in sockets {
        let code = tokio::time::timeout(SOON, socket).await.unwrap().unwrap();
        assert_eq!(code, 4403);
    }
    user.until_shown_out().await;
    there.until_shown_out().await;
    replica.stop.send_replace(true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_session_ends_on_every_replica_and_its_sockets_are_closed() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    closes_sockets_everywhere(&team, &house, "revoked@acme.example", async |user| {
        let input = json!({"userId": id_of(user).await});
        assert_eq!(revoke(&team.admin, input).await["revokedCount"], 1);
    })
    .await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_closes_the_sockets_of_other_sessions_on_every_replica() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let email = "changes@acme.example";
    closes_sockets_everywhere(&team, &house, email, async |_| {
        let elsewhere = house.sign_in(email, PASSWORD).await;
        let change = reqwest::Client::new()
            .post(format!("{}/auth/password/change", house.url))
            .bearer_auth(elsewhere.token.as_ref().unwrap())
            .json(&json!({"password": PASSWORD, "newPassword": NEW}));
        assert_eq!(change.send().await.unwrap().status(), 204);
        session_of(&elsewhere).await;
    })
    .await;
    house.sign_in(email, NEW).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_link_in_the_mail_sets_a_password_and_shows_everybody_out(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let email = "forgot@acme.example";
    let user = team.join(&house, email, "USER").await;
    let http = reqwest::Client::new();
    let asked = http
        .post(format!("{}/auth/password/forgot", house.url))
        .json(&json!({"email": email}));
    assert_eq!(asked.send().await.unwrap().status(), 202);
    let token = link_in_mail(&house, email).await;
    let stored = format!("{:?}", house.everything().await);
    assert!(!stored.contains(&token), "the link is nowhere but in the mail");
    let reset = http
        .post(format!("{}/auth/password/reset", house.url))
        .json(&json!({"token": token, "password": NEW}));
    assert_eq!(reset.send().await.unwrap().status(), 204);
    user.until_shown_out().await;
    house.sign_in(email, NEW).await;
    session_of(&team.admin).await;
    house.close().await;
}

/// The token behind the link in the password mail, which leads to a page of ours.
async fn link_in_mail(house: &House, address: &str) -> String {
    let marker = format!("{}/password#token=", house.url);
    for _ in 0..200 {
        house.settle_mails().await;
        let mails = house.mails();
        let mail = mails
            .iter()
            .find(|mail| mail.contains(address) && mail.contains(&marker));
        if let Some(mail) = mail {
            let rest = mail.split(&marker).nth(1).unwrap();
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            return rest[..end.unwrap_or(rest.len())].to_owned();
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("no password mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_behind_the_link_takes_nothing_from_elsewhere() {
    let house = House::open(Database::Sqlite).await;
    for (path, kind) in [
        ("/password", "text/html; charset=utf-8"),
        ("/assets/password/page.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = reqwest::get(format!("{}{path}", house.url)).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], kind);
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_one_can_go_over_to_are_listed_and_no_others(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let here = acme.join(&house, "both@people.example", "USER").await;
    other.join(&house, "both@people.example", "USER").await;
    let accounts = "{ viewer { account { slug } accounts { slug } session { authMethod } } }";
    let seen = here.ask(accounts, json!({})).await["viewer"].clone();
    let mut slugs: Vec<&str> = seen["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["slug"].as_str().unwrap())
        .collect();
    slugs.sort_unstable();
    assert_eq!(slugs, ["acme", "other"]);

    let user_id = Kind::User.parse(&id_of(&here).await).unwrap();
    let by_provider = BeginByProvider {
        account_id: acme.account_id,
        user_id,
    };
    let begun = house.app.run(&Actor::Operator, by_provider).await.unwrap();
    let renewed = reqwest::Client::new()
        .post(format!("{}/auth/refresh", house.url))
        .header("content-type", "application/json")
        .header("origin", &house.url)
        .header(
            "cookie",
            format!("muster-refresh={}", begun.refresh_token.expose_secret()),
        );
    let renewed: Value = renewed.send().await.unwrap().json().await.unwrap();
    let mut there = here.clone();
    there.token = Some(renewed["accessToken"].as_str().unwrap().to_owned());
    let seen = there.ask(accounts, json!({})).await["viewer"].clone();
    assert_eq!(seen["accounts"], json!([{"slug": "acme"}]));
    assert_eq!(seen["session"]["authMethod"], "OIDC");
    house.close().await;
}
