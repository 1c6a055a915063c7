//! The decision table over HTTP: every row, on both databases.

use entity::account::Plan;
use entity::ids::Kind;
use entity::session::AuthMethod;
use entity::user::{Origin, Role, Status};
use entity::{assignment, session, user};
use futures::future::join_all;
use http::StatusCode;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::setting::{Setting, connect, own_domain};
use crate::support::{Database, PASSWORD, add_product, team};

const VIEWER: &str = "{ viewer { user { email role } } }";

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn somebody_unknown_of_a_verified_domain_is_added_welcomed_and_signed_in(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "Grace@acme.example");
    let (mut browser, page) = setting.sign_in().await;
    assert_eq!(
        (page.status, page.location()),
        (StatusCode::SEE_OTHER, "/"),
        "{page:?}"
    );

    let user = setting.user("grace@acme.example").await;
    assert_eq!(
        (user.role, user.status, user.origin),
        (Role::User, Status::Active, Origin::SsoJit)
    );
    assert_eq!(user.given_name.as_deref(), Some("Grace"));
    assert!(user.email_verified && user.identity_id.is_none());
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["role"], "USER");
    let session = session::Entity::find()
        .filter(session::Column::UserId.eq(user.id))
        .one(setting.house.app.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.auth_method, AuthMethod::Sso);
    assert_eq!(
        (session.identity_id, session.identity_provider_id),
        (None, Some(setting.idp))
    );
    let counts = setting.team.counts().await;
    assert_eq!(counts["userCounts"]["active"], 2);

    let (_, again) = setting.sign_in().await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert_eq!(setting.links().await.len(), 1);
    setting.user("grace@acme.example").await;
    setting.house.settle_mails().await;
    let mails = setting.house.mails();
    let welcomes = mails.iter().filter(|mail| mail.contains("Welcome to ACME"));
    assert_eq!(welcomes.count(), 1);
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn a_known_user_of_a_verified_domain_is_linked_and_keeps_their_role(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting
        .team
        .join(&setting.house, "ada@acme.example", "SECONDARY_ADMIN")
        .await;
    setting.provider.seat("subject-1", "ada@acme.example");
    let (mut browser, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["role"], "SECONDARY_ADMIN");
    let user = setting.user("ada@acme.example").await;
    assert!(user.identity_id.is_some(), "the password stays good");
    let links = setting.links().await;
    assert_eq!(
        (links[0].user_id, links[0].subject.as_str()),
        (user.id, "subject-1")
    );

    let told =
        "SELECT count(*) FROM mails WHERE kind = 'provider_linked' AND to_address = 'ada@acme.example'";
    assert_eq!(setting.house.number(told).await, 1);

    // From now on the subject counts, whatever address it has.
    setting.provider.seat("subject-1", "countess@elsewhere.example");
    let (mut browser, _) = setting.sign_in().await;
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["email"], "ada@acme.example");
    assert_eq!(setting.house.number(told).await, 1, "told once");
    // And nobody else gets in by the address.
    setting.provider.seat("subject-2", "ada@acme.example");
    setting.assert_refused("LINK_CONFIRMATION_REQUIRED").await;
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn a_pending_invitation_is_accepted_on_any_plan_with_the_role_it_offers(#[case] database: Database) {
    let setting = Setting::with(database, Plan::Standard, |_| {}).await;
    let subscription = add_product(&setting.house, "acme", "CAD", 3).await;
    let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }";
    let input = json!({"email": "ada@elsewhere.example", "role": "SECONDARY_ADMIN", "subscriptionIds": [subscription]});
    setting.team.admin.ask(invite, json!({"input": input})).await;
    assert_eq!(setting.team.seats(&subscription).await.2, 1);
    setting.provider.seat("subject-1", "ada@elsewhere.example");
    let (mut browser, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["role"], "SECONDARY_ADMIN");
    let status = setting
        .house
        .number("SELECT count(*) FROM invitations WHERE status = 'ACCEPTED'")
        .await;
    assert_eq!(status, 1);
    assert_eq!(setting.team.seats(&subscription).await, (3, 1, 0));
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn an_expired_invitation_is_closed_when_its_person_is_provisioned(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting.team.invite("ada@acme.example").await;
    setting.team.invite("eve@elsewhere.example").await;
    let past = "UPDATE invitations SET expires_at = created_at WHERE status = 'PENDING'";
    setting.force(past).await;
    setting.provider.seat("subject-1", "eve@elsewhere.example");
    setting.assert_refused("INVITATION_EXPIRED").await;
    setting.provider.seat("subject-2", "ada@acme.example");
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let user = setting.user("ada@acme.example").await;
    assert_eq!((user.status, user.role), (Status::Active, Role::User));
    let pending = setting
        .house
        .number("SELECT count(*) FROM invitations WHERE status = 'PENDING'")
        .await;
    assert_eq!(pending, 1, "that of eve");
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn who_may_not_come_in_changes_nothing(#[case] database: Database) {
    let setting = Setting::open(database).await;
    let provider = &setting.provider;
    setting
        .team
        .join(&setting.house, "ada@acme.example", "USER")
        .await;
    setting
        .team
        .join(&setting.house, "ben@elsewhere.example", "USER")
        .await;
    let other = team(&setting.house, "other", Plan::Premium).await;
    own_domain(&setting.house, other.account_id, "other.example", None).await;

    for claims in [
        json!({"email": null}),
        json!({"email_verified": false}),
        json!({"email_verified": "true"}),
        json!({"email_verified": null}),
        json!({"email": "grace@acme.example, ada@acme.example"}),
        json!({"email": "grace@acme.example\r\nBcc: all@acme.example"}),
        json!({"email": "gr\u{430}ce@acme.example"}),
        json!({"email": ["grace@acme.example"]}),
    ] {
        provider.seat("subject-1", "grace@acme.example");
        provider.twist(claims);
        setting.assert_refused("EMAIL_NOT_VERIFIED").await;
    }
    provider.twist(json!({}));
    for (email, code) in [
        ("grace@other.example", "DOMAIN_CLAIMED_ELSEWHERE"),
        ("ben@elsewhere.example", "LINK_CONFIRMATION_REQUIRED"),
        ("grace@elsewhere.example", "DOMAIN_NOT_VERIFIED"),
        ("grace@sub.acme.example", "DOMAIN_NOT_VERIFIED"),
        ("grace@notacme.example", "DOMAIN_NOT_VERIFIED"),
        ("grace@acme.example.evil.example", "DOMAIN_NOT_VERIFIED"),
    ] {
        provider.seat("subject-1", email);
        setting.assert_refused(code).await;
    }
    provider.seat("subject-1", "ada@acme.example");
    for (status, code) in [("DISABLED", "USER_DISABLED"), ("REMOVED", "USER_REMOVED")] {
        setting
            .force(&format!(
                "UPDATE users SET status = '{status}' WHERE email_key = 'ada@acme.example'"
            ))
            .await;
        setting.assert_refused(code).await;
    }
    provider.seat("subject-1", "grace@acme.example");
    let idps = |change: &str| format!("UPDATE identity_providers SET {change} WHERE name = 'Acme Login'");
    setting.force(&idps("provisions = FALSE")).await;
    setting.assert_refused("PROVISIONING_OFF").await;
    let id = setting.house.literal(setting.team.account_id);
    let plan = format!("UPDATE accounts SET plan = 'STANDARD' WHERE id = {id}");
    setting.house.force(&plan).await.unwrap();
    setting.assert_refused("SSO_REQUIRES_PREMIUM").await;
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn a_downgrade_and_a_lost_domain_lock_nobody_out_who_is_linked(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.sign_in().await;
    setting
        .force("UPDATE domains SET status = 'LAPSED' WHERE status = 'VERIFIED'")
        .await;
    let id = setting.house.literal(setting.team.account_id);
    let plan = format!("UPDATE accounts SET plan = 'STANDARD' WHERE id = {id}");
    setting.house.force(&plan).await.unwrap();
    setting
        .provider
        .twist(json!({"email": null, "email_verified": null}));
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.close().await;
}

#[tokio::test]
async fn a_provider_that_never_verifies_addresses_is_believed_for_its_own_domains_if_the_account_says_so() {
    let setting = Setting::with(Database::Sqlite, Plan::Premium, |row| row.is_authoritative = true).await;
    own_domain(&setting.house, setting.team.account_id, "acme2.example", None).await;
    setting.provider.twist(json!({"email_verified": null}));
    setting.provider.seat("subject-1", "grace@acme2.example");
    setting.assert_refused("EMAIL_NOT_VERIFIED").await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.provider.twist(json!({"email_verified": false}));
    setting.provider.seat("subject-2", "ada@acme.example");
    setting.assert_refused("EMAIL_NOT_VERIFIED").await;
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn who_was_removed_and_added_again_signs_in_as_their_new_self(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.sign_in().await;
    let removed = "UPDATE users SET status = 'REMOVED' WHERE email_key = 'grace@acme.example'";
    setting.force(removed).await;
    setting.assert_refused("USER_REMOVED").await;
    setting.team.invite("grace@acme.example").await;
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let users = setting.users("grace@acme.example").await;
    assert_eq!(
        users.iter().map(|user| user.status).collect::<Vec<_>>(),
        [Status::Removed, Status::Active]
    );
    let links = setting.links().await;
    assert_eq!((links.len(), links[0].user_id), (1, users[1].id));
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn whoever_waited_in_a_user_with_an_unproven_address_is_put_out_when_its_owner_comes(
    #[case] database: Database,
) {
    let setting = Setting::open(database).await;
    let squatter = setting
        .team
        .join(&setting.house, "grace@acme.example", "USER")
        .await;
    let unproven = "UPDATE users SET email_verified = FALSE WHERE email_key = 'grace@acme.example'";
    setting.force(unproven).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let (mut browser, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    squatter.until_shown_out().await;
    let user = setting.user("grace@acme.example").await;
    assert!(user.email_verified && user.identity_id.is_none());
    browser.api().await.ask(VIEWER, json!({})).await;
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn another_accounts_user_of_the_same_address_is_untouched(#[case] database: Database) {
    let setting = Setting::open(database).await;
    let other = team(&setting.house, "other", Plan::Standard).await;
    // She was there before acme proved that the domain is its own: nobody could invite her now.
    let theirs = other
        .join(&setting.house, "grace@other.example", "SECONDARY_ADMIN")
        .await;
    for table in ["users", "identities"] {
        let moved = format!(
            "UPDATE {table} SET email = 'grace@acme.example', email_key = 'grace@acme.example' WHERE email_key = 'grace@other.example'"
        );
        assert_eq!(setting.house.force(&moved).await.unwrap(), 1, "{table}");
    }
    setting.provider.seat("subject-1", "grace@acme.example");
    let (mut browser, _) = setting.sign_in().await;
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["role"], "USER");
    let viewer = theirs.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["role"], "SECONDARY_ADMIN");
    let users = setting
        .house
        .number(
            "SELECT count(*) FROM users WHERE email_key = 'grace@acme.example' AND identity_id IS NOT NULL",
        )
        .await;
    assert_eq!(users, 1, "the word of acme's provider reaches no global identity");
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_user_and_one_mail(#[case] database: Database) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let query = format!("provider={}", setting.idp_id());
    let (mut one, mut two) = (setting.browser(), setting.browser());
    let (first, second) = (one.travel(&query).await, two.travel(&query).await);
    let (first, second) = tokio::join!(one.open(&first), two.open(&second));
    assert_eq!([first.status, second.status], [StatusCode::SEE_OTHER; 2]);
    setting.user("grace@acme.example").await;
    assert_eq!(setting.links().await.len(), 1);
    setting.house.settle_mails().await;
    let welcomes = setting
        .house
        .number("SELECT count(*) FROM mails WHERE kind = 'welcome'")
        .await;
    assert_eq!(welcomes, 1);
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn fifty_people_on_ten_seats_all_come_in_and_ten_have_a_seat(#[case] database: Database) {
    let setting = Setting::open(database).await;
    let subscription = add_product(&setting.house, "acme", "CAD", 10).await;
    let id = Kind::Subscription.parse(&subscription).unwrap();
    setting.with_default_seats(vec![id]).await;
    let query = format!("provider={}", setting.idp_id());
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let mut browser = setting.browser();
        let back = browser.travel(&query).await;
        waiting.push((browser, back));
    }
    // Who a code is for is decided when it is redeemed, so everybody says for themselves.
    setting.provider.desk().is_crowded = true;
    let pages = join_all(waiting.into_iter().map(|(mut browser, back)| {
        let query = &query;
        async move {
            let mut page = browser.open(&back).await;
            // On a machine too slow for fifty at once somebody is asked to begin again, and does.
            while page.status == StatusCode::SERVICE_UNAVAILABLE {
                page = browser.open(&format!("/sso/start?{query}")).await;
                for _ in ["to the provider", "and back"] {
                    if page.status == StatusCode::SEE_OTHER {
                        page = browser.open(page.location()).await;
                    }
                }
            }
            page
        }
    }))
    .await;
    for page in &pages {
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    }
    let users = setting
        .house
        .number("SELECT count(*) FROM users WHERE origin = 'SSO_JIT' AND status = 'ACTIVE'")
        .await;
    assert_eq!(users, 50);
    let assignments = assignment::Entity::find()
        .count(setting.house.app.reader())
        .await
        .unwrap();
    assert_eq!(assignments, 10);
    assert_eq!(setting.team.seats(&subscription).await, (10, 10, 0));
    setting.house.settle_mails().await;
    assert_eq!(
        setting
            .house
            .number("SELECT count(*) FROM mails WHERE kind = 'welcome'")
            .await,
        50
    );
    assert_eq!(
        setting
            .house
            .number("SELECT count(*) FROM mails WHERE kind = 'product_confirmation'")
            .await,
        0
    );
    setting.close().await;
}

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn an_account_may_keep_out_whoever_would_have_no_seat(#[case] database: Database) {
    let setting = Setting::with(database, Plan::Premium, |row| row.allows_without_seat = false).await;
    let subscription = add_product(&setting.house, "acme", "CAD", 1).await;
    let id = Kind::Subscription.parse(&subscription).unwrap();
    setting.with_default_seats(vec![id]).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.provider.seat("subject-2", "ada@acme.example");
    setting.assert_refused("SEATS_EXHAUSTED").await;
    setting.close().await;
}

#[tokio::test]
async fn what_a_provider_says_of_roles_and_groups_is_not_listened_to() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.provider.twist(json!({
        "role": "PRIMARY_ADMIN", "roles": ["PRIMARY_ADMIN"], "groups": ["admins"], "permissions": ["*"]
    }));
    setting.sign_in().await;
    assert_eq!(setting.user("grace@acme.example").await.role, Role::User);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn nobody_is_the_primary_administrator_by_a_providers_word_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "admin@acme.example");
    setting.assert_refused("LINK_CONFIRMATION_REQUIRED").await;
    let mut browser = setting.browser();
    let who = json!({"email": "admin@acme.example", "password": PASSWORD});
    browser.post("/auth/sign-in", &who).await;
    let page = browser.sign_in(&format!("provider={}", setting.idp_id())).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    setting.house.settle_mails().await;
    let mails = setting.house.mails();
    let told = mails
        .iter()
        .find(|mail| mail.contains("Acme Login now signs you in to ACME"));
    assert!(told.unwrap().contains("admin@acme.example"));
    let (mut browser, page) = setting.sign_in().await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
    let viewer = browser.api().await.ask(VIEWER, json!({})).await;
    assert_eq!(viewer["viewer"]["user"]["role"], "PRIMARY_ADMIN");
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn the_role_of_an_expired_invitation_or_of_somebody_never_invited_is_not_given_by_a_sign_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { status } userErrors { code } } }";
    for (email, is_sent) in [("ada@acme.example", true), ("ben@acme.example", false)] {
        let input = json!({"recipients": {"emails": [email]}, "role": "SECONDARY_ADMIN", "sendNow": is_sent});
        setting.team.admin.ask(invite, json!({"input": input})).await;
        assert_eq!(setting.user(email).await.role, Role::SecondaryAdmin);
    }
    assert_eq!(setting.user("ben@acme.example").await.status, Status::Staged);
    setting
        .force("UPDATE invitations SET expires_at = created_at WHERE status = 'PENDING'")
        .await;
    for (subject, email) in [
        ("subject-1", "ada@acme.example"),
        ("subject-2", "ben@acme.example"),
    ] {
        setting.provider.seat(subject, email);
        let (_, page) = setting.sign_in().await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{page:?}");
        let user = setting.user(email).await;
        assert_eq!((user.role, user.status), (Role::User, Status::Active), "{email}");
    }
    let counts = setting.team.counts().await;
    assert_eq!(counts["userCounts"]["admins"], 1);
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn who_was_removed_stays_out_under_any_address(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.sign_in().await;
    setting
        .force("UPDATE users SET status = 'REMOVED' WHERE email_key = 'grace@acme.example'")
        .await;
    setting.provider.seat("subject-1", "new@acme.example");
    setting.assert_refused("USER_REMOVED").await;
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_domain_that_lapsed_lets_nobody_new_in_from_that_moment(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    let query = format!("provider={}", setting.idp_id());
    let mut browser = setting.browser();
    let back = browser.travel(&query).await;
    setting
        .force("UPDATE domains SET status = 'LAPSED' WHERE name = 'acme.example'")
        .await;
    // Not even who had set out before.
    assert_eq!(browser.open(&back).await.code(), "DOMAIN_NOT_VERIFIED");
    setting.assert_refused("DOMAIN_NOT_VERIFIED").await;
    setting.close().await;
}

#[rstest]
#[tokio::test]
async fn a_name_changed_at_the_provider_comes_with_the_next_sign_in_and_nothing_else_does(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let setting = Setting::open(database).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.sign_in().await;
    setting.house.settle_mails().await;
    let (before, mails) = (
        setting.user("grace@acme.example").await,
        setting.house.mails().len(),
    );
    setting.sign_in().await;
    assert_eq!(
        setting.user("grace@acme.example").await.version,
        before.version,
        "the same name"
    );

    setting.provider.seat("subject-1", "other@elsewhere.example");
    setting
        .provider
        .twist(json!({"given_name": "Amazing Grace", "family_name": null, "role": "PRIMARY_ADMIN"}));
    setting.sign_in().await;
    let after = setting.user("grace@acme.example").await;
    let collation = muster::person::Collation::of("en").unwrap();
    let renamed = user::Model {
        version: before.version + 1,
        given_name: Some("Amazing Grace".into()),
        given_key: collation.key(Some("Amazing Grace"), Some("Hopper"), ""),
        family_key: collation.key(Some("Hopper"), Some("Amazing Grace"), ""),
        search_text: "amazing grace hopper grace@acme.example".into(),
        last_signed_in_at: after.last_signed_in_at,
        ..before
    };
    assert_eq!(after, renamed, "what is not said is not taken away");
    let last = setting.audited().await.pop().unwrap();
    let changes = last.changes.unwrap();
    assert_eq!(
        (&changes[0]["field"], &changes[0]["after"]),
        (&json!("givenName"), &json!("Amazing Grace"))
    );
    setting
        .provider
        .twist(json!({"given_name": null, "family_name": "  "}));
    setting.sign_in().await;
    assert_eq!(setting.user("grace@acme.example").await.version, renamed.version);
    setting.house.settle_mails().await;
    assert_eq!(setting.house.mails().len(), mails);
    setting.close().await;
}

#[tokio::test]
async fn a_name_written_here_is_not_the_providers_to_change() {
    let setting = Setting::open(Database::Sqlite).await;
    setting
        .team
        .join(&setting.house, "grace@acme.example", "USER")
        .await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.sign_in().await;
    let before = setting.user("grace@acme.example").await;
    setting.provider.twist(json!({"given_name": "Mallory"}));
    setting.sign_in().await;
    let after = setting.user("grace@acme.example").await;
    assert_eq!(
        (after.given_name, after.version),
        (before.given_name, before.version)
    );
    setting.close().await;
}

#[tokio::test]
async fn two_providers_of_an_account_do_not_share_subjects() {
    let setting = Setting::open(Database::Sqlite).await;
    setting.provider.seat("subject-1", "grace@acme.example");
    setting.sign_in().await;
    let second = super::provider::Provider::start().await;
    let idp = connect(&setting.house, &setting.team, &second, |_| {}).await;
    second.seat("subject-1", "stranger@elsewhere.example");
    let mut browser = setting.browser();
    let query = format!("provider={}", Kind::IdentityProvider.text(idp));
    let page = browser.sign_in(&query).await;
    assert_eq!(page.code(), "DOMAIN_NOT_VERIFIED");
    setting.close().await;
}
