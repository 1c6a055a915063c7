//! What is refused before anything is executed, and what is not: as graphql-js has it.

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::{Request, Variables};
use graphql::{Context, Document};
use rstest::rstest;
use serde_json::{Value, json};

use crate::roots::Session;
use crate::schema;

/// The answer, or what is said of a request that was not executed.
async fn asked(query: &str, variables: Value) -> Result<Value, String> {
    let request = Request::new(query)
        .variables(Variables::from_json(variables))
        .data(Context::new(Session::default()));
    let response = schema().execute(request).await;
    match response.errors.iter().find(|error| error.path.is_empty()) {
        Some(_) => {
            let told = response.errors.into_iter().map(|error| error.message);
            Err(told.collect::<Vec<_>>().join(" | "))
        }
        None => Ok(serde_json::to_value(&response.data).unwrap()),
    }
}

#[rstest]
#[case::of_an_enum(
    "{ echo(input: {e: PINK}) }",
    "argument \"input.e\": \"Color\" has no value \"PINK\""
)]
#[case::a_text_for_an_enum(
    "{ echo(input: {e: \"RED\"}) }",
    "argument \"input.e\": expected type \"Color\""
)]
#[case::in_a_list(
    "{ things(ns: [1, \"2\"]) { n } }",
    "argument \"ns.1\": expected type \"Int\""
)]
#[case::null_in_a_list(
    "{ things(ns: [1, null]) { n } }",
    "argument \"ns.1\": expected type \"Int!\""
)]
#[case::too_large("{ item(n: 2147483648) { n } }", "argument \"n\": expected type \"Int\"")]
#[case::no_integer("{ item(n: 1.0) { n } }", "argument \"n\": expected type \"Int\"")]
#[case::an_object_for_a_number("{ item(n: {nope: 1}) { n } }", "argument \"n\": expected type \"Int\"")]
#[case::a_text_for_an_object("{ echo(input: \"x\") }", "argument \"input\": expected type \"EchoInput\"")]
#[case::an_unknown_member(
    "{ echo(input: {d: {nope: 1}}) }",
    "argument \"input.d\": \"nope\" is no field of \"EchoInput\""
)]
#[case::beside_a_variable(
    "query($v: Int) { echo(input: {a: $v, b: 1}) }",
    "argument \"input.b\": expected type \"String\""
)]
#[case::in_a_fragment(
    "{ ...F } fragment F on Query { item(n: \"1\") { n } }",
    "argument \"n\": expected type \"Int\""
)]
#[case::of_a_directive("{ echo @skip(if: 1) }", "argument \"if\": expected type \"Boolean\"")]
#[case::of_a_directive_of_typename(
    "{ __typename @skip(if: 1) }",
    "argument \"if\": expected type \"Boolean\""
)]
#[tokio::test]
async fn a_literal_of_another_type_is_refused(#[case] query: &str, #[case] told: &str) {
    assert_eq!(
        asked(query, json!({})).await,
        Err(format!("Invalid value for {told}."))
    );
}

#[rstest]
#[case(
    "$v: [Color!] = {nope: 1}",
    "{ echo(input: {c: $v}) }",
    "\"$v\": expected type \"Color\""
)]
#[case(
    "$v: Int = {nope: 1}",
    "{ echo(number: $v) }",
    "\"$v\": expected type \"Int\""
)]
#[case("$v: Int! = null", "{ echo(number: $v) }", "\"$v\": expected type \"Int!\"")]
#[case(
    "$v: [Int] = [1, [2]]",
    "{ echo(list: $v) }",
    "\"$v.1\": expected type \"Int\""
)]
#[case(
    "$v: EchoInput = {c: [RED, null]}",
    "{ echo(input: $v) }",
    "\"$v.c.1\": expected type \"Color!\""
)]
#[tokio::test]
async fn a_default_of_another_type_is_refused_whether_it_is_needed_or_not(
    #[case] declared: &str,
    #[case] selection: &str,
    #[case] told: &str,
) {
    let query = format!("query({declared}) {selection}");
    for given in [json!({}), json!({"v": null})] {
        let refused = asked(&query, given).await.unwrap_err();
        assert!(
            refused.starts_with(&format!("Invalid default of variable {told}.")),
            "{refused}"
        );
    }
}

