//! The public contract: what is committed is what is served, and every rule written in it is kept.

use std::path::Path;

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, team};

fn served() -> String {
    let sdl = muster::graphql::schema().sdl();
    format!("{}\n", sdl.trim_end())
}

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(
        committed == served(),
        "schema.graphql is out of date; `make schema` writes it"
    );
}

/// A field of a root type as the schema's text has it.
#[derive(Debug)]
struct RootField {
    name: String,
    /// Name and type of each argument that must be given.
    needed: Vec<(String, String)>,
    kind: String,
    access: Option<String>,
}

fn block<'a>(sdl: &'a str, head: &str) -> &'a str {
    let start = sdl.find(head).unwrap_or_else(|| panic!("no {head}")) + head.len();
    let rest = &sdl[start..];
    &rest[..rest.find("\n}").unwrap()]
}

/// The lines of a block that are no descriptions.
fn lines(block: &str) -> Vec<&str> {
    let mut is_description = false;
    let mut found = Vec::new();
    for line in block.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line == "\"\"\"" {
            is_description = !is_description;
        } else if !is_description {
            found.push(line);
        }
    }
    found
}

fn needed(arguments: &str) -> Vec<(String, String)> {
    let pairs = arguments
        .split(", ")
        .filter_map(|argument| argument.split_once(": "));
    pairs
        .filter(|(_, kind)| kind.ends_with('!'))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

fn root_fields(sdl: &str, root: &str) -> Vec<RootField> {
    let fields = lines(block(sdl, &format!("\ntype {root} {{")))
        .into_iter()
        .map(|line| {
            let (head, access) = match line.split_once("@access(") {
                Some((head, rest)) => (head, Some(rest.split(')').next().unwrap().to_owned())),
                None => (line, None),
            };
            let (name, arguments, kind) = match head.split_once('(') {
                Some((name, rest)) => {
                    let (arguments, kind) = rest.split_once("): ").unwrap();
                    (name, arguments, kind)
                }
                None => head
                    .split_once(": ")
                    .map(|(name, kind)| (name, "", kind))
                    .unwrap(),
            };
            RootField {
                name: name.to_owned(),
                needed: needed(arguments),
                kind: kind.split(['!', ' ']).next().unwrap().to_owned(),
                access,
            }
        });
    let fields: Vec<RootField> = fields.collect();
    assert!(!fields.is_empty());
    fields
}

/// The least value of a type that the schema accepts.
fn least(sdl: &str, kind: &str) -> Value {
    let kind = kind.trim_end_matches('!');
    if let Some(item) = kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        return json!([least(sdl, item)]);
    }
    match kind {
        "String" | "ID" => return json!("x"),
        "Int" => return json!(1),
        "Boolean" => return json!(true),
        "DateTime" => return json!("2100-01-01T00:00:00Z"),
        _ => {}
    }
    if let Some(start) = sdl.find(&format!("\nenum {kind} {{")) {
        return json!(lines(block(&sdl[start..], " {"))[0]);
    }
    let one_of = sdl.contains(&format!("\ninput {kind} @oneOf {{"));
    let head = if one_of {
        format!("\ninput {kind} @oneOf {{")
    } else {
        format!("\ninput {kind} {{")
    };
    let mut value = json!({});
    for (place, line) in lines(block(sdl, &head)).into_iter().enumerate() {
        let (name, kind) = line.split_once(": ").unwrap();
        if (one_of && place == 0) || (kind.ends_with('!') && !kind.contains('=')) {
            value[name] = least(sdl, kind);
        }
    }
    value
}

/// Asks for a root field with as little as the schema lets pass.
async fn ask(client: &Client, sdl: &str, operation: &str, field: &RootField) -> (u16, Value) {
    let declared: Vec<String> = field
        .needed
        .iter()
        .map(|(name, kind)| format!("${name}: {kind}"))
        .collect();
    let passed: Vec<String> = field
        .needed
        .iter()
        .map(|(name, _)| format!("{name}: ${name}"))
        .collect();
    let around = |list: Vec<String>| match list.is_empty() {
        true => String::new(),
        false => format!("({})", list.join(", ")),
    };
    let name = &field.name;
    let query = format!(
        "{operation}{} {{ {name}{} {{ __typename }} }}",
        around(declared),
        around(passed)
    );
    let mut variables = json!({});
    for (name, kind) in &field.needed {
        variables[name] = least(sdl, kind);
    }
    let (status, answer) = client.send(&query, variables).await;
    (status.as_u16(), answer)
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

#[test]
fn every_mutation_says_who_may_call_it() {
    for field in root_fields(&served(), "Mutation") {
        assert!(field.access.is_some(), "{} has no @access", field.name);
        assert!(
            field.kind.ends_with("Payload"),
            "{} answers {}",
            field.name,
            field.kind
        );
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_schema_says_on_access_is_so(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let nobody = house.anonymous();
    // Every definition stands behind a line end, the first one too.
    let sdl = format!("\n{}", served());
    let before = house.settled().await;
    let mut guarded = 0;
    for (root, operation) in [("Query", "query"), ("Mutation", "mutation")] {
        for field in root_fields(&sdl, root) {
            let name = &field.name;
            let by_user = ask(&user, &sdl, operation, &field).await;
            let by_nobody = ask(&nobody, &sdl, operation, &field).await;
            match &field.access {
                Some(rule) if rule.contains("selfAllowed: true") => {
                    assert_eq!(code(&by_nobody.1), "UNAUTHENTICATED", "{name}: {}", by_nobody.1);
                    assert_eq!(code(&by_user.1), "none", "{name} as a user: {}", by_user.1);
                }
                Some(rule) if rule.contains("permission:") => {
                    assert_eq!(code(&by_user.1), "FORBIDDEN", "{name} as a user: {}", by_user.1);
                    assert_eq!(code(&by_nobody.1), "UNAUTHENTICATED", "{name}: {}", by_nobody.1);
                    let by_admin = ask(&team.admin, &sdl, operation, &field).await;
                    let is_let_in = ["none", "BAD_USER_INPUT"].contains(&code(&by_admin.1));
                    assert!(is_let_in, "{name} as administrator: {}", by_admin.1);
                    guarded += 1;
                }
                Some(rule) => {
                    assert_eq!(rule, "anonymous: true", "{name}");
                    assert_eq!(code(&by_nobody.1), "none", "{name}: {}", by_nobody.1);
                }
                None => {
                    assert_eq!(code(&by_nobody.1), "UNAUTHENTICATED", "{name}: {}", by_nobody.1);
                    assert_eq!(code(&by_user.1), "none", "{name} as a user: {}", by_user.1);
                }
            }
        }
    }
    assert!(guarded >= 15, "only {guarded} guarded fields were found");
    // What the least input asked for was nothing that could be done.
    assert_eq!(house.settled().await, before);
    house.close().await;
}
