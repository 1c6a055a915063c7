//! What became of the mails of invitations stands with the invitations, and whoever invited somebody hears of it.

use std::time::{Duration, Instant};

use entity::account::Plan;
use muster::access::Actor;
use muster::background::given_up::SendAgain;
use rstest::rstest;
use serde_json::{Value, json};

use crate::mail::Server as Relay;
use crate::support::{Database, House, Team, team};

const INVITED: &str = "query($filter: UserFilter) { account { users(first: 50, filter: $filter, orderBy: {field: EMAIL}) { totalCount nodes {
    email invitation { id status sendCount lastSentAt delivery { status at reason } }
} } } }";
const NOTIFIED: &str = "{ viewer { notifications(first: 50) { nodes { kind severity title body subject { id __typename } } } } }";

async fn with_relay(database: Database) -> (Relay, House, Team) {
    let relay = Relay::start();
    let house = House::open_with(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
        config.mail.mail_seconds = 4;
    })
    .await;
    let team = team(&house, "acme", Plan::Standard).await;
    (relay, house, team)
}

async fn invite(team: &Team, input: Value) {
    let query = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { invitation { sendCount lastSentAt delivery { status reason } } userErrors { code } } }";
    let answer = team.admin.ask(query, json!({"input": input})).await["inviteUser"].clone();
    let queued =
        json!({"sendCount": 0, "lastSentAt": null, "delivery": {"status": "QUEUED", "reason": null}});
    // It may have gone out by the time it is read.
    assert!(answer["userErrors"] == json!([]), "{answer}");
    assert!(
        answer["invitation"] == queued || answer["invitation"]["delivery"]["status"] != "QUEUED",
        "{answer}"
    );
}

/// The local parts of whom a filter finds.
async fn found(team: &Team, filter: Value) -> Vec<String> {
    let users = team.admin.ask(INVITED, json!({"filter": filter})).await["account"]["users"].clone();
    let nodes = users["nodes"].as_array().unwrap();
    assert_eq!(users["totalCount"], nodes.len());
    let local = |node: &Value| {
        node["email"]
            .as_str()
            .unwrap()
            .split('@')
            .next()
            .unwrap()
            .to_owned()
    };
    nodes.iter().map(local).collect()
}

async fn invitation(team: &Team, local: &str) -> Value {
    let filter = json!({"email": {"eq": format!("{local}@acme.example")}});
    let answer = team.admin.ask(INVITED, json!({"filter": filter})).await;
    answer["account"]["users"]["nodes"][0]["invitation"].clone()
}

