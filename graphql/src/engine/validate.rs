//! What async-graphql says of a document, mended where it is wrong or hard to read.

use std::collections::HashSet;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::registry::Registry;
use async_graphql::{CacheControl, Pos, ServerError, ValidationResult, Variables};
use async_graphql_value::{ConstValue, Value};

/// What is answered of a document that has no fault.
pub const VALID: ValidationResult = ValidationResult {
    cache_control: CacheControl {
        public: true,
        max_age: 0,
    },
    complexity: 0,
    depth: 0,
};

/// Takes out what is no fault; the document is valid if nothing is left.
pub fn mend(registry: &Registry, errors: Vec<ServerError>) -> Result<ValidationResult, Vec<ServerError>> {
    let errors = errors
        .into_iter()
        .filter(|error| !is_false(registry, &error.message));
    let errors: Vec<_> = errors.map(reworded).collect();
    match errors.is_empty() {
        true => Ok(VALID),
        false => Err(errors),
    }
}

fn is_false(registry: &Registry, message: &str) -> bool {
    // The library compares fields of one selection set only, and takes those of different objects for the same: see `conflicts`.
    if message.starts_with("Fields \"") && message.contains("\" conflict because ") {
        return true;
    }
    // It does not look into every place: see `variables`.
    if message.starts_with("Variable \"$")
        && (message.contains("\" is not used") || message.contains("\" is not defined"))
    {
        return true;
    }
    // It takes the field before an unknown one for the field at hand, or has no arguments for it: the unknown field is told by itself.
    if let Some(rest) = message.strip_prefix("Unknown argument \"") {
        let mut quoted = rest.split('"').skip(2).step_by(2);
        if let (true, Some(field), Some(type_name)) =
            (rest.contains("\" on field \""), quoted.next(), quoted.next())
        {
            let parent = registry.types.get(type_name);
            return parent.is_none_or(|parent| parent.field_by_name(field).is_none());
        }
    }
    false
}

fn reworded(mut error: ServerError) -> ServerError {
    let clumsy = "Oneof input objects requires have exactly one field";
    if error.message.contains(clumsy) {
        let better = "exactly one of its fields must be given";
        error.message = error.message.replace(clumsy, better);
    }
    error
}

/// Refuses what is no truth value for a variable of one. The library looks at the values of variables where arguments take them; such a variable may
/// stand in directives alone.
pub fn truth_values(operation: &OperationDefinition, variables: &Variables) -> Result<(), ServerError> {
    for definition in &operation.variable_definitions {
        let name = &definition.node.name.node;
        let is_of_truth =
            matches!(&definition.node.var_type.node.base, BaseType::Named(of) if of.as_str() == "Boolean");
        let is_one = matches!(
            variables.get(name),
            None | Some(ConstValue::Boolean(_) | ConstValue::Null)
        );
        if is_of_truth && !is_one {
            let message = format!("Variable \"${name}\" is no truth value.");
            return Err(crate::Fault::new("BAD_USER_INPUT", message).server_error(definition.pos));
        }
    }
    Ok(())
}

/// What is left of the library's errors without those that are none. It does not see variables in the directives of `__typename`, and refuses a whole
/// document over a null that came by a variable, where the specification (section 6.4.1) wants an error of the one field.
pub fn but_for_false(
    errors: Vec<ServerError>,
    document: &ExecutableDocument,
    variables: &Variables,
) -> Result<(), Vec<ServerError>> {
    if errors.is_empty() {
        return Ok(());
    }
    let mut seen = Seen {
        variables,
        in_directives: HashSet::new(),
        of_null: Vec::new(),
    };
    for (_, operation) in document.operations.iter() {
        seen.set(&operation.node.selection_set.node);
    }
    for fragment in document.fragments.values() {
        seen.set(&fragment.node.selection_set.node);
    }
    let left: Vec<_> = errors.into_iter().filter(|error| !seen.explains(error)).collect();
    match left.is_empty() {
        true => Ok(()),
        false => Err(left),
    }
}

/// What the library overlooks in a document.
struct Seen<'a> {
    variables: &'a Variables,
    /// Variables that directives use.
    in_directives: HashSet<&'a str>,
    /// Arguments into which a variable brings null.
    of_null: Vec<Pos>,
}

impl<'a> Seen<'a> {
    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            for directive in selection.node.directives() {
                for (_, value) in &directive.node.arguments {
                    if let Value::Variable(name) = &value.node {
                        self.in_directives.insert(name.as_str());
                    }
                }
            }
            match &selection.node {
                Selection::Field(field) => {
                    for (name, value) in &field.node.arguments {
                        if self.brings_null(&value.node) {
                            self.of_null.push(name.pos);
                        }
                    }
                    self.set(&field.node.selection_set.node);
                }
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn brings_null(&self, value: &Value) -> bool {
        match value {
            Value::Variable(name) => self.variables.get(name) == Some(&ConstValue::Null),
            Value::List(items) => items.iter().any(|item| self.brings_null(item)),
            Value::Object(members) => members.values().any(|member| self.brings_null(member)),
            _ => false,
        }
    }

    fn explains(&self, error: &ServerError) -> bool {
        if let Some(rest) = error.message.strip_prefix("Variable \"$") {
            let (name, rest) = rest.split_once('"').unwrap_or_default();
            return rest.starts_with(" is not used") && self.in_directives.contains(name);
        }
        error.message.starts_with("Invalid value for argument ")
            && error.locations.iter().any(|at| self.of_null.contains(at))
    }
}
