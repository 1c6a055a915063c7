//! How large a parsed document may be before anything is executed or even validated.
//!
//! Validation itself walks through fragments, so a few lines of fragments that spread one another twice would keep it busy for
//! hours; therefore everything here is measured once per fragment and added up, never walked again.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};

use super::{
    extent::Extent,
    fault::Fault,
    introspection::{Sizes, is_entrance},
};

pub(super) const MOST_ROOT_FIELDS: usize = 10;
pub(super) const MOST_ALIASES: usize = 30;
pub(super) const MOST_DIRECTIVES: usize = 5;
pub(super) const DEEPEST: usize = 12;
/// What introspection tools ask for: nine times `ofType` under a field's argument.
pub(super) const DEEPEST_INTROSPECTION: usize = 15;
/// Lists of fields, interfaces, possible types and input fields within one another; as in graphql-js, the third is too much.
pub(super) const MOST_INTROSPECTION_LISTS: usize = 2;
/// Values an introspection may answer with. The queries of the usual tools stay below half of it.
pub(super) const MOST_INTROSPECTION: u64 = 250_000;
/// Selections after every fragment has been put in its place.
pub(super) const MOST_SELECTIONS: usize = 10_000;
/// How many selection sets and fragments may lie within one another; more cannot be within the depth limits in any honest way.
pub(super) const MOST_LEVELS: usize = 48;

/// Refuses a document that is too large in any respect, or whose fragments form a circle. Answers with how many values its largest introspection can answer.
pub fn check(document: &ExecutableDocument, sizes: &Sizes) -> Result<u64, ServerError> {
    let mut introspected = 0;
    let mut survey = Survey {
        document,
        sizes,
        fragments: HashMap::new(),
        aliases: 0,
    };
    for (_, operation) in document.operations.iter() {
        let position = operation.pos;
        let extent = survey.measure(&operation.node.selection_set.node, position, 0)?;
        if operation.node.ty == OperationType::Subscription && extent.roots != 1 {
            return Err(
                Fault::ValidationFailed.error("A subscription selects exactly one field.", Some(position))
            );
        }
        at_most(MOST_ROOT_FIELDS, extent.roots, "root fields", position)?;
        at_most(DEEPEST, extent.depth, "levels of fields", position)?;
        at_most(
            DEEPEST_INTROSPECTION,
            extent.introspection_depth,
            "levels of introspection",
            position,
        )?;
        if extent.introspected > MOST_INTROSPECTION {
            let message = format!(
                "The introspection can answer with {} values; {MOST_INTROSPECTION} are the most.",
                extent.introspected
            );
            return Err(Fault::CostLimitExceeded.error(message, Some(position)));
        }
        introspected = introspected.max(extent.introspected);
    }
    // Those that no operation uses are refused by validation; they must be small all the same.
    for (name, fragment) in &document.fragments {
        survey.fragment(name, fragment.pos, 0)?;
    }
    Ok(introspected)
}

fn at_most(limit: usize, actual: usize, what: &str, position: Pos) -> Result<(), ServerError> {
    if actual <= limit {
        return Ok(());
    }
    Err(Fault::CostLimitExceeded.error(
        format!("The document has more than {limit} {what}."),
        Some(position),
    ))
}

struct Survey<'a> {
    document: &'a ExecutableDocument,
    sizes: &'a Sizes,
    /// What is known of each fragment; `None` while it is being measured, so that a circle is seen.
    fragments: HashMap<&'a Name, Option<Extent>>,
    aliases: usize,
}

impl<'a> Survey<'a> {
    fn measure(&mut self, set: &'a SelectionSet, position: Pos, level: usize) -> Result<Extent, ServerError> {
        at_most(MOST_LEVELS, level, "levels", position)?;
        let mut extent = Extent::default();
        for selection in &set.items {
            at_most(
                MOST_DIRECTIVES,
                selection.node.directives().len(),
                "directives in one place",
                selection.pos,
            )?;
            extent.add(match &selection.node {
                Selection::Field(field) => self.field(field, level)?,
                Selection::InlineFragment(inline) => {
                    self.measure(&inline.node.selection_set.node, inline.pos, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, spread.pos, level)?
                }
            });
            // Spreads count too: a walk goes through them even when there is nothing behind them.
            extent.selections = extent.selections.saturating_add(1);
        }
        at_most(MOST_SELECTIONS, extent.selections, "selections", position)?;
        Ok(extent)
    }

    fn field(&mut self, field: &'a Positioned<Field>, level: usize) -> Result<Extent, ServerError> {
        self.aliases += usize::from(field.node.alias.is_some());
        at_most(MOST_ALIASES, self.aliases, "aliases", field.pos)?;
        let below = self.measure(&field.node.selection_set.node, field.pos, level + 1)?;
        let name = &field.node.name.node;
        let extent = below.under(name, self.sizes);
        if is_entrance(name) {
            let what = "lists of introspection within one another";
            at_most(MOST_INTROSPECTION_LISTS, extent.lists, what, field.pos)?;
        }
        Ok(extent)
    }

    fn fragment(&mut self, name: &'a Name, position: Pos, level: usize) -> Result<Extent, ServerError> {
        match self.fragments.get(name) {
            Some(Some(extent)) => return Ok(*extent),
            Some(None) => {
                let message = format!("Fragment `{name}` spreads itself.");
                return Err(Fault::ValidationFailed.error(message, Some(position)));
            }
            None => {}
        }
        // Validation says better than we could that a fragment does not exist.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Extent::default());
        };
        self.fragments.insert(name, None);
        let extent = self.measure(&fragment.node.selection_set.node, fragment.pos, level + 1)?;
        self.fragments.insert(name, Some(extent));
        Ok(extent)
    }
}

#[cfg(test)]
mod tests {
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
    fn a_third_list_of_introspection_within_one_another_is_refused(
        #[case] document: &str,
        #[case] passes: bool,
    ) {
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
        assert!(!refused(&format!("{{ {} }}", named(500))));
        assert!(refused(&format!("{{ {} }}", named(700))));
        assert!(refused(&format!("{{ {} a: {} }}", named(300), named(300))));
        assert!(refused(&format!(
            "{{ ...A ...A }} fragment A on Query {{ {} }}",
            named(300)
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
}
