use async_graphql::parser::parse_query;
use async_graphql::registry::Registry;
use async_graphql::{Enum, InputObject, InputType, OneofObject, Variables};
use serde_json::{Value, json};

use super::*;

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Color {
    Red,
    Green,
}

#[derive(InputObject)]
struct Paint {
    color: Color,
    #[graphql(default = 1)]
    coats: i32,
    under: Option<Box<Paint>>,
    on: Option<Vec<Ground>>,
}

#[derive(OneofObject)]
enum Ground {
    Wood(String),
    Stone(i32),
}

fn coerced(declared: &str, given: Value) -> Result<Value, Vec<String>> {
    let mut registry = Registry::default();
    Paint::create_type_info(&mut registry);
    for known in [
        bool::create_type_info(&mut registry),
        f64::create_type_info(&mut registry),
        async_graphql::ID::create_type_info(&mut registry),
        <chrono::DateTime<chrono::Utc> as InputType>::create_type_info(&mut registry),
        <super::super::leaf::Date as InputType>::create_type_info(&mut registry),
    ] {
        assert!(known.ends_with('!'));
    }
    let document = parse_query(format!("query({declared}) {{ a }}")).unwrap();
    let (_, operation) = document.operations.iter().next().unwrap();
    let coerced = variables(&registry, &operation.node, Variables::from_json(given));
    coerced
        .map(|variables| variables.into_value().into_json().unwrap())
        .map_err(|errors| errors.into_iter().map(|error| error.message).collect())
}

fn wrong(declared: &str, given: Value) -> String {
    coerced(declared, given).unwrap_err().join(" ")
}

#[test]
fn what_fits_stays_as_it_is_and_defaults_are_filled_in() {
    for (declared, given) in [
        ("$v: Int", json!({})),
        ("$v: Int", json!({"v": null})),
        ("$v: Int, $w: String", json!({"v": -1, "w": "x"})),
        ("$v: [Int!]", json!({"v": 1})),
        ("$v: [[Int]]", json!({"v": [[1, null], null, 2]})),
        ("$v: ID!", json!({"v": 1})),
        ("$v: Float!", json!({"v": 1})),
        ("$v: Color", json!({"v": "RED"})),
        (
            "$v: Paint",
            json!({"v": {"color": "RED", "under": {"color": "GREEN", "on": {"stone": 1}}}}),
        ),
        ("$v: Int", json!({"v": 1, "nobodyDeclaredThis": {"a": 1}})),
    ] {
        assert_eq!(coerced(declared, given.clone()), Ok(given), "{declared}");
    }
    assert_eq!(coerced("$v: Int! = 3", json!({})), Ok(json!({"v": 3})));
    assert_eq!(coerced("$v: Int = 3", json!({"v": null})), Ok(json!({"v": null})));
    assert_eq!(
        coerced("$v: [Int]", json!({"v": [1.0, 1e2]})),
        Ok(json!({"v": [1, 100]}))
    );
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    for (declared, given, told) in [
        ("$v: Int", json!({"nope": 1}), "\"$v\": expected type \"Int\""),
        ("$v: Int", json!("1"), "\"$v\": expected type \"Int\""),
        ("$v: Int", json!(1.5), "\"$v\": expected type \"Int\""),
        (
            "$v: Int",
            json!(2_147_483_648_u32),
            "\"$v\": expected type \"Int\"",
        ),
        ("$v: String", json!(1), "\"$v\": expected type \"String\""),
        ("$v: Boolean", json!("true"), "\"$v\": expected type \"Boolean\""),
        ("$v: ID", json!(1.5), "\"$v\": expected type \"ID\""),
        ("$v: DateTime", json!(1), "\"$v\": expected type \"DateTime\""),
        (
            "$v: [DateTime!]",
            json!(["2026-01-31T12:00:00Z", "yesterday"]),
            "\"$v.1\": expected a time like \"2026-01-31T12:00:00Z\"",
        ),
        (
            "$v: Date",
            json!("2026-02-30"),
            "\"$v\": expected a day like \"2026-01-31\"",
        ),
        (
            "$v: [Color!]",
            json!({"nope": 1}),
            "\"$v\": expected type \"Color\"",
        ),
        ("$v: [Int!]", json!([1, null]), "\"$v.1\": expected type \"Int!\""),
        (
            "$v: Color",
            json!("BLUE"),
            "\"$v\": \"Color\" has no value \"BLUE\"",
        ),
        ("$v: Paint", json!("x"), "\"$v\": expected type \"Paint\""),
        (
            "$v: Paint",
            json!({}),
            "\"$v\": field \"color\" of type \"Color!\" is required but not provided",
        ),
        (
            "$v: Paint",
            json!({"color": null}),
            "\"$v.color\": expected type \"Color!\"",
        ),
        (
            "$v: Paint",
            json!({"color": "RED", "no": 1}),
            "\"$v\": \"no\" is no field of \"Paint\"",
        ),
        (
            "$v: Paint",
            json!({"color": "RED", "under": {"color": "RED", "coats": [1]}}),
            "\"$v.under.coats\": expected type \"Int\"",
        ),
        (
            "$v: Paint",
            json!({"color": "RED", "on": [{"wood": "oak"}, {"wood": "oak", "stone": 1}]}),
            "\"$v.on.1\": exactly one of its fields must be given",
        ),
        (
            "$v: Paint",
            json!({"color": "RED", "on": {"wood": null}}),
            "\"$v.on\": exactly one of its fields must be given",
        ),
    ] {
        let expected = format!("Invalid value for variable {told}.");
        assert_eq!(wrong(declared, json!({"v": given})), expected);
    }
}

#[test]
fn a_required_variable_must_be_there_and_every_wrong_one_is_told() {
    let required = "Variable \"$a\" of type \"Int!\" is required.";
    for given in [json!({}), json!({"a": null})] {
        assert_eq!(wrong("$a: Int!", given), required);
    }
    assert_eq!(
        wrong("$a: Int! = 1", json!({"a": null})),
        required,
        "a default does not make null fit"
    );
    let both = wrong("$a: Int!, $b: Int, $c: Int", json!({"b": "x", "c": 1}));
    assert_eq!(
        both,
        format!("{required} Invalid value for variable \"$b\": expected type \"Int\".")
    );
}
