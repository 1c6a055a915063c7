//! Changing roles.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{change_role, code, id_of, is_signed_in, premium};
use crate::support::{Client, Database, House, PASSWORD, Socket};

async fn permissions(client: &Client) -> String {
    let answer = client.ask("{ viewer { permissions } }", json!({})).await;
    answer["viewer"]["permissions"].to_string()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_ends_the_sessions_and_is_told_by_mail_and_in_the_app(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let anne = team.join(&house, "anne@acme.example", "USER").await;
    let id = id_of(&anne).await;
    let mut socket = Socket::admitted(&anne).await;
    let changed = change_role(&team.admin, &id, "SECONDARY_ADMIN").await;
    assert_eq!(
        changed,
        json!({"user": {"id": id, "role": "SECONDARY_ADMIN", "version": 3}, "userErrors": []})
    );
    assert_eq!(socket.hear().await, Err(4403));
    anne.until_shown_out().await;
    assert_eq!(team.counts().await["userCounts"]["admins"], 2);
    let anne = house.sign_in("anne@acme.example", PASSWORD).await;
    assert!(permissions(&anne).await.contains("ROLES_WRITE"));
    let told = "{ viewer { unreadNotificationCount notifications { nodes { kind title subject { id } } } } }";
    let told = anne.ask(told, json!({})).await["viewer"].clone();
    assert_eq!(told["unreadNotificationCount"], 1);
    let expected = json!([{"kind": "ROLE_CHANGED", "title": "Your role is now secondary administrator", "subject": {"id": id}}]);
    assert_eq!(told["notifications"]["nodes"], expected);
    house.settle_mails().await;
    let told = |mails: Vec<String>| {
        mails
            .iter()
            .filter(|mail| mail.contains("Subject: Your role in ACME is now"))
            .count()
    };
    assert_eq!(told(house.mails()), 1);
    let audited = team.audited(&house, "users.change_role").await;
    assert_eq!(audited.len(), 1);
    assert!(
        audited[0].starts_with(&id) && audited[0].contains("\"after\":\"SECONDARY_ADMIN\""),
        "{audited:?}"
    );

    let same = change_role(&team.admin, &id, "SECONDARY_ADMIN").await;
    assert_eq!(same["user"]["version"], 3);
    assert!(is_signed_in(&anne).await);
    house.settle_mails().await;
    assert_eq!(told(house.mails()), 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_takes_or_reaches_more_than_their_role_allows(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let sso = team.join(&house, "sso@acme.example", "SSO_ADMIN").await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let (second_id, sso_id, user_id) = (id_of(&second).await, id_of(&sso).await, id_of(&user).await);
    let before = house.settled().await;
    for (who, client, target, role, expected) in [
        (
            "a secondary",
            &second,
            &second_id,
            "SSO_ADMIN",
            "CANNOT_CHANGE_SELF",
        ),
        (
            "a secondary",
            &second,
            &second_id,
            "PRIMARY_ADMIN",
            "CANNOT_CHANGE_SELF",
        ),
        (
            "a secondary",
            &second,
            &user_id,
            "SSO_ADMIN",
            "ROLE_NOT_ASSIGNABLE",
        ),
        (
            "a secondary",
            &second,
            &user_id,
            "PRIMARY_ADMIN",
            "ROLE_NOT_ASSIGNABLE",
        ),
        ("a secondary", &second, &sso_id, "USER", "ROLE_NOT_ASSIGNABLE"),
        (
            "a secondary",
            &second,
            &team.admin_id,
            "USER",
            "PRIMARY_ADMIN_REQUIRED",
        ),
        (
            "an SSO administrator",
            &sso,
            &sso_id,
            "SECONDARY_ADMIN",
            "CANNOT_CHANGE_SELF",
        ),
        (
            "an SSO administrator",
            &sso,
            &user_id,
            "CONTRACT_MANAGER",
            "ROLE_NOT_ASSIGNABLE",
        ),
        (
            "the primary",
            &team.admin,
            &team.admin_id,
            "SECONDARY_ADMIN",
            "PRIMARY_ADMIN_REQUIRED",
        ),
        (
            "the primary",
            &team.admin,
            &user_id,
            "SOFTWARE_COORDINATOR",
            "ROLE_NOT_ASSIGNABLE",
        ),
        (
            "the primary",
            &team.admin,
            &entity::ids::Kind::User.text(uuid::Uuid::nil()),
            "USER",
            "NOT_FOUND",
        ),
    ] {
        let refused = change_role(client, target, role).await;
        assert_eq!(
            (code(&refused), &refused["user"]),
            (expected, &json!(null)),
            "{who}: {role}"
        );
    }
    let query = "mutation($input: ChangeUserRoleInput!) { changeUserRole(input: $input) { user { id } } }";
    let input = json!({"input": {"userId": user_id, "role": "SECONDARY_ADMIN"}});
    assert_eq!(user.refused(query, input).await, "FORBIDDEN");
    assert_eq!(house.settled().await, before);

    assert_eq!(code(&change_role(&sso, &user_id, "SSO_ADMIN").await), "none");
    assert_eq!(code(&change_role(&sso, &user_id, "USER").await), "none");
    assert_eq!(
        code(&change_role(&second, &user_id, "SECONDARY_ADMIN").await),
        "none"
    );

    let standard = crate::support::team(&house, "plain", entity::account::Plan::Standard).await;
    let other = standard.invite("other@plain.example").await;
    let refused = change_role(&standard.admin, &other, "SSO_ADMIN").await;
    let expected =
        json!([{"__typename": "PlanRequiredError", "code": "PLAN_REQUIRED", "field": ["input", "role"]}]);
    assert_eq!(refused["userErrors"], expected);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_joined_gets_a_new_link_with_the_new_role_and_the_old_one_is_dead(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code } } }";
    let input = json!({"input": {"email": "anne@acme.example", "role": "SECONDARY_ADMIN"}});
    let invited = second.ask(invite, input).await;
    let id = invited["inviteUser"]["user"]["id"].as_str().unwrap().to_owned();
    let old = house.invitation_token("anne@acme.example").await;
    assert_eq!(code(&change_role(&team.admin, &id, "SSO_ADMIN").await), "none");
    house.settle_mails().await;
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let accepted = async |token: &str| {
        let input = json!({"token": token, "password": PASSWORD});
        let answer = house.anonymous().ask(accept, json!({"input": input})).await;
        code(&answer["acceptInvitation"]).to_owned()
    };
    assert_eq!(accepted(&old).await, "INVITATION_SUPERSEDED");
    assert_eq!(
        code(&change_role(&team.admin, &id, "SECONDARY_ADMIN").await),
        "none"
    );
    let sent = house.invitation_token("anne@acme.example").await;
    let mails = house.mails().len();
    for role in ["USER", "SECONDARY_ADMIN", "USER"] {
        assert_eq!(
            code(&change_role(&team.admin, &id, role).await),
            "none",
            "a correction waits for no quota"
        );
        assert_eq!(
            team.stored(&house, &id).await,
            (role.to_owned(), "PENDING".into())
        );
    }
    house.settle_mails().await;
    assert_eq!(
        house.mails().len(),
        mails,
        "three mails an hour, whatever sends them"
    );
    assert_eq!(
        accepted(&sent).await,
        "INVITATION_SUPERSEDED",
        "the link that promised another role is dead at once"
    );
    let resend = "mutation($input: InvitationIdsInput!) { resendInvitations(input: $input) { results { userErrors { code } } } }";
    let invitation = "query($id: ID!) { user(id: $id) { invitation { id } } }";
    let invitation = team.admin.ask(invitation, json!({"id": id})).await["user"]["invitation"]["id"].clone();
    let again = team
        .admin
        .ask(resend, json!({"input": {"invitationIds": [invitation]}}))
        .await;
    assert_eq!(
        again["resendInvitations"]["results"][0]["userErrors"][0]["code"],
        "QUOTA_EXCEEDED"
    );

    house.app.clock().advance(chrono::Duration::minutes(62));
    house.settle_mails().await;
    assert_eq!(
        house.mails().len(),
        mails + 1,
        "one mail for all corrections, when there is room"
    );
    house.app.clock().advance(chrono::Duration::hours(1));
    let admin = house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(code(&change_role(&admin, &id, "SSO_ADMIN").await), "none");
    let newest = house.invitation_token("anne@acme.example").await;
    assert_eq!(accepted(&newest).await, "none");
    let stored = team.stored(&house, &id).await;
    assert_eq!(
        stored,
        ("SSO_ADMIN".into(), "ACTIVE".into()),
        "the role of who gave it last, not of who invited"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_long_ago_is_not_enough(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = premium(database).await;
    let second = id_of(&team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await).await;
    let admin = signed_in_long_ago(&house).await;
    let before = house.settled().await;
    let refused = change_role(&admin, &second, "USER").await;
    assert_eq!(code(&refused), "RECENT_AUTH_REQUIRED");
    let refused = super::support::hand_over(&admin, &second).await;
    assert_eq!(code(&refused), "RECENT_AUTH_REQUIRED");
    assert_eq!(house.settled().await, before);
    house.close().await;
}

/// The administrator eleven minutes after they signed in, with an access token of this moment: renewing proves nothing.
async fn signed_in_long_ago(house: &House) -> Client {
    let client = house.anonymous();
    let post = |path: &str| client.http.post(format!("{}/auth/{path}", house.url));
    let credentials = json!({"email": "admin@acme.example", "password": PASSWORD});
    let signed_in = post("sign-in").json(&credentials).send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    house.app.clock().advance(chrono::Duration::minutes(11));
    let refresh = post("refresh")
        .header("origin", &house.url)
        .header("cookie", cookie);
    let renewed: Value = refresh
        .json(&json!({}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    Client {
        token: Some(renewed["accessToken"].as_str().unwrap().to_owned()),
        ..client
    }
}
