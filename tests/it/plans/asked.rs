//! What is asked all day, by consoles, by scripts and in the background.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::rows;
use crate::support::{Client, House, PASSWORD, Team};

const USERS: &str = "query($by: UserOrderField!, $to: OrderDirection! = ASC, $after: String) { account { users(first: 100, orderBy: {field: $by, direction: $to}, after: $after) {
    nodes { id email displayName role status assignments(first: 10) { nodes { product { name } subscription { id } } } } pageInfo { hasNextPage endCursor } } } }";
const COUNTED: &str = "query($filter: UserFilter!) { account { users(first: 50, filter: $filter) { totalCount nodes { id invitation { expiresAt } } } } }";

const FILTERED: &str =
    "query($filter: UserFilter!) { account { users(first: 50, filter: $filter) { nodes { id } } } }";

const EVENTS: &str = "query($filter: AuditEventFilter!) { account { auditEvents(first: 50, filter: $filter) { nodes {
    id action actor { id email } actorLabel targetIds targets { id label subject { id } } changes { field before after } } } } }";
const EVENTS_COUNTED: &str =
    "query($filter: AuditEventFilter!) { account { auditEvents(first: 1, filter: $filter) { totalCount } } }";

/// A name, the operation, its variables.
type Asked = (&'static str, &'static str, Value);

/// What a console asks.
pub fn reads(house: &House, team: &Team, subscription: &str, product: &str) -> Vec<Asked> {
    let mut all = of_oneself();
    all.extend(of_users(team, subscription, product));
    all.extend(of_usage(house));
    all.extend(of_credits(house, team, product));
    all.extend(of_the_rest());
    all.extend(of_what_happened(team));
    all
}

/// Of a year that ends today and begins where a month does, as pages of reports ask.
fn of_usage(house: &House) -> Vec<Asked> {
    let today = house.app.clock().now().date_naive();
    let begin = chrono::Datelike::with_day(&today, 1).unwrap() - chrono::Months::new(11);
    let period = json!({"from": begin.to_string(), "to": today.to_string()});
    vec![
        (
            "a report of usage",
            "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { asOf summary { activeUsers inactiveAssignedUsers } series { activeUsers } } } }",
            period.clone(),
        ),
        (
            "a series by day",
            "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}, granularity: DAY}) { series { activeUsers } } } }",
            period.clone(),
        ),
        (
            "rows of usage by name",
            "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { rows(first: 50) { nodes { user { email } sessions } } } } }",
            period.clone(),
        ),
        (
            "rows of usage by a sum",
            "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { rows(first: 50, orderBy: {field: DAYS_USED}) { totalCount nodes { sessions } } } } }",
            period.clone(),
        ),
        (
            "usage of people",
            "query($from: Date!, $to: Date!) { account { users(first: 100) { nodes { usage(period: {from: $from, to: $to}) { sessions } } } } }",
            period.clone(),
        ),
        (
            "usage of products",
            "query($from: Date!, $to: Date!) { account { products(first: 10) { nodes { usage(period: {from: $from, to: $to}) { sessions } } } } }",
            period.clone(),
        ),
        (
            "seats that were not used",
            "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { inactiveSeats(first: 50) { nodes { id lastUsedOn } } } } }",
            period,
        ),
        (
            "seats to be reclaimed",
            "{ account { reclaimableSeats(idleDays: 90, first: 50) { nodes { id } } } }",
            json!({}),
        ),
    ]
}

/// What a hundred people used, as a metering system tells of it.
fn of_credits(house: &House, team: &Team, product: &str) -> Vec<Asked> {
    const LEDGER: &str = "query($filter: CreditEntryFilter) { account { cloudCredits { balance nextExpiry { amount } ledger(first: 50, filter: $filter) { nodes { id user { email } } } } } }";
    let now = house.app.clock().now();
    let within = json!({"from": now - chrono::Duration::days(9), "to": now - chrono::Duration::days(8)});
    vec![
        ("the ledger of credits", LEDGER, json!({})),
        (
            "credits of a person",
            LEDGER,
            json!({"filter": {"userId": team.admin_id}}),
        ),
        (
            "credits of a product",
            LEDGER,
            json!({"filter": {"productId": product}}),
        ),
        ("credits granted", LEDGER, json!({"filter": {"kind": ["GRANT"]}})),
        (
            "credits of a day",
            LEDGER,
            json!({"filter": {"occurredAt": within}}),
        ),
    ]
}