#[rstest]
#[case("query($v: Int) { echo(number: $v) }", json!({"nope": 1}), "\"$v\": expected type \"Int\"")]
#[case("query($v: [Color!]) { echo(input: {c: $v}) }", json!({"nope": 1}), "\"$v\": expected type \"Color\"")]
#[case("query($v: Color!) { echo(input: {c: [RED, $v]}) }", json!("red"), "\"$v\": \"Color\" has no value \"red\"")]
#[case("query($v: EchoInput) { echo(input: {d: $v}) }", json!({"c": [1]}), "\"$v.c.0\": expected type \"Color\"")]
#[case("query($v: Boolean!) { echo @skip(if: $v) }", json!("true"), "\"$v\": expected type \"Boolean\"")]
#[tokio::test]
async fn a_variable_of_another_type_is_refused_before_anything_is_executed(
    #[case] query: &str,
    #[case] given: Value,
    #[case] told: &str,
) {
    let refused = asked(query, json!({"v": given})).await;
    assert_eq!(refused, Err(format!("Invalid value for variable {told}.")));
}

#[rstest]
#[case("query($v: Int) { itemSure(n: $v) { n } }", true)]
#[case("query($v: Int) { bare: echo(input: {c: [$v]}) }", false)]
#[case("query($v: Color) { echo(input: {c: [$v]}) }", false)]
#[case("query($v: Color = RED) { echo(input: {c: [$v]}) }", true)]
#[case("query($v: Color = null) { echo(input: {c: [$v]}) }", false)]
#[case("query($v: Int = null) { item(n: $v) { n } }", true)]
#[case("query($v: Boolean) { echo @skip(if: $v) }", false)]
#[case("query($v: Boolean = true) { __typename @skip(if: $v) }", true)]
#[case("query($v: Int) { echo(list: $v) }", false)]
#[case("query($v: [Int!]!) { echo(list: $v) }", true)]
#[case("query($v: String) { ...F } fragment F on Query { echo(number: $v) }", false)]
#[tokio::test]
async fn a_variable_stands_where_its_type_may(#[case] query: &str, #[case] may: bool) {
    let refused = asked(query, json!({"v": null})).await.err().unwrap_or_default();
    assert_eq!(
        !refused.contains("used in position expecting type"),
        may,
        "{refused}"
    );
}

#[rstest]
#[case("{ __typename(a: 1) }")]
#[case("{ __typename { n } }")]
#[case("{ __typename @nope }")]
#[case("{ __typename @skip }")]
#[case("{ __typename @skip(if: $nobody) }")]
#[tokio::test]
async fn typename_is_looked_at_like_any_other_field(#[case] query: &str) {
    assert!(asked(query, json!({})).await.is_err());
}

#[rstest]
#[case::typename_beside_what_cannot_be_of_the_same_object(
    "{ thing(n: 1) { ... on Thing { ... on Note { k: __typename } } ... on Item { k: even } } }",
    true
)]
#[case::typename_beside_what_can("{ thing { k: __typename ... on Item { k: even } } }", false)]
#[case::typename_between_two_shapes(
    "{ things { ... on Note { k: __typename } ... on Item { k: even } ... on Note { k: n } } }",
    false
)]
#[case::two_shapes_of_two_types("{ things { ... on Note { k: n } ... on Item { k: even } } }", false)]
#[case::one_shape_of_two_types("{ things { ... on Note { k: n } ... on Item { k: looked } } }", true)]
#[case::below_two_types(
    "{ things { ... on Note { k: item { n: even } } ... on Item { k: nextSure { n } } } }",
    false
)]
#[tokio::test]
async fn one_key_is_one_field_of_an_object_and_one_shape_everywhere(
    #[case] query: &str,
    #[case] merges: bool,
) {
    let refused = asked(query, json!({})).await.err().unwrap_or_default();
    assert_eq!(!refused.contains("conflict because"), merges, "{refused}");
    assert!(merges || !refused.is_empty());
}

#[tokio::test]
async fn a_remembered_document_is_judged_once_and_its_variables_every_time() {
    let schema = schema();
    let parsed = parse_query("query($n: Int!) { item(n: $n) { n } }").unwrap();
    let document = Arc::new(Document::new(parsed));
    let ask = async |variables: Value| {
        let request = Request::new("")
            .variables(Variables::from_json(variables))
            .data(document.clone())
            .data(Context::new(Session::default()));
        schema.execute(request).await
    };
    for n in [1, 2] {
        let answered = ask(json!({"n": n})).await;
        assert_eq!(
            serde_json::to_value(&answered.data).unwrap(),
            json!({"item": {"n": n}})
        );
        let refused = ask(json!({"n": "1"})).await;
        assert_eq!(refused.errors.len(), 1, "{:?}", refused.errors);
        assert_eq!(ask(json!({})).await.errors.len(), 1);
    }
}
