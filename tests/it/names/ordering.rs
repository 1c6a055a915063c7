//! Lists by name have the order of the account's language, on both databases the same.

use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use super::support::{add, listed, locals, page, speak};
use crate::support::{Database, House, team};

const PEOPLE: [(&str, &str, &str); 11] = [
    ("aarup", "Gro", "Aarup"),
    ("aberg", "Anna", "Åberg"),
    ("ahlin", "Änne", "Ahlin"),
    ("andersson", "Bo", "Andersson"),
    ("arlig", "Zoran", "Ärlig"),
    ("chalupa", "Dag", "Chalupa"),
    ("cyril", "Eva", "Cyril"),
    ("havel", "Filip", "Havel"),
    ("oberg", "Åsa", "Öberg"),
    ("zorn", "Carl", "Zorn"),
    // Of one family, of whom one is written otherwise.
    ("zorn2", "Älva", "ZORN"),
];

fn reversed(mut list: Vec<String>) -> Vec<String> {
    list.reverse();
    list
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn lists_by_name_have_the_order_of_the_accounts_language(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add(&house, &team, &PEOPLE).await;
    let versions = "SELECT sum(version) FROM users";
    let before = house.number(versions).await;
    for (locale, by_family, by_given) in [
        (
            "en",
            "aarup aberg admin ahlin andersson arlig chalupa cyril havel oberg zorn2 zorn",
            "admin zorn2 aberg ahlin oberg andersson zorn chalupa cyril havel aarup arlig",
        ),
        (
            "sv",
            "aarup admin ahlin andersson chalupa cyril havel zorn zorn2 aberg arlig oberg",
            "admin aberg andersson zorn chalupa cyril havel aarup arlig oberg zorn2 ahlin",
        ),
        (
            "cs-CZ",
            "aarup aberg admin ahlin andersson arlig cyril havel chalupa oberg zorn2 zorn",
            "admin zorn2 aberg ahlin oberg andersson zorn chalupa cyril havel aarup arlig",
        ),
        (
            "da",
            "admin ahlin andersson chalupa cyril havel zorn zorn2 arlig oberg aberg aarup",
            "admin aberg andersson zorn chalupa cyril havel aarup arlig zorn2 ahlin oberg",
        ),
        (
            "de",
            "aarup aberg admin ahlin andersson arlig chalupa cyril havel oberg zorn2 zorn",
            "admin zorn2 aberg ahlin oberg andersson zorn chalupa cyril havel aarup arlig",
        ),
    ] {
        speak(&house, locale).await;
        let list = async |field, direction| listed(&team.admin, field, direction).await;
        assert_eq!(list("FAMILY_NAME", "ASC").await.join(" "), by_family, "{locale}");
        assert_eq!(list("GIVEN_NAME", "ASC").await.join(" "), by_given, "{locale}");
        // Names are shown given name first.
        assert_eq!(list("DISPLAY_NAME", "ASC").await.join(" "), by_given, "{locale}");
        assert_eq!(
            reversed(list("FAMILY_NAME", "DESC").await).join(" "),
            by_family,
            "{locale}"
        );
        // A search has the order that is asked for, too.
        let search = json!({"first": 3, "filter": {"search": "acme"}, "order": {"field": "FAMILY_NAME"}});
        let first: Vec<&str> = by_family.split(' ').take(3).collect();
        assert_eq!(locals(&page(&team.admin, search).await), first, "{locale}");
    }
    assert_eq!(house.number(versions).await, before, "nobody was changed by it");
    let audited = "SELECT count(*) FROM audit_events WHERE action LIKE 'names.%' OR action = 'users.update'";
    assert_eq!(house.number(audited).await, 0);
    let told = "SELECT count(*) FROM audit_events WHERE action = 'accounts.set_locale'";
    assert_eq!(house.number(told).await, 5);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_one_name_or_none_stands_by_what_there_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let people = [
        ("m-none", "", ""),
        ("b", "Zoë", "Ballard"),
        ("l-given", "Lena", ""),
        ("k-family", "", "Kowalski"),
        ("o1", "Tim", "O’Brien"),
        ("o2", "Sam", "O'Brien"),
        ("z", "Ada", "Zimmer"),
    ];
    add(&house, &team, &people).await;
    let by = async |field| listed(&team.admin, field, "ASC").await.join(" ");
    assert_eq!(by("FAMILY_NAME").await, "admin b k-family l-given m-none o2 o1 z");
    assert_eq!(by("GIVEN_NAME").await, "admin z k-family l-given m-none o2 o1 b");

    // A new name is another place, at once.
    let query =
        "query { account { users(first: 1, filter: {email: {startsWith: \"z@\"}}) { nodes { id } } } }";
    let answer = team.admin.ask(query, json!({})).await;
    let id = answer["account"]["users"]["nodes"][0]["id"].clone();
    let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
    let input = json!({"userId": id, "givenName": "Ádám", "familyName": "Baker"});
    let answer = team.admin.ask(update, json!({"input": input})).await;
    assert_eq!(answer["updateUser"]["userErrors"], json!([]));
    assert_eq!(by("FAMILY_NAME").await, "admin z b k-family l-given m-none o2 o1");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn names_that_begin_alike_for_longer_than_a_key_are_all_met_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let long = "龘".repeat(60);
    let locals: Vec<String> = (0..13).map(|number| format!("p{number:02}")).collect();
    let people: Vec<_> = locals
        .iter()
        .map(|local| (local.as_str(), long.as_str(), long.as_str()))
        .collect();
    add(&house, &team, &people).await;
    for field in ["FAMILY_NAME", "GIVEN_NAME", "DISPLAY_NAME"] {
        let met = listed(&team.admin, field, "ASC").await;
        assert_eq!(met.len(), 14, "{field}");
        assert_eq!(met[0], "admin");
        assert_eq!(reversed(listed(&team.admin, field, "DESC").await), met);
        let mut distinct = met.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 14);
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn by_status_users_are_listed_as_the_statuses_are_spelt(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add(&house, &team, &[("s1", "", "")]).await;
    add(&house, &team, &[("s2", "", "")]).await;
    team.invite("p1@acme.example").await;
    team.join(&house, "a1@acme.example", "USER").await;
    team.join(&house, "d1@acme.example", "USER").await;
    let disable = "UPDATE users SET status = 'DISABLED' WHERE email = 'd1@acme.example'";
    house.force(disable).await.unwrap();
    let list = listed(&team.admin, "STATUS", "ASC").await;
    assert_eq!(list.join(" "), "admin a1 d1 p1 s1 s2");
    assert_eq!(reversed(listed(&team.admin, "STATUS", "DESC").await), list);
    house
        .force("UPDATE users SET status = 'ACTIVE' WHERE email = 'd1@acme.example'")
        .await
        .unwrap();
    house.close().await;
}
