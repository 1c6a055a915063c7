//! Domains: claimed, proven over a real DNS, looked after every day, and at home in one account only.

use std::time::Duration as Patience;

use chrono::Duration;
use entity::account::Plan;
use entity::domain::Status;
use entity::ids::{self, Kind};
use entity::lists::{Texts, Uuids};
use entity::notification::Severity;
use entity::{audit_event, domain, identity_provider, identity_provider_domain, job, notification};
use muster::access::Actor;
use muster::admin::VouchForDomain;
use muster::background::claim::Claim;
use rstest::rstest;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::imports::support::{HEADER, rows, run};
use crate::support::directories::note_forced;
use crate::support::{Client, Database, House, PASSWORD, Team, team};

const FIELDS: &str =
    "id name status record { type host value } createdAt verifiedAt lastCheckedAt lastCheckMessage";
const REMOVE: &str = "mutation($id: ID!) { removeDomain(input: {domainId: $id}) { removedDomainId userErrors { code field } } }";

async fn claim(client: &Client, name: &str) -> Value {
    let query = format!(
        "mutation($name: String!) {{ claimDomain(input: {{name: $name}}) {{ domain {{ {FIELDS} }} userErrors {{ code field ... on QuotaError {{ limit }} }} }} }}"
    );
    client.ask(&query, json!({"name": name})).await["claimDomain"].clone()
}

async fn verify(client: &Client, id: &Value) -> Value {
    let query = format!(
        "mutation($id: ID!) {{ verifyDomain(input: {{domainId: $id}}) {{ domain {{ {FIELDS} }} userErrors {{ code field }} }} }}"
    );
    client.ask(&query, json!({"id": id})).await["verifyDomain"].clone()
}

async fn remove(client: &Client, id: &Value) -> Value {
    client.ask(REMOVE, json!({"id": id})).await["removeDomain"].clone()
}

async fn listed(client: &Client) -> Value {
    let query = format!("{{ account {{ domains {{ {FIELDS} }} }} }}");
    client.ask(&query, json!({})).await["account"]["domains"].clone()
}

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or("none")
}

fn publish(house: &House, domain: &Value) {
    let record = &domain["record"];
    house.dns.publish(
        record["host"].as_str().unwrap(),
        record["value"].as_str().unwrap(),
    );
}

/// Claims a domain and proves it.
async fn prove(house: &House, team: &Team, name: &str) -> Value {
    let claimed = claim(&team.admin, name).await["domain"].clone();
    publish(house, &claimed);
    let proven = verify(&team.admin, &claimed["id"]).await["domain"].clone();
    assert_eq!(proven["status"], "VERIFIED");
    proven
}

async fn stored(house: &House, id: &Value) -> domain::Model {
    let id = Kind::Domain.parse(id.as_str().unwrap()).unwrap();
    let found = domain::Entity::find().filter(domain::Column::Id.eq(id));
    found.one(house.app.reader()).await.unwrap().unwrap()
}

