//! Users: changing them, listing them page by page, and who may see whom.

use std::collections::BTreeSet;

use entity::account::Plan;
use muster::person::EmailAddress;
use muster::users::invite::InviteUsers;
use muster::users::invitee::Invitee;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, Team, add_product, team};

const UPDATE: &str = "mutation($input: UpdateUserInput!) { updateUser(input: $input) {
    user { id version givenName familyName displayName locale } userErrors { code field }
} }";
const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $order: UserOrder, $filter: UserFilter) {
    account { users(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
        totalCount nodes { id email } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }
}";
/// Everything the users' screen shows.
const SCREEN: &str = "query($first: Int!) { account { userCounts { total } users(first: $first) { totalCount nodes {
    id displayName email role status invitation { status expiresAt invitedBy { displayName } }
    assignments(first: 5) { nodes { product { name } subscription { status } components { isEnabled component { name } } } }
} } } }";

fn invitee(number: usize) -> Invitee {
    Invitee {
        known_as: None,
        told: None,
        email: EmailAddress::parse(&format!("person{number:03}@acme.example")).unwrap(),
        // Many bear the same name: the id has the last word in the order.
        given_name: Some(format!("Given{}", number % 7)),
        family_name: Some("Family".into()),
        role: entity::user::Role::User,
        external_id: None,
        locale: None,
        seats: Vec::new(),
        groups: Vec::new(),
    }
}

/// Adds people without going through two hundred mails.
async fn add(house: &House, team: &Team, entries: Vec<Invitee>) {
    let command = InviteUsers {
        seats_at: None,
        view: entity::account::View::Current,
        earlier: Vec::new(),
        entries,
        message: None,
        send_now: false,
        only_new: false,
        terms: muster::users::invite::SeatTerms::default(),
        origin: entity::user::Origin::CsvImport,
        seat_source: entity::assignment::Source::CsvImport,
        all_or_nothing: true,
    };
    house.app.run(&team.actor(house).await, command).await.unwrap();
}

async fn page(client: &Client, variables: Value) -> Value {
    client.ask(PAGE, variables).await["account"]["users"].clone()
}

fn emails(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["email"].as_str().unwrap().to_owned())
        .collect()
}

async fn found(client: &Client, filter: Value) -> BTreeSet<String> {
    let page = page(client, json!({"first": 100, "filter": filter})).await;
    let emails = emails(&page);
    assert_eq!(page["totalCount"], emails.len(), "{filter}");
    emails.into_iter().collect()
}

