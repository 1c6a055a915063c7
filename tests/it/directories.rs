//! What is unique over all accounts: held by the directories, whatever happens at once, and carried over from installations that had none.

use std::collections::BTreeMap;

use entity::account::Plan;
use entity::domain::Status;
use entity::ids::{self, Kind};
use migration::{Migrator, MigratorTrait};
use muster::access::Actor;
use muster::admin::CreateAccount;
use muster::app::App;
use muster::domains::{RemoveDomain, VerifyDomain};
use muster::error::{Code, Error, Result};
use muster::person::EmailAddress;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::directories::{assert_directories_agree, listed};
use crate::support::rows::{force, query};
use crate::support::{Client, Database, House, PASSWORD, empty, team};

const RACES: usize = 12;
const CLAIM: &str =
    "mutation($name: String!) { claimDomain(input: {name: $name}) { domain { id record { host value } } } }";

async fn create(app: &App, slug: String, email: String) -> Result<Uuid> {
    let email = EmailAddress::parse(&email)?;
    let command = CreateAccount::new(&slug, &slug, Plan::Standard, email, PASSWORD.to_owned().into());
    let (account, _) = app.run(&Actor::Operator, command).await?;
    Ok(account.id)
}

/// How many of several attempts at each thing came through; every other one was refused with the code.
fn winners<T: std::fmt::Debug>(attempts: Vec<(String, Result<T>)>, code: Code) -> BTreeMap<String, usize> {
    let mut winners = BTreeMap::new();
    for (name, outcome) in attempts {
        let wins = winners.entry(name).or_default();
        match outcome {
            Ok(_) => *wins += 1,
            Err(Error::Refused(refusals)) => assert_eq!(refusals[0].code, code),
            Err(other) => panic!("{other:?}"),
        }
    }
    winners
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_slug_claimed_by_two_accounts_at_once_has_one_owner(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let tries = (0..RACES).flat_map(|number| ["one", "other"].map(|who| (number, who)));
    let tries = tries.map(|(number, who)| {
        let (app, slug) = (house.app.clone(), format!("slug-{number}"));
        tokio::spawn(async move {
            let email = format!("{who}@{slug}.example");
            (slug.clone(), create(&app, slug, email).await)
        })
    });
    let outcomes = futures::future::join_all(tries).await;
    let outcomes = outcomes.into_iter().map(Result::unwrap).collect();
    let winners = winners(outcomes, Code::AlreadyExists);
    assert!(
        winners.len() == RACES && winners.values().all(|wins| *wins == 1),
        "{winners:?}"
    );
    for table in ["accounts", "users", "account_slugs", "user_directory"] {
        let rows = house.number(&format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(rows, 12, "{table}: whoever lost left nothing");
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_verified_by_two_accounts_at_once_has_one_owner_until_it_is_given_up(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let teams = [
        team(&house, "one", Plan::Premium).await,
        team(&house, "other", Plan::Premium).await,
    ];
    let mut claims = Vec::new();
    for number in 0..RACES {
        for team in &teams {
            let name = format!("acme{number}.example");
            let claimed = team.admin.ask(CLAIM, json!({"name": name})).await;
            let claimed = &claimed["claimDomain"]["domain"];
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let record = &claimed["record"];
            house.dns.publish(&text(&record["host"]), &text(&record["value"]));
            let id = Kind::Domain.parse(&text(&claimed["id"])).unwrap();
            claims.push((team.actor(&house).await, name, id));
        }
    }
    let tries = claims.iter().cloned().map(|(actor, name, id)| {
        let app = house.app.clone();
        tokio::spawn(async move { (name, app.run(&actor, VerifyDomain::new(id)).await) })
    });
    let outcomes = futures::future::join_all(tries).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(std::result::Result::unwrap).collect();
    let lost = outcomes.iter().position(|(_, outcome)| outcome.is_err()).unwrap();
    let winners = winners(outcomes, Code::DomainClaimedElsewhere);
    assert!(
        winners.len() == RACES && winners.values().all(|wins| *wins == 1),
        "{winners:?}"
    );
    for sql in [
        "SELECT count(*) FROM domains WHERE status = 'VERIFIED'",
        "SELECT count(*) FROM domain_owners",
        "SELECT count(*) FROM jobs WHERE kind = 'domain_check'",
    ] {
        assert_eq!(house.number(sql).await, 12, "{sql}");
    }
    assert_directories_agree(&house.database_url).await;

    // Given up by its owner, it is free for the other.
    let (loser, name, wanted) = &claims[lost];
    let mut others = claims
        .iter()
        .filter(|(_, other, id)| other == name && id != wanted);
    let (owner, _, owned) = others.next().unwrap();
    let again = house.app.run(loser, VerifyDomain::new(*wanted)).await;
    assert!(again.is_err(), "it is still another's");
    let remove = RemoveDomain { domain_id: *owned };
    house.app.run(owner, remove).await.unwrap();
    let verified = house.app.run(loser, VerifyDomain::new(*wanted)).await.unwrap();
    assert_eq!(verified.status, Status::Verified);
    house.close().await;
}

/// Rows of an installation of the version before, as SQL; `id` writes an id as the database does.
fn rows_of_before(id: &dyn Fn(u128) -> String, bytes: &dyn Fn(&[u8]) -> String, hash: &[u8]) -> Vec<String> {
    const TIME: &str = "'2026-01-02T03:04:05+00:00'";
    let mut rows = Vec::new();
    for (account, slug) in [(1, "acme"), (2, "rival")] {
        rows.push(format!(
            "INSERT INTO accounts (id, version, name, slug, plan, view, invitation_lifetime_days, allowed_invite_domains, default_locale,
             users_staged, users_pending, users_active, users_disabled, users_admin, created_at)
             VALUES ({}, 1, '{slug}', '{slug}', 'PREMIUM', 'CURRENT', 90, '[]', 'en', 0, 1, 2, 1, 1, {TIME})",
            id(account)
        ));
    }
    rows.push(format!(
        "INSERT INTO identities (id, email, email_key, created_at) VALUES ({}, 'Ada@acme.example', 'ada@acme.example', {TIME})",
        id(9)
    ));
    for (user, email, identity, is_verified, status) in [
        (10, "ada", id(9), true, "ACTIVE"),
        (11, "grace", "NULL".into(), true, "ACTIVE"),
        (12, "pia", "NULL".into(), false, "PENDING"),
        (13, "dora", id(9), true, "DISABLED"),
        (14, "rita", id(9), true, "REMOVED"),
    ] {
        rows.push(format!(
            "INSERT INTO users (account_id, id, identity_id, version, email, email_key, email_verified, sort_name, search_text, role, status, origin, created_at)
             VALUES ({}, {}, {identity}, 1, '{email}', '{email}@acme.example', {is_verified}, '{email}', '{email}', 'SECONDARY_ADMIN', '{status}', 'API', {TIME})",
            id(1),
            id(user)
        ));
    }
    for (account, domain, status) in [(1, 20, "VERIFIED"), (2, 21, "PENDING")] {
        rows.push(format!(
            "INSERT INTO domains (account_id, id, name, status, created_at, claim_ends_at, misses)
             VALUES ({}, {}, 'acme.example', '{status}', {TIME}, {TIME}, 0)",
            id(account),
            id(domain)
        ));
    }
    rows.push(format!(
        "INSERT INTO identity_providers (account_id, id, version, name, status, issuer, client_id, token_auth_method, scopes, enforcement,
         is_authoritative, provisions, allows_without_seat, default_subscription_ids, email_claim, given_name_claim, family_name_claim, created_at)
         VALUES ({}, {}, 1, 'Corporate', 'DRAFT', 'https://login.example', 'muster', 'CLIENT_SECRET_BASIC', '[]', 'OPTIONAL',
         FALSE, TRUE, TRUE, '[]', 'email', 'given_name', 'family_name', {TIME})",
        id(2),
        id(50)
    ));
    rows.push(format!(
        "INSERT INTO api_tokens (account_id, id, name, hint, secret_hash, scopes, created_by, created_at, expires_at)
         VALUES ({}, {}, 'Sync', 'mst_oldo', {}, '[\"USERS_READ\"]', {}, {TIME}, '2999-01-01T00:00:00+00:00')",
        id(1),
        id(30),
        bytes(hash),
        id(10)
    ));
    rows.push(format!(
        "INSERT INTO uploads (account_id, id, created_by, purpose, status, filename, content_type, byte_size, sha256, object_key, created_at, expires_at)
         VALUES ({}, {}, {}, 'USER_IMPORT', 'CONSUMED', 'a.csv', 'text/csv', 1, 'x', 'uploads/1/40', {TIME}, {TIME})",
        id(1),
        id(40),
        id(10)
    ));
    rows
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_installation_had_before_the_directories_is_carried_over(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty(database, folder.path()).await;
    let with_creation = format!(
        "{url}{}",
        if database == Database::Sqlite {
            "?mode=rwc"
        } else {
            ""
        }
    );
    let connection = sea_orm::Database::connect(&with_creation).await.unwrap();
    Migrator::up(&connection, Some(10)).await.unwrap();
    let id = |number: u128| match database {
        Database::Sqlite => format!("x'{}'", Uuid::from_u128(number).simple()),
        Database::Postgres => format!("'{}'::uuid", Uuid::from_u128(number)),
    };
    let bytes = |bytes: &[u8]| {
        use std::fmt::Write;
        let mut digits = String::new();
        for byte in bytes {
            write!(digits, "{byte:02x}").unwrap();
        }
        match database {
            Database::Sqlite => format!("x'{digits}'"),
            Database::Postgres => format!("'\\x{digits}'::bytea"),
        }
    };
    let secret = format!("mst_{}", "oldo".repeat(10)) + "old";
    for sql in rows_of_before(&id, &bytes, &muster::platform::secrets::hash(&secret)) {
        force(&connection, &sql).await.unwrap();
    }
    let before = query(&connection, "SELECT id FROM users ORDER BY id").await.len();
    Migrator::up(&connection, None).await.unwrap();

    let [slugs, domains, people] = listed(&connection).await;
    assert_eq!(slugs, ["acme", "rival"]);
    assert_eq!(domains, ["acme.example"]);
    assert_eq!(
        people,
        ["ada@acme.example", "dora@acme.example", "grace@acme.example"]
    );
    assert_eq!(
        query(&connection, "SELECT id FROM users").await.len(),
        before,
        "nobody is lost"
    );
    let providers = "SELECT identity_provider_id, account_id FROM provider_accounts";
    let found: Vec<(Uuid, Uuid)> = query(&connection, providers)
        .await
        .iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect();
    assert_eq!(found, [(Uuid::from_u128(50), Uuid::from_u128(2))]);
    let twice = format!(
        "INSERT INTO uploads (account_id, id, created_by, purpose, status, filename, content_type, byte_size, sha256, object_key, created_at, expires_at)
         SELECT account_id, {}, created_by, purpose, status, filename, content_type, byte_size, sha256, object_key, created_at, expires_at FROM uploads",
        id(41)
    );
    assert!(
        force(&connection, &twice).await.is_err(),
        "an account's file has one key"
    );
    connection.close().await.unwrap();

    // A script goes on with the token it has.
    let config = House::config(&folder, &url);
    let server = muster::server::Server::start(&config).await.unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut script = Client::of(&format!("http://{}", server.address));
    let running = tokio::spawn(async move { server.run(stopped).await });
    script.token = Some(secret.clone());
    let users = "{ account { slug users(first: 1) { totalCount } } }";
    let answer = script.ask(users, json!({})).await;
    assert_eq!(answer["account"]["slug"], "acme");
    script.token = Some(secret.replace("oldo", "oldx"));
    assert_eq!(script.refused(users, json!({})).await, "UNAUTHENTICATED");
    stop.send_replace(true);
    running.await.unwrap().unwrap();
    if database == Database::Postgres {
        crate::support::discard(database, &url).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_names_another_account_is_worth_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let house = House::open(database).await;
    let one = team(&house, "one", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let expires_at = (house.app.clock().now() + chrono::Duration::days(1)).to_rfc3339();
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }";
    let input = json!({"name": "Sync", "scopes": ["USERS_READ"], "expiresAt": expires_at});
    let made = one.admin.ask(create, json!({"input": input})).await;
    let secret = made["createApiToken"]["secret"].as_str().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(&secret[4..]).unwrap();
    assert_eq!(bytes[32..], *one.account_id.as_bytes(), "it names its account");

    let mut script = house.anonymous();
    script.token = Some(secret.to_owned());
    let query = "{ account { slug } }";
    assert_eq!(script.ask(query, json!({})).await["account"]["slug"], "one");
    for account in [other.account_id, Uuid::nil(), ids::new(house.app.clock().now())] {
        let mut forged = bytes.clone();
        forged[32..].copy_from_slice(account.as_bytes());
        script.token = Some(format!("mst_{}", URL_SAFE_NO_PAD.encode(&forged)));
        assert_eq!(script.refused(query, json!({})).await, "UNAUTHENTICATED");
    }
    // Nor is its random part alone worth anything.
    script.token = Some(format!("mst_{}", URL_SAFE_NO_PAD.encode(&bytes[..32])));
    assert_eq!(script.refused(query, json!({})).await, "UNAUTHENTICATED");
    house.close().await;
}
