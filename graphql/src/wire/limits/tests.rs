use async_graphql::parser::parse_query;
use rstest::rstest;

use super::*;

fn refusal(document: &str) -> Option<Fault> {
    let document = parse_query(document).unwrap();
    let refused = check(&document, &Sizes::default()).err();
    refused.map(|error| Fault::of(&error).unwrap())
}

fn nested(field: &str, levels: usize) -> String {
    format!(
        "{{{}{field}{}}}",
        format!("{field}{{").repeat(levels - 1),
        "}".repeat(levels - 1)
    )
}

#[test]
fn twelve_levels_pass_and_thirteen_do_not() {
    assert_eq!(refusal(&nested("a", 12)), None);
    assert_eq!(refusal(&nested("a", 13)), Some(Fault::CostLimitExceeded));
}

#[test]
fn levels_are_counted_through_fragments() {
    let document = format!(
        "{{ a {{ ... on X {{ ...F }} }} }} fragment F on X {}",
        nested("b", 12)
    );
    assert_eq!(refusal(&document), Some(Fault::CostLimitExceeded));
}

#[test]
fn introspection_may_go_to_fifteen_levels_and_no_further() {
    let introspection = |levels: usize| format!("{{ __schema {} }}", nested("x", levels - 1));
    assert_eq!(refusal(&introspection(15)), None);
    assert_eq!(refusal(&introspection(16)), Some(Fault::CostLimitExceeded));
}

#[rstest]
#[case("{ __schema { types { fields { type { fields { name } } } } } }", true)]
#[case(
    "{ __schema { types { fields { type { fields { type { inputFields { name } } } } } } } }",
    false
)]
#[case(
    "{ __type(name: \"A\") { possibleTypes { interfaces { possibleTypes { name } } } } }",
    false
)]
#[case(
    "{ __type(name: \"A\") { ...A } } fragment A on __Type { possibleTypes { ...B } } fragment B on __Type { fields { type { fields { name } } } }",
    false
)]
#[case("{ node { fields { interfaces { fields { interfaces { name } } } } } }", true)]
fn a_third_list_of_introspection_within_one_another_is_refused(#[case] document: &str, #[case] passes: bool) {
    assert_eq!(refusal(document), (!passes).then_some(Fault::CostLimitExceeded));
}

#[test]
fn introspection_is_measured_by_what_it_can_answer_with_all_roots_together() {
    let described = |n| format!("type T{n} {{ a: Int b: Int }}");
    let sdl = (0..200).map(described).collect::<Vec<_>>().join(" ");
    let types = super::super::types::Types::read(&sdl);
    let refused = |document: &str| check(&parse_query(document).unwrap(), types.sizes()).is_err();
    let named = |times: usize| {
        format!(
            "__schema {{ types {{ fields {{ {} }} }} }} ",
            "name ".repeat(times)
        )
    };
    assert!(!refused(&format!("{{ {} }}", named(800))));
    assert!(refused(&format!("{{ {} }}", named(1_100))));
    assert!(refused(&format!("{{ {} a: {} }}", named(500), named(500))));
    assert!(refused(&format!(
        "{{ ...A ...A }} fragment A on Query {{ {} }}",
        named(500)
    )));
}

#[test]
fn ten_root_fields_pass_and_eleven_do_not_even_in_a_fragment() {
    assert_eq!(refusal(&format!("{{{}}}", "a ".repeat(10))), None);
    assert_eq!(
        refusal(&format!("{{{}}}", "a ".repeat(11))),
        Some(Fault::CostLimitExceeded)
    );
    let spread = format!("{{ a ...F }} fragment F on Query {{{}}}", "a ".repeat(10));
    assert_eq!(refusal(&spread), Some(Fault::CostLimitExceeded));
}

#[test]
fn thirty_aliases_pass_and_thirty_one_do_not() {
    assert_eq!(refusal(&format!("{{ a {{{}}} }}", "b: c ".repeat(30))), None);
    assert_eq!(
        refusal(&format!("{{ a {{{}}} }}", "b: c ".repeat(31))),
        Some(Fault::CostLimitExceeded)
    );
}

#[test]
fn five_directives_on_a_field_pass_and_six_do_not() {
    assert_eq!(refusal(&format!("{{ a {} }}", "@d ".repeat(5))), None);
    assert_eq!(
        refusal(&format!("{{ a {} }}", "@d ".repeat(6))),
        Some(Fault::CostLimitExceeded)
    );
}

#[test]
fn a_fragment_that_spreads_itself_is_invalid_used_or_not() {
    let circle = "fragment A on Q { ...B } fragment B on Q { a { ...A } }";
    assert_eq!(
        refusal(&format!("{{ ...A }} {circle}")),
        Some(Fault::ValidationFailed)
    );
    assert_eq!(
        refusal(&format!("{{ a }} {circle}")),
        Some(Fault::ValidationFailed)
    );
}

#[test]
fn fragments_that_double_one_another_are_refused_at_once() {
    let fragment = |n| format!("fragment F{n} on Q {{ ...F{} ...F{} }} ", n + 1, n + 1);
    let doubling = (0..40).map(fragment).collect::<Vec<_>>().concat();
    for (used, last) in [
        ("...F0", "fragment F40 on Q { a }"),
        ("...F0", ""),
        ("a", "fragment F40 on Q { a }"),
    ] {
        let document = format!("{{ a {{ {used} }} }} {doubling} {last}");
        assert_eq!(
            refusal(&document),
            Some(Fault::CostLimitExceeded),
            "{used} {last}"
        );
    }
}

#[test]
fn a_subscription_selects_one_field() {
    assert_eq!(refusal("subscription { a }"), None);
    assert_eq!(refusal("subscription { a b }"), Some(Fault::ValidationFailed));
}