pub async fn recording(house: &House, team: &Team) {
    let day = house.app.clock().now().date_naive().to_string();
    let one = |number: u32| json!({"email": format!("user{number}@acme.example"), "productCode": "DRAW", "day": day, "launches": 1, "credits": "0.0001", "key": "night"});
    let records: Vec<Value> = (1..=100).map(one).collect();
    bulk(
        team,
        "recordUsage",
        "RecordUsageInput",
        json!({"records": records}),
    )
    .await;
}

fn of_oneself() -> Vec<Asked> {
    vec![
        (
            "who I am",
            "{ viewer { user { id displayName role } account { name } permissions session { id } } }",
            json!({}),
        ),
        (
            "my accounts and sessions",
            "{ viewer { accounts { id name } sessions { id lastSeenAt } } }",
            json!({}),
        ),
        (
            "my notifications",
            "{ viewer { unreadNotificationCount notifications(first: 25) { nodes { id title readAt keptUntil } } } }",
            json!({}),
        ),
        (
            "the numbers",
            "{ account { userCounts { total active pending } primaryAdmin { email } roles { role holderCount } } }",
            json!({}),
        ),
    ]
}

fn of_users(team: &Team, subscription: &str, product: &str) -> Vec<Asked> {
    let by = |field: &str, direction: &str| json!({"by": field, "to": direction});
    let filter = |filter: Value| json!({"filter": filter});
    vec![
        ("users by creation", USERS, by("CREATED_AT", "ASC")),
        (
            "users by creation, the last first",
            USERS,
            by("CREATED_AT", "DESC"),
        ),
        ("users by e-mail", USERS, by("EMAIL", "ASC")),
        ("users by name", USERS, by("DISPLAY_NAME", "DESC")),
        ("users by family name", USERS, by("FAMILY_NAME", "ASC")),
        ("users by status", USERS, by("STATUS", "ASC")),
        ("users by sign-in", USERS, by("LAST_SIGNED_IN_AT", "DESC")),
        ("users by role", USERS, by("ROLE", "ASC")),
        (
            "users, the last page",
            "{ account { users(last: 100, orderBy: {field: EMAIL}) { nodes { id email } } } }",
            json!({}),
        ),
        (
            "users of a status",
            COUNTED,
            filter(json!({"status": ["PENDING"]})),
        ),
        (
            "users of two roles",
            COUNTED,
            filter(json!({"role": ["PRIMARY_ADMIN", "SSO_ADMIN"]})),
        ),
        (
            "administrators of single sign-on",
            FILTERED,
            filter(json!({"role": ["SSO_ADMIN"]})),
        ),
        (
            "users signed in lately",
            COUNTED,
            filter(json!({"lastSignedInAt": {"from": "2020-01-01T00:00:00Z"}})),
        ),
        (
            "a user by e-mail",
            COUNTED,
            filter(json!({"email": {"eq": "user777@acme.example"}})),
        ),
        ("a search", COUNTED, filter(json!({"search": "user19999"}))),
        (
            "who has a seat",
            COUNTED,
            filter(json!({"subscriptionId": subscription})),
        ),
        (
            "who has none",
            COUNTED,
            filter(json!({"notInSubscriptionId": subscription})),
        ),
        (
            "who has a seat of a product",
            COUNTED,
            filter(json!({"productId": product})),
        ),
        (
            "whose invitation ran out",
            COUNTED,
            filter(json!({"invitationStatus": ["EXPIRED"]})),
        ),
        (
            "whom no mail has reached",
            COUNTED,
            filter(json!({"invitationDelivery": ["BOUNCED", "DELAYED"]})),
        ),
        (
            "whose invitation stands",
            COUNTED,
            filter(json!({"invitationStatus": ["PENDING"]})),
        ),
        (
            "who did not sign in lately",
            COUNTED,
            filter(json!({"notSignedInSince": "2020-01-01T00:00:00Z"})),
        ),
        (
            "one user",
            "query($id: ID!) { user(id: $id) { email lastSignedInAt invitation { id } assignments(first: 25) { nodes { id } } identities { id } } }",
            json!({"id": team.admin_id}),
        ),
    ]
}

