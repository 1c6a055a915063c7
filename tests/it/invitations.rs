//! Invitations: who gets one, what its mail says, what its link opens, and what becomes of it.

use std::collections::BTreeSet;

use chrono::Duration;
use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, PASSWORD, Team, add_product, team};

const INVITE: &str = "mutation($input: InviteUserInput!) { inviteUser(input: $input) {
    user { id version email role status } invitation { id status role expiresAt } userErrors { code field message }
} }";
const INVITE_LIST: &str = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) {
    results { index email status user { id email givenName familyName status } invitation { id } userErrors { code } }
    summary { total applied unchanged failed } userErrors { code field }
} }";
const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { email nextPath userErrors { code field } } }";
const PREVIEW: &str = "mutation($token: String!) { previewInvitation(input: {token: $token}) {
    invitation { accountName inviterName emailHint expiresAt } userErrors { code }
} }";
const RESEND: &str = "mutation($ids: [ID!]!) { resendInvitations(input: {invitationIds: $ids}) {
    results { status invitation { id } userErrors { code ... on QuotaError { limit retryAfterSeconds } } }
} }";
const REVOKE: &str = "mutation($ids: [ID!]!) { revokeInvitations(input: {invitationIds: $ids}) {
    results { status invitation { status } userErrors { code } }
} }";

async fn invite(client: &Client, input: Value) -> Value {
    client.ask(INVITE, json!({"input": input})).await["inviteUser"].clone()
}

async fn invite_list(client: &Client, input: Value) -> Value {
    client.ask(INVITE_LIST, json!({"input": input})).await["inviteUsers"].clone()
}

async fn accept(house: &House, token: &str) -> Value {
    let input = json!({"token": token, "password": PASSWORD});
    house.anonymous().ask(ACCEPT, json!({"input": input})).await["acceptInvitation"].clone()
}

async fn preview(house: &House, token: &str) -> Value {
    house.anonymous().ask(PREVIEW, json!({"token": token})).await["previewInvitation"].clone()
}

/// The codes of a payload's errors.
fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| error["code"].as_str().unwrap())
        .collect()
}

/// Every token that was mailed to an address.
async fn tokens(house: &House, address: &str) -> BTreeSet<String> {
    house.settle_mails().await;
    let mut found = BTreeSet::new();
    for mail in house.mails() {
        if mail.contains(&format!("To: {address}")) || mail.contains(&format!("<{address}>")) {
            let links = mail.split("#token=").skip(1);
            let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            found.extend(links.map(|rest| rest.split(|c| !is_token(c)).next().unwrap().to_owned()));
        }
    }
    found
}

async fn counts(team: &Team) -> Value {
    team.counts().await["userCounts"].clone()
}

