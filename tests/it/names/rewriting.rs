//! Keys and search texts are written anew in the background; whoever reads meanwhile meets everybody once and finds whom they found.

use std::time::Duration;

use entity::account::Plan;
use entity::user;
use muster::access::Actor;
use muster::admin::SetLocale;
use muster::person::{Collation, Findable};
use muster::users::rewriting;
use rstest::rstest;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::support::{add, found, listed, locals, page, refused, speak, written};
use crate::support::{Database, House, Team, team};

const PEOPLE: [(&str, &str, &str); 6] = [
    ("aberg", "Anna", "Åberg"),
    ("bauer", "Änne", "bauer"),
    ("chalupa", "Bo", "Chalupa"),
    ("mueller", "Zoë", "Müller"),
    ("oberg", "Åsa", "Öberg"),
    ("zorn", "Carl", "Zorn"),
];
/// As long as a process believes what it knows of an account.
const BELIEVED: Duration = Duration::from_millis(2_200);

/// What is stored of everybody is what would be stored now, for a language.
async fn assert_written_for(house: &House, locale: &str) {
    let collation = Collation::of(locale).unwrap();
    let connection = house.connection().await;
    let users = user::Entity::find().all(&connection).await.unwrap();
    for user in users.iter().filter(|user| user.status != user::Status::Removed) {
        let stored = Findable {
            given_key: user.given_key.clone(),
            family_key: user.family_key.clone(),
            search_text: user.search_text.clone(),
        };
        let (given, family) = (user.given_name.as_deref(), user.family_name.as_deref());
        let made = Findable::of(&collation, given, family, &user.email, &user.email_key);
        assert_eq!(stored, made, "{}", user.email);
    }
    sea_orm::DatabaseConnection::close(connection).await.unwrap();
}

/// A database as the step to this version leaves it: no keys, and texts of another folding.
async fn forget_keys(house: &House) {
    let none = match house.database {
        Database::Sqlite => "x''",
        Database::Postgres => "''",
    };
    let sql = format!("UPDATE users SET given_key = {none}, family_key = {none}");
    house.force(&sql).await.unwrap();
    let text = "UPDATE users SET search_text = 'zoë müller mueller@acme.example' WHERE email_key = 'mueller@acme.example'";
    house.force(text).await.unwrap();
    house
        .force("UPDATE accounts SET names_version = 0")
        .await
        .unwrap();
    tokio::time::sleep(BELIEVED).await;
}

async fn opened(database: Database) -> (House, Team) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add(&house, &team, &PEOPLE).await;
    (house, team)
}

