//! What becomes of a provider: trials, links, notices, its end, and another master key.

use chrono::Duration;
use entity::account::Plan;
use entity::ids::Kind;
use entity::job;
use muster::access::Actor;
use muster::admin::{VouchForDomain, reseal_all};
use muster::error::{Code, Error};
use muster::platform::seal::Content;
use muster::platform::secrets::{Claim, Purpose};
use muster::server;
use reqwest::StatusCode;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::support::{SECRET, Scene, codes, delete, enable, listed, start_test, text, unlink, update};
use crate::support::{Database, PASSWORD, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_a_link_for_ten_minutes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let id = text(&scene.create().await["id"]);
    let first = start_test(&scene.team.admin, &id).await;
    let started = start_test(&scene.team.admin, &id).await;
    assert_ne!(first["test"]["id"], started["test"]["id"]);
    let test = text(&started["test"]["id"]);
    assert_eq!(started["test"]["status"], "STARTED");
    assert_eq!(started["test"]["steps"], json!([]));
    let url = text(&started["testUrl"]);
    let token = url
        .strip_prefix(&format!("{}/sso/start?test=", scene.house.url))
        .unwrap();
    let claim = Claim {
        account_id: scene.team.account_id,
        id: Kind::SsoTest.parse(&test).unwrap(),
        generation: 0,
    };
    let secrets = scene.house.app.secrets();
    assert_eq!(secrets.open(Purpose::SsoTest, token).unwrap(), Some(claim));
    assert_eq!(
        listed(&scene.team.admin).await[0]["lastTest"],
        json!({"id": test, "status": "STARTED"})
    );
    scene.house.app.clock().advance(Duration::minutes(10));
    let admin = scene.house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(listed(&admin).await[0]["lastTest"]["status"], "EXPIRED");
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_person_is_out_and_only_they(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let (house, admin) = (&scene.house, &scene.team.admin);
    let id = scene.enabled().await;
    let plain = scene.team.join(house, "uma@acme.example", "USER").await;
    let other = team(house, "other", Plan::Premium).await;
    let own = "{ viewer { user { id identities { id subject } } } }";
    let uma = text(&plain.ask(own, json!({})).await["viewer"]["user"]["id"]);
    let (link, session) = scene.link(&id, &uma).await;
    let (kept, admins_session) = scene.link(&id, &scene.team.admin_id).await;
    let seen = plain.ask(own, json!({})).await["viewer"]["user"]["identities"].clone();
    assert_eq!(
        seen,
        json!([{"id": link, "subject": format!("subject of {uma}")}])
    );
    let deep = "{ viewer { user { identities { identityProvider { clientId } } } } }";
    assert_eq!(
        plain.refused(deep, json!({})).await,
        "FORBIDDEN",
        "their link, but not the account's configuration"
    );
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(plain.ask(node, json!({"id": kept})).await["node"], Value::Null);
    assert_eq!(
        plain.ask(node, json!({"id": link})).await["node"]["id"],
        json!(link)
    );

    let before = house.settled().await;
    assert_eq!(codes(&unlink(&other.admin, &link).await), ["NOT_FOUND"]);
    assert_eq!(house.settled().await, before);
    let done = unlink(admin, &link).await;
    assert_eq!(done["user"], json!({"id": uma, "identities": []}));
    let ended = |id| {
        format!(
            "SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL AND id = {}",
            house.literal(id)
        )
    };
    assert_eq!(house.number(&ended(session)).await, 1);
    assert_eq!(house.number(&ended(admins_session)).await, 0);
    plain.ask(own, json!({})).await;
    assert_eq!(
        codes(&unlink(admin, &link).await),
        ["NOT_FOUND"],
        "it is gone already"
    );
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_goes_when_it_is_off_with_all_that_hangs_on_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let (house, admin) = (&scene.house, &scene.team.admin);
    let id = scene.enabled().await;
    scene.link(&id, &scene.team.admin_id).await;
    let before = house.settled().await;
    assert_eq!(codes(&delete(admin, &id).await), ["SSO_IN_USE"]);
    assert_eq!(house.settled().await, before);
    assert_eq!(
        enable(admin, &id, false).await["identityProvider"]["status"],
        "DISABLED"
    );
    let off_again = enable(admin, &id, false).await;
    assert_eq!(codes(&off_again), Vec::<&str>::new());
    assert_eq!(delete(admin, &id).await["deletedIdentityProviderId"], json!(id));
    for table in [
        "identity_providers",
        "identity_provider_domains",
        "external_identities",
        "sso_tests",
        "sso_attempts",
    ] {
        assert_eq!(scene.count(table).await, 0, "{table}");
    }
    assert_eq!(
        house
            .number("SELECT count(*) FROM sessions WHERE identity_provider_id IS NOT NULL")
            .await,
        0
    );
    assert_eq!(scene.count("domains").await, 1, "the domain stays");
    admin.ask("{ viewer { user { id } } }", json!({})).await;
    assert_eq!(codes(&delete(admin, &id).await), ["NOT_FOUND"]);
    // Its domain is free for the next one.
    scene.create().await;
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_the_premium_plan_can_be_taken_away(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let id = scene.enabled().await;
    scene
        .house
        .force("UPDATE accounts SET plan = 'STANDARD'")
        .await
        .unwrap();
    let admin = scene.house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(codes(&enable(&admin, &id, false).await), ["PLAN_REQUIRED"]);
    assert_eq!(delete(&admin, &id).await["deletedIdentityProviderId"], json!(id));
    scene.house.close().await;
}

/// Titles of the notifications about single sign-on that the administrator has, oldest first.
async fn notices(scene: &Scene) -> Vec<String> {
    let admin = scene.house.sign_in("admin@acme.example", PASSWORD).await;
    let query = "{ viewer { notifications(first: 50) { nodes { kind title subject { id } } } } }";
    let found = admin.ask(query, json!({})).await;
    let nodes = found["viewer"]["notifications"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let about_sso = nodes.iter().filter(|node| node["kind"] == "SSO_PROBLEM");
    let mut titles: Vec<String> = about_sso.map(|node| text(&node["title"])).collect();
    titles.reverse();
    titles
}

async fn wait_for_notices(scene: &Scene, count: usize) -> Vec<String> {
    for _ in 0..60 {
        let found = notices(scene).await;
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("no notice number {count}")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_secret_is_told_thirty_days_seven_days_and_a_day_before(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let clock = scene.house.app.clock().clone();
    let end = clock.now() + Duration::days(100);
    let mut wanted = scene.wanted();
    wanted["secretExpiresAt"] = json!(end.to_rfc3339());
    let made = super::support::create(&scene.team.admin, wanted).await;
    let id = text(&made["identityProvider"]["id"]);
    // An ordinary administrator cannot mend it and is not told.
    scene
        .team
        .join(&scene.house, "sam@acme.example", "SECONDARY_ADMIN")
        .await;
    clock.advance(Duration::days(69));
    assert_eq!(notices(&scene).await, Vec::<String>::new());
    clock.advance(Duration::days(1) + Duration::minutes(1));
    let told = wait_for_notices(&scene, 1).await;
    assert_eq!(told, ["The client secret of Acme Login expires within 30 days"]);
    clock.advance(Duration::days(23));
    wait_for_notices(&scene, 2).await;
    // A change that has nothing to do with the secret tells nothing anew.
    let admin = scene.house.sign_in("admin@acme.example", PASSWORD).await;
    update(&admin, &id, json!({"name": "Acme"})).await;
    clock.advance(Duration::days(6));
    let told = wait_for_notices(&scene, 3).await;
    assert_eq!(
        told[1..],
        [
            "The client secret of Acme Login expires within 7 days",
            "The client secret of Acme expires within a day"
        ]
    );
    assert_eq!(
        scene
            .house
            .number("SELECT count(*) FROM notifications WHERE kind = 'SSO_PROBLEM'")
            .await,
        3
    );
    assert_eq!(
        scene
            .house
            .number("SELECT count(*) FROM jobs WHERE status = 'READY'")
            .await,
        0
    );

    // Another secret has an end of its own.
    let admin = scene.house.sign_in("admin@acme.example", PASSWORD).await;
    let later = (clock.now() + Duration::days(20)).to_rfc3339();
    update(
        &admin,
        &id,
        json!({"clientSecret": "another", "secretExpiresAt": later}),
    )
    .await;
    assert_eq!(
        scene
            .house
            .number("SELECT count(*) FROM jobs WHERE status = 'READY'")
            .await,
        1
    );
    update(&admin, &id, json!({"clientSecret": "a third"})).await;
    assert_eq!(scene.provider(&id).await.secret_expires_at, None);
    assert_eq!(
        scene
            .house
            .number("SELECT count(*) FROM jobs WHERE status = 'READY'")
            .await,
        0
    );
    assert_eq!(notices(&scene).await.len(), 3);
    scene.house.close().await;
}

/// Has every notification refused by the database, until told otherwise.
async fn refuse_notifications(scene: &Scene, are_refused: bool) {
    let sql = match (scene.house.database, are_refused) {
        (Database::Sqlite, true) => {
            "CREATE TRIGGER no_notifications BEFORE INSERT ON notifications BEGIN SELECT RAISE(ABORT, 'none today'); END"
        }
        (Database::Sqlite, false) => "DROP TRIGGER no_notifications",
        (Database::Postgres, true) => {
            "CREATE FUNCTION none_today() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'none today'; END $$; \
            CREATE TRIGGER no_notifications BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION none_today()"
        }
        (Database::Postgres, false) => "DROP TRIGGER no_notifications ON notifications",
    };
    scene.house.force(sql).await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_cannot_be_written_is_tried_ten_times_given_up_for_all_to_see_and_the_next_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let house = &scene.house;
    let clock = house.app.clock().clone();
    let mut wanted = scene.wanted();
    wanted["secretExpiresAt"] = json!((clock.now() + Duration::days(31)).to_rfc3339());
    super::support::create(&scene.team.admin, wanted).await;
    refuse_notifications(&scene, true).await;
    let attempts = async || {
        house
            .number(
                "SELECT CAST(COALESCE(MAX(attempts), 0) AS bigint) FROM jobs WHERE kind = 'secret_notice'",
            )
            .await
    };
    let given_up = async || {
        house
            .number("SELECT count(*) FROM audit_events WHERE action = 'identity_providers.give_up_notice'")
            .await
    };
    clock.advance(Duration::days(1) + Duration::minutes(1));
    for _ in 0..1_200 {
        if given_up().await > 0 {
            break;
        }
        let tried = attempts().await;
        assert!(tried <= 11, "{tried} attempts");
        let pauses = job::Entity::find()
            .filter(job::Column::AccountId.eq(scene.team.account_id))
            .filter(job::Column::Kind.eq("secret_notice"))
            .filter(job::Column::Status.eq(job::Status::Ready))
            .filter(job::Column::RunAt.gt(clock.now()));
        if pauses.count(house.app.reader()).await.unwrap() > 0 {
            // The pause before the next is over.
            clock.advance(Duration::minutes(6));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(given_up().await, 1);
    assert_eq!(attempts().await, 11, "ten, and the one that gave it up");
    assert_eq!(house.number("SELECT count(*) FROM notifications").await, 0);
    let done = "SELECT count(*) FROM jobs WHERE kind = 'secret_notice' AND status = 'DONE' AND last_error LIKE '%none today%'";
    assert_eq!(house.number(done).await, 1, "what was wrong is kept");

    refuse_notifications(&scene, false).await;
    clock.advance(Duration::days(23));
    let told = wait_for_notices(&scene, 1).await;
    assert_eq!(told, ["The client secret of Acme Login expires within 7 days"]);
    assert_eq!(given_up().await, 1);
    scene.house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_does_stands_in_the_audit_log_without_the_secret() {
    let scene = Scene::open(Database::Sqlite).await;
    let id = scene.enabled().await;
    update(
        &scene.team.admin,
        &id,
        json!({"clientSecret": "another-secret", "name": "Other"}),
    )
    .await;
    let audited = scene.house.everything().await["audit_events"].join("\n");
    for action in [
        "identity_providers.create",
        "identity_providers.set_enabled",
        "identity_providers.update",
    ] {
        assert!(audited.contains(action), "{action}");
    }
    assert!(audited.contains("Acme Login") && audited.contains("secretUpdatedAt"));
    assert!(!audited.contains("another-secret") && !audited.contains(super::support::SECRET));
    let (status, _) = scene
        .team
        .admin
        .send("{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::OK);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn secrets_move_to_a_new_master_key(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let id = text(&scene.create().await["id"]);
    let before = scene.provider(&id).await;
    let restart = |present: &str, former: &[&str]| {
        let mut config = crate::support::House::config(&scene.house.folder, &scene.house.database_url);
        config.secret_key = Some(present.to_owned().into());
        config.former_secret_keys = former.iter().map(|key| (*key).to_owned().into()).collect();
        config
    };
    let old = std::fs::read_to_string(scene.house.folder.path().join("secret.key")).unwrap();
    let new = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let strange = server::operator_app(&restart(new, &[])).await.unwrap();
    let counted = reseal_all(&strange).await.unwrap();
    assert_eq!(
        (counted.secrets, counted.failed_accounts),
        (0, 1),
        "without the former key nothing opens"
    );
    assert_eq!(scene.provider(&id).await, before);

    let rotating = server::operator_app(&restart(new, &[&old])).await.unwrap();
    let counted = reseal_all(&rotating).await.unwrap();
    assert_eq!(
        (counted.secrets, counted.accounts, counted.failed_accounts),
        (1, 1, 0)
    );
    let after = scene.provider(&id).await;
    assert_eq!(after.version, before.version);
    assert_ne!(after.sealed_secret, before.sealed_secret);
    let again = reseal_all(&rotating).await.unwrap();
    assert_eq!((again.secrets, again.accounts), (0, 0));
    let rotated = server::operator_app(&restart(new, &[])).await.unwrap();
    let sealed = after.sealed_secret.unwrap();
    let opened = rotated
        .secrets()
        .unseal(Content::ClientSecret, after.account_id, after.id, &sealed);
    assert_eq!(opened.unwrap().expose_secret(), SECRET);
    scene.house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_operator_vouches_for_a_domain_that_is_nobody_elses(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let app = &scene.house.app;
    team(&scene.house, "other", Plan::Premium).await;
    let vouch = |account: &str, name: &str| VouchForDomain {
        account: account.to_owned(),
        name: name.to_owned(),
    };
    let first = app
        .run(&Actor::Operator, vouch("acme", "Offline.example"))
        .await
        .unwrap();
    let second = app
        .run(&Actor::Operator, vouch("acme", "offline.example"))
        .await
        .unwrap();
    assert_eq!(first, second);
    for (command, code) in [
        (vouch("other", "offline.example"), Code::DomainClaimedElsewhere),
        (vouch("nobody", "free.example"), Code::NotFound),
        (vouch("acme", "com"), Code::Invalid),
        (vouch("acme", "co.uk"), Code::DomainPublicSuffix),
    ] {
        match app.run(&Actor::Operator, command).await {
            Err(Error::Refused(refusals)) => assert_eq!(refusals[0].code, code),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(scene.count("domains").await, 2);
    let verified = scene
        .house
        .number("SELECT count(*) FROM domains WHERE status = 'VERIFIED'")
        .await;
    assert_eq!(verified, 2);
    scene.house.close().await;
}
