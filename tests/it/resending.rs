//! Sending an invitation again: with which words, in whose name, and whose rights bound the role it gives.

use chrono::Duration;
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, PASSWORD, Team, team};

const INVITE: &str = "mutation($input: InviteUserInput!) { inviteUser(input: $input) {
    invitation { id message invitedBy { displayName } } userErrors { code }
} }";
const RESEND: &str = "mutation($ids: [ID!]!) { resendInvitations(input: {invitationIds: $ids}) {
    results { status invitation { invitedBy { displayName } } userErrors { code } }
} }";

async fn invite(client: &Client, input: Value) -> Value {
    let invited = client.ask(INVITE, json!({"input": input})).await["inviteUser"].clone();
    assert_eq!(invited["userErrors"], json!([]));
    invited["invitation"].clone()
}

/// Sends an invitation again; answers in whose name it is now.
async fn resend(client: &Client, id: &Value) -> Value {
    let answer = client.ask(RESEND, json!({"ids": [id]})).await;
    let result = &answer["resendInvitations"]["results"][0];
    assert_eq!(result["status"], "APPLIED");
    result["invitation"]["invitedBy"]["displayName"].clone()
}

/// The mail that was sent last of those that are not among `before`, and its token.
async fn latest(house: &House, before: &[String]) -> (String, String) {
    house.settle_mails().await;
    let mail = house
        .mails()
        .into_iter()
        .find(|mail| !before.contains(mail))
        .unwrap();
    let rest = mail.split("#token=").nth(1).unwrap();
    let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let token = rest.split(|c| !is_token(c)).next().unwrap().to_owned();
    (mail, token)
}

/// Whom the page behind a link names as the inviter.
async fn inviter_shown(house: &House, token: &str) -> Value {
    let query = "mutation($token: String!) { previewInvitation(input: {token: $token}) { invitation { inviterName } } }";
    let shown = house.anonymous().ask(query, json!({"token": token})).await;
    shown["previewInvitation"]["invitation"]["inviterName"].clone()
}

/// Accepts and answers the role that came of it.
async fn role_after_accepting(house: &House, token: &str, email: &str) -> Value {
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let input = json!({"token": token, "password": PASSWORD});
    let accepted = house.anonymous().ask(accept, json!({"input": input})).await;
    assert_eq!(accepted["acceptInvitation"]["userErrors"], json!([]));
    let joined = house.sign_in(email, PASSWORD).await;
    let viewer = joined.ask("{ viewer { user { role } } }", json!({})).await;
    viewer["viewer"]["user"]["role"].clone()
}

/// Makes somebody a plain user, past all rules.
async fn demote(house: &House, email: &str) {
    let sql = format!("UPDATE users SET role = 'USER' WHERE email_key = '{email}'");
    house.force(&sql).await.unwrap();
    let sql = "UPDATE accounts SET users_admin = users_admin - 1";
    house.force(sql).await.unwrap();
}

async fn two_administrators(house: &House, plan: Plan) -> (Team, Client) {
    let team = team(house, "acme", plan).await;
    let second = team.join(house, "second@acme.example", "SECONDARY_ADMIN").await;
    (team, second)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn new_words_are_kept_and_the_former_ones_stay_when_none_come(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let first = invite(
        &team.admin,
        json!({"email": "anne@acme.example", "message": "First words"}),
    )
    .await;
    assert_eq!(first["message"], "First words");
    let mut admin = team.admin.clone();
    for (message, expected) in [
        (json!("Second words"), "Second words"),
        (Value::Null, "Second words"),
    ] {
        house.settle_mails().await;
        let before = house.mails();
        house.app.clock().advance(Duration::days(91));
        admin = house.sign_in("admin@acme.example", PASSWORD).await;
        let again = invite(&admin, json!({"email": "anne@acme.example", "message": message})).await;
        assert_eq!(
            (&again["id"], &again["message"]),
            (&first["id"], &json!(expected))
        );
        let (mail, _) = latest(&house, &before).await;
        assert!(mail.contains(expected) && !mail.contains("First words"), "{mail}");
    }
    let before = house.mails();
    resend(&admin, &first["id"]).await;
    let (mail, _) = latest(&house, &before).await;
    assert!(mail.contains("Second words"), "{mail}");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_it_again_is_the_inviter_from_then_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (team, second) = two_administrators(&house, Plan::Standard).await;
    let input = |email: &str| json!({"email": email, "role": "SECONDARY_ADMIN"});

    // Of the one who was demoted nothing depends any more.
    let invitation = invite(&second, input("anne@acme.example")).await;
    house.settle_mails().await;
    let before = house.mails();
    assert_eq!(resend(&team.admin, &invitation["id"]).await, "Ada Admin");
    let (mail, annes) = latest(&house, &before).await;
    assert!(
        mail.contains("Ada Admin") && !mail.contains("second@acme.example"),
        "{mail}"
    );
    assert_eq!(inviter_shown(&house, &annes).await, "Ada Admin");

    let invitation = invite(&team.admin, input("bert@acme.example")).await;
    house.settle_mails().await;
    let before = house.mails();
    assert_eq!(resend(&second, &invitation["id"]).await, "second@acme.example");
    let (mail, berts) = latest(&house, &before).await;
    assert!(
        mail.contains("second@acme.example") && !mail.contains("Ada Admin"),
        "{mail}"
    );
    assert_eq!(inviter_shown(&house, &berts).await, "second@acme.example");

    demote(&house, "second@acme.example").await;
    let role = role_after_accepting(&house, &annes, "anne@acme.example").await;
    assert_eq!(role, "SECONDARY_ADMIN");
    let role = role_after_accepting(&house, &berts, "bert@acme.example").await;
    assert_eq!(role, "USER", "whoever sent it last could not give more");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn for_a_role_the_sender_could_not_give_still_answers_who_gave_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (team, second) = two_administrators(&house, Plan::Premium).await;
    let input = json!({"email": "sso@acme.example", "role": "SSO_ADMIN"});
    let invitation = invite(&team.admin, input).await;
    house.settle_mails().await;
    let before = house.mails();
    assert_eq!(resend(&second, &invitation["id"]).await, "Ada Admin");
    let (mail, token) = latest(&house, &before).await;
    assert!(
        mail.contains("Ada Admin") && !mail.contains("second@acme.example"),
        "{mail}"
    );
    assert_eq!(inviter_shown(&house, &token).await, "Ada Admin");
    let role = role_after_accepting(&house, &token, "sso@acme.example").await;
    assert_eq!(role, "SSO_ADMIN", "sending it again took nothing away");
    house.close().await;
}
