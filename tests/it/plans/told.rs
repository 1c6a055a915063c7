//! What `auto_explain` tells of a statement.

use muster::config::Config;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::support::statements::notices;

/// Has PostgreSQL tell the plan of each statement to the connection that sent it, with what it really read.
pub fn explain_everything(config: &mut Config) {
    let mut url: url::Url = config
        .database_url
        .as_ref()
        .unwrap()
        .expose_secret()
        .parse()
        .unwrap();
    for (name, value) in [
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_timing", "off"),
        ("auto_explain.log_format", "json"),
        ("auto_explain.log_level", "notice"),
    ] {
        url.query_pairs_mut()
            .append_pair(&format!("options[{name}]"), value);
    }
    config.database_url = Some(SecretString::from(url.to_string()));
}

/// A statement and what PostgreSQL did for it.
pub struct Told {
    pub sql: String,
    plan: Value,
    pub steps: Vec<Step>,
}

/// One step of a plan.
pub struct Step {
    pub kind: String,
    pub table: Option<String>,
    /// Rows looked at, over all rounds.
    pub read: f64,
    /// Rows that went into a sort.
    pub sorted: f64,
}

/// The plans told since the last time.
pub fn take() -> Vec<Told> {
    notices()
        .into_iter()
        .filter_map(|notice| parse(&notice))
        .collect()
}

impl Told {
    /// The plan as lines, one a step: what it does, to what, by which index, and how many rows came and went.
    pub fn shape(&self) -> String {
        let mut lines = String::new();
        draw(&self.plan, 0, &mut lines);
        lines
    }
}

fn draw(node: &Value, depth: usize, lines: &mut String) {
    use std::fmt::Write as _;
    let names = [
        "Node Type",
        "Relation Name",
        "Index Name",
        "Index Cond",
        "Recheck Cond",
        "Filter",
        "Actual Rows",
        "Actual Loops",
        "Rows Removed by Filter",
    ];
    let said = names.iter().filter(|name| !node[**name].is_null());
    let said: Vec<String> = said.map(|name| format!("{name}: {}", node[*name])).collect();
    writeln!(lines, "{:indent$}{}", "", said.join(", "), indent = depth * 2).unwrap();
    for below in node["Plans"].as_array().into_iter().flatten() {
        draw(below, depth + 1, lines);
    }
}

fn parse(notice: &str) -> Option<Told> {
    let plan: Value = serde_json::from_str(notice.split_once("plan:")?.1).unwrap();
    let mut steps = Vec::new();
    walk(&plan["Plan"], &mut steps);
    Some(Told {
        sql: plan["Query Text"].as_str().unwrap().to_owned(),
        plan: plan["Plan"].clone(),
        steps,
    })
}

fn walk(node: &Value, steps: &mut Vec<Step>) {
    let number = |node: &Value, name: &str| node[name].as_f64().unwrap_or_default();
    let rounds = |node: &Value| number(node, "Actual Loops");
    let came = |node: &Value| number(node, "Actual Rows") * rounds(node);
    let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
    let removed: f64 = removed.iter().map(|name| number(node, name)).sum();
    let below: Vec<&Value> = node["Plans"].as_array().into_iter().flatten().collect();
    steps.push(Step {
        kind: node["Node Type"].as_str().unwrap().to_owned(),
        table: node["Relation Name"].as_str().map(str::to_owned),
        read: came(node) + removed * rounds(node),
        sorted: below.first().map_or(0.0, |input| came(input)),
    });
    for node in below {
        walk(node, steps);
    }
}

#[test]
fn a_plan_is_read_with_all_its_steps() {
    let notice = r#"duration: 0.1 ms  plan:
{"Query Text": "SELECT 1", "Plan": {"Node Type": "Sort", "Actual Rows": 10, "Actual Loops": 1, "Plans": [
    {"Node Type": "Seq Scan", "Relation Name": "users", "Actual Rows": 40, "Actual Loops": 2, "Rows Removed by Filter": 5}]}}"#;
    let told = parse(notice).unwrap();
    assert_eq!((told.sql.as_str(), told.steps.len()), ("SELECT 1", 2));
    assert!(
        (told.steps[0].sorted - 80.0).abs() < 0.1,
        "{}",
        told.steps[0].sorted
    );
    assert!((told.steps[1].read - 90.0).abs() < 0.1, "{}", told.steps[1].read);
    assert_eq!(told.steps[1].table.as_deref(), Some("users"));
    assert!(parse("something else").is_none());
}
