//! API tokens: what a script may do, for how long, and what never.

use std::time::Duration;

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, PASSWORD, Team, add_product, team};

const CREATE: &str = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret apiToken { id name hint scopes createdBy { id } expiresAt lastUsedAt revokedAt } userErrors { code field } } }";
const USERS: &str = "{ account { users { nodes { id email } } } }";
const INVITE: &str = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code field } } }";

fn in_days(house: &House, days: i64) -> String {
    (house.app.clock().now() + chrono::Duration::days(days)).to_rfc3339()
}

async fn create(house: &House, by: &Client, scopes: &[&str]) -> Value {
    let input = json!({"name": "Nightly sync", "scopes": scopes, "expiresAt": in_days(house, 30)});
    by.ask(CREATE, json!({"input": input})).await["createApiToken"].clone()
}

/// A script with a token of these scopes; and the token's id.
async fn script(house: &House, by: &Client, scopes: &[&str]) -> (Client, String) {
    let made = create(house, by, scopes).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let mut script = by.clone();
    script.token = Some(made["secret"].as_str().unwrap().to_owned());
    (script, made["apiToken"]["id"].as_str().unwrap().to_owned())
}

async fn revoke(by: &Client, id: &str) -> Value {
    let mutation = "mutation($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { apiToken { id revokedAt } userErrors { code field } } }";
    by.ask(mutation, json!({"input": {"apiTokenId": id}})).await["revokeApiToken"].clone()
}