fn of_the_rest() -> Vec<Asked> {
    vec![
        (
            "subscriptions",
            "{ account { subscriptions(first: 50) { nodes { id product { name } seats { total used } } } products(first: 50) { nodes { id name } } } }",
            json!({}),
        ),
        (
            "imports",
            "{ account { imports(first: 25) { totalCount nodes { id status rowsKeptUntil progress { percent } createdBy { email } } } } }",
            json!({}),
        ),
        (
            "rows of an import",
            "query($id: ID!) { import(id: $id) { rows(first: 100, filter: {status: [FAILED]}) { nodes { lineNumber } } } }",
            json!({"id": rows::import_id()}),
        ),
        (
            "events of an import",
            "query($id: ID!) { importEvents(importId: $id, afterSequence: 3) { sequence rows { lineNumber } } }",
            json!({"id": rows::import_id()}),
        ),
        (
            "providers, domains and tokens",
            "{ account { identityProviders { id } domains { id } apiTokens(first: 25) { nodes { id } } } }",
            json!({}),
        ),
    ]
}

/// The audit log, as a console asks for it.
fn of_what_happened(team: &Team) -> Vec<Asked> {
    let filter = |filter: Value| json!({"filter": filter});
    vec![
        ("what happened", EVENTS, filter(json!({}))),
        (
            "what somebody did",
            EVENTS,
            filter(json!({"actorId": team.admin_id})),
        ),
        (
            "what was done to somebody",
            EVENTS,
            filter(json!({"targetId": team.admin_id})),
        ),
        (
            "what was done of one kind",
            EVENTS,
            filter(json!({"action": ["users.remove"]})),
        ),
        ("what was refused", EVENTS, filter(json!({"outcome": ["DENIED"]}))),
        (
            "what happened this year",
            EVENTS,
            filter(json!({"occurredAt": {"from": "2020-01-01T00:00:00Z", "to": "2020-12-31T00:00:00Z"}})),
        ),
        (
            "what was done with users",
            EVENTS,
            filter(json!({"action": ["users"]})),
        ),
        (
            "what came from an address",
            EVENTS,
            filter(json!({"ipAddress": "192.0.2.7"})),
        ),
        ("how much happened", EVENTS_COUNTED, filter(json!({}))),
    ]
}

/// In each order, behind the first page.
pub async fn following_page(team: &Team) {
    for by in [
        "CREATED_AT",
        "EMAIL",
        "DISPLAY_NAME",
        "FAMILY_NAME",
        "LAST_SIGNED_IN_AT",
        "ROLE",
        "STATUS",
    ] {
        let page = team.admin.ask(USERS, json!({"by": by, "to": "DESC"})).await;
        let after = page["account"]["users"]["pageInfo"]["endCursor"].clone();
        let next = json!({"by": by, "to": "DESC", "after": after});
        let next = team.admin.ask(USERS, next).await;
        assert_eq!(next["account"]["users"]["nodes"].as_array().unwrap().len(), 100);
    }
}

/// With a wrong password, with the right one, by the cookie; and asking for a link.
pub async fn signing_in(house: &House) {
    let http = reqwest::Client::new();
    let post = async |path: &str, cookie: &str, body: Value| {
        let request = http.post(format!("{}{path}", house.url)).json(&body);
        let request = request.header("origin", &house.url).header("cookie", cookie);
        request.send().await.unwrap()
    };
    let with = |password: &str| json!({"email": "admin@acme.example", "password": password});
    let refused = post("/auth/sign-in", "", with("not the password")).await;
    assert_eq!(refused.status(), 401);
    let begun = post("/auth/sign-in", "", with(PASSWORD)).await;
    assert_eq!(begun.status(), 200);
    let cookie = begun.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(post("/auth/refresh", &cookie, json!({})).await.status(), 200);
    let forgotten = json!({"email": "user2@acme.example"});
    assert!(
        post("/auth/password/forgot", "", forgotten)
            .await
            .status()
            .is_success()
    );
    let ended = post("/auth/sign-out", &cookie, json!({})).await;
    assert!(ended.status().is_success());
}

