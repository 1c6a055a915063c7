//! Where single sign-on is required: who is kept out, who keeps a way in, and when it holds.

use entity::domain::Status;
use entity::ids::Kind;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{Scene, codes, enable, own_domain, text, update};
use crate::support::{Database, House, PASSWORD};

/// What signing in with a password answers.
async fn try_password(house: &House, email: &str) -> StatusCode {
    let answer = reqwest::Client::new()
        .post(format!("{}/auth/sign-in", house.url))
        .json(&json!({"email": email, "password": PASSWORD}))
        .send();
    answer.await.unwrap().status()
}

async fn require(scene: &Scene, provider: &str) {
    let input = json!({"enforcement": "REQUIRED", "breakGlassUserId": scene.team.admin_id});
    let payload = update(&scene.team.admin, provider, input).await;
    assert_eq!(codes(&payload), Vec::<&str>::new(), "{payload:#}");
    assert_eq!(payload["identityProvider"]["enforcement"], "REQUIRED");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_required_only_when_somebody_can_still_get_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let admin = &scene.team.admin;
    let id = text(&scene.create().await["id"]);
    let user = scene.team.join(&scene.house, "uma@acme.example", "USER").await;
    let uma = user.ask("{ viewer { user { id } } }", json!({})).await;
    let invited = scene.team.invite("ivy@acme.example").await;
    let required = |user: Value| json!({"enforcement": "REQUIRED", "breakGlassUserId": user});
    let draft = update(admin, &id, required(json!(scene.team.admin_id))).await;
    assert_eq!(codes(&draft), ["SSO_NOT_TESTED"], "a draft signs nobody in");
    scene.pass_test(&id).await;
    enable(admin, &id, true).await;
    let before = scene.house.settled().await;
    for (user, code) in [
        (Value::Null, "REQUIRED"),
        (uma["viewer"]["user"]["id"].clone(), "INVALID"),
        (json!(invited), "INVALID"),
        (json!(Kind::User.text(Uuid::from_u128(5))), "NOT_FOUND"),
    ] {
        assert_eq!(
            codes(&update(admin, &id, required(user.clone())).await),
            [code],
            "{user}"
        );
        assert_eq!(scene.house.settled().await, before, "{user}");
    }
    require(&scene, &id).await;
    let taken = update(admin, &id, json!({"breakGlassUserId": null})).await;
    assert_eq!(codes(&taken), ["REQUIRED"]);
    let listed = super::support::listed(admin).await;
    assert_eq!(listed[0]["breakGlassUser"]["id"], json!(scene.team.admin_id));
    let kept = muster::enforcement::break_glass_users(scene.house.app.reader(), scene.team.account_id);
    let admin_id = Kind::User.parse(&scene.team.admin_id).unwrap();
    assert_eq!(kept.await.unwrap().into_iter().collect::<Vec<_>>(), [admin_id]);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_password_opens_nothing_where_single_sign_on_is_required(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let house = &scene.house;
    let inside = scene.team.join(house, "uma@acme.example", "USER").await;
    let outside = scene.team.join(house, "olga@elsewhere.example", "USER").await;
    let sub = scene.team.join(house, "sue@sub.acme.example", "USER").await;
    let id = scene.enabled().await;
    assert_eq!(
        try_password(house, "uma@acme.example").await,
        StatusCode::OK,
        "not required yet"
    );
    require(&scene, &id).await;

    assert_eq!(
        try_password(house, "uma@acme.example").await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        try_password(house, "UMA@ACME.example").await,
        StatusCode::UNAUTHORIZED
    );
    for open in [
        "olga@elsewhere.example",
        "sue@sub.acme.example",
        "admin@acme.example",
    ] {
        assert_eq!(try_password(house, open).await, StatusCode::OK, "{open}");
    }
    // Sessions that began with a password end, but for the one the administrator is using.
    let (status, _) = inside.send("{ viewer { user { id } } }", json!({})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    for client in [&outside, &sub, &scene.team.admin] {
        client.ask("{ viewer { user { id } } }", json!({})).await;
    }

    // It holds while the provider is on, the domain proven and the plan premium.
    for (close, open) in [
        (
            "UPDATE identity_providers SET status = 'DISABLED'",
            "UPDATE identity_providers SET status = 'ENABLED'",
        ),
        (
            "UPDATE domains SET status = 'LAPSED'",
            "UPDATE domains SET status = 'VERIFIED'",
        ),
        (
            "UPDATE accounts SET plan = 'STANDARD'",
            "UPDATE accounts SET plan = 'PREMIUM'",
        ),
    ] {
        house.force(close).await.unwrap();
        assert_eq!(
            try_password(house, "uma@acme.example").await,
            StatusCode::OK,
            "{close}"
        );
        house.force(open).await.unwrap();
        assert_eq!(
            try_password(house, "uma@acme.example").await,
            StatusCode::UNAUTHORIZED,
            "{open}"
        );
    }
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_two_accounts_enters_the_one_that_wants_a_password(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let house = &scene.house;
    let other = crate::support::team(house, "other", entity::account::Plan::Standard).await;
    scene.team.join(house, "uma@acme.example", "USER").await;
    // She was invited there before the domain was proven to be the first account's.
    for sql in [
        "UPDATE domains SET status = 'PENDING'",
        "DELETE FROM domain_owners",
    ] {
        house.force(sql).await.unwrap();
    }
    other.invite("uma@acme.example").await;
    let token = house.invitation_token("uma@acme.example").await;
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let input = json!({"token": token, "password": PASSWORD});
    house.anonymous().ask(accept, json!({"input": input})).await;
    for sql in [
        "UPDATE domains SET status = 'VERIFIED'",
        "INSERT INTO domain_owners (name, account_id) SELECT name, account_id FROM domains",
    ] {
        house.force(sql).await.unwrap();
    }
    let id = scene.enabled().await;
    require(&scene, &id).await;
    let answer = reqwest::Client::new()
        .post(format!("{}/auth/sign-in", house.url))
        .json(&json!({"email": "uma@acme.example", "password": PASSWORD}))
        .send()
        .await
        .unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert!(answer.to_string().contains("other"), "{answer}");
    assert!(
        !answer.to_string().contains("\"acme\""),
        "the other account does not stand open: {answer}"
    );
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_leads_to_single_sign_on_and_takes_no_password(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let house = &scene.house;
    let id = scene.enabled().await;
    require(&scene, &id).await;
    scene.team.invite("ivy@acme.example").await;
    scene.team.invite("eve@elsewhere.example").await;
    let token = house.invitation_token("ivy@acme.example").await;
    let preview = "mutation($token: String!) { previewInvitation(input: {token: $token}) { invitation { ssoRequired ssoPath } userErrors { code } } }";
    let path = format!("/sso/start?provider={id}");
    let shown = house.anonymous().ask(preview, json!({"token": token})).await;
    assert_eq!(
        shown["previewInvitation"]["invitation"],
        json!({"ssoRequired": true, "ssoPath": path})
    );
    let before = house.settled().await;
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { email nextPath userErrors { code } } }";
    for input in [
        json!({"token": token, "password": PASSWORD}),
        json!({"token": token}),
    ] {
        let refused =
            house.anonymous().ask(accept, json!({"input": input})).await["acceptInvitation"].clone();
        assert_eq!(codes(&refused), ["SSO_REQUIRED"]);
        assert_eq!(refused["nextPath"], json!(path));
        assert_eq!(refused["email"], Value::Null);
        assert_eq!(house.settled().await, before);
    }
    let token = house.invitation_token("eve@elsewhere.example").await;
    let shown = house.anonymous().ask(preview, json!({"token": token})).await;
    assert_eq!(
        shown["previewInvitation"]["invitation"],
        json!({"ssoRequired": false, "ssoPath": null})
    );
    let input = json!({"token": token, "password": PASSWORD});
    let accepted = house.anonymous().ask(accept, json!({"input": input})).await;
    assert_eq!(codes(&accepted["acceptInvitation"]), Vec::<&str>::new());
    scene.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_routes_to_its_provider_while_both_stand() {
    let scene = Scene::open(Database::Sqlite).await;
    let reader = scene.house.app.reader();
    let routed = async |email: &str| {
        let email = muster::person::EmailAddress::parse(email).unwrap();
        let found = muster::sso::lookup::routed(reader, &email).await.unwrap();
        found.map(|provider| Kind::IdentityProvider.text(provider.id))
    };
    let id = text(&scene.create().await["id"]);
    assert_eq!(routed("uma@acme.example").await, None, "a draft signs nobody in");
    scene.pass_test(&id).await;
    enable(&scene.team.admin, &id, true).await;
    assert_eq!(routed("Uma@ACME.example").await, Some(id.clone()));
    for stranger in [
        "uma@sub.acme.example",
        "uma@badacme.example",
        "uma@acme.example.org",
    ] {
        assert_eq!(routed(stranger).await, None, "{stranger}");
    }
    own_domain(
        &scene.house,
        scene.team.account_id,
        "second.example",
        Status::Verified,
    )
    .await;
    assert_eq!(
        routed("uma@second.example").await,
        None,
        "proven, but given to no provider"
    );
    scene
        .house
        .force("UPDATE domains SET status = 'LAPSED'")
        .await
        .unwrap();
    assert_eq!(routed("uma@acme.example").await, None);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_session_a_password_began_is_not_renewed_once_single_sign_on_is_required(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let house = &scene.house;
    scene.team.join(house, "uma@acme.example", "USER").await;
    let id = scene.enabled().await;
    require(&scene, &id).await;
    let switch = async |status: &str| {
        let switched = format!("UPDATE identity_providers SET status = '{status}'");
        house.force(&switched).await.unwrap();
    };
    switch("DISABLED").await;
    let http = reqwest::Client::new();
    let entered = http
        .post(format!("{}/auth/sign-in", house.url))
        .json(&json!({"email": "uma@acme.example", "password": PASSWORD}));
    let entered = entered.send().await.unwrap();
    let cookie = entered.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let renew = || {
        http.post(format!("{}/auth/refresh", house.url))
            .header("origin", &house.url)
            .header("cookie", &cookie)
            .json(&json!({}))
            .send()
    };
    switch("ENABLED").await;
    assert_eq!(renew().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // It was refused and not used up.
    switch("DISABLED").await;
    assert_eq!(renew().await.unwrap().status(), StatusCode::OK);
    scene.house.close().await;
}
