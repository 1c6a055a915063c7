//! Which variables an operation uses, wherever it does (specification, sections 5.8.3 and 5.8.4).

use std::collections::HashSet;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::Value as Literal;

/// Variables that are used and not defined, or defined and not used. The library overlooks those in directives of some places.
pub fn check(document: &ExecutableDocument) -> Vec<ServerError> {
    let mut errors = Vec::new();
    for (name, operation) in document.operations.iter() {
        let mut uses = Uses {
            document,
            fragments: HashSet::new(),
            variables: Vec::new(),
        };
        uses.operation(&operation.node);
        let place = name.map_or_else(String::new, |name| format!(" by operation \"{name}\""));
        let defined: HashSet<&Name> = operation
            .node
            .variable_definitions
            .iter()
            .map(|definition| &definition.node.name.node)
            .collect();
        let mut used = HashSet::new();
        for (variable, pos) in uses.variables {
            if used.insert(variable) && !defined.contains(variable) {
                let message = format!("Variable \"${variable}\" is not defined{place}");
                errors.push(ServerError::new(message, Some(pos)));
            }
        }
        for definition in &operation.node.variable_definitions {
            let variable = &definition.node.name.node;
            if !used.contains(variable) {
                let message = format!("Variable \"${variable}\" is not used{place}");
                errors.push(ServerError::new(message, Some(definition.pos)));
            }
        }
    }
    errors
}

struct Uses<'a> {
    document: &'a ExecutableDocument,
    fragments: HashSet<&'a Name>,
    variables: Vec<(&'a Name, Pos)>,
}

impl<'a> Uses<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) {
        self.directives(&operation.directives);
        self.set(&operation.selection_set.node);
    }

    fn set(&mut self, set: &'a SelectionSet) {
        for item in &set.items {
            self.directives(item.node.directives());
            match &item.node {
                Selection::Field(field) => {
                    for (_, value) in &field.node.arguments {
                        self.value(&value.node, value.pos);
                    }
                    self.set(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.fragments.insert(name)
                    {
                        self.directives(&fragment.node.directives);
                        self.set(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            for (_, value) in &directive.node.arguments {
                self.value(&value.node, value.pos);
            }
        }
    }

    fn value(&mut self, value: &'a Literal, pos: Pos) {
        match value {
            Literal::Variable(name) => self.variables.push((name, pos)),
            Literal::List(items) => items.iter().for_each(|item| self.value(item, pos)),
            Literal::Object(members) => members.values().for_each(|member| self.value(member, pos)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::check;

    fn told(document: &str) -> Vec<String> {
        let errors = check(&parse_query(document).unwrap());
        errors.into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn a_variable_counts_as_used_wherever_it_stands() {
        for used in [
            "{ a(b: $v) }",
            "{ a(b: {c: [$v]}) }",
            "{ __typename @include(if: $v) }",
            "{ ... @skip(if: $v) { a } }",
            "{ ...F } fragment F on Q { b { ...G } } fragment G on Q { a(b: $v) }",
        ] {
            assert_eq!(
                told(&format!("query ($v: Int) {used}")),
                Vec::<String>::new(),
                "{used}"
            );
            assert_eq!(
                told(&format!("query A {used}")),
                ["Variable \"$v\" is not defined by operation \"A\""]
            );
        }
        assert_eq!(told("query ($v: Int) { a }"), ["Variable \"$v\" is not used"]);
    }
}
