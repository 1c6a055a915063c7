//! What stands in the files.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Row, begin, fetched, file, link, rows, settled};
use crate::support::{Client, Database, House, accept, add_product, team};

/// Names as people have them, and as people who mean ill type them.
const NAMES: [(&str, &str); 9] = [
    ("O'Brien, \"Bee\"", "Stone;Smith|Jones"),
    ("=HYPERLINK(\"http://evil.example\")", "+49"),
    ("-5", "@SUM(A1)"),
    ("＝1", "'t Hooft"),
    ("山田", "太郎"),
    ("محمد", "الأحمد"),
    ("Владимир", "Łukasiński"),
    ("Zoë", "d’Arc"),
    ("श्री", "𠮷野"),
];

pub async fn invite(client: &Client, invitee: Value) -> String {
    let query = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code message } } }";
    let answer = client.ask(query, json!({"input": invitee})).await;
    assert_eq!(answer["inviteUser"]["userErrors"], json!([]));
    answer["inviteUser"]["user"]["id"].as_str().unwrap().to_owned()
}

/// What a spreadsheet does not run is as it was typed.
fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) => rest,
        _ => text,
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_people_says_what_is_so_in_every_script_and_form(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    other.invite("stranger@other.example").await;
    for (place, (given, family)) in NAMES.iter().enumerate() {
        let email = format!("person{place}@acme.example");
        invite(
            &acme.admin,
            json!({"email": email, "givenName": given, "familyName": family}),
        )
        .await;
    }
    invite(
        &acme.admin,
        json!({"email": "nameless@acme.example", "role": "SECONDARY_ADMIN"}),
    )
    .await;
    accept(&house, "person4@acme.example").await;
    let expired = invite(&acme.admin, json!({"email": "late@acme.example"})).await;
    let removed = invite(&acme.admin, json!({"email": "gone@acme.example"})).await;
    invite(&acme.admin, json!({"email": "last@acme.example"})).await;
    let gone = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    acme.admin
        .ask(gone, json!({"input": {"userIds": [removed]}}))
        .await;
    let ago = House::literal_time(house.app.clock().now() - chrono::Duration::days(1));
    let late = house.literal(Kind::User.parse(&expired).unwrap());
    let sql = format!("UPDATE invitations SET expires_at = {ago} WHERE user_id = {late}");
    house.force(&sql).await.unwrap();

    let id = begin(&acme.admin, json!({"kind": "USERS"})).await;
    let text = fetched(&acme.admin, &id).await;
    let head = "\u{feff}\"user_id\",\"first_name\",\"last_name\",\"email\",\"role\",\"status\",\"invitation_status\",\"invitation_expires_at\",\"last_active_at\"\r\n";
    assert!(text.starts_with(head), "{text}");
    assert!(
        text.ends_with("\r\n") && !text.contains("other.example"),
        "{text}"
    );
    let found = rows(&text);
    let emails: Vec<&str> = found.iter().map(|row| row["email"].as_str()).collect();
    let people: Vec<String> = (0..NAMES.len())
        .map(|place| format!("person{place}@acme.example"))
        .collect();
    let mut expected = vec!["admin@acme.example"];
    expected.extend(people.iter().map(String::as_str));
    expected.extend(["nameless@acme.example", "late@acme.example", "last@acme.example"]);
    assert_eq!(
        emails, expected,
        "in the order they were added, and nobody who was removed"
    );
    for (row, (given, family)) in found[1..].iter().zip(NAMES) {
        assert_eq!(
            (unguarded(&row["first_name"]), unguarded(&row["last_name"])),
            (given, family)
        );
        let cells = [&row["first_name"], &row["last_name"]];
        let runs = cells
            .iter()
            .any(|cell| cell.starts_with(['=', '+', '-', '@', '＝']));
        assert!(!runs, "{row:?}");
    }
    assert_eq!(found[2]["first_name"], "'=HYPERLINK(\"http://evil.example\")");
    let cells = |row: &Row| ["role", "status", "invitation_status"].map(|name| row[name].clone());
    assert_eq!(cells(&found[0]), ["PRIMARY_ADMIN", "ACTIVE", ""]);
    assert_eq!(cells(&found[1]), ["USER", "PENDING", "PENDING"]);
    assert_eq!(cells(&found[5]), ["USER", "ACTIVE", "ACCEPTED"]);
    assert_eq!(cells(&found[10]), ["SECONDARY_ADMIN", "PENDING", "PENDING"]);
    assert_eq!(cells(&found[11]), ["USER", "PENDING", "EXPIRED"]);
    assert_eq!(found[11]["user_id"], expired);
    assert_eq!(
        cells(&found[12]),
        ["USER", "PENDING", "PENDING"],
        "of whoever was removed before nothing is told here"
    );
    assert_eq!(
        (
            found[10]["first_name"].as_str(),
            found[10]["last_active_at"].as_str()
        ),
        ("", "")
    );
    let moment = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    assert!(moment(&found[5]["last_active_at"]) <= house.app.clock().now());
    assert!(moment(&found[1]["invitation_expires_at"]) > house.app.clock().now());

    // The same, as JSON: what is blank there is null here, and nothing is guarded that nobody runs.
    let text = file(&acme.admin, json!({"kind": "USERS", "format": "NDJSON"})).await;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), found.len());
    for (line, row) in lines.iter().zip(&found) {
        let line = line.as_object().unwrap();
        assert_eq!(line.len(), row.len());
        for (name, cell) in row {
            assert_eq!(line[name].as_str().unwrap_or_default(), unguarded(cell), "{name}");
            assert_eq!(line[name].is_null(), cell.is_empty(), "{name}");
        }
    }

    // As spreadsheets of other countries want it.
    let input = json!({"kind": "USERS", "delimiter": "SEMICOLON", "hasByteOrderMark": false});
    let text = file(&acme.admin, input).await;
    assert!(text.starts_with("\"user_id\";\"first_name\";"), "{text}");
    assert!(text.contains(";\"Stone;Smith|Jones\";"), "{text}");
    let input = json!({"kind": "USERS", "delimiter": "TAB"});
    assert!(
        file(&acme.admin, input)
            .await
            .starts_with("\u{feff}\"user_id\"\t\"first_name\"")
    );

    let export = settled(&acme.admin, &id).await;
    assert_eq!(
        (
            &export["rowCount"],
            &export["progress"]["processed"],
            &export["progress"]["total"],
            &export["progress"]["percent"]
        ),
        (&json!(13), &json!(13), &json!(13), &json!(100))
    );
    assert_eq!(
        (&export["kind"], &export["format"], &export["createdBy"]["id"]),
        (&json!("USERS"), &json!("CSV"), &json!(acme.admin_id))
    );
    let name = link(&acme.admin, &id).await["filename"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        name,
        format!("acme-users-{}.csv", house.app.clock().now().date_naive())
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_as_on_the_screen(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    for name in ["Ada", "Bob", "Cyd"] {
        let seats = if name == "Cyd" { json!([]) } else { json!([draw]) };
        let email = format!("{name}@acme.example");
        invite(
            &team.admin,
            json!({"email": email, "givenName": name, "familyName": "Łuk", "subscriptionIds": seats}),
        )
        .await;
    }
    let names = async |filter: Value, columns: Value| {
        let input = json!({"kind": "USERS", "userFilter": filter, "columnSets": columns});
        let found = rows(&file(&team.admin, input).await);
        found
            .iter()
            .map(|row| row["first_name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(json!({"search": "luk"}), json!(["PRODUCTS"])).await,
        ["Ada", "Bob", "Cyd"]
    );
    assert_eq!(
        names(json!({"subscriptionId": draw}), json!([])).await,
        ["Ada", "Bob"]
    );
    assert_eq!(
        names(json!({"notInSubscriptionId": draw, "role": ["USER"]}), json!([])).await,
        ["Cyd"]
    );
    assert_eq!(
        names(json!({"status": ["ACTIVE"]}), json!(["SUBSCRIPTIONS"])).await,
        ["Ada"],
        "the administrator"
    );
    assert_eq!(
        names(json!({"invitationStatus": ["EXPIRED"]}), json!([])).await,
        [""; 0]
    );

    let input = json!({"kind": "ASSIGNMENTS", "userFilter": {"search": "bob"}});
    let found = rows(&file(&team.admin, input).await);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0]["email"].as_str(), found[0]["product"].as_str()),
        ("Bob@acme.example", "DRAW")
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_is_told_from_one_moment_to_another_with_who_and_what(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let begun = house.app.clock().now();
    let user = team.invite("one@acme.example").await;
    let rename = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
    let input = json!({"userId": user, "expectedVersion": 1, "givenName": "=Evil", "familyName": "Two"});
    team.admin.ask(rename, json!({"input": input})).await;
    let halfway = house.app.clock().now();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    team.invite("two@acme.example").await;
    let all = rows(&file(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await);
    let actions = |rows: &[Row]| rows.iter().map(|row| row["action"].clone()).collect::<Vec<_>>();
    assert!(
        actions(&all).contains(&"exports.start".to_owned()),
        "{:?}",
        actions(&all)
    );
    let period = json!({"from": begun, "to": halfway});
    let some = rows(&file(&team.admin, json!({"kind": "AUDIT_EVENTS", "period": period})).await);
    assert_eq!(actions(&some), ["users.invite", "users.update"]);
    let event = &some[1];
    assert_eq!(
        (
            event["actor"].as_str(),
            event["actor_kind"].as_str(),
            event["actor_id"].as_str()
        ),
        ("admin@acme.example", "USER", team.admin_id.as_str())
    );
    assert_eq!(
        (event["targets"].as_str(), event["outcome"].as_str()),
        (user.as_str(), "SUCCESS")
    );
    assert!(
        event["event_id"].starts_with("aud_") && event["ip_address"] == "127.0.0.1",
        "{event:?}"
    );
    let changes: Value = serde_json::from_str(&event["changes"]).unwrap();
    assert!(changes.to_string().contains("=Evil"), "{changes}");
    let since = json!({"from": halfway});
    let late = rows(&file(&team.admin, json!({"kind": "AUDIT_EVENTS", "period": since})).await);
    assert_eq!(actions(&late)[0], "users.invite");

    let text = file(
        &team.admin,
        json!({"kind": "AUDIT_EVENTS", "period": {"from": begun, "to": halfway}, "format": "NDJSON"}),
    )
    .await;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[1]["targets"], &lines[1]["changes"]),
        (&json!([user]), &changes)
    );
    // What nothing happened in is a file all the same.
    let never = json!({"from": "2001-01-01T00:00:00Z", "to": "2001-01-02T00:00:00Z"});
    let text = file(&team.admin, json!({"kind": "AUDIT_EVENTS", "period": never})).await;
    assert_eq!(text.lines().count(), 1, "{text}");
    let text = file(
        &team.admin,
        json!({"kind": "AUDIT_EVENTS", "period": never, "format": "NDJSON"}),
    )
    .await;
    assert_eq!(text, "");
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_accounts_narrows_a_file_down_to_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let create = "mutation($input: CreateGroupInput!) { createGroup(input: $input) { group { id } } }";
    let group = |of: &crate::support::Team| {
        let (client, member) = (of.admin.clone(), of.admin_id.clone());
        async move {
            let input = json!({"name": "Design", "memberIds": [member]});
            client.ask(create, json!({"input": input})).await["createGroup"]["group"]["id"].clone()
        }
    };
    let (own, foreign) = (group(&acme).await, group(&other).await);
    let listed = async |id: &Value| {
        let input = json!({"kind": "USERS", "userFilter": {"groupId": id}});
        rows(&file(&acme.admin, input).await).len()
    };
    assert_eq!(listed(&own).await, 1);
    assert_eq!(listed(&foreign).await, 0);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_who_were_removed_are_not_named_in_a_file_of_the_audit_log_either(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let invitee = json!({"email": "gone@acme.example", "givenName": "Grace", "familyName": "Gone"});
    let id = invite(&team.admin, invitee).await;
    let rename = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
    let input = json!({"userId": id, "familyName": "Gonne"});
    team.admin.ask(rename, json!({"input": input})).await;
    let before = file(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    assert!(before.contains("Gonne"), "{before}");
    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    team.admin.ask(remove, json!({"input": {"userIds": [id]}})).await;
    let after = file(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    assert!(after.contains("users.update") && after.contains(&id));
    assert!(!after.contains("Gonne") && !after.contains("gone@"), "{after}");
    house.close().await;
}
