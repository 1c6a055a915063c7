//! What can be said about a provider, by whom, and what is kept of it.

use chrono::Duration;
use entity::account::Plan;
use entity::domain::Status;
use entity::ids::Kind;
use muster::platform::seal::Content;
use rstest::rstest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{
    SECRET, Scene, codes, create, describe_itself, enable, listed, own_domain, scopes, start_test, text,
    update,
};
use crate::support::{Database, House, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_new_provider_is_a_draft_and_its_secret_lies_sealed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let subscription = add_product(&scene.house, "acme", "DRAW", 3).await;
    let mut wanted = scene.wanted();
    wanted["jit"] = json!({"isEnabled": true, "defaultSubscriptionIds": [subscription, subscription], "allowsWithoutSeat": false});
    wanted["claimMapping"] = json!({"email": "upn", "groups": "groups"});
    let made = create(&scene.team.admin, wanted).await["identityProvider"].clone();
    assert_eq!(made["status"], "DRAFT");
    assert_eq!(made["version"], 1);
    assert_eq!(made["enforcement"], "OPTIONAL");
    assert_eq!(made["tokenAuthMethod"], "CLIENT_SECRET_BASIC");
    assert_eq!(made["scopes"], json!(["openid", "email", "profile"]));
    assert_eq!(made["jit"]["defaultSubscriptions"], json!([{"id": subscription}]));
    assert_eq!(made["jit"]["allowsWithoutSeat"], false);
    let claims =
        json!({"email": "upn", "givenName": "given_name", "familyName": "family_name", "groups": "groups"});
    assert_eq!(made["claimMapping"], claims);
    assert_eq!(made["domains"], json!([{"name": "acme.example"}]));
    let id = text(&made["id"]);
    for (field, word) in [
        ("redirectUri", "callback"),
        ("initiateLoginUri", "initiate"),
        ("backchannelLogoutUri", "logout"),
    ] {
        assert_eq!(made[field], format!("{}/sso/{word}/{id}", scene.house.url));
    }

    let row = scene.provider(&id).await;
    let sealed = row.sealed_secret.unwrap();
    let secrets = scene.house.app.secrets();
    let opened = secrets
        .unseal(Content::ClientSecret, row.account_id, row.id, &sealed)
        .unwrap();
    assert_eq!(opened.expose_secret(), SECRET);
    for (table, rows) in scene.house.everything().await {
        assert!(
            rows.iter().all(|row| !row.contains(SECRET)),
            "{table} has the secret in the clear"
        );
    }
    assert_eq!(listed(&scene.team.admin).await, json!([made]));
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_stand_is_refused_and_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let (house, admin) = (&scene.house, &scene.team.admin);
    let own = scene.team.account_id;
    let pending = own_domain(house, own, "pending.example", Status::Pending).await;
    let lapsed = own_domain(house, own, "lapsed.example", Status::Lapsed).await;
    let other = team(house, "other", Plan::Premium).await;
    let foreign = own_domain(house, other.account_id, "other.example", Status::Verified).await;
    let subscription = add_product(house, "other", "DRAW", 3).await;
    let yesterday = (house.app.clock().now() - Duration::days(1)).to_rfc3339();
    let taken = scene.create().await;
    let before = house.settled().await;
    for (field, value, code) in [
        ("name", json!(" "), "REQUIRED"),
        ("clientId", json!("naïve"), "INVALID"),
        ("clientSecret", json!(""), "REQUIRED"),
        ("scopes", json!(["email"]), "REQUIRED"),
        ("secretExpiresAt", json!(yesterday), "INVALID"),
        (
            "issuer",
            json!("https://id.example?x=1"),
            "SSO_ISSUER_NOT_ALLOWED",
        ),
        ("issuer", json!("ftp://id.example"), "SSO_ISSUER_NOT_ALLOWED"),
        (
            "issuer",
            json!("https://user:pw@id.example"),
            "SSO_ISSUER_NOT_ALLOWED",
        ),
        ("issuer", json!("http://127.0.0.1:9"), "SSO_DISCOVERY_FAILED"),
        (
            "issuer",
            json!(format!("{}/", scene.issuer)),
            "SSO_DISCOVERY_FAILED",
        ),
        ("domainIds", json!([pending]), "DOMAIN_NOT_VERIFIED"),
        ("domainIds", json!([lapsed]), "DOMAIN_NOT_VERIFIED"),
        ("domainIds", json!([foreign]), "NOT_FOUND"),
        (
            "domainIds",
            json!([Kind::Domain.text(Uuid::from_u128(7))]),
            "NOT_FOUND",
        ),
        (
            "jit",
            json!({"defaultSubscriptionIds": [subscription]}),
            "NOT_FOUND",
        ),
        ("claimMapping", json!({"email": ""}), "REQUIRED"),
        ("idempotencyKey", json!(""), "INVALID"),
    ] {
        let mut input = scene.wanted();
        input["clientId"] = json!("another");
        input["domainIds"] = json!([]);
        input[field] = value;
        let refused = create(admin, input.clone()).await;
        assert_eq!(codes(&refused), [code], "{input}");
        assert_eq!(house.settled().await, before, "{input}");
    }
    let again = create(admin, scene.wanted()).await;
    assert_eq!(codes(&again), ["ALREADY_EXISTS"]);
    let mut second = scene.wanted();
    second["clientId"] = json!("another");
    let routed = create(admin, second).await;
    assert_eq!(codes(&routed), ["ALREADY_EXISTS"], "the domain has a provider");
    assert_eq!(
        routed["userErrors"][0]["field"],
        json!(["input", "domainIds", "0"])
    );
    assert_eq!(house.settled().await, before);
    assert_eq!(listed(admin).await, json!([taken]));
    assert_eq!(listed(&other.admin).await, json!([]));
    scene.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_production_no_issuer_leads_inside() {
    let house = House::open_to_the_public_only(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Premium).await;
    house.dns.point("inside.example", &["10.0.0.7"]);
    for issuer in [
        "http://id.example",
        "https://127.0.0.1",
        "https://2130706433",
        "https://[::1]",
        "https://localhost",
        "https://id.example.",
    ] {
        let input = json!({"name": "x", "issuer": issuer, "clientId": "muster", "domainIds": []});
        assert_eq!(
            codes(&create(&team.admin, input).await),
            ["SSO_ISSUER_NOT_ALLOWED"],
            "{issuer}"
        );
    }
    let input =
        json!({"name": "x", "issuer": "https://inside.example", "clientId": "muster", "domainIds": []});
    let refused = create(&team.admin, input).await;
    assert_eq!(codes(&refused), ["SSO_DISCOVERY_FAILED"]);
    assert_eq!(house.number("SELECT count(*) FROM identity_providers").await, 0);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_repeated_under_its_key_makes_one_provider(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let mut wanted = scene.wanted();
    wanted["idempotencyKey"] = json!("one");
    let first = create(&scene.team.admin, wanted.clone()).await;
    let second = create(&scene.team.admin, wanted.clone()).await;
    assert_eq!(first, second);
    for (field, other) in [
        ("name", "Another"),
        ("clientSecret", "the secret without the slip"),
    ] {
        let mut changed = wanted.clone();
        changed[field] = json!(other);
        let refused = create(&scene.team.admin, changed).await;
        assert_eq!(codes(&refused), ["IDEMPOTENCY_KEY_REUSED"], "{field}");
    }
    assert_eq!(scene.count("identity_providers").await, 1);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_would_notice_makes_it_a_draft_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let admin = &scene.team.admin;
    let id = scene.enabled().await;
    for harmless in [
        json!({"name": "Renamed"}),
        json!({"jit": {"isEnabled": true}}),
        json!({"claimMapping": {"email": "mail", "groups": null}}),
        json!({"isAuthoritative": true, "domainIds": []}),
        json!({"domainIds": [scene.domain]}),
    ] {
        let changed = update(admin, &id, harmless.clone()).await;
        assert_eq!(
            changed["identityProvider"]["status"], "ENABLED",
            "{harmless}: {changed}"
        );
    }
    assert_eq!(scene.provider(&id).await.email_claim, "mail");
    for telling in [
        json!({"clientId": "muster-2"}),
        json!({"clientSecret": "another"}),
        json!({"clientSecret": null}),
        json!({"tokenAuthMethod": "CLIENT_SECRET_POST"}),
        json!({"scopes": ["openid"]}),
    ] {
        scene.pass_test(&id).await;
        assert_eq!(
            enable(admin, &id, true).await["identityProvider"]["status"],
            "ENABLED"
        );
        let changed = update(admin, &id, telling.clone()).await;
        assert_eq!(
            changed["identityProvider"]["status"], "DRAFT",
            "{telling}: {changed}"
        );
        assert_eq!(
            codes(&enable(admin, &id, true).await),
            ["SSO_NOT_TESTED"],
            "{telling}"
        );
    }
    let row = scene.provider(&id).await;
    assert_eq!(row.sealed_secret, None);
    assert_eq!(row.secret_updated_at, None);
    assert_eq!(row.scopes, scopes(&["openid"]));
    let stale = update(admin, &id, json!({"expectedVersion": 1, "name": "Late"})).await;
    assert_eq!(codes(&stale), ["STALE_VERSION"]);
    let missing = Kind::IdentityProvider.text(Uuid::from_u128(9));
    assert_eq!(
        codes(&update(admin, &missing, json!({"name": "x"})).await),
        ["NOT_FOUND"]
    );
    assert_eq!(scene.provider(&id).await, row);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_plan_the_role_and_the_account_decide_who_configures(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let (house, team_) = (&scene.house, &scene.team);
    let id = text(&scene.create().await["id"]);
    let other = team(house, "other", Plan::Premium).await;
    let poor = team(house, "poor", Plan::Standard).await;
    let before = house.settled().await;
    for call in [
        update(&other.admin, &id, json!({"name": "Mine"})).await,
        enable(&other.admin, &id, true).await,
        start_test(&other.admin, &id).await,
        super::support::delete(&other.admin, &id).await,
    ] {
        assert_eq!(codes(&call), ["NOT_FOUND"]);
    }
    let issuer = describe_itself().await;
    let input = json!({"name": "x", "issuer": issuer, "clientId": "muster", "domainIds": []});
    assert_eq!(
        codes(&create(&poor.admin, input.clone()).await),
        ["PLAN_REQUIRED"]
    );
    assert_eq!(house.settled().await, before);

    let secondary = team_.join(house, "sam@acme.example", "SECONDARY_ADMIN").await;
    let plain = team_.join(house, "uma@acme.example", "USER").await;
    let query = "mutation($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { userErrors { code } } }";
    for client in [&secondary, &plain] {
        assert_eq!(client.refused(query, json!({"input": input})).await, "FORBIDDEN");
        let list = "{ account { identityProviders { id } } }";
        assert_eq!(client.refused(list, json!({})).await, "FORBIDDEN");
        let one = "query($id: ID!) { identityProvider(id: $id) { id } }";
        assert_eq!(client.refused(one, json!({"id": id})).await, "FORBIDDEN");
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(client.ask(node, json!({"id": id})).await["node"], Value::Null);
    }
    let seen = team_.admin.ask(
        "query($id: ID!) { node(id: $id) { ... on IdentityProvider { name } } }",
        json!({"id": id}),
    );
    assert_eq!(seen.await["node"]["name"], "Acme Login");
    assert_eq!(scene.count("identity_providers").await, 1);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn saying_of_a_provider_what_is_written_already_changes_nothing_and_leaves_no_row(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let admin = &scene.team.admin;
    let id = scene.enabled().await;
    let named = update(admin, &id, json!({"name": "Named", "domainIds": [scene.domain]})).await;
    let audit = async || scene.house.everything().await["audit_events"].clone();
    let (version, rows) = (scene.provider(&id).await.version, audit().await);
    for same in [
        json!({}),
        json!({"name": "Named", "domainIds": [scene.domain], "claimMapping": {"email": "email"}}),
    ] {
        assert_eq!(update(admin, &id, same).await, named);
    }
    enable(admin, &id, true).await;
    assert_eq!(scene.provider(&id).await.version, version);
    assert_eq!(audit().await, rows);
    assert!(update(admin, &id, json!({"domainIds": []})).await["userErrors"] == json!([]));
    assert_eq!(
        scene.provider(&id).await.version,
        version + 1,
        "a domain less is a change"
    );
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_made_without_a_client_id_for_its_addresses_and_signs_nobody_in_before_it_has_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let admin = &scene.team.admin;
    let mut early = scene.wanted();
    early.as_object_mut().unwrap().remove("clientId");
    early["clientSecret"] = json!(null);
    let made = create(admin, early.clone()).await["identityProvider"].clone();
    let id = text(&made["id"]);
    assert_eq!(
        (&made["status"], &made["clientId"]),
        (&json!("DRAFT"), &json!(""))
    );
    assert_eq!(
        made["redirectUri"],
        format!("{}/sso/callback/{id}", scene.house.url)
    );
    // Whoever has not said which client it is has not named one that is there.
    early["domainIds"] = json!([]);
    early["clientId"] = json!(null);
    let second = create(admin, early).await["identityProvider"].clone();
    assert_ne!(second["id"], made["id"]);

    let before = scene.house.settled().await;
    let test = start_test(admin, &id).await;
    assert_eq!(codes(&test), ["REQUIRED"]);
    assert_eq!(codes(&enable(admin, &id, true).await), ["SSO_NOT_TESTED"]);
    let page = reqwest::get(format!("{}/sso/start?provider={id}", scene.house.url)).await;
    assert!(page.unwrap().text().await.unwrap().contains("SSO_NOT_ENABLED"));
    for blank in ["", " "] {
        let refused = update(admin, &id, json!({"clientId": blank})).await;
        assert_eq!(codes(&refused), ["REQUIRED"], "{blank:?}");
    }
    assert_eq!(scene.house.settled().await, before);

    let entered = update(admin, &id, json!({"clientId": "muster", "clientSecret": SECRET})).await;
    assert_eq!(entered["identityProvider"]["clientId"], "muster");
    assert_eq!(entered["identityProvider"]["status"], "DRAFT");
    assert_eq!(codes(&start_test(admin, &id).await), Vec::<&str>::new());
    // The other one cannot become the same client, by entering it or by being made anew.
    let taken = update(admin, &text(&second["id"]), json!({"clientId": "muster"})).await;
    assert_eq!(codes(&taken), ["ALREADY_EXISTS"]);
    let mut again = scene.wanted();
    again["domainIds"] = json!([]);
    assert_eq!(codes(&create(admin, again).await), ["ALREADY_EXISTS"]);
    assert_eq!(scene.count("identity_providers").await, 2);
    scene.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_cannot_be_used_is_named_for_what_is_wrong_with_it() {
    let scene = Scene::open(Database::Sqlite).await;
    let with_slash = format!("{}/", scene.issuer);
    let elsewhere = format!("{}/realms/none", scene.issuer);
    for (issuer, words) in [
        ("http://127.0.0.1:9", "could not be reached"),
        (with_slash.as_str(), "it names the issuer “"),
        (elsewhere.as_str(), "answers with status 404"),
    ] {
        let mut input = scene.wanted();
        input["issuer"] = json!(issuer);
        let refused = create(&scene.team.admin, input).await;
        assert_eq!(codes(&refused), ["SSO_DISCOVERY_FAILED"], "{issuer}");
        let message = text(&refused["userErrors"][0]["message"]);
        assert!(message.contains(words), "{issuer}: {message}");
    }
    assert_eq!(scene.count("identity_providers").await, 0);
    scene.house.close().await;
}
