//! Two accounts side by side: in one question, at the same moment, and in every address that is sent to somebody.

use std::time::Duration;

use entity::account::Plan;
use entity::mail;
use http::StatusCode;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::mail::Server as Relay;
use crate::sso_sign_in::setting::Setting;
use crate::support::{Database, House, team};
use crate::tenancy::{ids_of, lived_in};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_ids_those_of_another_account_are_null_where_they_stand(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let own = lived_in(&house, "acme", Plan::Premium).await;
    let other = lived_in(&house, "rival", Plan::Premium).await;
    let (mine, theirs) = (ids_of(&house, &own).await, ids_of(&house, &other).await);
    let readable = async |id: &str| {
        let answer = own
            .admin
            .ask("query($id: ID!) { node(id: $id) { id } }", json!({"id": id}))
            .await;
        !answer["node"].is_null()
    };
    let mut asked = Vec::new();
    let mut expected = Vec::new();
    for ((_, mine), (_, theirs)) in mine.iter().zip(&theirs).take(50) {
        asked.extend([theirs.clone(), mine.clone()]);
        let found = if readable(mine).await {
            json!({"id": mine})
        } else {
            Value::Null
        };
        expected.extend([Value::Null, found]);
    }
    assert!(
        expected.iter().filter(|node| !node.is_null()).count() >= 10,
        "{expected:?}"
    );
    let answer = own
        .admin
        .ask(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({"ids": asked}),
        )
        .await;
    assert_eq!(answer["nodes"], json!(expected));
    let many = vec![asked[1].clone(); 101];
    let code = own
        .admin
        .refused(
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            json!({"ids": many}),
        )
        .await;
    assert_eq!(code, "BAD_USER_INPUT");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_questions_of_two_accounts_in_turns_are_answered_each_its_own(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut teams = Vec::new();
    for slug in ["acme", "rival"] {
        let team = team(&house, slug, Plan::Standard).await;
        for number in 0..3 {
            team.invite(&format!("person{number}@{slug}.example")).await;
        }
        teams.push((slug, team));
    }
    house.settle_mails().await;
    let query = "{ account { slug users(first: 10) { totalCount nodes { email invitation { role } assignments { nodes { id } } } } } viewer { user { email } } }";
    let questions = (0..1_000).map(|number| {
        let (slug, team) = &teams[number % 2];
        async move { (*slug, team.admin.ask(query, json!({})).await) }
    });
    let answers: Vec<(&str, Value)> = futures::StreamExt::collect(futures::StreamExt::buffer_unordered(
        futures::stream::iter(questions),
        32,
    ))
    .await;
    assert_eq!(answers.len(), 1_000);
    for (slug, answer) in answers {
        assert_eq!(answer["account"]["slug"], slug);
        assert_eq!(answer["viewer"]["user"]["email"], format!("admin@{slug}.example"));
        let nodes = answer["account"]["users"]["nodes"].as_array().unwrap();
        assert_eq!(
            (nodes.len(), &answer["account"]["users"]["totalCount"]),
            (4, &json!(4))
        );
        let domain = format!("@{slug}.example");
        assert!(
            nodes
                .iter()
                .all(|node| node["email"].as_str().unwrap().ends_with(&domain)),
            "{answer}"
        );
    }
    house.close().await;
}

/// Whatever a request calls us, what we send to people and browsers leads to the address in our configuration.
#[tokio::test(flavor = "multi_thread")]
async fn no_header_of_a_request_bends_a_link() {
    let setting = Setting::open(Database::Sqlite).await;
    let house = &setting.house;
    let evil = |request: reqwest::RequestBuilder| {
        request
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "host=evil.example;proto=https")
    };
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let invite = "mutation { inviteUser(input: {email: \"zoe@elsewhere.example\"}) { userErrors { code } } }";
    let token = setting.team.admin.token.clone().unwrap();
    let invited = evil(http.post(format!("{}/graphql", house.url)))
        .bearer_auth(token)
        .json(&json!({"query": invite}));
    assert_eq!(invited.send().await.unwrap().status(), StatusCode::OK);
    let forgotten = evil(http.post(format!("{}/auth/password/forgot", house.url)))
        .json(&json!({"email": "admin@acme.example"}));
    assert_eq!(forgotten.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let start = format!("{}/sso/start?provider={}", house.url, setting.idp_id());
    let sent_off = evil(http.get(start)).send().await.unwrap();
    let location = sent_off.headers()["location"].to_str().unwrap().to_owned();
    assert!(
        location.starts_with(&setting.provider.issuer) && !location.contains("evil"),
        "{location}"
    );
    let own = url::form_urlencoded::byte_serialize(house.url.as_bytes()).collect::<String>();
    assert!(location.contains(&format!("redirect_uri={own}")), "{location}");

    let mut mails = Vec::new();
    for _ in 0..400 {
        mails = house.mails();
        let has = |link: &str| {
            mails
                .iter()
                .any(|mail| mail.contains(&format!("{}/{link}#token=", house.url)))
        };
        if has("invitation") && has("password") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(
        mails.iter().filter(|mail| mail.contains("#token=")).count(),
        2,
        "{mails:#?}"
    );
    assert!(
        mails.iter().all(|mail| !mail.contains("evil.example")),
        "{mails:#?}"
    );
    setting.close().await;
}

/// Pages that are opened with a secret in their fragment must not pass it on.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_behind_a_link_loads_nothing_from_elsewhere_and_tells_nobody_where_it_is() {
    let house = House::open(Database::Sqlite).await;
    for path in [
        "/invitation",
        "/assets/invitation/page.js",
        "/assets/invitation/page.css",
    ] {
        let answer = reqwest::get(format!("{}{path}", house.url)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer", "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("http"),
            "{path}: {policy}"
        );
        let text = answer.text().await.unwrap();
        assert!(
            !text.contains("http://") && !text.contains("https://"),
            "{path} names another place"
        );
    }
    house.close().await;
}

/// What a relay does not take now is tried again; what it never takes is put aside with its reason, and neither is taken for sent.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_the_relay_refuses_waits_or_is_put_aside(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Relay::start();
    let house = House::open_with(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let team = team(&house, "acme", Plan::Standard).await;
    for email in ["anne@acme.example", "busy@acme.example", "nobody@acme.example"] {
        team.invite(email).await;
    }
    let stored = async |email: &str| {
        let found = mail::Entity::find().filter(mail::Column::ToAddress.eq(email));
        found.one(house.app.reader()).await.unwrap().unwrap()
    };
    for _ in 0..400 {
        let is_tried = stored("busy@acme.example").await.last_error.is_some();
        let is_sent = stored("anne@acme.example").await.sent_at.is_some();
        if is_sent && is_tried && stored("nobody@acme.example").await.status == mail::Status::Dead {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let sent = stored("anne@acme.example").await;
    assert_eq!(sent.status, mail::Status::Sent, "{sent:?}");
    let waiting = stored("busy@acme.example").await;
    assert_eq!(waiting.status, mail::Status::Ready, "{waiting:?}");
    assert!(
        waiting.run_at > house.app.clock().now() && waiting.sent_at.is_none(),
        "{waiting:?}"
    );
    let dead = stored("nobody@acme.example").await;
    assert_eq!(dead.status, mail::Status::Dead, "{dead:?}");
    assert!(dead.sent_at.is_none() && dead.last_error.unwrap().contains("550"));
    // Whoever invited them is told, once.
    for _ in 0..400 {
        if house
            .number("SELECT count(*) FROM jobs WHERE status = 'READY'")
            .await
            == 0
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(house.number("SELECT count(*) FROM notifications").await, 1);
    house.close().await;
}
