//! Every field of every type, read by somebody of each role on the shortest way that is open to them.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use super::contract::{Contract, Field};
use super::paths::{Known, Path};
use super::people::{People, Person, ROLES, SCOPES, gather, may};
use super::{code, send};
use crate::support::Database;

/// What was seen of the rules.
#[derive(Default)]
struct Seen {
    granted: BTreeSet<String>,
    /// Permissions of which something was shown, with whom it was shown to.
    used: BTreeSet<(&'static str, String)>,
    refused: BTreeSet<String>,
}

/// Reads all fields of a type at the end of a path.
async fn read_type(
    contract: &Contract,
    known: &Known,
    person: &Person,
    name: &str,
    path: &Path,
    seen: &mut Seen,
) {
    let fields = &contract.objects[name];
    let (open, ruled): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| field.rule.is_open());
    let who = person.role;
    // Few fields of a root may be asked for at once.
    let bundles: Vec<&[&Field]> = open
        .chunks(if name == "Query" { 1 } else { usize::MAX })
        .collect();
    for bundle in bundles {
        let selection: Vec<String> = bundle.iter().map(|field| contract.ask(field, known)).collect();
        let answer = send(&person.client, &path.query(&selection.join(" "))).await;
        let is_let_in = ["none", "BAD_USER_INPUT"].contains(&code(&answer));
        assert!(is_let_in, "{who}: {name} {selection:?}: {answer:#}");
    }
    for field in ruled {
        let what = format!("{name}.{}", field.name);
        let answer = send(&person.client, &path.query(&contract.ask(field, known))).await;
        if !path.arrives(&answer["data"]) && answer["errors"].is_null() {
            continue;
        }
        if may(who, &field.rule) {
            let is_let_in = ["none", "BAD_USER_INPUT"].contains(&code(&answer));
            assert!(is_let_in, "{who}: {what}: {answer:#}");
            seen.granted.insert(what);
            seen.used
                .extend(field.rule.permission.clone().map(|permission| (who, permission)));
        } else if field.rule.is_self_allowed && !person.is_script() && answer["errors"].is_null() {
            // Their own; what is another's is tried by itself.
        } else {
            let errors = answer["errors"].as_array().unwrap();
            let is_refused = |error: &Value| {
                let at = error["path"].as_array().and_then(|path| path.last());
                error["extensions"]["code"] == "FORBIDDEN" && at == Some(&json!(field.name))
            };
            assert!(errors.iter().all(is_refused), "{who}: {what}: {answer:#}");
            seen.refused.insert(what);
        }
    }
}

/// Fields that show everybody their own and few another's.
async fn read_own_and_others(contract: &Contract, known: &Known, person: &Person, seen: &mut Seen) {
    for field in contract.objects["User"]
        .iter()
        .filter(|field| field.rule.is_self_allowed)
    {
        let asked = contract.ask(field, known);
        let (who, name) = (person.role, &field.name);
        let own = send(&person.client, &format!("{{ viewer {{ user {{ {asked} }} }} }}")).await;
        assert_eq!(code(&own), "none", "{who}: their own {name}: {own}");
        let other = send(
            &person.client,
            &format!("{{ account {{ primaryAdmin {{ {asked} }} }} }}"),
        )
        .await;
        let expected = if may(who, &field.rule) {
            "none"
        } else {
            "FORBIDDEN"
        };
        assert_eq!(code(&other), expected, "{who}: the primary's {name}: {other}");
        if expected == "FORBIDDEN" {
            seen.refused.insert(format!("User.{name}"));
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_field_shows_itself_to_whom_its_rule_names_and_to_nobody_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, People { members, known, .. }) = gather(database).await;
    let contract = Contract::read();
    let mut seen = Seen::default();
    for person in &members {
        // The first way to a user is `viewer.user`, so what is shown to oneself can be walked through.
        let passes = |field: &Field| match person.is_script() {
            true => field.name != "viewer" && may(person.role, &field.rule),
            false => field.rule.is_self_allowed || may(person.role, &field.rule),
        };
        let paths = contract.paths(&known, passes);
        for (name, path) in &paths {
            read_type(&contract, &known, person, name, path, &mut seen).await;
        }
        if !person.is_script() {
            read_own_and_others(&contract, &known, person, &mut seen).await;
        }
    }
    let used = |who: &'static str, permission: &str| seen.used.contains(&(who, permission.to_owned()));
    for scope in &SCOPES[..2] {
        assert!(
            used(scope, "USERS_READ") && !used(scope, "PRODUCTS_READ"),
            "{scope}"
        );
    }
    assert!(used(SCOPES[5], "USAGE_READ") && !used(SCOPES[5], "USERS_READ"));
    for scope in &SCOPES[2..4] {
        assert!(
            used(scope, "PRODUCTS_READ") && !used(scope, "USERS_READ"),
            "{scope}"
        );
    }
    assert!(used(ROLES[0], "USERS_READ") && used(ROLES[0], "PRODUCTS_READ"));
    for name in contract.reachable("Query") {
        for field in contract.objects[&name]
            .iter()
            .filter(|field| field.rule.permission.is_some())
        {
            let what = format!("{name}.{}", field.name);
            assert!(
                seen.granted.contains(&what),
                "{what} was shown to nobody: what it guards has no row in this test"
            );
            assert!(
                seen.refused.contains(&what),
                "{what} was refused to nobody: the guard was never tried"
            );
        }
    }
    house.close().await;
}
