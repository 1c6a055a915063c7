//! Pages of `docs/` whose examples tests run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The blocks of one language on a page, in order.
pub fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let mark = format!("```{language}\n");
    let blocks = page.split(mark.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// The variables that an operation declares, with the values they have here.
pub fn variables(operation: &str, known: &BTreeMap<&str, Value>) -> Value {
    let head = operation.split('{').next().unwrap();
    let names = head
        .split('$')
        .skip(1)
        .map(|rest| rest.split(':').next().unwrap().trim());
    let value = |name| {
        (
            name,
            known
                .get(name)
                .unwrap_or_else(|| panic!("${name} has no value in this test")),
        )
    };
    json!(names.map(value).collect::<BTreeMap<_, _>>())
}

/// Whatever was refused anywhere in an answer.
pub fn refusals(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(refusals).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match name.as_str() {
                "userErrors" => member.as_array().unwrap().clone(),
                _ => refusals(member),
            })
            .collect(),
        _ => Vec::new(),
    }
}
