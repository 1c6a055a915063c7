//! Whatever anybody sends into any argument: an answer in time and in little memory, never a crash, never a fault of ours.
//!
//! The list of arguments is read from the schema, so that a new one is tried without anybody thinking of it.

mod documents;
mod values;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use entity::account::Plan;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::fuzz::{note_panics, panics};
use crate::support::shape::{Member, Shape, written};
use crate::support::{Client, Database, House, PASSWORD};
use crate::tenancy::lived_in;

/// How long any one request may take.
const LONGEST: Duration = Duration::from_secs(2);
/// How much more memory than before the worst request may take, with all that is held for others.
const MOST_MEMORY: u64 = 200 * 1024 * 1024;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_given_to_any_argument_is_a_fault_of_ours_or_takes_long(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = lived_in(&house, "one", Plan::Premium).await;
    let shape = Shape::read(&team.admin).await;
    let places = places(&shape);
    assert!(places.len() > 100, "only {} places were found", places.len());
    let mut visitor = Visitor {
        client: team.admin.clone(),
        email: "admin@one.example".to_owned(),
        faults: Vec::new(),
    };
    note_panics();
    memory::forget_the_peak();
    let before = memory::peak();
    for place in &places {
        for (what, given) in values::hostile(&shape, &place.of) {
            let mut variables = place.beside(&shape);
            let Member { name, of, .. } = place.argument;
            variables[name] = shape.value_with(of, &place.way, &given);
            let label = format!("{} {}: {what}", place.label, place.way.join("."));
            visitor.send(&house, &label, &place.query, variables).await;
        }
    }
    let grown = memory::peak().saturating_sub(before);
    assert!(visitor.faults.is_empty(), "{:#?}", visitor.faults);
    assert!(
        grown < MOST_MEMORY,
        "{} MiB more than before",
        grown / 1024 / 1024
    );
    house.settle_mails().await;
    house.close().await;
}

/// Who sends it all, and what was wrong with the answers.
struct Visitor {
    client: Client,
    email: String,
    faults: Vec<String>,
}

impl Visitor {
    async fn send(&mut self, house: &House, label: &str, query: &str, variables: Value) {
        let begun = Instant::now();
        let (status, answer) = self.client.send(query, variables).await;
        let took = begun.elapsed();
        let codes: BTreeSet<&str> = answer["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| error["extensions"]["code"].as_str().unwrap_or("none"))
            .collect();
        let is_ours = ["INTERNAL", "UNAVAILABLE", "none"]
            .iter()
            .any(|code| codes.contains(code));
        if status.is_server_error() || is_ours {
            self.faults.push(format!("{label}: {status} {answer}"));
        }
        for panicked in panics() {
            self.faults.push(format!("{label}: {panicked}"));
        }
        if took > LONGEST {
            self.faults.push(format!("{label}: took {took:?}"));
        }
        if status == StatusCode::UNAUTHORIZED {
            // It ended the session it was sent in, as it was told to.
            self.client = house.sign_in(&self.email, PASSWORD).await;
        }
    }
}

/// Where something can be given: an argument of a field, or something within it.
struct Place<'a> {
    query: String,
    label: String,
    argument: Member<'a>,
    /// The other arguments that must be given.
    others: Vec<Member<'a>>,
    way: Vec<String>,
    /// The type of what stands there.
    of: Value,
}

impl Place<'_> {
    fn beside(&self, shape: &Shape) -> Value {
        let mut variables = json!({});
        for other in &self.others {
            variables[other.name] = shape.value(other.name, other.of, None, "");
        }
        variables
    }
}

/// Every argument of every field, and all within it.
fn places(shape: &Shape) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    for (type_name, path) in paths(shape) {
        let operation = if type_name == "Mutation" {
            "mutation"
        } else {
            "query"
        };
        for field in shape.fields(&type_name) {
            for argument in field.arguments() {
                let others: Vec<Member<'_>> = field
                    .arguments()
                    .into_iter()
                    .filter(|other| other.name != argument.name && other.is_needed())
                    .collect();
                let given = || others.iter().chain(std::iter::once(&argument));
                let declared: Vec<String> = given()
                    .map(|member| format!("${}: {}", member.name, written(member.of)))
                    .collect();
                let passed: Vec<String> = given().map(|member| format!("{0}: ${0}", member.name)).collect();
                let selection = match shape.kind(field.base()) {
                    "SCALAR" | "ENUM" => "",
                    _ => "{ __typename }",
                };
                let asked = format!("{}({}) {selection}", field.name, passed.join(", "));
                let around = |inner, step: &String| format!("{step} {{ {inner} }}");
                let asked = path.iter().rev().fold(asked, around);
                let query = format!("{operation}({}) {{ {asked} }}", declared.join(", "));
                for (way, of) in shape.ways_within(argument.of) {
                    found.push(Place {
                        query: query.clone(),
                        label: format!("{type_name}.{}({}:)", field.name, argument.name),
                        argument,
                        others: others.clone(),
                        way,
                        of,
                    });
                }
            }
        }
    }
    found
}

/// The fields that lead from a root to each type that fields with arguments may be read of.
fn paths(shape: &Shape) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::from([
        ("Query".to_owned(), Vec::new()),
        ("Mutation".to_owned(), Vec::new()),
    ]);
    let mut waiting = VecDeque::from(["Query".to_owned()]);
    while let Some(name) = waiting.pop_front() {
        for field in shape.fields(&name) {
            let is_open = shape.kind(field.base()) == "OBJECT"
                && !field.arguments().iter().any(Member::is_needed)
                && !found.contains_key(field.base());
            if is_open {
                let mut path = found[&name].clone();
                let page = if field.is_page() { "(first: 1)" } else { "" };
                path.push(format!("{}{page}", field.name));
                found.insert(field.base().to_owned(), path);
                waiting.push_back(field.base().to_owned());
            }
        }
    }
    found
}

/// The memory of this process, which is that of the server as well.
mod memory {
    /// The most it ever had since it was told to forget, in bytes.
    pub fn peak() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes * 1024
    }

    pub fn forget_the_peak() {
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
    }
}