fn set(emails: &[&str]) -> BTreeSet<String> {
    emails.iter().map(|email| (*email).to_owned()).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_changed_by_whoever_read_the_latest_version(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = team.invite("anne@acme.example").await;
    let update =
        async |input: Value| team.admin.ask(UPDATE, json!({"input": input})).await["updateUser"].clone();
    let input = json!({"userId": id, "expectedVersion": 1, "givenName": " Anne ", "familyName": "Smith", "locale": "de"});
    let changed = update(input).await;
    let expected = json!({"id": id, "version": 2, "givenName": "Anne", "familyName": "Smith", "displayName": "Anne Smith", "locale": "de"});
    assert_eq!(changed, json!({"user": expected, "userErrors": []}));

    let before = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    for (input, code, field) in [
        (
            json!({"userId": id, "expectedVersion": 1, "givenName": "Other"}),
            "STALE_VERSION",
            "expectedVersion",
        ),
        (
            json!({"userId": id, "familyName": "Smith２"}),
            "NAME_DOUBLE_BYTE_DIGIT",
            "familyName",
        ),
        (
            json!({"userId": id, "givenName": "A\u{202E}nne"}),
            "NAME_INVALID_CHARACTER",
            "givenName",
        ),
        (
            json!({"userId": id, "givenName": "x".repeat(61)}),
            "TOO_LONG",
            "givenName",
        ),
        (
            json!({"userId": id, "locale": "x".repeat(5_000)}),
            "INVALID",
            "locale",
        ),
    ] {
        let refused = update(input.clone()).await;
        let expected = json!([{"code": code, "field": ["input", field]}]);
        assert_eq!(refused, json!({"user": null, "userErrors": expected}), "{input}");
    }
    let after = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    assert_eq!(after, before);

    let calls = (0..8).map(|number| {
        update(json!({"userId": id, "expectedVersion": 2, "givenName": format!("Anne {number}")}))
    });
    let answers = futures::future::join_all(calls).await;
    let changed = answers.iter().filter(|answer| answer["user"]["version"] == 3);
    assert_eq!(changed.count(), 1, "{answers:?}");
    let stale = answers
        .iter()
        .filter(|answer| answer["userErrors"][0]["code"] == "STALE_VERSION");
    assert_eq!(stale.count(), 7);
    assert_eq!(
        update(json!({"userId": id, "givenName": ""})).await["user"]["displayName"],
        "Smith"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pages_meet_everybody_once_while_others_are_added(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add(&house, &team, (0..129).map(invitee).collect()).await;
    let everybody: BTreeSet<String> = (0..129)
        .map(|number| format!("person{number:03}@acme.example"))
        .chain(["admin@acme.example".to_owned()])
        .collect();
    let mut added = 1_000;
    for field in [
        "CREATED_AT",
        "EMAIL",
        "DISPLAY_NAME",
        "FAMILY_NAME",
        "GIVEN_NAME",
        "STATUS",
    ] {
        let mut in_order: Vec<Vec<String>> = Vec::new();
        for direction in ["ASC", "DESC"] {
            for (length, cursor, end, more) in [
                ("first", "after", "endCursor", "hasNextPage"),
                ("last", "before", "startCursor", "hasPreviousPage"),
            ] {
                let mut met: Vec<String> = Vec::new();
                let mut place = Value::Null;
                loop {
                    let order = json!({"field": field, "direction": direction});
                    let read = page(&team.admin, json!({length: 31, cursor: place, "order": order})).await;
                    let mut emails = emails(&read);
                    if length == "last" {
                        emails.reverse();
                    }
                    met.extend(emails);
                    // Somebody comes in, ahead of the reader or behind.
                    add(&house, &team, vec![invitee(added)]).await;
                    added += 1;
                    if read["pageInfo"][more] == false {
                        break;
                    }
                    place = read["pageInfo"][end].clone();
                }
                let of_old: Vec<String> = met
                    .iter()
                    .filter(|email| everybody.contains(*email))
                    .cloned()
                    .collect();
                assert_eq!(of_old.len(), 130, "{field} {direction} {length}");
                assert_eq!(of_old.iter().cloned().collect::<BTreeSet<_>>(), everybody);
                let distinct: BTreeSet<&String> = met.iter().collect();
                assert_eq!(distinct.len(), met.len(), "nobody twice");
                in_order.push(of_old);
            }
        }
        let [ascending, from_the_end, descending, from_the_start] = &in_order[..] else {
            panic!("four ways to read a list");
        };
        assert_eq!(descending, from_the_end, "{field}");
        assert_eq!(ascending, from_the_start, "{field}");
        assert!(ascending.iter().rev().eq(descending), "{field}");
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_say_and_the_total_is_what_they_find(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 5).await;
    team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let invite =
        "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code message } } }";
    for input in [
        json!({"email": "Zoe.Müller@Acme.example", "givenName": "Zoë", "familyName": "Müller", "subscriptionIds": [subscription]}),
        json!({"email": "percent@acme.example", "givenName": "100%", "familyName": "Sure"}),
        json!({"email": "under_score@acme.example", "givenName": "ＷＩＤＥ", "familyName": "Back\\slash"}),
        json!({"email": "underXscore@acme.example", "givenName": "1000", "familyName": "Sure"}),
    ] {
        let answer = team.admin.ask(invite, json!({"input": input})).await;
        assert_eq!(answer["inviteUser"]["userErrors"], json!([]), "{input}");
    }
    let staged = Invitee {
        role: entity::user::Role::SecondaryAdmin,
        ..invitee(1)
    };
    add(&house, &team, vec![staged]).await;
    add_product(&house, "acme", "PAINT", 5).await;
    let products = "{ account { products(first: 10) { nodes { id code } } } }";
    let products = team.admin.ask(products, json!({})).await["account"]["products"]["nodes"].clone();
    let of_code = |code: &str| {
        let mut all = products.as_array().unwrap().iter();
        all.find(|product| product["code"] == code).unwrap()["id"].clone()
    };
    let (product, other_product) = (of_code("DRAW"), of_code("PAINT"));
    // One ran out; one was withdrawn; one was withdrawn and made anew, of which the latest counts.
    let ids = "SELECT i.id FROM invitations i JOIN users u ON u.account_id = i.account_id AND u.id = i.user_id WHERE u.email =";
    let past = "UPDATE invitations SET expires_at = '2020-01-01T00:00:00+00:00' WHERE id IN";
    house
        .force(&format!("{past} ({ids} 'percent@acme.example')"))
        .await
        .unwrap();
    let revoke = async |email: &str| {
        let query = "query($email: String!) { account { users(first: 1, filter: {email: {eq: $email}}) { nodes { invitation { id } } } } }";
        let found = team.admin.ask(query, json!({"email": email})).await;
        let id = &found["account"]["users"]["nodes"][0]["invitation"]["id"];
        let revoke = "mutation($ids: [ID!]!) { revokeInvitations(input: {invitationIds: $ids}) { summary { applied } } }";
        let answer = team.admin.ask(revoke, json!({"ids": [id]})).await;
        assert_eq!(answer["revokeInvitations"]["summary"]["applied"], 1);
    };
    revoke("under_score@acme.example").await;
    revoke("underXscore@acme.example").await;
    let again = json!({"email": "underXscore@acme.example"});
    team.admin.ask(invite, json!({"input": again})).await;

    let (zoe, percent) = ("Zoe.Müller@Acme.example", "percent@acme.example");
    let (under, without) = ("under_score@acme.example", "underXscore@acme.example");
    let (admin, second, staged) = (
        "admin@acme.example",
        "second@acme.example",
        "person001@acme.example",
    );
    for (filter, expected) in [
        (json!({"search": "MÜLLER"}), set(&[zoe])),
        (json!({"search": "muller"}), set(&[zoe])),
        (json!({"search": "Mu\u{308}ller zoë"}), set(&[zoe])),
        (json!({"search": "wide"}), set(&[under])),
        (json!({"search": "%"}), set(&[percent])),
        (json!({"search": "100%"}), set(&[percent])),
        (json!({"search": "_"}), set(&[under])),
        (json!({"search": "\\"}), set(&[under])),
        (json!({"search": "sure 100"}), set(&[percent, without])),
        (json!({"search": "'; DROP TABLE users; --"}), set(&[])),
        (
            json!({"search": " "}),
            set(&[zoe, percent, under, without, admin, second, staged]),
        ),
        (
            json!({"email": {"eq": "UNDER_score@ACME.example"}}),
            set(&[under]),
        ),
        (json!({"email": {"startsWith": "under_"}}), set(&[under])),
        (json!({"email": {"contains": "R_S"}}), set(&[under])),
        (
            json!({"email": {"in": ["PERCENT@acme.example", "second@acme.example", "x"]}}),
            set(&[percent, second]),
        ),
        (json!({"email": {"in": []}}), set(&[])),
        (
            json!({"role": ["PRIMARY_ADMIN", "SECONDARY_ADMIN"]}),
            set(&[admin, second, staged]),
        ),
        (json!({"status": ["ACTIVE"]}), set(&[admin, second])),
        (json!({"status": ["STAGED", "STAGED"]}), set(&[staged, under])),
        (json!({"status": []}), set(&[])),
        (
            json!({"status": ["PENDING"], "role": ["USER"]}),
            set(&[zoe, percent, without]),
        ),
        (json!({"status": ["DISABLED"]}), set(&[])),
        (json!({"origin": ["CSV_IMPORT"]}), set(&[staged])),
        (json!({"subscriptionId": subscription}), set(&[zoe])),
        (
            json!({"notInSubscriptionId": subscription, "status": ["PENDING"]}),
            set(&[percent, without]),
        ),
        (json!({"createdAt": {"to": "2001-01-01T00:00:00Z"}}), set(&[])),
        (
            json!({"createdAt": {"from": "2001-01-01T00:00:00Z"}, "status": ["ACTIVE"]}),
            set(&[admin, second]),
        ),
        (
            json!({"lastSignedInAt": {"from": "2001-01-01T00:00:00Z", "to": "2201-01-01T00:00:00Z"}}),
            set(&[admin, second]),
        ),
        (
            json!({"lastSignedInAt": {"to": "2001-01-01T00:00:00Z"}}),
            set(&[]),
        ),
        (
            json!({"notSignedInSince": "2001-01-01T00:00:00Z"}),
            set(&[zoe, percent, under, without, staged]),
        ),
        (
            json!({"notSignedInSince": "2201-01-01T00:00:00Z", "status": ["ACTIVE"]}),
            set(&[admin, second]),
        ),
        (
            json!({"notSignedInSince": "2001-01-01T00:00:00Z", "status": ["ACTIVE"]}),
            set(&[]),
        ),
        (json!({"productId": product}), set(&[zoe])),
        (json!({"productId": other_product}), set(&[])),
        (json!({"productId": product, "status": ["ACTIVE"]}), set(&[])),
        (json!({"invitationStatus": ["EXPIRED"]}), set(&[percent])),
        (json!({"invitationStatus": ["PENDING"]}), set(&[zoe, without])),
        (
            json!({"invitationStatus": ["PENDING", "EXPIRED"]}),
            set(&[zoe, percent, without]),
        ),
        (json!({"invitationStatus": ["ACCEPTED"]}), set(&[second])),
        (json!({"invitationStatus": ["REVOKED"]}), set(&[under])),
        (
            json!({"invitationStatus": ["REVOKED", "ACCEPTED"], "search": "second"}),
            set(&[second]),
        ),
        (json!({"invitationStatus": []}), set(&[])),
    ] {
        assert_eq!(found(&team.admin, filter.clone()).await, expected, "{filter}");
    }
    let counts = team.counts().await;
    let expected = json!({"total": 7, "active": 2, "pending": 3, "staged": 2, "disabled": 0, "admins": 3});
    assert_eq!(
        counts,
        json!({"userCounts": expected, "users": {"totalCount": 7}})
    );
    let stored = house
        .number("SELECT count(*) FROM users WHERE status <> 'REMOVED'")
        .await;
    assert_eq!(stored, 7);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_no_correct_client_asks_for_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let cursor = page(&team.admin, json!({"first": 1})).await["pageInfo"]["endCursor"].clone();
    for variables in [
        json!({"first": -1}),
        json!({"first": 101}),
        json!({"last": 101}),
        json!({"first": 1, "last": 1}),
        json!({"first": 1, "before": cursor}),
    ] {
        let code = team.admin.refused(PAGE, variables.clone()).await;
        assert_eq!(code, "BAD_USER_INPUT", "{variables}");
    }
    for variables in [
        json!({"first": 1, "after": "nonsense"}),
        json!({"first": 1, "after": cursor, "filter": {"search": "a"}}),
        json!({"first": 1, "after": cursor, "order": {"field": "EMAIL"}}),
    ] {
        let code = team.admin.refused(PAGE, variables.clone()).await;
        assert_eq!(code, "INVALID_CURSOR", "{variables}");
    }
    let nothing = page(&team.admin, json!({"first": 0})).await;
    assert_eq!(nothing["nodes"], json!([]));
    assert_eq!(nothing["pageInfo"]["hasNextPage"], true);
    assert_eq!(page(&team.admin, json!({"first": 100})).await["totalCount"], 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_themselves_and_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    for query in [
        "{ account { users(first: 1) { nodes { id } } } }",
        "{ account { userCounts { total } } }",
        "{ account { imports(first: 1) { nodes { id } } } }",
    ] {
        assert_eq!(user.refused(query, json!({})).await, "FORBIDDEN", "{query}");
    }
    let own = user
        .ask(
            "{ viewer { user { id email } permissions } account { name } }",
            json!({}),
        )
        .await;
    assert_eq!(own["viewer"]["user"]["email"], "user@acme.example");
    assert_eq!(own["account"]["name"], "ACME");
    let node = "query($id: ID!) { node(id: $id) { id ... on User { email } } user(id: $id) { id } }";
    let id = &own["viewer"]["user"]["id"];
    let seen = user.ask(node, json!({"id": id})).await;
    let expected = json!({"node": {"id": id, "email": "user@acme.example"}, "user": {"id": id}});
    assert_eq!(seen, expected);
    let seen = user.ask(node, json!({"id": team.admin_id})).await;
    assert_eq!(seen, json!({"node": null, "user": null}));

    let nobody = house.anonymous();
    let seen = nobody.ask("{ viewer { user { id } } }", json!({})).await;
    assert_eq!(seen, json!({"viewer": null}));
    for query in [
        "{ account { id } }",
        "{ node(id: \"x\") { id } }",
        "{ nodes(ids: []) { id } }",
    ] {
        assert_eq!(
            nobody.refused(query, json!({})).await,
            "UNAUTHENTICATED",
            "{query}"
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_users_screen_takes_as_many_statements_for_a_hundred_as_for_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 120).await;
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { applied } } }";
    let people = |from: usize, to: usize| -> Vec<String> {
        (from..to)
            .map(|number| format!("p{number}@acme.example"))
            .collect()
    };
    let add = async |from: usize, to: usize| {
        let input = json!({"recipients": {"emails": people(from, to)}, "subscriptionIds": [subscription]});
        let answer = team.admin.ask(invite, json!({"input": input})).await;
        assert_eq!(answer["inviteUsers"]["summary"]["applied"], to - from);
        house.settle_mails().await;
    };
    // Others work in the background meanwhile: the least of several is the screen's own.
    let statements = async |first: usize, rows: usize| {
        let mut least = u64::MAX;
        for _ in 0..7 {
            let before = house.app.statements();
            let answer = team.admin.ask(SCREEN, json!({"first": first})).await;
            least = least.min(house.app.statements() - before);
            let nodes = answer["account"]["users"]["nodes"].as_array().unwrap();
            assert_eq!(nodes.len(), rows);
            assert_eq!(
                nodes[1]["assignments"]["nodes"][0]["product"]["name"],
                "Product DRAW"
            );
        }
        least
    };
    add(0, 4).await;
    let of_few = statements(5, 5).await;
    let of_two = statements(2, 2).await;
    add(4, 110).await;
    let of_many = statements(50, 50).await;
    assert_eq!((of_two, of_many), (of_few, of_few));
    assert!((3..=12).contains(&of_few), "{of_few} statements");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_internationalised_address_is_found_as_it_is_shown(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let shown = "Jo@Bücher.example";
    let jo = Invitee {
        email: EmailAddress::parse(shown).unwrap(),
        given_name: Some("Jo".into()),
        family_name: Some("Doe".into()),
        ..invitee(0)
    };
    add(&house, &team, vec![jo, invitee(1)]).await;
    for _ in 0..2 {
        for filter in [
            json!({"email": {"eq": shown}}),
            json!({"email": {"eq": " jo@BU\u{308}CHER.example"}}),
            json!({"email": {"eq": "jo@xn--bcher-kva.example"}}),
            json!({"email": {"in": ["nobody", "JO@bücher.example"]}}),
            json!({"search": "bücher"}),
            json!({"search": "doe jo@BÜCHER.example"}),
            json!({"search": "xn--bcher-kva"}),
            json!({"search": "jo@bucher"}),
        ] {
            assert_eq!(
                found(&team.admin, filter.clone()).await,
                set(&[shown]),
                "{filter}"
            );
        }
        for filter in [
            json!({"email": {"eq": "jo@bucher.example"}}),
            json!({"search": "buecher"}),
        ] {
            assert_eq!(found(&team.admin, filter.clone()).await, set(&[]), "{filter}");
        }
        // A change of the name leaves the address to be found.
        let filter = json!({"first": 1, "filter": {"search": "doe"}});
        let id = page(&team.admin, filter).await["nodes"][0]["id"].clone();
        let input = json!({"userId": id, "givenName": "Joanna"});
        let changed = team.admin.ask(UPDATE, json!({"input": input})).await;
        assert_eq!(changed["updateUser"]["userErrors"], json!([]));
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_by_what_is_no_id_or_no_time_is_refused_with_its_place_and_not_passed_over() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let users = "query($filter: UserFilter) { account { users(first: 5, filter: $filter) { totalCount } } }";
    let subscriptions = "query($filter: ProductSubscriptionFilter) { account { subscriptions(first: 5, filter: $filter) { totalCount } } }";
    let product = "query($id: ID!) { subscription(id: $id) { product { id } } }";
    let product = team.admin.ask(product, json!({"id": draw})).await["subscription"]["product"]["id"].clone();
    let never = draw.replace("sub_", "usr_");
    for (query, filter, told) in [
        (
            users,
            json!({"subscriptionId": "nonsense"}),
            "`filter.subscriptionId` is no id",
        ),
        (
            users,
            json!({"notInSubscriptionId": product}),
            "`filter.notInSubscriptionId` is no id",
        ),
        (users, json!({"productId": draw}), "`filter.productId` is no id"),
        (
            subscriptions,
            json!({"productId": never}),
            "`filter.productId` is no id",
        ),
        (
            subscriptions,
            json!({"contractId": draw}),
            "`filter.contractId` is no id",
        ),
        (
            users,
            json!({"createdAt": {"from": "yesterday"}}),
            "\"$filter.createdAt.from\": expected a time like",
        ),
        (
            subscriptions,
            json!({"endsBefore": "2026-02-30"}),
            "\"$filter.endsBefore\": expected a day like",
        ),
    ] {
        let (_, answer) = team.admin.send(query, json!({"filter": filter})).await;
        let error = &answer["errors"][0];
        assert_eq!(
            error["extensions"]["code"], "BAD_USER_INPUT",
            "{filter}: {answer}"
        );
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
        assert!(!error["message"].as_str().unwrap().contains("Args"), "{error}");
    }
    // What is an id and of nothing here narrows the list to nothing.
    let mut other = draw.clone();
    let last = other.pop().unwrap();
    other.push(if last == '0' { '1' } else { '0' });
    let answer = team
        .admin
        .ask(users, json!({"filter": {"subscriptionId": other}}))
        .await;
    assert_eq!(answer["account"]["users"]["totalCount"], 0);
    // As a literal of the document it is found with the document.
    let literal = "{ account { users(filter: {createdAt: {from: \"yesterday\"}}) { totalCount } } }";
    let (_, answer) = team.admin.send(literal, json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
        "{answer}"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn saying_what_is_written_already_changes_nothing_and_leaves_no_row(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = team.invite("anne@acme.example").await;
    let change = async |mutation: &str, kind: &str, selection: &str, input: Value| {
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code }} }} }}"
        );
        team.admin.ask(&query, json!({"input": input})).await[mutation].clone()
    };
    let update = async |input| {
        change(
            "updateUser",
            "UpdateUserInput",
            "user { version givenName locale }",
            input,
        )
        .await
    };
    let named = update(json!({"userId": id, "givenName": "Anne", "locale": "de"})).await;
    assert_eq!(
        named["user"],
        json!({"version": 2, "givenName": "Anne", "locale": "de"})
    );
    house.settle_mails().await;
    let before = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    for input in [
        json!({"userId": id}),
        json!({"userId": id, "givenName": " Anne ", "familyName": "", "locale": "de", "expectedVersion": 2}),
    ] {
        assert_eq!(update(input).await, named);
    }
    let same = json!({"userId": id, "role": "USER"});
    let role = change("changeUserRole", "ChangeUserRoleInput", "user { version }", same).await;
    assert_eq!(role["user"]["version"], 2);
    let stale = update(json!({"userId": id, "expectedVersion": 1})).await;
    assert_eq!(
        stale["userErrors"][0]["code"], "STALE_VERSION",
        "it is told all the same"
    );
    let after = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    assert_eq!(after, before);
    house.close().await;
}
