//! What holds for an account, changed by its administrators.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::contracts::support::{call, done};
use crate::support::{Database, House, team};

const ACCOUNT: &str = "account { version name settings { allowedInviteDomains invitationLifetimeDays seatNoticePercent auditKeptDays reclaimIdleDays graceDays defaultLocale } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_setting_is_changed_told_and_put_down_with_what_it_was(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let update =
        "mutation($input: UpdateAccountInput!) { updateAccount(input: $input) { userErrors { code } } }";
    assert_eq!(
        user.refused(update, json!({"input": {"name": "Mine"}})).await,
        "FORBIDDEN"
    );
    let input = json!({"expectedVersion": 1, "name": "  Analytical Engines ", "defaultLocale": "sv-SE",
        "allowedInviteDomains": ["ACME.example", "bücher.example", "acme.example"], "invitationLifetimeDays": 14,
        "seatNoticePercent": 80, "auditKeptDays": 365, "reclaimIdleDays": 60, "graceDays": 10});
    let changed = done(&second, "updateAccount", ACCOUNT, input.clone()).await;
    assert_eq!(
        changed,
        json!({"version": 2, "name": "Analytical Engines", "settings": {"allowedInviteDomains": ["acme.example", "xn--bcher-kva.example"],
            "invitationLifetimeDays": 14, "seatNoticePercent": 80, "auditKeptDays": 365, "reclaimIdleDays": 60, "graceDays": 10, "defaultLocale": "sv-SE"}})
    );
    let log = "{ account { auditEvents(filter: {action: [\"accounts.update\"]}) { nodes { actorLabel changes { field before after } } } } }";
    let log = team.admin.ask(log, json!({})).await["account"]["auditEvents"]["nodes"].clone();
    let change =
        |field: &str, before: Value, after: &str| json!({"field": field, "before": before, "after": after});
    assert_eq!(
        log,
        json!([{"actorLabel": "second@acme.example", "changes": [
            change("name", json!("ACME"), "Analytical Engines"),
            change("defaultLocale", json!("en"), "sv-SE"),
            change("allowedInviteDomains", json!(""), "acme.example, xn--bcher-kva.example"),
            change("invitationLifetimeDays", json!("90"), "14"),
            change("seatNoticePercent", json!("90"), "80"),
            change("auditKeptDays", json!("400"), "365"),
            change("reclaimIdleDays", Value::Null, "60"),
            change("graceDays", json!("30"), "10"),
        ]}])
    );
    // The same again changes nothing; somebody who read what was before is told so.
    house.settle_jobs().await;
    let before = house.settled().await;
    let mut same = input.clone();
    same.as_object_mut().unwrap().remove("expectedVersion");
    assert_eq!(done(&second, "updateAccount", ACCOUNT, same).await["version"], 2);
    let stale = call(&second, "updateAccount", ACCOUNT, input).await;
    assert_eq!(
        stale["userErrors"],
        json!([{"code": "STALE_VERSION", "field": ["input", "expectedVersion"]}])
    );
    assert_eq!(house.settled().await, before);

    // They hold: others are not invited, and links are good for as long as was said.
    let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { invitation { createdAt expiresAt } userErrors { code } } }";
    let ask = async |email: &str| {
        team.admin.ask(invite, json!({"input": {"email": email}})).await["inviteUser"].clone()
    };
    let refused = ask("anne@elsewhere.example").await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "EMAIL_DOMAIN_NOT_ALLOWED"}])
    );
    let invited = ask("anne@bücher.example").await;
    let time = |name: &str| {
        invited["invitation"][name]
            .as_str()
            .unwrap()
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
    };
    assert_eq!((time("expiresAt") - time("createdAt")).num_days(), 14);
    // Empty is any domain, 0 nobody's seat and no day of grace.
    let input = json!({"allowedInviteDomains": [], "reclaimIdleDays": 0, "graceDays": 0});
    let changed = done(&team.admin, "updateAccount", ACCOUNT, input).await;
    let settings = &changed["settings"];
    assert_eq!(
        (
            &settings["allowedInviteDomains"],
            &settings["reclaimIdleDays"],
            &settings["graceDays"]
        ),
        (&json!([]), &Value::Null, &json!(0))
    );
    assert_eq!(ask("anne@elsewhere.example").await["userErrors"], json!([]));
    house.settle_mails().await;
    house.settle_jobs().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_setting_cannot_be_is_refused_by_its_argument_and_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = house.settled().await;
    let domains = vec!["acme.example"; 101];
    for (field, value, code) in [
        ("expectedVersion", json!(7), "STALE_VERSION"),
        ("name", json!(" "), "REQUIRED"),
        ("name", json!("x".repeat(101)), "TOO_LONG"),
        ("name", json!("two\nlines"), "NAME_INVALID_CHARACTER"),
        ("defaultLocale", json!(""), "REQUIRED"),
        ("defaultLocale", json!("de_DE"), "INVALID"),
        ("defaultLocale", json!("a-".repeat(40)), "INVALID"),
        ("allowedInviteDomains", json!(domains), "TOO_MANY_ITEMS"),
        ("invitationLifetimeDays", json!(0), "INVALID"),
        ("invitationLifetimeDays", json!(366), "INVALID"),
        ("seatNoticePercent", json!(0), "INVALID"),
        ("seatNoticePercent", json!(101), "INVALID"),
        ("auditKeptDays", json!(89), "INVALID"),
        ("auditKeptDays", json!(3_651), "INVALID"),
        ("reclaimIdleDays", json!(13), "INVALID"),
        ("reclaimIdleDays", json!(3_651), "INVALID"),
        ("graceDays", json!(-1), "INVALID"),
        ("graceDays", json!(91), "INVALID"),
    ] {
        let answer = call(
            &team.admin,
            "updateAccount",
            "account { id }",
            json!({field: value}),
        )
        .await;
        let expected = json!([{"code": code, "field": ["input", field]}]);
        assert_eq!(answer["userErrors"], expected, "{field}: {value}");
    }
    for domain in ["", "localhost", "@acme.example", "127.0.0.1", "*.acme.example"] {
        let input = json!({"allowedInviteDomains": ["acme.example", domain]});
        let answer = call(&team.admin, "updateAccount", "account { id }", input).await;
        let expected = json!([{"code": "INVALID", "field": ["input", "allowedInviteDomains", "1"]}]);
        assert_eq!(answer["userErrors"], expected, "{domain}");
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}
