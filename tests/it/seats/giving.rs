//! Giving several products at once, to users who are named or found; switching components; taking back by user and product.

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::{ComponentSpec, DefineProduct};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{ASSIGN, CUSTOMISE, UNASSIGN, assign, on, part, people, product_of, send};
use crate::support::{Database, House, Team, add_product, team};

/// The user behind a client.
async fn me(client: &crate::support::Client) -> String {
    let me = client.ask("{ viewer { user { id } } }", json!({})).await;
    me["viewer"]["user"]["id"].as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn several_products_are_given_in_one_call_and_confirmed_in_one_mail(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let ink = add_product(&house, "acme", "INK", 1).await;
    let ink_product = product_of(&team, &ink).await;
    let active = me(&team.join(&house, "active@acme.example", "USER").await).await;
    let pending = team.invite("pending@acme.example").await;
    house.settle_mails().await;
    let mails = house.mails().len();

    let sources = json!([{"subscriptionId": draw}, {"productId": ink_product}]);
    let users = json!([active, pending]);
    let refused = send(&team, ASSIGN, json!({"sources": sources, "userIds": users})).await;
    let short =
        json!({"code": "SEATS_EXHAUSTED", "field": ["input", "userIds"], "requested": 2, "available": 1});
    assert_eq!(
        (&refused["results"], &refused["userErrors"]),
        (&json!([]), &json!([short]))
    );
    assert_eq!(team.seats(&draw).await, (5, 0, 0), "not even what there was");
    assert_eq!(team.seats(&ink).await, (1, 0, 0));

    let given = send(
        &team,
        ASSIGN,
        json!({"sources": sources, "userIds": users, "onError": "SKIP_FAILED"}),
    )
    .await;
    assert_eq!(
        given["summary"],
        json!({"applied": 3, "unchanged": 0, "failed": 1})
    );
    let results = given["results"].as_array().unwrap();
    let told: Vec<_> = results
        .iter()
        .map(|result| {
            let product = result["assignment"]["product"]["code"].as_str().unwrap_or("none");
            (
                result["userId"].as_str().unwrap(),
                result["sourceIndex"].as_i64().unwrap(),
                product,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (&*active, 0, "DRAW"),
            (&*active, 1, "INK"),
            (&*pending, 0, "DRAW"),
            (&*pending, 1, "none")
        ]
    );
    assert_eq!(
        results[3]["userErrors"],
        json!([{"code": "SEATS_EXHAUSTED", "field": ["input", "userIds", "1"]}])
    );
    let mut affected = vec![json!({"id": draw}), json!({"id": ink})];
    affected.sort_by_key(|one| one["id"].as_str().unwrap().to_owned());
    assert_eq!(given["affectedSubscriptions"], json!(affected));
    house.settle_mails().await;
    let confirmations: Vec<String> = house
        .mails()
        .into_iter()
        .filter(|mail| mail.contains("Product DRAW") && mail.contains("active@acme.example"))
        .collect();
    assert_eq!(confirmations.len(), 1, "one mail for both");
    assert!(confirmations[0].contains("Product INK"));
    // To whoever joined; and to the administrator, that a subscription is full.
    assert_eq!(house.mails().len(), mails + 2);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn components_named_for_several_products_are_switched_in_each_that_has_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let ink = add_product(&house, "acme", "INK", 5).await;
    let clay = add_product(&house, "acme", "CLAY", 5).await;
    let users = people(&team, "p", 1).await;
    let named = [
        part(&team, &draw, "CORE").await,
        part(&team, &draw, "CLOUD").await,
    ];
    let sources = json!([{"subscriptionId": draw}, {"subscriptionId": ink}]);
    let give = |components: Value| json!({"sources": sources, "userIds": users, "componentIds": components});
    let foreign = send(
        &team,
        ASSIGN,
        give(json!([named[0], part(&team, &clay, "CORE").await])),
    )
    .await;
    assert_eq!(
        foreign["userErrors"],
        json!([{"code": "COMPONENT_NOT_IN_PRODUCT", "field": ["input", "componentIds"]}])
    );
    assert_eq!(team.seats(&draw).await, (5, 0, 0));
    let given = send(&team, ASSIGN, give(json!(named))).await;
    assert_eq!(on(&given["results"][0]["assignment"]), ["CORE", "CLOUD"]);
    assert_eq!(
        on(&given["results"][1]["assignment"]),
        ["CORE", "EXTRA"],
        "its defaults"
    );
    let again = send(&team, ASSIGN, give(json!([part(&team, &ink, "CORE").await]))).await;
    assert_eq!(
        again["results"][0]["status"], "UNCHANGED",
        "nothing was said of it"
    );
    assert_eq!(on(&again["results"][1]["assignment"]), ["CORE"]);
    house.settle_mails().await;
    house.close().await;
}

/// A product of which one component needs another.
async fn suite(house: &House, team: &Team) -> String {
    let part = |code: &str, is_enabled_by_default, needs: &[&str]| ComponentSpec {
        code: code.into(),
        name: format!("{code} part"),
        is_required: code == "CORE",
        is_enabled_by_default,
        needs: needs.iter().map(|code| (*code).to_owned()).collect(),
    };
    let define = |components| DefineProduct {
        code: "SUITE".into(),
        name: "Suite".into(),
        kind: entity::product::Kind::Collection,
        components,
    };
    let suite = vec![
        part("CORE", true, &[]),
        part("DRAW", false, &[]),
        part("RENDER", false, &["DRAW"]),
    ];
    house.app.run(&Actor::Operator, define(suite)).await.unwrap();
    for wrong in [
        vec![part("MORE", false, &["NONE"])],
        vec![part("MORE", true, &["RENDER"])],
    ] {
        let refused = house.app.run(&Actor::Operator, define(wrong)).await.unwrap_err();
        assert_eq!(refused.code(), "BAD_USER_INPUT");
    }
    // Said again it is the same.
    let again = vec![part("RENDER", false, &["DRAW"])];
    house.app.run(&Actor::Operator, define(again)).await.unwrap();
    let today = house.app.clock().now().date_naive();
    let subscribe = muster::admin::CreateSubscription {
        account: "acme".into(),
        product: "SUITE".into(),
        contract_number: "C".into(),
        seats: 5,
        starts_on: today,
        ends_on: today,
        is_trial: false,
    };
    let id = house.app.run(&Actor::Operator, subscribe).await.unwrap();
    let id = entity::ids::Kind::Subscription.text(id);
    let query =
        "query($id: ID!) { subscription(id: $id) { product { components { code dependsOn { code } } } } }";
    let answer = team.admin.ask(query, json!({"id": id})).await;
    assert_eq!(
        answer["subscription"]["product"]["components"],
        json!([
            {"code": "CORE", "dependsOn": []},
            {"code": "DRAW", "dependsOn": []},
            {"code": "RENDER", "dependsOn": [{"code": "DRAW"}]}
        ])
    );
    id
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_is_customised_as_often_as_somebody_likes_and_stays_what_it_was_where_that_cannot_be(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let suite = suite(&house, &team).await;
    let users = people(&team, "p", 1).await;
    let parts = [
        part(&team, &suite, "CORE").await,
        part(&team, &suite, "DRAW").await,
        part(&team, &suite, "RENDER").await,
    ];
    let [core, draw, render] = &parts;
    let seat = assign(&team, &suite, &users).await["results"][0]["assignment"].clone();
    assert_eq!(on(&seat), ["CORE"]);
    let mails = house.settled().await["mails"].len();
    let customise = async |version: Value, components: Value| {
        let input =
            json!({"assignmentId": seat["id"], "expectedVersion": version, "componentIds": components});
        send(&team, CUSTOMISE, input).await
    };
    let done = customise(json!(1), json!([render, draw, core])).await;
    assert_eq!(on(&done["assignment"]), ["CORE", "DRAW", "RENDER"]);
    assert_eq!(done["assignment"]["version"], 2);
    let other = add_product(&house, "acme", "INK", 1).await;
    let foreign = part(&team, &other, "CORE").await;
    let before = house.everything().await;
    let same = customise(json!(2), json!([core, draw, render, draw])).await;
    assert_eq!(same["assignment"]["version"], 2);
    for (version, components, code, field) in [
        (json!(1), json!([core]), "STALE_VERSION", "expectedVersion"),
        (
            json!(2),
            json!([core, render]),
            "COMPONENT_REQUIRED",
            "componentIds",
        ),
        (json!(2), json!([draw]), "COMPONENT_REQUIRED", "componentIds"),
        (json!(2), json!([]), "EMPTY_CUSTOMISATION", "componentIds"),
        (Value::Null, json!(["cmp_1"]), "NOT_FOUND", "componentIds"),
        (
            Value::Null,
            json!([core, foreign]),
            "COMPONENT_NOT_IN_PRODUCT",
            "componentIds",
        ),
        (
            Value::Null,
            json!(vec![core; 101]),
            "TOO_MANY_ITEMS",
            "componentIds",
        ),
    ] {
        let refused = customise(version, components).await;
        assert_eq!(refused["assignment"], Value::Null);
        assert_eq!(refused["userErrors"][0]["code"], code);
        assert_eq!(
            refused["userErrors"][0]["field"],
            json!(["input", field]),
            "{code}"
        );
    }
    let render_alone = customise(Value::Null, json!([core, render])).await;
    assert_eq!(
        render_alone["userErrors"][0]["message"],
        "RENDER part needs DRAW part, which is off."
    );
    let nowhere = json!({"assignmentId": "asg_00000000000000000000000007", "componentIds": [core]});
    let refused = send(&team, CUSTOMISE, nowhere).await;
    assert_eq!(
        (
            &refused["userErrors"][0]["code"],
            &refused["userErrors"][0]["field"]
        ),
        (&json!("NOT_FOUND"), &json!(["input", "assignmentId"]))
    );
    assert_eq!(house.everything().await, before);
    // Assigning does the same, and no seat moves.
    let input =
        json!({"sources": [{"subscriptionId": suite}], "userIds": users, "componentIds": [core, render]});
    let refused = send(&team, ASSIGN, input).await;
    assert_eq!(refused["userErrors"][0]["code"], "COMPONENT_REQUIRED");
    assert_eq!(team.seats(&suite).await, (5, 1, 1));
    assert_eq!(house.settled().await["mails"].len(), mails, "nobody is told");
    let audit = house.everything().await["audit_events"].join("\n");
    assert!(
        audit.contains("seats.customise") && audit.contains("CORE DRAW RENDER"),
        "{audit}"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_who_match_get_a_seat(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 200).await;
    let product = product_of(&team, &draw).await;
    people(&team, "few", 3).await;
    let sources = json!([{"subscriptionId": draw}]);
    let by =
        async |filter: Value| send(&team, ASSIGN, json!({"sources": sources, "userFilter": filter})).await;
    let before = house.settled().await;
    assert_eq!(by(json!({"search": "nobody"})).await["results"], json!([]));
    assert_eq!(house.settled().await, before);
    let given = by(json!({"search": "few", "withoutProductId": product})).await;
    assert_eq!(
        given["summary"],
        json!({"applied": 3, "unchanged": 0, "failed": 0})
    );
    assert_eq!(team.seats(&draw).await, (200, 3, 3));
    let again = by(json!({"search": "few", "withoutProductId": product})).await;
    assert_eq!(
        again["summary"],
        json!({"applied": 0, "unchanged": 0, "failed": 0}),
        "nobody is without"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_are_taken_back_by_user_and_product_and_the_other_products_stay(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let ink = add_product(&house, "acme", "INK", 5).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 3).await;
    let seats = assign(&team, &draw, &users[..2]).await;
    assign(&team, &ink, &users).await;
    let of = |users: &[String], on_error: &str| json!({"userIds": users, "productId": product, "onError": on_error});
    let before = house.settled().await;
    let refused = send(&team, UNASSIGN, of(&users, "REJECT_ALL")).await;
    let missing = json!([{"code": "NOT_ASSIGNED", "field": ["input", "userIds", "2"]}]);
    assert_eq!(
        (&refused["results"], &refused["userErrors"]),
        (&json!([]), &missing)
    );
    assert_eq!(house.settled().await, before);
    let done = send(&team, UNASSIGN, of(&users, "SKIP_FAILED")).await;
    assert_eq!(done["summary"], json!({"applied": 2, "failed": 1}));
    assert_eq!(done["affectedSubscriptions"], json!([{"id": draw}]));
    assert_eq!(
        done["results"][1],
        json!({"status": "APPLIED", "assignmentId": seats["results"][1]["assignment"]["id"], "userId": users[1], "userErrors": []})
    );
    assert_eq!(
        done["results"][2],
        json!({"status": "FAILED", "assignmentId": null, "userId": users[2], "userErrors": missing})
    );
    assert_eq!(team.seats(&draw).await, (5, 0, 0));
    assert_eq!(team.seats(&ink).await, (5, 3, 3));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table is read row by row")]
async fn whoever_names_no_one_or_nothing_or_too_much_is_told_so() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 1).await;
    let source = json!({"subscriptionId": draw});
    let before = house.settled().await;
    for (mutation, input, code, field) in [
        (
            ASSIGN,
            json!({"sources": [], "userIds": users}),
            "REQUIRED",
            json!(["input", "sources"]),
        ),
        (
            ASSIGN,
            json!({"sources": vec![&source; 21], "userIds": users}),
            "TOO_MANY_ITEMS",
            json!(["input", "sources"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source, {"productId": draw}], "userIds": users}),
            "NOT_FOUND",
            json!(["input", "sources", "1", "productId"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source, {"productId": "prd_00000000000000000000000007"}], "userIds": users}),
            "NOT_FOUND",
            json!(["input", "sources", "1"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source]}),
            "REQUIRED",
            json!(["input", "userIds"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source], "userIds": []}),
            "REQUIRED",
            json!(["input", "userIds"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source], "userIds": users, "userFilter": {}}),
            "INVALID",
            json!(["input", "userFilter"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source], "userIds": vec!["usr_1"; 101]}),
            "TOO_MANY_ITEMS",
            json!(["input", "userIds"]),
        ),
        (
            ASSIGN,
            json!({"sources": [source], "userIds": ["usr_1"]}),
            "NOT_FOUND",
            json!(["input", "userIds", "0"]),
        ),
        (UNASSIGN, json!({}), "REQUIRED", json!(["input", "assignmentIds"])),
        (
            UNASSIGN,
            json!({"userIds": users}),
            "REQUIRED",
            json!(["input", "productId"]),
        ),
        (
            UNASSIGN,
            json!({"assignmentIds": ["asg_1"], "productId": product}),
            "INVALID",
            json!(["input", "productId"]),
        ),
        (
            UNASSIGN,
            json!({"userIds": users, "productId": "x"}),
            "NOT_FOUND",
            json!(["input", "productId"]),
        ),
        (
            UNASSIGN,
            json!({"userIds": [], "productId": product}),
            "REQUIRED",
            json!(["input", "userIds"]),
        ),
        (
            UNASSIGN,
            json!({"userFilter": {}}),
            "REQUIRED",
            json!(["input", "productId"]),
        ),
        (
            UNASSIGN,
            json!({"userFilter": {}, "userIds": users, "productId": product}),
            "INVALID",
            json!(["input", "userFilter"]),
        ),
        (
            UNASSIGN,
            json!({"userFilter": {}, "assignmentIds": ["asg_1"]}),
            "INVALID",
            json!(["input", "userFilter"]),
        ),
    ] {
        let refused = send(&team, mutation, input.clone()).await;
        assert_eq!(refused["results"], json!([]), "{input}");
        let error = &refused["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!(code), &field),
            "{input}"
        );
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}