async fn audited(house: &House, team: &Team, action: &str) -> Vec<audit_event::Model> {
    audit_event::Entity::find()
        .filter(audit_event::Column::AccountId.eq(team.account_id))
        .filter(audit_event::Column::Action.eq(action))
        .all(house.app.reader())
        .await
        .unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_claimed_and_proven_by_the_record_and_by_nothing_less(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let claimed = claim(&team.admin, " Mail.ACME.example ").await;
    assert_eq!(claimed["userErrors"], json!([]));
    let claimed = &claimed["domain"];
    assert_eq!(claimed["name"], "mail.acme.example");
    assert_eq!(claimed["status"], "PENDING");
    assert_eq!(claimed["record"]["type"], "TXT");
    let host = claimed["record"]["host"].as_str().unwrap();
    assert_eq!(host, "_muster-challenge.mail.acme.example");
    let value = claimed["record"]["value"].as_str().unwrap();
    let token = value.strip_prefix("muster-domain-verification=").unwrap();
    assert_eq!(token.len(), 43, "256 bits in base64");
    for rows in house.everything().await.values() {
        assert!(rows.iter().all(|row| !row.contains(token)), "it is not stored");
    }

    let missing = verify(&team.admin, &claimed["id"]).await["domain"].clone();
    assert_eq!(
        (&missing["status"], &missing["verifiedAt"]),
        (&json!("FAILED"), &Value::Null)
    );
    assert!(
        missing["lastCheckMessage"]
            .as_str()
            .unwrap()
            .contains("no TXT record")
    );
    house.dns.publish(host, "v=spf1 -all");
    house.dns.publish("mail.acme.example", value);
    house.dns.publish(host, &value[..value.len() - 1]);
    let other = verify(&team.admin, &claimed["id"]).await["domain"].clone();
    assert_eq!(other["status"], "FAILED");
    assert!(
        other["lastCheckMessage"]
            .as_str()
            .unwrap()
            .contains("another value")
    );

    house.dns.publish(host, value);
    let proven = verify(&team.admin, &claimed["id"]).await["domain"].clone();
    assert_eq!(proven["status"], "VERIFIED");
    assert_ne!(proven["verifiedAt"], Value::Null);
    assert_eq!(listed(&team.admin).await, json!([proven]));
    let node = "query($id: ID!) { node(id: $id) { __typename ... on Domain { name status } } }";
    assert_eq!(
        team.admin.ask(node, json!({"id": claimed["id"]})).await["node"],
        json!({"__typename": "Domain", "name": "mail.acme.example", "status": "VERIFIED"})
    );
    assert_eq!(audited(&house, &team, "domains.claim").await.len(), 1);
    let verified = audited(&house, &team, "domains.verify").await;
    assert_eq!(verified.len(), 3);
    assert_eq!(verified[2].targets.0, [claimed["id"].as_str().unwrap()]);
    assert_eq!(
        code(&claim(&team.admin, "mail.acme.example").await),
        "ALREADY_EXISTS"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dns_that_does_not_answer_decides_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let claimed = claim(&team.admin, "acme.example").await["domain"].clone();
    publish(&house, &claimed);
    house.dns.fail("_muster-challenge.acme.example");
    let looked = verify(&team.admin, &claimed["id"]).await;
    assert_eq!(looked["userErrors"], json!([]));
    assert_eq!(looked["domain"]["status"], "PENDING");
    let message = looked["domain"]["lastCheckMessage"].as_str().unwrap();
    assert!(message.contains("did not answer"), "{message}");

    house.dns.recover("_muster-challenge.acme.example");
    assert_eq!(
        verify(&team.admin, &claimed["id"]).await["domain"]["status"],
        "VERIFIED"
    );
    house.dns.fail("_muster-challenge.acme.example");
    assert_eq!(
        verify(&team.admin, &claimed["id"]).await["domain"]["status"],
        "VERIFIED"
    );
    house.dns.withdraw("_muster-challenge.acme.example");
    assert_eq!(
        verify(&team.admin, &claimed["id"]).await["domain"]["status"],
        "VERIFIED"
    );
    assert_eq!(
        stored(&house, &claimed["id"]).await.misses,
        0,
        "a click counts no misses"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_nobody_owns_alone_are_refused_and_nothing_is_kept() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    for (name, expected) in [
        ("co.uk", "DOMAIN_PUBLIC_SUFFIX"),
        ("gmail.com", "DOMAIN_PUBLIC_SUFFIX"),
        ("127.0.0.1", "INVALID"),
        ("localhost", "INVALID"),
        ("аcme.example", "INVALID"),
        ("acme.example.", "INVALID"),
        ("", "INVALID"),
    ] {
        let payload = claim(&team.admin, name).await;
        assert_eq!(code(&payload), expected, "{name}");
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", "name"]));
        assert_eq!(payload["domain"], Value::Null);
    }
    assert_eq!(listed(&team.admin).await, json!([]));
    assert_eq!(house.dns.all_questions(), 0);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_prove_a_domain_at_once_one_has_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Premium).await;
    let rival = team(&house, "rival", Plan::Premium).await;
    for round in 0..5 {
        let name = format!("shared{round}.example");
        let ours = claim(&acme.admin, &name).await["domain"].clone();
        let theirs = claim(&rival.admin, &name).await["domain"].clone();
        assert_ne!(ours["record"]["value"], theirs["record"]["value"]);
        publish(&house, &ours);
        publish(&house, &theirs);
        let (ours, theirs) = tokio::join!(
            verify(&acme.admin, &ours["id"]),
            verify(&rival.admin, &theirs["id"])
        );
        let winners = [&ours, &theirs]
            .into_iter()
            .filter(|payload| payload["domain"]["status"] == "VERIFIED");
        assert_eq!(winners.count(), 1, "{ours} {theirs}");
        let loser = if ours["domain"] == Value::Null {
            &ours
        } else {
            &theirs
        };
        assert_eq!(code(loser), "DOMAIN_CLAIMED_ELSEWHERE");
        let count = format!("SELECT count(*) FROM domains WHERE name = '{name}' AND status = 'VERIFIED'");
        assert_eq!(house.number(&count).await, 1);
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_record_proves_nothing_and_its_domain_cannot_be_claimed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Premium).await;
    let rival = team(&house, "rival", Plan::Premium).await;
    let theirs = claim(&rival.admin, "acme.example").await["domain"].clone();
    let ours = prove(&house, &acme, "acme.example").await;

    assert_eq!(
        verify(&rival.admin, &theirs["id"]).await["domain"]["status"],
        "FAILED"
    );
    publish(&house, &theirs);
    let refused = verify(&rival.admin, &theirs["id"]).await;
    assert_eq!(code(&refused), "DOMAIN_CLAIMED_ELSEWHERE");
    assert_eq!(remove(&rival.admin, &theirs["id"]).await["userErrors"], json!([]));
    assert_eq!(
        code(&claim(&rival.admin, "acme.example").await),
        "DOMAIN_CLAIMED_ELSEWHERE"
    );
    assert_eq!(listed(&rival.admin).await, json!([]));
    assert_eq!(listed(&acme.admin).await, json!([ours]));

    // What is another's answers as what never was.
    let never = json!(Kind::Domain.text(ids::new(house.app.clock().now())));
    for id in [&ours["id"], &never] {
        assert_eq!(code(&verify(&rival.admin, id).await), "NOT_FOUND");
        assert_eq!(code(&remove(&rival.admin, id).await), "NOT_FOUND");
    }
    assert_eq!(listed(&acme.admin).await, json!([ours]));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_names_twenty_domains_and_an_unproven_claim_lapses_after_seven_days(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut team = team(&house, "acme", Plan::Standard).await;
    let first = claim(&team.admin, "d0.example").await["domain"].clone();
    let again = claim(&team.admin, "d0.example").await["domain"].clone();
    assert_eq!(first, again, "a claim that stands is answered as it is");
    for number in 1..20 {
        let payload = claim(&team.admin, &format!("d{number}.example")).await;
        assert_eq!(payload["userErrors"], json!([]), "{number}");
    }
    let refused = claim(&team.admin, "d20.example").await;
    assert_eq!(
        refused["userErrors"][0],
        json!({"code": "QUOTA_EXCEEDED", "field": null, "limit": 20})
    );

    house.app.clock().advance(Duration::days(7));
    team.admin = house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(listed(&team.admin).await[0]["status"], "LAPSED");
    publish(&house, &first);
    let refused = verify(&team.admin, &first["id"]).await;
    assert_eq!(code(&refused), "DOMAIN_NOT_VERIFIED");
    let again = claim(&team.admin, "d0.example").await["domain"].clone();
    assert_eq!(
        (&again["id"], &again["status"]),
        (&first["id"], &json!("PENDING"))
    );
    assert_eq!(
        verify(&team.admin, &first["id"]).await["domain"]["status"],
        "VERIFIED"
    );
    house.close().await;
}

/// Lets a day pass and waits until the domain has been looked at.
async fn next_look(house: &House, id: &Value) -> domain::Model {
    let due_domain = stored(house, id).await;
    let due = due_domain.next_check_at.unwrap();
    let now = house.app.clock().now();
    house.app.clock().advance(due - now + Duration::seconds(1));
    for _ in 0..200 {
        let domain = stored(house, id).await;
        if domain.next_check_at != Some(due) {
            return domain;
        }
        // The house's worker looks every two seconds; a second one saves the test the wait.
        let claim = Claim {
            account_id: due_domain.account_id,
            lease_for: Duration::seconds(30),
        };
        match house.app.run(&Actor::Platform, claim).await.unwrap() {
            Some(lease) => muster::domains::carry_on(&house.app, &lease).await.unwrap(),
            None => tokio::time::sleep(Patience::from_millis(20)).await,
        }
    }
    panic!("nobody looks at the domain");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_lapses_when_seven_daily_looks_in_a_row_miss_the_record(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut team = team(&house, "acme", Plan::Premium).await;
    team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let proven = prove(&house, &team, "acme.example").await;
    let (id, host) = (&proven["id"], "_muster-challenge.acme.example");

    assert_eq!(next_look(&house, id).await.misses, 0);
    house.dns.withdraw(host);
    for miss in 1..=3 {
        assert_eq!(next_look(&house, id).await.misses, miss);
    }
    house.dns.fail(host);
    let silent = next_look(&house, id).await;
    assert_eq!(
        (silent.misses, silent.status),
        (3, Status::Verified),
        "silence is no miss"
    );
    let wait = silent.next_check_at.unwrap() - silent.last_checked_at.unwrap();
    assert_eq!(wait, Duration::hours(1));
    house.dns.recover(host);
    publish(&house, &proven);
    assert_eq!(next_look(&house, id).await.misses, 0, "back in time");

    house.dns.withdraw(host);
    for miss in 1..=6 {
        let looked = next_look(&house, id).await;
        assert_eq!((looked.misses, looked.status), (miss, Status::Verified));
    }
    let lapsed = next_look(&house, id).await;
    assert_eq!((lapsed.status, lapsed.next_check_at), (Status::Lapsed, None));
    let left = job::Entity::find().filter(job::Column::Status.ne(job::Status::Done));
    assert_eq!(
        left.all(house.app.reader()).await.unwrap(),
        [],
        "nobody looks any more"
    );

    let told = notification::Entity::find()
        .filter(notification::Column::Kind.eq(notification::Kind::DomainCheckFailed))
        .order_by_asc(notification::Column::CreatedAt)
        .all(house.app.reader())
        .await
        .unwrap();
    let severities: Vec<_> = told.iter().map(|notice| notice.severity).collect();
    let (warning, critical) = (Severity::Warning, Severity::Critical);
    let expected = [warning, warning, warning, warning, critical, critical];
    assert_eq!(
        severities, expected,
        "twice missing, once lapsed, to the primary and the SSO administrator"
    );
    assert!(told.iter().all(|notice| notice.subject.as_deref() == id.as_str()));
    assert_eq!(audited(&house, &team, "domains.lapse").await.len(), 1);

    team.admin = house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(code(&verify(&team.admin, id).await), "DOMAIN_NOT_VERIFIED");
    let proven = prove(&house, &team, "acme.example").await;
    assert_eq!(&proven["id"], id);
    assert_eq!(
        next_look(&house, id).await.misses,
        0,
        "and it is looked after again"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_proven_domain_that_the_operator_vouches_for_is_looked_for_no_more_and_does_not_lapse(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let proven = prove(&house, &team, "acme.example").await;
    let host = "_muster-challenge.acme.example";
    house.dns.withdraw(host);
    next_look(&house, &proven["id"]).await;
    let vouch = VouchForDomain {
        account: "acme".into(),
        name: "acme.example".into(),
    };
    house.app.run(&Actor::Operator, vouch).await.unwrap();
    let asked = house.dns.questions(host).len();
    let vouched = stored(&house, &proven["id"]).await;
    assert_eq!((vouched.next_check_at, vouched.misses), (None, 0));
    let waiting = job::Entity::find().filter(job::Column::Status.eq(job::Status::Ready));
    assert_eq!(waiting.all(house.app.reader()).await.unwrap(), []);
    house.app.clock().advance(Duration::days(8));
    // Longer than the worker's pause between two looks for work.
    tokio::time::sleep(Patience::from_secs(3)).await;
    let later = stored(&house, &proven["id"]).await;
    assert_eq!((later.status, later.misses), (Status::Verified, 0));
    assert_eq!(house.dns.questions(host).len(), asked, "nobody asks the DNS");
    house.close().await;
}

/// A provider of a status that signs in the people of a domain.
async fn route(house: &House, team: &Team, domain: &Value, status: identity_provider::Status) {
    let now = house.app.clock().now();
    let provider_id = ids::new(now);
    let provider = identity_provider::ActiveModel {
        account_id: Set(team.account_id),
        id: Set(provider_id),
        version: Set(1),
        name: Set("Corporate".into()),
        status: Set(status),
        issuer: Set("https://login.example".into()),
        client_id: Set("muster".into()),
        token_auth_method: Set(identity_provider::TokenAuthMethod::ClientSecretBasic),
        scopes: Set(Texts(vec!["openid".into()])),
        enforcement: Set(identity_provider::Enforcement::Optional),
        is_authoritative: Set(false),
        verifies_as_text: Set(false),
        trusts_prompt: Set(false),
        provisions: Set(true),
        allows_without_seat: Set(true),
        default_subscription_ids: Set(Uuids::default()),
        email_claim: Set("email".into()),
        given_name_claim: Set("given_name".into()),
        family_name_claim: Set("family_name".into()),
        created_at: Set(now),
        ..Default::default()
    };
    let route = identity_provider_domain::ActiveModel {
        account_id: Set(team.account_id),
        id: Set(ids::new(now)),
        identity_provider_id: Set(provider_id),
        domain_id: Set(Kind::Domain.parse(domain["id"].as_str().unwrap()).unwrap()),
    };
    let connection = house.connection().await;
    #[expect(clippy::disallowed_methods, reason = "a test sets the scene")]
    {
        identity_provider::Entity::insert(provider)
            .exec_without_returning(&connection)
            .await
            .unwrap();
        note_forced("INSERT INTO identity_providers");
        identity_provider_domain::Entity::insert(route)
            .exec_without_returning(&connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_domain_people_sign_in_by_cannot_be_removed_and_any_other_can(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let used = prove(&house, &team, "used.example").await;
    let drafted = prove(&house, &team, "drafted.example").await;
    route(&house, &team, &used, identity_provider::Status::Enabled).await;
    route(&house, &team, &drafted, identity_provider::Status::Draft).await;

    let before = house.settled().await;
    let refused = remove(&team.admin, &used["id"]).await;
    assert_eq!(code(&refused), "SSO_IN_USE");
    assert_eq!(refused["removedDomainId"], Value::Null);
    assert_eq!(house.settled().await, before);
    let removed = remove(&team.admin, &drafted["id"]).await;
    assert_eq!(
        removed,
        json!({"removedDomainId": drafted["id"], "userErrors": []})
    );
    assert_eq!(listed(&team.admin).await, json!([used]));
    assert_eq!(audited(&house, &team, "domains.remove").await.len(), 1);

    // The look that was planned finds nothing to look at.
    house
        .app
        .clock()
        .advance(Duration::days(1) + Duration::seconds(1));
    for _ in 0..400 {
        if house
            .number("SELECT count(*) FROM jobs WHERE status = 'DONE'")
            .await
            == 2
        {
            house.close().await;
            return;
        }
        tokio::time::sleep(Patience::from_millis(25)).await;
    }
    panic!("the looks are not done");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_invited_from_a_domain_another_account_has_proven(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Premium).await;
    let rival = team(&house, "rival", Plan::Premium).await;
    let earlier = rival.invite("earlier@acme.example").await;
    prove(&house, &acme, "acme.example").await;
    claim(&acme.admin, "unproven.example").await;

    let query = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { email status user { id } userErrors { code } } } }";
    let list = "new@acme.example; earlier@acme.example; new@rival.example; new@unproven.example; new@mail.acme.example";
    let invited = rival
        .admin
        .ask(query, json!({"input": {"recipients": {"list": list}}}))
        .await;
    let outcome = |place: usize| {
        let result = &invited["inviteUsers"]["results"][place];
        (
            result["status"].as_str().unwrap().to_owned(),
            result["userErrors"][0]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let expected = |status: &str, code: &str| (status.to_owned(), code.to_owned());
    assert_eq!(outcome(0), expected("FAILED", "DOMAIN_CLAIMED_ELSEWHERE"));
    assert_eq!(
        outcome(1),
        expected("UNCHANGED", ""),
        "who is there already stays"
    );
    assert_eq!(invited["inviteUsers"]["results"][1]["user"]["id"], json!(earlier));
    for place in 2..5 {
        assert_eq!(outcome(place), expected("APPLIED", ""), "{place}");
    }
    acme.invite("own@acme.example").await;

    let file = format!("{HEADER}No,Body,imported@acme.example,,,\nSome,Body,imported@rival.example,,,\n");
    let import = run(&rival.admin, file.as_bytes(), json!({})).await;
    let failed = rows(&rival.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    assert_eq!(failed.len(), 1);
    assert_eq!(
        failed[0]["userErrors"][0]["code"], "DOMAIN_CLAIMED_ELSEWHERE",
        "{failed:?}"
    );
    assert_eq!(rival.counts().await["userCounts"]["total"], 6);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_primary_and_sso_administrators_have_to_do_with_domains() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let sso = team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let claimed = claim(&sso, "acme.example").await["domain"].clone();
    assert_eq!(claimed["status"], "PENDING");
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for other in [&second, &user] {
        for query in [
            "mutation { claimDomain(input: {name: \"b.example\"}) { userErrors { code } } }",
            "{ account { domains { id } } }",
        ] {
            assert_eq!(other.refused(query, json!({})).await, "FORBIDDEN");
        }
        assert_eq!(
            other.refused(REMOVE, json!({"id": claimed["id"]})).await,
            "FORBIDDEN"
        );
        assert_eq!(
            other.ask(node, json!({"id": claimed["id"]})).await["node"],
            Value::Null
        );
    }
    assert_eq!(listed(&team.admin).await, json!([claimed]));
    house.close().await;
}