async fn opening() -> (House, Team) {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Premium).await;
    (house, team)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_shown_once_and_only_its_hash_is_kept(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let made = create(&house, &team.admin, &["USERS_READ", "USERS_READ"]).await;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("mst_") && secret.len() == 68, "{secret}");
    let token = &made["apiToken"];
    assert_eq!(token["hint"], secret[..8]);
    assert_eq!(token["scopes"], json!(["USERS_READ"]));
    assert_eq!(token["createdBy"]["id"], team.admin_id.as_str());

    let list = "{ account { apiTokens(first: 5) { totalCount nodes { id name hint lastUsedAt } } } }";
    let listed = team.admin.ask(list, json!({})).await["account"]["apiTokens"].clone();
    assert_eq!(listed["totalCount"], 1);
    assert_eq!(listed["nodes"][0]["id"], token["id"]);
    let node = "query($id: ID!) { node(id: $id) { ... on ApiToken { name } } }";
    let found = team.admin.ask(node, json!({"id": token["id"]})).await;
    assert_eq!(found["node"]["name"], "Nightly sync");
    let stored = format!("{:?}", house.everything().await);
    assert!(stored.contains("Nightly sync") && !stored.contains(secret));
    assert!(!stored.contains(&secret[9..]));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_reads_and_writes_what_its_scopes_name_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let subscription = add_product(&house, "acme", "DRAW", 5).await;
    let (reader, _) = script(&house, &team.admin, &["USERS_READ"]).await;
    let (writer, writer_id) = script(&house, &team.admin, &["USERS_WRITE"]).await;
    let (seater, _) = script(&house, &team.admin, &["ASSIGNMENTS_WRITE"]).await;

    assert_eq!(
        reader.ask(USERS, json!({})).await["account"]["users"]["nodes"][0]["email"],
        "admin@acme.example"
    );
    let invite = |email: &str| json!({"input": {"email": email}});
    assert_eq!(
        reader.refused(INVITE, invite("a@acme.example")).await,
        "FORBIDDEN"
    );
    let invited = writer.ask(INVITE, invite("a@acme.example")).await["inviteUser"].clone();
    assert_eq!(invited["userErrors"], json!([]));
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { results { status } userErrors { code } } }";
    let seat =
        json!({"input": {"sources": [{"subscriptionId": subscription}], "userIds": [invited["user"]["id"]]}});
    assert_eq!(writer.refused(assign, seat.clone()).await, "FORBIDDEN");
    let assigned = seater.ask(assign, seat).await;
    assert_eq!(assigned["assignSeats"]["results"][0]["status"], "APPLIED");
    let seats = "{ account { subscriptions { nodes { id } } } }";
    seater.ask(seats, json!({})).await;
    assert_eq!(reader.refused(seats, json!({})).await, "FORBIDDEN");
    assert_eq!(seater.refused(USERS, json!({})).await, "FORBIDDEN");

    let actors = "SELECT count(*) FROM audit_events WHERE actor_kind = 'API_TOKEN' AND outcome = 'SUCCESS' AND actor_label LIKE";
    let by_writer = format!("{actors} 'Nightly sync ({writer_id}) of admin@acme.example'");
    assert_eq!(house.number(&by_writer).await, 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_sends_no_invitation_that_would_make_an_administrator(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let (writer, _) = script(&house, &team.admin, &["USERS_WRITE"]).await;
    let invite = |email: &str| json!({"input": {"email": email}});
    for (email, role, is_sent) in [
        ("staged@acme.example", "SECONDARY_ADMIN", false),
        ("pending@acme.example", "SECONDARY_ADMIN", true),
        ("plain@acme.example", "USER", false),
    ] {
        let input = json!({"recipients": {"emails": [email]}, "role": role, "sendNow": is_sent});
        let list = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { failed } userErrors { code } } }";
        let answer = team.admin.ask(list, json!({"input": input})).await["inviteUsers"].clone();
        assert_eq!(
            (&answer["userErrors"], &answer["summary"]["failed"]),
            (&json!([]), &json!(0))
        );
    }
    house.settle_mails().await;
    let mails = house.mails().len();
    let refused = writer.ask(INVITE, invite("staged@acme.example")).await;
    assert_eq!(
        refused["inviteUser"]["userErrors"][0]["code"],
        "ROLE_NOT_ASSIGNABLE"
    );

    // Nor when the invitation of a person has expired, nor by sending it again.
    let pending = "{ account { users(filter: {email: {eq: \"pending@acme.example\"}}) { nodes { invitation { id } } } } }";
    let found = team.admin.ask(pending, json!({})).await;
    let id = found["account"]["users"]["nodes"][0]["invitation"]["id"].clone();
    let resend = "mutation($ids: [ID!]!) { resendInvitations(input: {invitationIds: $ids}) { results { userErrors { code } } } }";
    let resent = writer.ask(resend, json!({"ids": [id]})).await;
    let codes = &resent["resendInvitations"]["results"][0]["userErrors"];
    assert_eq!(codes[0]["code"], "ROLE_NOT_ASSIGNABLE");
    let expired = format!(
        "UPDATE invitations SET expires_at = {}",
        House::literal_time(house.app.clock().now() - chrono::Duration::days(1))
    );
    house.force(&expired).await.unwrap();
    let refused = writer.ask(INVITE, invite("pending@acme.example")).await;
    assert_eq!(
        refused["inviteUser"]["userErrors"][0]["code"],
        "ROLE_NOT_ASSIGNABLE"
    );
    house.settle_mails().await;
    assert_eq!(house.mails().len(), mails, "nobody got a mail");
    let invited = "SELECT count(*) FROM invitations i JOIN users u ON u.account_id = i.account_id AND u.id = i.user_id WHERE u.email_key = 'staged@acme.example'";
    assert_eq!(house.number(invited).await, 0);

    let plain = writer.ask(INVITE, invite("plain@acme.example")).await;
    assert_eq!(
        plain["inviteUser"]["userErrors"],
        json!([]),
        "a plain user is invited as ever"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_nobody_and_reaches_nothing_that_is_for_people_only() {
    let (house, team) = opening().await;
    let all = [
        "USERS_READ",
        "USERS_WRITE",
        "ASSIGNMENTS_READ",
        "ASSIGNMENTS_WRITE",
        "USAGE_READ",
        "USAGE_WRITE",
    ];
    let (script, id) = script(&house, &team.admin, &all).await;
    let session = team.admin.ask("{ viewer { session { id } } }", json!({})).await;
    let session = session["viewer"]["session"]["id"].clone();
    assert_eq!(
        script.ask("{ viewer { user { id } } }", json!({})).await["viewer"],
        Value::Null
    );
    let node = "query($id: ID!) { node(id: $id) { __typename } }";
    for hidden in [&session, &json!(id)] {
        assert_eq!(
            script.ask(node, json!({"id": hidden})).await["node"],
            Value::Null,
            "{hidden}"
        );
    }
    for (mutation, input) in [
        (
            CREATE,
            json!({"name": "Another", "scopes": ["USERS_READ"], "expiresAt": in_days(&house, 1)}),
        ),
        (
            "mutation($input: RevokeApiTokenInput!) { revokeApiToken(input: $input) { userErrors { code } } }",
            json!({"apiTokenId": id}),
        ),
        (
            "mutation($input: RevokeSessionsInput!) { revokeSessions(input: $input) { revokedCount } }",
            json!({}),
        ),
        (
            "mutation($input: RevokeSessionsInput!) { revokeSessions(input: $input) { revokedCount } }",
            json!({"userId": team.admin_id}),
        ),
        (
            "mutation($input: CreateUploadInput!) { createUpload(input: $input) { userErrors { code } } }",
            json!({"purpose": "USER_IMPORT", "filename": "a.csv", "byteSize": 1, "contentType": "text/csv", "sha256": "x"}),
        ),
    ] {
        assert_eq!(
            script.refused(mutation, json!({"input": input})).await,
            "FORBIDDEN",
            "{mutation}"
        );
    }
    for role in ["SECONDARY_ADMIN", "SSO_ADMIN", "PRIMARY_ADMIN"] {
        let input = json!({"input": {"email": "evil@acme.example", "role": role}});
        let answer = script.ask(INVITE, input).await;
        assert_eq!(
            answer["inviteUser"]["userErrors"][0]["code"], "ROLE_NOT_ASSIGNABLE",
            "{role}"
        );
    }
    let http = reqwest::Client::new();
    for path in ["/auth/confirm", "/auth/password/change"] {
        let request = http
            .post(format!("{}{path}", house.url))
            .bearer_auth(script.token.as_ref().unwrap())
            .json(&json!({"password": PASSWORD, "newPassword": "a quite different passphrase"}));
        assert_eq!(request.send().await.unwrap().status(), 403, "{path}");
    }
    team.admin.ask(USERS, json!({})).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_shrinks_and_dies_with_its_creator(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let creator = team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let (script, _) = script(&house, &creator, &["USERS_READ"]).await;
    script.ask(USERS, json!({})).await;
    let set = async |change: &str| {
        let sql = format!("UPDATE users SET {change} WHERE email_key = 'sso@acme.example'");
        assert_eq!(house.force(&sql).await.unwrap(), 1);
    };
    set("role = 'USER'").await;
    assert_eq!(script.refused(USERS, json!({})).await, "FORBIDDEN");
    set("role = 'SECONDARY_ADMIN'").await;
    script.ask(USERS, json!({})).await;
    for status in ["DISABLED", "REMOVED"] {
        set(&format!("status = '{status}'")).await;
        assert_eq!(
            script.refused(USERS, json!({})).await,
            "UNAUTHENTICATED",
            "{status}"
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_dead_with_the_next_request_and_a_lapsed_one_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (first, id) = script(&house, &team.admin, &["USERS_READ"]).await;
    let (second, _) = script(&house, &team.admin, &["USERS_READ"]).await;
    first.ask(USERS, json!({})).await;
    let revoked = revoke(&team.admin, &id).await;
    assert_eq!(revoked["userErrors"], json!([]));
    assert!(revoked["apiToken"]["revokedAt"].is_string());
    assert_eq!(first.refused(USERS, json!({})).await, "UNAUTHENTICATED");
    second.ask(USERS, json!({})).await;
    assert_eq!(
        revoke(&team.admin, &id).await,
        revoked,
        "twice changes nothing more"
    );
    let unknown = Kind::ApiToken.text(uuid::Uuid::from_u128(7));
    assert_eq!(
        revoke(&team.admin, &unknown).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );

    house.app.clock().advance(chrono::Duration::days(30));
    assert_eq!(second.refused(USERS, json!({})).await, "UNAUTHENTICATED");
    for nonsense in ["mst_", "mst_x", "mst_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let mut stranger = second.clone();
        stranger.token = Some(nonsense.into());
        assert_eq!(stranger.refused(USERS, json!({})).await, "UNAUTHENTICATED");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_noted_once_a_minute() {
    let (house, team) = opening().await;
    let (script, id) = script(&house, &team.admin, &["USERS_READ"]).await;
    let query = "query($id: ID!) { node(id: $id) { ... on ApiToken { lastUsedAt } } }";
    let last_use = async || team.admin.ask(query, json!({"id": id})).await["node"]["lastUsedAt"].clone();
    assert_eq!(last_use().await, Value::Null);
    let noted = async |than: &Value| {
        for _ in 0..200 {
            let now = last_use().await;
            if now != *than {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no use was noted");
    };
    script.ask(USERS, json!({})).await;
    let first = noted(&Value::Null).await;
    for _ in 0..3 {
        script.ask(USERS, json!({})).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(last_use().await, first);
    house.app.clock().advance(chrono::Duration::minutes(2));
    script.ask(USERS, json!({})).await;
    noted(&first).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_token_is_refused_and_nothing_is_made() {
    let (house, team) = opening().await;
    let good = json!({"name": "Sync", "scopes": ["USERS_READ"], "expiresAt": in_days(&house, 30)});
    for (field, value, code) in [
        ("name", json!(" "), "REQUIRED"),
        ("name", json!("x".repeat(61)), "TOO_LONG"),
        ("scopes", json!([]), "REQUIRED"),
        ("expiresAt", json!(in_days(&house, 367)), "INVALID"),
        ("expiresAt", json!(in_days(&house, -1)), "INVALID"),
    ] {
        let mut input = good.clone();
        input[field] = value;
        let answer = team.admin.ask(CREATE, json!({"input": input})).await["createApiToken"].clone();
        assert_eq!(
            answer["userErrors"],
            json!([{"code": code, "field": ["input", field]}])
        );
        assert_eq!(
            (&answer["secret"], &answer["apiToken"]),
            (&Value::Null, &Value::Null)
        );
    }
    let secondary = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    assert_eq!(
        secondary.refused(CREATE, json!({"input": good})).await,
        "FORBIDDEN"
    );
    assert_eq!(house.number("SELECT count(*) FROM api_tokens").await, 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn making_a_token_needs_a_recent_sign_in_and_revoking_one_does_not() {
    let (house, team) = opening().await;
    let (_, id) = script(&house, &team.admin, &["USERS_READ"]).await;
    house
        .app
        .clock()
        .advance(chrono::Duration::minutes(10) + chrono::Duration::seconds(1));
    let late = create(&house, &team.admin, &["USERS_READ"]).await;
    assert_eq!(late["userErrors"][0]["code"], "RECENT_AUTH_REQUIRED");
    assert_eq!(late["secret"], Value::Null);
    let confirmed = reqwest::Client::new()
        .post(format!("{}/auth/confirm", house.url))
        .bearer_auth(team.admin.token.as_ref().unwrap())
        .json(&json!({"password": PASSWORD}));
    assert_eq!(confirmed.send().await.unwrap().status(), 204);
    assert_eq!(
        create(&house, &team.admin, &["USERS_READ"]).await["userErrors"],
        json!([])
    );
    assert_eq!(revoke(&team.admin, &id).await["userErrors"], json!([]));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_read_seats_does_not_learn_by_a_filter_who_holds_one() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = crate::support::add_product(&house, "acme", "DRAW", 3).await;
    let holders = |filter: &str| {
        format!("{{ account {{ users(filter: {{{filter}: \"{subscription}\"}}) {{ totalCount }} }} }}")
    };
    let (reader, _) = script(&house, &team.admin, &["USERS_READ"]).await;
    let (both, _) = script(&house, &team.admin, &["USERS_READ", "ASSIGNMENTS_READ"]).await;
    for (filter, total) in [("subscriptionId", 0), ("notInSubscriptionId", 1)] {
        let (_, refused) = reader.send(&holders(filter), json!({})).await;
        assert_eq!(
            refused["errors"][0]["extensions"]["code"], "FORBIDDEN",
            "{refused}"
        );
        assert!(refused["data"]["account"]["users"].is_null());
        for allowed in [&both, &team.admin] {
            let answer = allowed.ask(&holders(filter), json!({})).await;
            assert_eq!(answer["account"]["users"]["totalCount"], total);
        }
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whom_and_what_a_script_adds_says_so_and_whom_a_person_invites_does_not(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 9).await;
    let (script, _) = script(&house, &team.admin, &["USERS_WRITE", "ASSIGNMENTS_WRITE"]).await;
    let seats = json!([draw]);
    for (client, name) in [(&script, "script"), (&team.admin, "person")] {
        let one = json!({"email": format!("one.{name}@acme.example"), "subscriptionIds": seats});
        let one = client.ask(INVITE, json!({"input": one})).await["inviteUser"].clone();
        assert_eq!(one["userErrors"], json!([]));
        let list =
            "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { user { id } } } }";
        let input = json!({"recipients": {"list": format!("two.{name}@acme.example")}});
        let two = client.ask(list, json!({"input": input})).await["inviteUsers"]["results"][0]["user"]["id"]
            .clone();
        let assign =
            "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } } }";
        let input = json!({"sources": [{"subscriptionId": draw}], "userIds": [two]});
        let given = client.ask(assign, json!({"input": input})).await;
        assert_eq!(given["assignSeats"]["summary"]["applied"], 1);
    }
    let query = "query($origin: [UserOrigin!]) { account { users(filter: {origin: $origin}) { nodes { email assignments { nodes { source } } } } } }";
    for (origin, source, name) in [("API", "API", "script"), ("INVITATION", "MANUAL", "person")] {
        let found =
            team.admin.ask(query, json!({"origin": [origin]})).await["account"]["users"]["nodes"].clone();
        let mut found: Vec<Value> = found.as_array().unwrap().clone();
        // Whom the operator made with the account.
        found.retain(|user| user["email"] != "admin@acme.example");
        let expected = ["one", "two"].map(|which| {
            json!({"email": format!("{which}.{name}@acme.example"), "assignments": {"nodes": [{"source": source}]}})
        });
        assert_eq!(found, expected);
    }
    house.close().await;
}