/// Waits until an invitation's mail has become this.
async fn until(team: &Team, local: &str, status: &str) -> Value {
    let begun = Instant::now();
    loop {
        let invitation = invitation(team, local).await;
        if invitation["delivery"]["status"] == status {
            return invitation;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{local}: {invitation}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until the administrator has so many notifications.
async fn notified(team: &Team, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let answer = team.admin.ask(NOTIFIED, json!({})).await;
        let nodes = answer["viewer"]["notifications"]["nodes"]
            .as_array()
            .unwrap()
            .clone();
        if nodes.len() >= count {
            assert_eq!(nodes.len(), count, "{nodes:?}");
            return nodes;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{nodes:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_shows_what_the_relay_said_and_its_inviter_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (relay, house, team) = with_relay(database).await;
    for local in ["ann", "nobody", "busy", "silent"] {
        invite(&team, json!({"email": format!("{local}@acme.example")})).await;
    }
    invite(
        &team,
        json!({"email": "words@acme.example", "message": "please fail"}),
    )
    .await;

    let sent = until(&team, "ann", "SENT").await;
    assert_eq!(
        (&sent["sendCount"], &sent["delivery"]["reason"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(sent["lastSentAt"], sent["delivery"]["at"]);
    let nobody = until(&team, "nobody", "BOUNCED").await;
    let words = until(&team, "words", "BOUNCED").await;
    let busy = until(&team, "busy", "DELAYED").await;
    for (invitation, answer) in [
        (&nobody, "5.1.1 no such mailbox"),
        (&words, "5.6.0 not this one"),
        (&busy, "4.3.0 try again later"),
    ] {
        let reason = invitation["delivery"]["reason"].as_str().unwrap();
        assert!(reason.contains(answer), "{reason}");
        assert_eq!(
            (&invitation["sendCount"], &invitation["lastSentAt"]),
            (&json!(0), &Value::Null)
        );
        assert_eq!(invitation["status"], "PENDING");
    }
    // A relay that says nothing has nothing to be quoted, and nothing of how we reach it is told.
    let silent = until(&team, "silent", "DELAYED").await;
    assert_eq!(silent["delivery"]["reason"], Value::Null);

    let notices = notified(&team, 2).await;
    let mut subjects = Vec::new();
    for notice in &notices {
        assert_eq!(
            (&notice["kind"], &notice["severity"]),
            (&json!("INVITATION_BOUNCED"), &json!("WARNING"))
        );
        assert_eq!(notice["subject"]["__typename"], "Invitation");
        subjects.push(notice["subject"]["id"].clone());
    }
    assert!(subjects.contains(&nobody["id"]) && subjects.contains(&words["id"]));
    let told = |text: &str| {
        notices
            .iter()
            .any(|notice| notice["body"].as_str().unwrap().contains(text))
    };
    assert!(told("550") && told("5.6.0 not this one"));

    for (filter, expected) in [
        (
            json!({"invitationDelivery": ["BOUNCED"]}),
            &["nobody", "words"][..],
        ),
        (
            json!({"invitationDelivery": ["BOUNCED", "DELAYED"]}),
            &["busy", "nobody", "silent", "words"],
        ),
        (json!({"invitationDelivery": ["SENT"]}), &["ann"]),
        (json!({"invitationDelivery": ["QUEUED"]}), &[]),
        (json!({"invitationDelivery": []}), &[]),
        (
            json!({"invitationDelivery": ["SENT", "BOUNCED"], "search": "wor"}),
            &["words"],
        ),
        (
            json!({"invitationDelivery": ["BOUNCED"], "invitationStatus": ["EXPIRED"]}),
            &[],
        ),
        (
            json!({"invitationDelivery": ["BOUNCED"], "invitationStatus": ["PENDING"]}),
            &["nobody", "words"],
        ),
    ] {
        assert_eq!(found(&team, filter.clone()).await, expected, "{filter}");
    }

    // Whoever is withdrawn is nobody's care any more.
    let revoke =
        "mutation($ids: [ID!]!) { revokeInvitations(input: {invitationIds: $ids}) { summary { applied } } }";
    let answer = team.admin.ask(revoke, json!({"ids": [words["id"]]})).await;
    assert_eq!(answer["revokeInvitations"]["summary"]["applied"], 1);
    assert_eq!(
        found(&team, json!({"invitationDelivery": ["BOUNCED"]})).await,
        ["nobody"]
    );
    assert_eq!(relay.taken().len(), 1, "one mail went out");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sent_again_an_invitation_is_queued_again_and_told_of_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (_relay, house, team) = with_relay(database).await;
    invite(&team, json!({"email": "nobody@acme.example"})).await;
    let bounced = until(&team, "nobody", "BOUNCED").await;
    notified(&team, 1).await;
    let resend =
        "mutation($ids: [ID!]!) { resendInvitations(input: {invitationIds: $ids}) { summary { applied } } }";
    let answer = team.admin.ask(resend, json!({"ids": [bounced["id"]]})).await;
    assert_eq!(answer["resendInvitations"]["summary"]["applied"], 1);
    notified(&team, 2).await;
    let again = until(&team, "nobody", "BOUNCED").await;
    assert_eq!(again["sendCount"], 0);
    assert!(again["delivery"]["at"].as_str() > bounced["delivery"]["at"].as_str());

    // The operator has the mails that were given up sent again: of the first the link is dead, and it says nothing of the invitation.
    let command = SendAgain {
        account: "acme".to_owned(),
        mail_id: None,
    };
    assert_eq!(house.app.run(&Actor::Operator, command).await.unwrap(), 2);
    notified(&team, 3).await;
    assert_eq!(invitation(&team, "nobody").await["sendCount"], 0);
    assert_eq!(
        house
            .number("SELECT count(*) FROM mails WHERE status = 'DEAD'")
            .await,
        2
    );
    house.close().await;
}
