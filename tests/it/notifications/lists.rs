//! The list, its filters, marking as read, and that nobody sees or marks another's.

use entity::account::Plan;
use entity::notification::Kind;
use rstest::rstest;
use serde_json::json;

use super::support::{LIST, MARK, mark, shown, tell};
use crate::support::{Database, House, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_is_listed_filtered_and_marked_as_read_by_its_reader_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let before = second
        .ask("{ viewer { unreadNotificationCount } }", json!({}))
        .await;
    assert_eq!(before["viewer"]["unreadNotificationCount"], 0);
    let told = [
        (Kind::ImportFinished, "one"),
        (Kind::ExportReady, "two"),
        (Kind::ExportReady, "three"),
    ];
    tell(&house, &team, "second@acme.example", &told).await;
    tell(
        &house,
        &team,
        "admin@acme.example",
        &[(Kind::JobFinished, "theirs")],
    )
    .await;
    assert_eq!(
        shown(&second, json!(null)).await,
        (vec!["three".into(), "two".into(), "one".into()], 3)
    );
    let exports = json!({"kind": ["EXPORT_READY", "EXPORT_READY"]});
    assert_eq!(shown(&second, exports.clone()).await.0, ["three", "two"]);
    assert_eq!(shown(&team.admin, json!(null)).await.0, ["theirs"]);

    let seen = second.ask(LIST, json!({"filter": null})).await;
    let node = |place: usize| seen["viewer"]["notifications"]["nodes"][place]["id"].clone();
    // Another's are passed over, as is what is none at all.
    let stranger = mark(
        &team.admin,
        json!({"notificationIds": [node(0), "ntf_none", "usr_none"]}),
    )
    .await;
    assert_eq!(
        stranger,
        json!({"viewer": {"unreadNotificationCount": 1}, "userErrors": []})
    );
    assert_eq!(shown(&second, json!({"isUnread": true})).await.0.len(), 3);
    let marked = mark(&second, json!({"notificationIds": [node(1)]})).await;
    assert_eq!(
        marked,
        json!({"viewer": {"unreadNotificationCount": 2}, "userErrors": []})
    );
    assert_eq!(
        shown(&second, json!({"isUnread": true})).await.0,
        ["three", "one"]
    );
    assert_eq!(
        shown(&second, json!({"isUnread": false, "kind": ["EXPORT_READY"]}))
            .await
            .0,
        ["two"]
    );
    assert_eq!(
        shown(&second, json!({"isUnread": false, "kind": ["IMPORT_FINISHED"]}))
            .await
            .0
            .len(),
        0
    );
    let at =
        second.ask(LIST, json!({"filter": {"isUnread": false}})).await["viewer"]["notifications"]["nodes"][0]
            ["readAt"]
            .clone();
    // What is read stays read since when it was.
    mark(&second, json!({"notificationIds": [node(1)]})).await;
    let again = second.ask(LIST, json!({"filter": {"isUnread": false}})).await;
    assert_eq!(again["viewer"]["notifications"]["nodes"][0]["readAt"], at);

    let long_ago = mark(&second, json!({"before": "2020-01-01T00:00:00Z"})).await;
    assert_eq!(long_ago["viewer"]["unreadNotificationCount"], 2);
    // The moment of the latest as it is told, in whole milliseconds, is enough to mean that one too.
    let latest = seen["viewer"]["notifications"]["nodes"][0]["createdAt"].clone();
    assert_eq!(
        mark(&second, json!({"before": latest})).await["viewer"]["unreadNotificationCount"],
        0
    );
    tell(
        &house,
        &team,
        "second@acme.example",
        &[(Kind::JobFinished, "four")],
    )
    .await;
    assert_eq!(
        mark(&second, json!({})).await["viewer"]["unreadNotificationCount"],
        0
    );
    assert_eq!(
        shown(&team.admin, json!(null)).await.1,
        1,
        "nobody marked another's"
    );
    // None of this is anybody else's business.
    let audited = "SELECT count(*) FROM audit_events WHERE action LIKE 'notifications.%'";
    assert_eq!(house.number(audited).await, 0);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_they_ended_and_bad_input_is_refused_and_marks_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let titles: Vec<String> = (0..7).map(|number| format!("n{number}")).collect();
    for pair in titles.chunks(3) {
        let told: Vec<(Kind, &str)> = pair
            .iter()
            .map(|title| (Kind::JobFinished, title.as_str()))
            .collect();
        tell(&house, &team, "admin@acme.example", &told).await;
    }
    let page = "query($after: String, $filter: NotificationFilter) { viewer { notifications(first: 3, after: $after, filter: $filter) { nodes { title } pageInfo { hasNextPage endCursor } } } }";
    let (mut seen, mut after) = (Vec::new(), json!(null));
    loop {
        let answer = team.admin.ask(page, json!({"after": after})).await;
        let list = &answer["viewer"]["notifications"];
        for node in list["nodes"].as_array().unwrap() {
            seen.push(node["title"].as_str().unwrap().to_owned());
        }
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen, titles, "each once, and in the order they came");
    // A cursor is of the list it was made for.
    let filtered = json!({"after": after, "filter": {"isUnread": true}});
    assert_eq!(team.admin.refused(page, filtered).await, "INVALID_CURSOR");

    let before = house.settled().await;
    let ids: Vec<String> = (0..101)
        .map(|_| entity::ids::Kind::Notification.text(uuid::Uuid::new_v4()))
        .collect();
    for (input, code, field) in [
        (json!({"notificationIds": []}), "REQUIRED", "notificationIds"),
        (
            json!({"notificationIds": ids}),
            "TOO_MANY_ITEMS",
            "notificationIds",
        ),
        (
            json!({"notificationIds": [ids[0]], "before": "2026-01-01T00:00:00Z"}),
            "INVALID",
            "before",
        ),
    ] {
        let answer = mark(&team.admin, input).await;
        assert_eq!(
            answer["userErrors"],
            json!([{"code": code, "field": ["input", field]}])
        );
    }
    for input in [
        json!({"before": "yesterday"}),
        json!({"before": "+12026-01-01T00:00:00Z"}),
        json!({"kind": "X"}),
    ] {
        assert_eq!(
            team.admin.refused(MARK, json!({"input": input})).await,
            "BAD_USER_INPUT"
        );
    }
    for filter in [
        json!({"kind": ["NONE"]}),
        json!({"isUnread": "no"}),
        json!({"kind": vec!["JOB_FINISHED"; 201]}),
    ] {
        assert_eq!(
            team.admin.refused(LIST, json!({"filter": filter})).await,
            "BAD_USER_INPUT"
        );
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn telling_marking_and_counting_take_as_many_statements_for_one_as_for_a_hundred() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let mut costs = Vec::new();
    for count in [1, 1, 10, 100] {
        let titles: Vec<String> = (0..count).map(|number| format!("n{number}")).collect();
        let told: Vec<(Kind, &str)> = titles
            .iter()
            .map(|title| (Kind::JobFinished, title.as_str()))
            .collect();
        let before = house.app.statements();
        tell(&house, &team, "admin@acme.example", &told).await;
        let telling = house.app.statements() - before;
        let seen = team
            .admin
            .ask(
                "{ viewer { notifications(first: 100) { nodes { id } } } }",
                json!({}),
            )
            .await;
        let nodes = seen["viewer"]["notifications"]["nodes"].as_array().unwrap();
        let ids: Vec<_> = nodes[..count].iter().map(|node| node["id"].clone()).collect();
        let before = house.app.statements();
        let answer = mark(&team.admin, json!({"notificationIds": ids})).await;
        assert_eq!(answer["viewer"]["unreadNotificationCount"], 0);
        costs.push((telling, house.app.statements() - before));
    }
    let [_, one, ten, hundred] = costs[..] else {
        unreachable!()
    };
    // Who asks is looked at again every two seconds.
    for (one, many) in [
        (one.0, ten.0),
        (one.0, hundred.0),
        (one.1, ten.1),
        (one.1, hundred.1),
    ] {
        assert!(one.abs_diff(many) <= 4 && many <= 16, "{costs:?}");
    }
    // Unread ones are counted up to a thousand.
    let account = house.literal(team.account_id);
    let many = format!(
        "INSERT INTO notifications (account_id, id, user_id, kind, severity, title, body, created_at) \
         SELECT {account}, gen_random_uuid(), {}, 'JOB_FINISHED', 'INFO', 'x', 'x', now() FROM generate_series(1, 1500)",
        house.literal(entity::ids::Kind::User.parse(&team.admin_id).unwrap())
    );
    house.force(&many).await.unwrap();
    let seen = team
        .admin
        .ask("{ viewer { unreadNotificationCount } }", json!({}))
        .await;
    assert_eq!(seen["viewer"]["unreadNotificationCount"], 1_000);
    assert_eq!(
        mark(&team.admin, json!({})).await["viewer"]["unreadNotificationCount"],
        0
    );
    house.close().await;
}
