//! The engine against the reference: the same documents over the same schema, once here and once in graphql-js, must be answered alike.
//!
//! `schema.graphql` says what both serve. The documents are made up by `tests/npm/differential`, from a seed that a failure names.
//!
//! 100,000 documents, ten thousand of each seed from 7 to 16, were answered alike (`GRAPHQL_DIFFERENTIAL_COUNT=10000 GRAPHQL_DIFFERENTIAL_SEED=…`). What
//! such runs found is named in `validation`. No condition of `@skip` or `@include` is null there: the specification leaves open what that means.

use std::collections::BTreeSet;
use std::time::Duration;

use async_graphql::{PathSegment, Request, Response, Variables};
use graphql::{Context, Schema};
use serde_json::{Value, json};

use crate::roots::Session;
use crate::{reference, schema};

/// Documents of one run, unless `GRAPHQL_DIFFERENTIAL_COUNT` says otherwise.
const COUNT: usize = 2_000;

#[test]
fn both_sides_serve_the_same_schema() {
    let agreed = include_str!("schema.graphql");
    let ours = reference::printed(&schema().sdl());
    assert_eq!(ours, reference::printed(agreed));
}

#[tokio::test]
async fn the_engine_answers_as_graphql_js_does() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count = number("GRAPHQL_DIFFERENTIAL_COUNT").unwrap_or(COUNT);
    let seed = number("GRAPHQL_DIFFERENTIAL_SEED").unwrap_or(7);
    let schema = schema();
    let (mut differences, mut compared, mut executed, mut too_dear) = (Vec::new(), 0, 0, 0);
    for request in reference::requests(seed, count) {
        let ours = tokio::time::timeout(Duration::from_secs(5), answer(&schema, &request.asked));
        let answered = ours.await.expect("an answer within five seconds");
        // The reference has no limit of costs.
        if answered["errors"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("the limit is"))
        {
            too_dear += 1;
            continue;
        }
        let ours = comparable(&answered);
        compared += 1;
        executed += usize::from(ours.0.is_some());
        let theirs = comparable(&request.answer);
        // The reference has no prices; what is refused for its price is no difference.
        let is_priced_out = answered["errors"][0]["message"]
            .as_str()
            .is_some_and(|told| told.starts_with("The operation costs"));
        if ours != theirs && !is_priced_out {
            differences.push(format!(
                "{}\nhere:      {ours:?} {}\nreference: {theirs:?} {}\n",
                request.asked, answered["errors"], request.answer["errors"]
            ));
        }
    }
    assert_eq!(compared + too_dear, count, "the reference answered everything");
    assert!(too_dear < count / 50, "{too_dear} cost too much to be compared");
    assert!(executed > count / 2, "most documents were executed: {executed}");
    assert!(
        differences.is_empty(),
        "seed {seed}: {} of {count} differ, for example\n{}",
        differences.len(),
        differences[..differences.len().min(5)].join("\n")
    );
}

async fn answer(schema: &Schema, asked: &Value) -> Value {
    let mut request = Request::new(asked["query"].as_str().unwrap())
        .variables(Variables::from_json(asked["variables"].clone()))
        .data(Context::new(Session::default()));
    request.operation_name = asked["operationName"].as_str().map(str::to_owned);
    written(&schema.execute(request).await)
}

/// A response as the transports write it, as far as it is compared.
fn written(response: &Response) -> Value {
    let told =
        |error: &async_graphql::ServerError| json!({"path": path(&error.path), "message": error.message});
    let errors: Vec<_> = response.errors.iter().map(told).collect();
    let executed = response.errors.iter().all(|error| !error.path.is_empty());
    let mut answer = json!({});
    if !errors.is_empty() {
        answer["errors"] = errors.into();
    }
    if executed {
        let data = async_graphql::to_value(&response.data).ok();
        answer["data"] = data.map_or(Value::Null, |_| serde_json::to_value(&response.data).unwrap());
    }
    answer
}

fn path(path: &[PathSegment]) -> Value {
    let segment = |segment: &PathSegment| match segment {
        PathSegment::Field(name) => json!(name),
        PathSegment::Index(index) => json!(index),
    };
    path.iter().map(segment).collect()
}

/// Data, with its order, and the places of errors; where nothing was executed, that alone.
fn comparable(answer: &Value) -> (Option<String>, BTreeSet<String>) {
    let Some(data) = answer.get("data") else {
        return (None, BTreeSet::new());
    };
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let paths = errors.iter().map(|error| error["path"].to_string());
    (Some(data.to_string()), paths.collect())
}
