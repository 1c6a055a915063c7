//! Tenant isolation by exhaustion. All that an administrator can reach from any root is read, and nothing of another account is in it. Every id of the
//! other account, in every argument that takes an id, is answered as an id that nobody ever had.

use std::collections::{BTreeMap, BTreeSet};

use entity::account::Plan;
use entity::ids::{self, Kind};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::shape::{Member, Shape, written};
use crate::support::{Client, Database, House, Team};
use crate::tenancy::{ids_of, lived_in};

/// How far objects are followed within one query; what lies deeper is reached by its own id.
const DEPTH: usize = 2;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_account_can_be_reached(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = lived_in(&house, "one", Plan::Premium).await;
    let other = lived_in(&house, "other", Plan::Premium).await;
    let shape = Shape::read(&one.admin).await;

    let read = crawl(&shape, &one.admin).await;
    let own = ids_of(&house, &one).await;
    for kind in [
        Kind::User,
        Kind::Subscription,
        Kind::Assignment,
        Kind::Import,
        Kind::Invitation,
    ] {
        let of_kind = own.iter().filter(|(known, _)| *known == kind);
        for (_, id) in of_kind {
            assert!(read.text.contains(id.as_str()), "{id} was not reached");
        }
    }
    assert!(read.types.len() >= 20, "only {:?} were read", read.types.keys());

    let mut canaries = vec!["@other.example".to_owned(), "OTHER".to_owned()];
    canaries.extend(ids_of(&house, &other).await.into_iter().map(|(_, id)| id));
    for canary in canaries {
        assert!(
            !read.text.contains(&canary),
            "{canary} of the other account was read"
        );
    }
    house.close().await;
}

/// What was read, and how many objects of each type.
struct Harvest {
    text: String,
    types: BTreeMap<String, usize>,
}

async fn crawl(shape: &Shape, reader: &Client) -> Harvest {
    let mut harvest = Harvest {
        text: String::new(),
        types: BTreeMap::new(),
    };
    let (mut known, mut waiting) = (BTreeSet::new(), Vec::new());
    for root in shape.fields("Query") {
        let is_object = matches!(shape.kind(root.base()), "OBJECT" | "INTERFACE");
        if is_object && !root.arguments().iter().any(Member::is_needed) {
            // Field by field, so that no query costs more than one may.
            for field in shape.fields(root.base()) {
                if let Some(part) = alone(shape, &field) {
                    let query = format!("{{ {} {{ {part} }} }}", root.name);
                    let answer = reader.ask(&query, json!({})).await;
                    harvest.take(&answer, &mut known, &mut waiting);
                }
            }
        }
    }
    while let Some(id) = waiting.pop() {
        let asked = reader
            .ask(
                "query($id: ID!) { node(id: $id) { __typename } }",
                json!({"id": id}),
            )
            .await;
        let Some(type_name) = asked["node"]["__typename"].as_str() else {
            continue;
        };
        for field in shape.fields(type_name) {
            if let Some(part) = alone(shape, &field) {
                let query =
                    format!("query($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ {part} }} }} }}");
                let answer = reader.ask(&query, json!({"id": id})).await;
                harvest.take(&answer, &mut known, &mut waiting);
            }
        }
    }
    harvest
}

/// A field with all that can be selected below it.
fn alone(shape: &Shape, field: &Member<'_>) -> Option<String> {
    if field.arguments().iter().any(Member::is_needed) {
        return None;
    }
    if matches!(shape.kind(field.base()), "SCALAR" | "ENUM") {
        return Some(field.name.to_owned());
    }
    let page = if field.is_page() { "(first: 10)" } else { "" };
    Some(format!(
        "{}{page} {}",
        field.name,
        shape.selection(field.base(), DEPTH)
    ))
}

impl Harvest {
    fn take(&mut self, value: &Value, known: &mut BTreeSet<String>, waiting: &mut Vec<String>) {
        match value {
            Value::String(text) => {
                self.text.push_str(text);
                self.text.push('\n');
                if ids::parse(text).is_some() && known.insert(text.clone()) {
                    waiting.push(text.clone());
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.take(item, known, waiting)),
            Value::Object(members) => {
                if let Some(Value::String(type_name)) = members.get("__typename") {
                    *self.types.entry(type_name.clone()).or_default() += 1;
                }
                members
                    .values()
                    .for_each(|member| self.take(member, known, waiting));
            }
            _ => {}
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_id_of_another_account_is_answered_like_one_nobody_ever_had(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = lived_in(&house, "one", Plan::Premium).await;
    let other = lived_in(&house, "other", Plan::Premium).await;
    let shape = Shape::read(&one.admin).await;
    let questions = questions(&shape);
    assert!(
        questions.len() >= 20,
        "only {} arguments take ids",
        questions.len()
    );
    let foreign = one_of_each_kind(&house, &other).await;
    let before = house.settled().await;
    for question in &questions {
        for (kind, id) in &foreign {
            let unknown = kind.text(ids::new(house.app.clock().now()));
            assert_eq!(
                question.answer(&shape, &one.admin, id).await,
                question.answer(&shape, &one.admin, &unknown).await,
                "{} of a {kind:?}",
                question.query
            );
        }
    }
    assert_eq!(
        house.settled().await,
        before,
        "an id of nothing in this account has changed something"
    );
    house.close().await;
}

async fn one_of_each_kind(house: &House, team: &Team) -> BTreeMap<Kind, String> {
    ids_of(house, team).await.into_iter().collect()
}

/// A field of a root with one argument that leads to an id.
struct Question<'a> {
    query: String,
    argument: Member<'a>,
    way: Vec<String>,
    /// The other arguments that must be given.
    beside: Vec<Member<'a>>,
}

fn questions(shape: &Shape) -> Vec<Question<'_>> {
    let mut questions = Vec::new();
    for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
        // A file of whoever matches is made, and is empty, whatever the id in its filter is of: see `exports`.
        let asked = shape.fields(root).into_iter();
        for field in asked.filter(|field| field.name != "startExport") {
            for (place, argument) in field.arguments().into_iter().enumerate() {
                for way in shape.ways_to_ids(argument.of) {
                    let beside: Vec<Member<'_>> = field
                        .arguments()
                        .into_iter()
                        .enumerate()
                        .filter(|(other, member)| *other != place && member.is_needed())
                        .map(|(_, member)| member)
                        .collect();
                    let given = || beside.iter().chain(std::iter::once(&argument));
                    let declared: Vec<String> = given()
                        .map(|member| format!("${}: {}", member.name, written(member.of)))
                        .collect();
                    let passed: Vec<String> =
                        given().map(|member| format!("{0}: ${0}", member.name)).collect();
                    let selection = match shape.kind(field.base()) {
                        "SCALAR" | "ENUM" => String::new(),
                        _ => shape.selection(field.base(), 2),
                    };
                    questions.push(Question {
                        query: format!(
                            "{operation}({}) {{ {}({}) {selection} }}",
                            declared.join(", "),
                            field.name,
                            passed.join(", ")
                        ),
                        argument,
                        way,
                        beside,
                    });
                }
            }
        }
    }
    questions
}

impl Question<'_> {
    /// The answer as it is, with the id that was asked for taken out.
    async fn answer(&self, shape: &Shape, client: &Client, id: &str) -> String {
        let mut variables = json!({});
        for member in &self.beside {
            variables[member.name] = shape.value(member.name, member.of, None, id);
        }
        let Member { name, of, .. } = self.argument;
        variables[name] = shape.value(name, of, Some(&self.way), id);
        let (status, answer) = client.send(&self.query, variables).await;
        format!("{status} {answer}").replace(id, "ID")
    }
}