fn numbers(total: i32, active: i32, pending: i32, staged: i32, admins: i32) -> Value {
    json!({"total": total, "active": active, "pending": pending, "staged": staged, "disabled": 0, "admins": admins})
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_is_invited_once_and_what_is_refused_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 3).await;
    let invited = invite(
        &team.admin,
        json!({"email": "New@Acme.example", "role": "SECONDARY_ADMIN"}),
    )
    .await;
    assert_eq!(codes(&invited), Vec::<&str>::new());
    assert_eq!(invited["user"]["email"], "New@Acme.example");
    assert_eq!(invited["user"]["status"], "PENDING");
    assert_eq!(invited["invitation"]["status"], "PENDING");
    assert_eq!(invited["invitation"]["role"], "SECONDARY_ADMIN");
    assert_eq!(tokens(&house, "New@Acme.example").await.len(), 1);
    assert_eq!(counts(&team).await, numbers(2, 1, 1, 0, 2));

    let before = house.settled().await;
    let audited = house.everything().await["audit_events"].clone();
    for (input, code) in [
        (json!({"email": "new@ACME.example"}), "ALREADY_EXISTS"),
        (
            json!({"email": "new@acme.example", "subscriptionIds": [subscription], "idempotencyKey": "k"}),
            "ALREADY_EXISTS",
        ),
        (json!({"email": "not an address"}), "EMAIL_INVALID"),
        (
            json!({"email": "boss@acme.example", "role": "PRIMARY_ADMIN"}),
            "ROLE_NOT_ASSIGNABLE",
        ),
        (
            json!({"email": "sso@acme.example", "role": "SSO_ADMIN"}),
            "ROLE_NOT_ASSIGNABLE",
        ),
        (
            json!({"email": "x@acme.example", "givenName": "Room １"}),
            "NAME_DOUBLE_BYTE_DIGIT",
        ),
        (
            json!({"email": "x@acme.example", "message": "m".repeat(501)}),
            "TOO_LONG",
        ),
        (
            json!({"email": "x@acme.example", "idempotencyKey": ""}),
            "INVALID",
        ),
    ] {
        let refused = invite(&team.admin, input.clone()).await;
        assert_eq!(codes(&refused), [code], "{input}");
        assert_eq!(house.settled().await, before, "{input}");
    }
    assert_eq!(
        house.everything().await["audit_events"],
        audited,
        "nothing was done"
    );
    assert_eq!(team.seats(&subscription).await, (3, 0, 0));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_repeated_under_its_key_is_the_same_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let input = json!({"email": "anne@acme.example", "idempotencyKey": "one"});
    let first = invite(&team.admin, input.clone()).await;
    let before = house.settled().await;
    let second = invite(&team.admin, input).await;
    assert_eq!(second, first);
    assert_eq!(codes(&second), Vec::<&str>::new());
    let other = json!({"email": "bert@acme.example", "idempotencyKey": "one"});
    assert_eq!(
        codes(&invite(&team.admin, other).await),
        ["IDEMPOTENCY_KEY_REUSED"]
    );
    assert_eq!(house.settled().await, before);
    assert_eq!(house.mails().len(), 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_answered_entry_by_entry(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let list = "a@acme.example; First Last <b@acme.example>; broken;A@ACME.example;\nadmin@acme.example; B@acme.EXAMPLE";
    let answer = invite_list(&team.admin, json!({"recipients": {"list": list}})).await;
    let results = answer["results"].as_array().unwrap();
    let told: Vec<(&str, &str)> = results
        .iter()
        .map(|result| {
            (
                result["email"].as_str().unwrap(),
                result["status"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("a@acme.example", "APPLIED"),
        ("b@acme.example", "APPLIED"),
        ("broken", "FAILED"),
        ("admin@acme.example", "UNCHANGED"),
    ];
    assert_eq!(told, expected);
    assert_eq!(results[1]["user"]["givenName"], "First");
    assert_eq!(results[1]["user"]["familyName"], "Last");
    assert_eq!(codes(&results[2]), ["EMAIL_INVALID"]);
    assert_eq!(
        answer["summary"],
        json!({"total": 4, "applied": 2, "unchanged": 1, "failed": 1})
    );
    house.settle_mails().await;
    assert_eq!(house.mails().len(), 2);
    assert_eq!(counts(&team).await, numbers(3, 1, 2, 0, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_pass_and_one_more_adds_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let people = |count: u32| -> Vec<String> {
        (0..count)
            .map(|number| format!("p{number}@acme.example"))
            .collect()
    };
    let before = house.settled().await;
    for recipients in [
        json!({"list": people(201).join(";")}),
        json!({"emails": people(201)}),
    ] {
        let answer = invite_list(&team.admin, json!({"recipients": recipients})).await;
        assert_eq!(codes(&answer), ["TOO_MANY_ITEMS"]);
        assert_eq!(answer["results"], json!([]));
    }
    assert_eq!(house.settled().await, before);
    let mut list = people(200);
    list.push("P7@ACME.example".into());
    let answer = invite_list(&team.admin, json!({"recipients": {"list": list.join("\n")}})).await;
    assert_eq!(answer["summary"]["applied"], 200);
    assert_eq!(counts(&team).await, numbers(201, 1, 200, 0, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_with_one_bad_entry_is_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 1).await;
    house
        .force("UPDATE accounts SET allowed_invite_domains = '[\"acme.example\"]'")
        .await
        .unwrap();
    let before = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    let good = ["a@acme.example", "b@acme.example"];
    for (recipients, code) in [
        (
            json!({"list": format!("{};broken", good.join(";"))}),
            "EMAIL_INVALID",
        ),
        (
            json!({"emails": [good[0], good[1], "c@elsewhere.example"]}),
            "EMAIL_DOMAIN_NOT_ALLOWED",
        ),
        (json!({"emails": good}), "SEATS_EXHAUSTED"),
    ] {
        let input = json!({"recipients": recipients, "onError": "REJECT_ALL", "subscriptionIds": [subscription], "idempotencyKey": code});
        let answer = invite_list(&team.admin, input).await;
        assert!(answer.to_string().contains(code), "{code}: {answer}");
        let after = (
            house.settled().await,
            house.everything().await["audit_events"].clone(),
        );
        assert_eq!(after, before, "{code}");
    }
    assert!(house.mails().is_empty());

    let recipients = json!({"emails": [good[0], "c@elsewhere.example", "d@sub.acme.example"]});
    let answer = invite_list(&team.admin, json!({"recipients": recipients})).await;
    let statuses: Vec<&Value> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["status"])
        .collect();
    assert_eq!(statuses, ["APPLIED", "FAILED", "FAILED"]);
    assert_eq!(codes(&answer["results"][2]), ["EMAIL_DOMAIN_NOT_ALLOWED"]);
    assert_eq!(counts(&team).await, numbers(2, 1, 1, 0, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_invited_later_gets_no_mail_until_then(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let staged = json!({"recipients": {"emails": ["anne@acme.example"]}, "sendNow": false});
    let answer = invite_list(&team.admin, staged.clone()).await;
    assert_eq!(answer["results"][0]["user"]["status"], "STAGED");
    assert_eq!(answer["results"][0]["invitation"], Value::Null);
    assert_eq!(invite_list(&team.admin, staged).await["summary"]["unchanged"], 1);
    house.settle_mails().await;
    assert!(house.mails().is_empty());
    assert_eq!(counts(&team).await, numbers(2, 1, 0, 1, 1));

    let invited = invite(&team.admin, json!({"email": "anne@acme.example"})).await;
    assert_eq!(codes(&invited), Vec::<&str>::new());
    assert_eq!(invited["user"]["status"], "PENDING");
    assert_eq!(invited["user"]["version"], 2);
    assert_eq!(tokens(&house, "anne@acme.example").await.len(), 1);
    assert_eq!(counts(&team).await, numbers(2, 1, 1, 0, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_in_the_mail_and_nowhere_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 3).await;
    let input = json!({"email": "anne@acme.example", "subscriptionIds": [subscription], "message": "Welcome aboard", "idempotencyKey": "k"});
    let invited = invite(&team.admin, input).await;
    let token = house.invitation_token("anne@acme.example").await;
    assert!(token.len() >= 40, "{token}");

    let mail = house.mails().pop().unwrap();
    let expiry = &invited["invitation"]["expiresAt"].as_str().unwrap()[..10];
    let public = format!("{}/invitation#token={token}", house.url);
    for expected in [
        public.as_str(),
        "ACME",
        "Ada Admin",
        "Product DRAW",
        "Welcome aboard",
    ] {
        assert!(mail.contains(expected), "{expected} is missing in\n{mail}");
    }
    let day = expiry[8..].trim_start_matches('0');
    assert!(mail.contains("can be accepted until") && mail.contains(day) && mail.contains(&expiry[..4]));

    let in_hex = token
        .bytes()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let preview = preview(&house, &token).await;
    let wide = "query($user: ID!, $invitation: ID!) { user(id: $user) { id email invitation { id role status message createdAt expiresAt lastSentAt sendCount } }
        node(id: $invitation) { id ... on Invitation { id role status message user { email } } } account { users { nodes { invitation { id } } } } }";
    let variables = json!({"user": invited["user"]["id"], "invitation": invited["invitation"]["id"]});
    let answers = [
        preview,
        team.admin.ask(wide, variables).await,
        accept(&house, &token).await,
    ];
    for (table, rows) in house.everything().await {
        for row in rows {
            let row = row.to_lowercase();
            assert!(
                !row.contains(&token.to_lowercase()) && !row.contains(&in_hex),
                "the token is in {table}"
            );
        }
    }
    for answer in answers {
        assert!(!answer.to_string().contains(&token), "the token is in an answer");
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing_and_accepting_opens_the_door(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (draw, render) = (
        add_product(&house, "acme", "DRAW", 3).await,
        add_product(&house, "acme", "RENDER", 3).await,
    );
    let input = json!({"email": "anne@acme.example", "givenName": "Anna", "familyName": "Smith", "role": "SECONDARY_ADMIN", "subscriptionIds": [draw, render]});
    invite(&team.admin, input).await;
    let token = house.invitation_token("anne@acme.example").await;
    let before = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    for _ in 0..2 {
        let shown = preview(&house, &token).await;
        assert_eq!(shown["invitation"]["accountName"], "ACME");
        assert_eq!(shown["invitation"]["inviterName"], "Ada Admin");
        assert_eq!(shown["invitation"]["emailHint"], "a***e@acme.example");
    }
    for (password, code) in [
        ("short", "PASSWORD_TOO_WEAK"),
        ("anne@acme.example", "PASSWORD_TOO_WEAK"),
        ("aaaaaaaaaaaaaaaa", "PASSWORD_TOO_WEAK"),
    ] {
        let input = json!({"token": token, "password": password});
        let refused = house.anonymous().ask(ACCEPT, json!({"input": input})).await;
        assert_eq!(codes(&refused["acceptInvitation"]), [code]);
    }
    let input = json!({"token": token});
    let refused = house.anonymous().ask(ACCEPT, json!({"input": input})).await;
    assert_eq!(codes(&refused["acceptInvitation"]), ["REQUIRED"]);
    let input = json!({"token": token, "password": PASSWORD, "familyName": "B７"});
    let refused = house.anonymous().ask(ACCEPT, json!({"input": input})).await;
    assert_eq!(codes(&refused["acceptInvitation"]), ["NAME_DOUBLE_BYTE_DIGIT"]);
    let after = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    assert_eq!(after, before);
    assert_eq!((team.seats(&draw).await, house.mails().len()), ((3, 1, 1), 1));

    let input = json!({"token": token, "password": PASSWORD, "givenName": "Anne"});
    let answer = house.anonymous().ask(ACCEPT, json!({"input": input})).await;
    assert_eq!(codes(&answer["acceptInvitation"]), Vec::<&str>::new());
    assert_eq!(answer["acceptInvitation"]["email"], "anne@acme.example");
    let anne = house.sign_in("anne@acme.example", PASSWORD).await;
    let seen = anne
        .ask(
            "{ viewer { user { givenName familyName role status emailVerified invitation { status } } } }",
            json!({}),
        )
        .await;
    let expected = json!({"givenName": "Anne", "familyName": "Smith", "role": "SECONDARY_ADMIN", "status": "ACTIVE", "emailVerified": true, "invitation": {"status": "ACCEPTED"}});
    assert_eq!(seen["viewer"]["user"], expected);
    assert_eq!(team.seats(&draw).await, (3, 1, 0));
    assert_eq!(team.seats(&render).await, (3, 1, 0));
    assert_eq!(counts(&team).await, numbers(2, 2, 0, 0, 2));
    house.settle_mails().await;
    let mails = house.mails();
    assert_eq!(mails.len(), 2, "one confirmation for both products");
    let confirmation = mails.iter().find(|mail| !mail.contains("#token=")).unwrap();
    assert!(confirmation.contains("Product DRAW") && confirmation.contains("Product RENDER"));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_accept_at_once_exactly_one_does(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 3).await;
    let input = json!({"email": "anne@acme.example", "subscriptionIds": [subscription]});
    invite(&team.admin, input).await;
    let token = house.invitation_token("anne@acme.example").await;
    let tries = (0..6).map(|_| accept(&house, &token));
    let answers = futures::future::join_all(tries).await;
    let mut outcomes: Vec<Vec<&str>> = answers.iter().map(codes).collect();
    outcomes.sort();
    assert_eq!(outcomes[0], Vec::<&str>::new());
    for late in &outcomes[1..] {
        assert_eq!(*late, ["INVITATION_ALREADY_ACCEPTED"]);
    }
    assert_eq!(house.number("SELECT count(*) FROM identities").await, 2);
    assert_eq!(team.seats(&subscription).await, (3, 1, 0));
    assert_eq!(counts(&team).await, numbers(2, 2, 0, 0, 1));
    house.settle_mails().await;
    assert_eq!(house.mails().len(), 2);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_opens_nothing_says_why(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let refusal = async |token: &str| {
        let before = house.settled().await;
        let (shown, accepted) = (preview(&house, token).await, accept(&house, token).await);
        assert_eq!(house.settled().await, before);
        assert_eq!(codes(&shown), codes(&accepted));
        assert_eq!(shown["invitation"], Value::Null);
        codes(&accepted).join(",")
    };

    let invited = invite(&team.admin, json!({"email": "anne@acme.example"})).await;
    let id = invited["invitation"]["id"].clone();
    let first = house.invitation_token("anne@acme.example").await;
    let mut forged = first.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    for never_real in [forged.as_str(), "", "no-token", &"A".repeat(5_000)] {
        assert_eq!(refusal(never_real).await, "NOT_FOUND", "{never_real}");
    }

    team.admin.ask(RESEND, json!({"ids": [id]})).await;
    assert_eq!(refusal(&first).await, "INVITATION_SUPERSEDED");
    let mut all = tokens(&house, "anne@acme.example").await;
    assert!(all.remove(&first));
    let second = all.pop_first().unwrap();
    assert_eq!(
        preview(&house, &second).await["invitation"]["accountName"],
        "ACME"
    );

    house
        .app
        .clock()
        .advance(Duration::days(90) + Duration::minutes(1));
    assert_eq!(refusal(&second).await, "INVITATION_EXPIRED");
    let admin = house.sign_in("admin@acme.example", PASSWORD).await;
    let again = invite(&admin, json!({"email": "anne@acme.example"})).await;
    assert_eq!(codes(&again), Vec::<&str>::new());
    assert_eq!(again["invitation"]["id"], id, "the same invitation, renewed");
    let mut all = tokens(&house, "anne@acme.example").await;
    assert!(all.remove(&first) && all.remove(&second));
    let third = all.pop_first().unwrap();
    assert_eq!(refusal(&second).await, "INVITATION_SUPERSEDED");
    assert_eq!(codes(&accept(&house, &third).await), Vec::<&str>::new());
    assert_eq!(refusal(&third).await, "INVITATION_ALREADY_ACCEPTED");

    let invited = invite(&admin, json!({"email": "bert@acme.example"})).await;
    let token = house.invitation_token("bert@acme.example").await;
    admin
        .ask(REVOKE, json!({"ids": [invited["invitation"]["id"]]}))
        .await;
    assert_eq!(refusal(&token).await, "INVITATION_REVOKED");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_sent_three_times_an_hour_at_most(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let invited = invite(&team.admin, json!({"email": "anne@acme.example"})).await;
    let id = invited["invitation"]["id"].clone();
    let resend = async || {
        team.admin.ask(RESEND, json!({"ids": [id]})).await["resendInvitations"]["results"][0].clone()
    };
    for sent in 2..=3 {
        let result = resend().await;
        assert_eq!(result["status"], "APPLIED");
        assert_eq!(tokens(&house, "anne@acme.example").await.len(), sent);
    }
    house.app.clock().advance(Duration::minutes(5));
    let refused = resend().await;
    assert_eq!(codes(&refused), ["QUOTA_EXCEEDED"]);
    assert_eq!(refused["userErrors"][0]["limit"], 3);
    // An hour after the first of the three, which was five minutes ago.
    let wait = refused["userErrors"][0]["retryAfterSeconds"].as_i64().unwrap();
    assert!((3_240..=3_301).contains(&wait), "{wait}");
    assert_eq!(tokens(&house, "anne@acme.example").await.len(), 3);
    // Counted is what went out, and nothing more did.
    house.settle_mails().await;
    assert_eq!(house.number("SELECT sum(send_count) FROM invitations").await, 3);
    house.app.clock().advance(Duration::minutes(61));
    let admin = house.sign_in("admin@acme.example", PASSWORD).await;
    let answer = admin.ask(RESEND, json!({"ids": [id]})).await;
    assert_eq!(answer["resendInvitations"]["results"][0]["status"], "APPLIED");
    assert_eq!(tokens(&house, "anne@acme.example").await.len(), 4);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn withdrawing_frees_the_seats_and_stages_the_user(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 3).await;
    let input = json!({"email": "anne@acme.example", "subscriptionIds": [subscription]});
    let invited = invite(&team.admin, input).await;
    assert_eq!(team.seats(&subscription).await, (3, 1, 1));
    let ids = json!({"ids": [invited["invitation"]["id"]]});
    let revoked = team.admin.ask(REVOKE, ids.clone()).await["revokeInvitations"]["results"][0].clone();
    assert_eq!(
        revoked,
        json!({"status": "APPLIED", "invitation": {"status": "REVOKED"}, "userErrors": []})
    );
    assert_eq!(team.seats(&subscription).await, (3, 0, 0));
    assert_eq!(counts(&team).await, numbers(2, 1, 0, 1, 1));
    let before = house.settled().await;
    let again = team.admin.ask(REVOKE, ids.clone()).await;
    assert_eq!(again["revokeInvitations"]["results"][0]["status"], "UNCHANGED");
    let resent = team.admin.ask(RESEND, ids).await;
    assert_eq!(
        codes(&resent["resendInvitations"]["results"][0]),
        ["INVITATION_REVOKED"]
    );
    assert_eq!(house.settled().await, before);

    let user = invited["user"]["id"].clone();
    let read = "query($id: ID!) { user(id: $id) { version } }";
    let staged = team.admin.ask(read, json!({"id": user})).await;
    assert_eq!(
        staged["user"]["version"], 2,
        "whoever read them invited read something else"
    );
    let invited = invite(&team.admin, json!({"email": "anne@acme.example"})).await;
    assert_eq!(invited["user"]["status"], "PENDING");
    assert_eq!(invited["user"]["version"], 3);
    assert_eq!(counts(&team).await, numbers(2, 1, 1, 0, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_than_their_inviter_could_give_today(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let input = json!({"email": "third@acme.example", "role": "SECONDARY_ADMIN"});
    assert_eq!(codes(&invite(&second, input).await), Vec::<&str>::new());
    assert_eq!(counts(&team).await, numbers(3, 2, 1, 0, 3));
    house
        .force("UPDATE users SET role = 'USER' WHERE email_key = 'second@acme.example'")
        .await
        .unwrap();
    house
        .force("UPDATE accounts SET users_admin = users_admin - 1")
        .await
        .unwrap();
    let token = house.invitation_token("third@acme.example").await;
    assert_eq!(codes(&accept(&house, &token).await), Vec::<&str>::new());
    let third = house.sign_in("third@acme.example", PASSWORD).await;
    let seen = third
        .ask("{ viewer { user { id role } permissions } }", json!({}))
        .await;
    assert_eq!(seen["viewer"]["user"]["role"], "USER");
    assert_eq!(seen["viewer"]["permissions"], json!([]));
    assert!(
        Kind::User
            .parse(seen["viewer"]["user"]["id"].as_str().unwrap())
            .is_some()
    );
    assert_eq!(counts(&team).await, numbers(3, 3, 0, 0, 1));
    house.close().await;
}
