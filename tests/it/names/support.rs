//! People with names, lists of them, and waiting for keys to be written.

use std::time::Duration;

use muster::access::Actor;
use muster::admin::SetLocale;
use muster::person::EmailAddress;
use muster::users::invite::InviteUsers;
use muster::users::invitee::Invitee;
use serde_json::{Value, json};

use crate::support::{Client, House, Team};

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $order: UserOrder, $filter: UserFilter) {
    account { users(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
        totalCount nodes { email } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }
}";

/// Adds people, each by local part, given name and family name.
pub async fn add(house: &House, team: &Team, people: &[(&str, &str, &str)]) {
    let some = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    let entries = people.iter().map(|(local, given, family)| Invitee {
        email: EmailAddress::parse(&format!("{local}@acme.example")).unwrap(),
        given_name: some(given),
        family_name: some(family),
        role: entity::user::Role::User,
        external_id: None,
        locale: None,
        seats: Vec::new(),
        groups: Vec::new(),
        known_as: None,
        told: None,
    });
    let command = InviteUsers {
        seats_at: None,
        view: entity::account::View::Current,
        entries: entries.collect(),
        earlier: Vec::new(),
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

pub async fn page(client: &Client, variables: Value) -> Value {
    client.ask(PAGE, variables).await["account"]["users"].clone()
}

/// What a page that is refused is refused with.
pub async fn refused(client: &Client, variables: Value) -> String {
    client.refused(PAGE, variables).await
}

/// The local parts on a page.
pub fn locals(page: &Value) -> Vec<String> {
    let nodes = page["nodes"].as_array().unwrap();
    let local = |node: &Value| {
        let email = node["email"].as_str().unwrap();
        email.split('@').next().unwrap().to_owned()
    };
    nodes.iter().map(local).collect()
}

/// The whole list in an order, read in pages of four from the front and from the back, which agree.
pub async fn listed(client: &Client, field: &str, direction: &str) -> Vec<String> {
    let order = json!({"field": field, "direction": direction});
    let mut lists = Vec::new();
    for (length, cursor, end, more) in [
        ("first", "after", "endCursor", "hasNextPage"),
        ("last", "before", "startCursor", "hasPreviousPage"),
    ] {
        let (mut met, mut place) = (Vec::new(), Value::Null);
        loop {
            let read = page(client, json!({length: 4, cursor: place, "order": order})).await;
            let mut locals = locals(&read);
            if length == "last" {
                locals.reverse();
            }
            met.extend(locals);
            if read["pageInfo"][more] == false {
                break;
            }
            place = read["pageInfo"][end].clone();
        }
        if length == "last" {
            met.reverse();
        }
        lists.push(met);
    }
    assert_eq!(lists[0], lists[1], "{field} {direction}");
    lists.remove(0)
}

/// Whom a search finds, in the order of their addresses.
pub async fn found(client: &Client, search: &str) -> Vec<String> {
    let variables = json!({"first": 100, "filter": {"search": search}, "order": {"field": "EMAIL"}});
    let read = page(client, variables).await;
    assert_eq!(
        read["totalCount"],
        read["nodes"].as_array().unwrap().len(),
        "{search}"
    );
    locals(&read)
}

/// Gives the account a language and waits until its lists have the order of it.
pub async fn speak(house: &House, locale: &str) {
    let command = SetLocale {
        account: "acme".to_owned(),
        locale: locale.to_owned(),
    };
    house.app.run(&Actor::Operator, command).await.unwrap();
    written(house).await;
}

/// Waits until all keys are written, and everybody knows.
pub async fn written(house: &House) {
    for _ in 0..600 {
        let unfinished = "SELECT count(*) FROM accounts WHERE names_version <> 1";
        if house.number(unfinished).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the keys are not written");
}
