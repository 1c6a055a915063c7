//! `docs/access.md`: who may have what, made from the schema's text. A new field, or a rule changed, changes this page, and somebody has to mean it.

use std::fmt::Write;

use super::contract::{Contract, Field, Rule};
use super::people::{ROLES, SCOPES, may, may_call};

const HEAD: &str = "# Who may have what

Made from the schema's `@access`; `UPDATE_DOCS=1 cargo nextest run access_matrix` writes it anew. Every cell is tried by `tests/it/access_matrix.rs`: on both
databases, for every role, for an API token of each scope, and for who is signed out, of a lapsed session, disabled or of another account.

*users r*, *users w*, *seats r*, *seats w*, *audit*, *usage r*, *usage w*: API tokens of the scopes `USERS_READ`, `USERS_WRITE`, `ASSIGNMENTS_READ`, `ASSIGNMENTS_WRITE`,
`AUDIT_READ`, `USAGE_READ` and `USAGE_WRITE`, made by somebody who may everything. A token has nothing of its own: `viewer` is null for it.

*own*: everybody for what is about themselves. *premium*: on the premium plan. *recent*: with a sign-in of the last ten minutes. *anybody*: signed in or not.
*current view*, *classic view*: where the account works with the other one, whoever manages people is refused with `WRONG_USER_MANAGEMENT_VIEW`.
";

fn remarks(rule: &Rule) -> String {
    let remarks = [
        (rule.is_self_allowed, "own"),
        (rule.is_premium, "premium"),
        (rule.is_recent, "recent"),
        (rule.is_anonymous, "anybody"),
        (rule.view.as_deref() == Some("CURRENT"), "current view"),
        (rule.view.as_deref() == Some("CLASSIC"), "classic view"),
    ];
    let said: Vec<&str> = remarks
        .into_iter()
        .filter(|(is_said, _)| *is_said)
        .map(|(_, word)| word)
        .collect();
    said.join(", ")
}

fn row(page: &mut String, what: &str, field: &Field, may: fn(&str, &Rule) -> bool) {
    let everybody = ROLES.iter().chain(&SCOPES);
    let cells: Vec<&str> = everybody
        .map(|who| if may(who, &field.rule) { "y" } else { "–" })
        .collect();
    writeln!(
        page,
        "| `{what}` | {} | {} |",
        cells.join(" | "),
        remarks(&field.rule)
    )
    .unwrap();
}

fn page() -> String {
    let contract = Contract::read();
    let mut page = HEAD.to_owned();
    let head = "\n| | primary | secondary | SSO | manager | coordinator | user | users r | users w | seats r | seats w | audit | usage r | usage w | |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for root in ["Query", "Mutation", "Subscription"] {
        write!(page, "\n## {root}\n{head}").unwrap();
        for field in &contract.objects[root] {
            let may = if root == "Query" { may } else { may_call };
            row(&mut page, &field.name, field, may);
        }
    }
    write!(page, "\n## Fields of types\n{head}").unwrap();
    let types = contract
        .objects
        .iter()
        .filter(|(name, _)| !["Query", "Mutation", "Subscription"].contains(&name.as_str()));
    for (name, fields) in types.clone() {
        for field in fields.iter().filter(|field| !field.rule.is_open()) {
            row(&mut page, &format!("{name}.{}", field.name), field, may);
        }
    }
    page.push_str("\n## What comes with an object\n\nWhoever gets to an object gets these with it.\n\n| type | fields |\n| --- | --- |\n");
    for (name, fields) in types {
        let open = fields
            .iter()
            .filter(|field| field.rule.is_open())
            .map(|field| field.name.as_str());
        writeln!(page, "| `{name}` | {} |", open.collect::<Vec<_>>().join(", ")).unwrap();
    }
    page
}

#[test]
fn the_page_of_access_is_the_one_the_schema_makes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/access.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, page()).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        written == page(),
        "docs/access.md is out of date: is every new field for whom it should be?"
    );
}