fn by_family(after: &Value) -> Value {
    json!({"first": 3, "after": after, "order": {"field": "FAMILY_NAME"}})
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_begun_while_keys_are_written_is_read_to_its_end_in_the_order_it_was_begun_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = opened(database).await;
    forget_keys(&house).await;
    let spelt = "admin chalupa mueller zorn bauer aberg oberg";
    assert_eq!(listed(&team.admin, "FAMILY_NAME", "ASC").await.join(" "), spelt);
    let mut backwards = listed(&team.admin, "FAMILY_NAME", "DESC").await;
    backwards.reverse();
    assert_eq!(backwards.join(" "), spelt);
    let by_given = "admin aberg chalupa zorn mueller bauer oberg";
    assert_eq!(listed(&team.admin, "GIVEN_NAME", "ASC").await.join(" "), by_given);
    let begun = page(&team.admin, by_family(&Value::Null)).await;

    rewriting::ask(&house.app).await.unwrap();
    written(&house).await;
    assert_written_for(&house, "en").await;
    tokio::time::sleep(BELIEVED).await;
    let collated = "aberg admin bauer chalupa mueller oberg zorn";
    assert_eq!(
        listed(&team.admin, "FAMILY_NAME", "ASC").await.join(" "),
        collated
    );
    let second = page(&team.admin, by_family(&begun["pageInfo"]["endCursor"])).await;
    let third = page(&team.admin, by_family(&second["pageInfo"]["endCursor"])).await;
    let met = [begun, second, third].iter().flat_map(locals).collect::<Vec<_>>();
    assert_eq!(met.join(" "), spelt);
    // Nothing is left to do.
    rewriting::ask(&house.app).await.unwrap();
    assert_eq!(
        house
            .number("SELECT count(*) FROM jobs WHERE status = 'READY'")
            .await,
        0
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_keys_that_are_no_more_is_refused_and_other_orders_go_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = opened(database).await;
    let by_name = page(&team.admin, by_family(&Value::Null)).await["pageInfo"]["endCursor"].clone();
    let by_email = |after: &Value| json!({"first": 3, "after": after, "order": {"field": "EMAIL"}});
    let email = page(&team.admin, by_email(&Value::Null)).await["pageInfo"]["endCursor"].clone();
    let command = SetLocale {
        account: "acme".to_owned(),
        locale: "sv".to_owned(),
    };
    house.app.run(&Actor::Operator, command).await.unwrap();
    assert_eq!(refused(&team.admin, by_family(&by_name)).await, "INVALID_CURSOR");
    written(&house).await;
    assert_written_for(&house, "sv").await;
    assert_eq!(refused(&team.admin, by_family(&by_name)).await, "INVALID_CURSOR");
    let next = page(&team.admin, by_email(&email)).await;
    assert_eq!(locals(&next), ["chalupa", "mueller", "oberg"]);
    // Back again, the keys are the same again, and so is the place.
    speak(&house, "en").await;
    tokio::time::sleep(BELIEVED).await;
    let next = page(&team.admin, by_family(&by_name)).await;
    assert_eq!(locals(&next), ["chalupa", "mueller", "oberg"]);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_found_is_found_while_texts_are_written_anew(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = opened(database).await;
    forget_keys(&house).await;
    for (search, expected) in [
        ("müller", &["mueller"][..]),
        ("ZOË Müll", &["mueller"]),
        ("mueller@", &["mueller"]),
        // Not yet: his text is of the former kind. Hers is not.
        ("muller", &[]),
        ("oberg asa", &["oberg"]),
        ("öberg", &["oberg"]),
        ("nobody", &[]),
    ] {
        assert_eq!(found(&team.admin, search).await, expected, "{search}");
    }
    rewriting::ask(&house.app).await.unwrap();
    written(&house).await;
    tokio::time::sleep(BELIEVED).await;
    for search in ["müller", "muller", "ZOË Müll", "mueller@"] {
        assert_eq!(found(&team.admin, search).await, ["mueller"], "{search}");
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_batches_are_written_while_others_add_and_rename_people(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = opened(database).await;
    let locals: Vec<String> = (0..1_100).map(|number| format!("crowd{number:04}")).collect();
    let crowd: Vec<_> = locals
        .iter()
        .map(|local| (local.as_str(), "Åke", local.as_str()))
        .collect();
    for part in crowd.chunks(500) {
        add(&house, &team, part).await;
    }
    let id = team.invite("renamed@acme.example").await;
    let command = SetLocale {
        account: "acme".to_owned(),
        locale: "sv".to_owned(),
    };
    house.app.run(&Actor::Operator, command).await.unwrap();
    // By somebody who is told of it on the way: what was written for Swedish is written again.
    let command = SetLocale {
        account: "acme".to_owned(),
        locale: "da".to_owned(),
    };
    house.app.run(&Actor::Operator, command).await.unwrap();
    let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
    for number in 0..40 {
        add(&house, &team, &[(&format!("late{number}"), "Ængus", "Aasen")]).await;
        let input = json!({"userId": id, "familyName": format!("Ødegård{number}")});
        let answer = team.admin.ask(update, json!({"input": input})).await;
        assert_eq!(answer["updateUser"]["userErrors"], json!([]));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    written(&house).await;
    assert_written_for(&house, "da").await;
    assert_eq!(house.number("SELECT count(*) FROM users").await, 1_100 + 40 + 8);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_another_release_wrote_is_written_anew_once_this_one_writes_a_name(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = opened(database).await;
    forget_keys(&house).await;
    // As if it had been finished by the other release.
    house
        .force("UPDATE accounts SET names_version = 99")
        .await
        .unwrap();
    tokio::time::sleep(BELIEVED).await;
    let spelt = "admin chalupa mueller zorn bauer aberg oberg";
    assert_eq!(listed(&team.admin, "FAMILY_NAME", "ASC").await.join(" "), spelt);
    assert_eq!(
        house
            .number("SELECT count(*) FROM jobs WHERE kind = 'names'")
            .await,
        0
    );
    add(&house, &team, &[("new", "Noah", "Ñandú")]).await;
    written(&house).await;
    assert_written_for(&house, "en").await;
    tokio::time::sleep(BELIEVED).await;
    let collated = "aberg admin bauer chalupa mueller new oberg zorn";
    assert_eq!(
        listed(&team.admin, "FAMILY_NAME", "ASC").await.join(" "),
        collated
    );
    // So is it when this release starts.
    forget_keys(&house).await;
    house
        .force("UPDATE accounts SET names_version = 99")
        .await
        .unwrap();
    rewriting::ask(&house.app).await.unwrap();
    written(&house).await;
    assert_written_for(&house, "en").await;
    house.close().await;
}
