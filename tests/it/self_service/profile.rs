//! One's own names and language, and where one is signed in.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::send;
use crate::support::{Database, House, PASSWORD, team};

const UPDATE: &str = "mutation($input: UpdateViewerProfileInput!) { updateViewerProfile(input: $input) {
    viewer { user { givenName familyName displayName locale version } } userErrors { code field } } }";
const SESSIONS: &str = "{ account { users(first: 20) { nodes { email sessions(first: 10) { totalCount nodes { id ipAddress isCurrent } } } } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_user_changes_their_own_names_and_language_and_nobody_elses(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let changed = send(
        &user,
        UPDATE,
        json!({"givenName": "Ada", "familyName": "Lovelace", "locale": "de"}),
    )
    .await;
    assert_eq!(changed["userErrors"], json!([]));
    let seen = &changed["viewer"]["user"];
    assert_eq!(
        (&seen["displayName"], &seen["locale"]),
        (&json!("Ada Lovelace"), &json!("de"))
    );
    let found = "{ account { users(filter: {search: \"lovelace\"}) { nodes { email } } } }";
    let found = team.admin.ask(found, json!({})).await;
    assert_eq!(
        found["account"]["users"]["nodes"],
        json!([{"email": "user@acme.example"}])
    );
    let before = house.settled().await;
    for (input, code, member) in [
        (json!({"givenName": "x".repeat(61)}), "TOO_LONG", "givenName"),
        (
            json!({"familyName": "\u{ff11}"}),
            "NAME_DOUBLE_BYTE_DIGIT",
            "familyName",
        ),
        (json!({"locale": "not a language"}), "INVALID", "locale"),
        (
            json!({"givenName": "Late", "expectedVersion": 1}),
            "STALE_VERSION",
            "expectedVersion",
        ),
    ] {
        let refused = send(&user, UPDATE, input).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": ["input", member]}])
        );
    }
    assert_eq!(house.settled().await, before);
    let version = &seen["version"];
    let blank = send(
        &user,
        UPDATE,
        json!({"givenName": " ", "expectedVersion": version}),
    )
    .await;
    let now = &blank["viewer"]["user"];
    assert_eq!(
        (&now["givenName"], &now["familyName"], &now["locale"]),
        (&Value::Null, &json!("Lovelace"), &json!("de"))
    );
    // What an administrator may not do here, a plain user may not do to others either: there is no way to name them.
    let audited = "SELECT count(*) FROM audit_events WHERE action = 'users.update_own'";
    assert_eq!(house.number(audited).await, 2);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_where_people_are_signed_in_and_plain_users_where_they_are_themselves(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let again = house.sign_in("user@acme.example", PASSWORD).await;
    let before = house.app.statements();
    let seen = team.admin.ask(SESSIONS, json!({})).await;
    let cost = house.app.statements() - before;
    assert!(cost <= 12, "{cost} statements");
    let of = |email: &str| {
        let nodes = seen["account"]["users"]["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["email"] == email).unwrap()["sessions"].clone()
    };
    let theirs = of("user@acme.example");
    assert_eq!(theirs["totalCount"], 2);
    assert!(
        theirs["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .all(|session| session["isCurrent"] == false)
    );
    assert_eq!(of("admin@acme.example")["nodes"][0]["isCurrent"], true);
    let id = theirs["nodes"][0]["id"].clone();
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(team.admin.ask(node, json!({"id": id})).await["node"]["id"], id);
    for stranger in [
        &other.admin,
        &team.join(&house, "third@acme.example", "USER").await,
    ] {
        assert_eq!(stranger.ask(node, json!({"id": id})).await["node"], Value::Null);
    }
    let own = "{ viewer { user { sessions { totalCount } } } }";
    assert_eq!(
        user.ask(own, json!({})).await["viewer"]["user"]["sessions"]["totalCount"],
        2
    );
    let end = "mutation($input: RevokeSessionsInput!) { revokeSessions(input: $input) { revokedCount userErrors { code } } }";
    let user_id = user.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    let ended = send(&team.admin, end, json!({"userId": user_id, "sessionIds": [id]})).await;
    assert_eq!(ended["revokedCount"], 1);
    assert_eq!(
        again.ask(own, json!({})).await["viewer"]["user"]["sessions"]["totalCount"],
        1
    );
    assert_eq!(
        team.admin.ask(node, json!({"id": id})).await["node"],
        Value::Null,
        "it has ended"
    );
    house.settle_mails().await;
    house.close().await;
}