/// As a script does.
pub async fn by_token(house: &House, team: &Team) {
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }";
    let expires_at = house.app.clock().now() + chrono::Duration::days(30);
    let input = json!({"name": "script", "scopes": ["USERS_READ"], "expiresAt": expires_at.to_rfc3339()});
    let made = team.admin.ask(create, json!({"input": input})).await;
    let script = Client {
        token: Some(made["createApiToken"]["secret"].as_str().unwrap().to_owned()),
        ..house.anonymous()
    };
    script
        .ask("{ account { users(first: 1) { nodes { id } } } }", json!({}))
        .await;
}

/// Inviting one and several with a seat each, giving and taking one, disabling, enabling, removing, and the mails about it.
pub async fn people(house: &House, team: &Team, subscription: &str) {
    let user = team.invite("new@acme.example").await;
    let emails = [1, 2, 3].map(|number| format!("new{number}@acme.example"));
    let several = json!({"recipients": {"emails": emails}, "subscriptionIds": [subscription], "idempotencyKey": "three"});
    bulk(team, "inviteUsers", "InviteUsersInput", several).await;
    let seats = json!({"sources": [{"subscriptionId": subscription}], "userIds": [user]});
    bulk(team, "assignSeats", "AssignSeatsInput", seats).await;
    let query =
        "query($id: ID!) { user(id: $id) { invitation { id } assignments(first: 1) { nodes { id } } } }";
    let has = team.admin.ask(query, json!({"id": user})).await["user"].clone();
    let seat = json!({"assignmentIds": [has["assignments"]["nodes"][0]["id"]]});
    bulk(team, "unassignSeats", "UnassignSeatsInput", seat).await;
    let invitation = json!({"invitationIds": [has["invitation"]["id"]]});
    bulk(team, "resendInvitations", "InvitationIdsInput", invitation).await;
    bulk(team, "removeUsers", "UserIdsInput", json!({"userIds": [user]})).await;
    let active = r#"{ account { users(first: 1, filter: {search: "user20@acme", status: [ACTIVE]}) { nodes { id } } } }"#;
    let found = team.admin.ask(active, json!({})).await;
    let known = json!({"userIds": [found["account"]["users"]["nodes"][0]["id"]]});
    bulk(team, "disableUsers", "UserIdsInput", known.clone()).await;
    bulk(team, "enableUsers", "UserIdsInput", known).await;
    settled(house).await;
}

/// Sends a mutation of several things, none of which may fail.
async fn bulk(team: &Team, mutation: &str, kind: &str, input: Value) {
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ summary {{ failed }} userErrors {{ code message }} }} }}"
    );
    let answer = team.admin.ask(&query, json!({"input": input})).await;
    let fine = json!({"summary": {"failed": 0}, "userErrors": []});
    assert_eq!(answer[mutation], fine, "{mutation}");
}

/// Seven hundred people with a product each.
pub async fn import(house: &House, team: &Team) {
    let mut csv = String::from("First Name,Last Name,Email,Products");
    for number in 0..700 {
        write!(csv, "\nFirst,Last,imported{number}@acme.example,DRAW").unwrap();
    }
    let upload = team.admin.upload("people.csv", csv.as_bytes()).await;
    let start = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code message } } }";
    let input = json!({"uploadId": upload, "mode": "APPLY"});
    let answer = team.admin.ask(start, json!({"input": input})).await;
    let id = answer["startImport"]["import"]["id"].clone();
    let look = "query($id: ID!) { import(id: $id) { status } }";
    loop {
        let import = team.admin.ask(look, json!({"id": id})).await;
        match import["import"]["status"].as_str() {
            Some("QUEUED" | "RUNNING") => tokio::time::sleep(Duration::from_millis(200)).await,
            ended => break assert_eq!(ended, Some("SUCCEEDED")),
        }
    }
    settled(house).await;
}

/// Waits until every mail that is written has been sent: asked on a connection of the test's own, whose plans nobody is told.
async fn settled(house: &House) {
    while house
        .number("SELECT count(*) FROM mails WHERE status = 'READY'")
        .await
        > 0
    {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
