//! Whether a document fits the schema (specification, section 5).
//!
//! The library judges the most of it; what it overlooks or gets wrong is judged here: [`inputs`], all that is given, and [`conflicts`], fields that
//! contend for one key. Nothing of it depends on who asks or on the values of variables.

mod conflicts;
mod inputs;
mod literals;

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{CacheControl, ServerError, ValidationResult};

use super::type_ref::TypeRef;

/// What is answered of a document that has no fault.
pub const VALID: ValidationResult = ValidationResult {
    cache_control: CacheControl {
        public: true,
        max_age: 0,
    },
    complexity: 0,
    depth: 0,
};

/// What the library cannot be asked before: it panics over the default of a variable whose type is none, or none of input (section 5.8.2).
pub fn before_the_library(registry: &Registry, document: &ExecutableDocument) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let of = &definition.node.var_type;
            let name = TypeRef::Syntax(&of.node).name();
            if !registry.types.get(name).is_some_and(MetaType::is_input) {
                let message = format!("Variables cannot be of the type \"{name}\".");
                return Err(ServerError::new(message, Some(of.pos)));
            }
        }
    }
    Ok(())
}

/// What is to be said of a document beside what the library said of it.
pub fn beside_the_library(
    registry: &Registry,
    document: &ExecutableDocument,
    mut errors: Vec<ServerError>,
) -> Result<(), Vec<ServerError>> {
    errors.extend(inputs::check(registry, document));
    // Fields are compared in documents that are sound otherwise.
    if errors.is_empty() {
        errors.extend(conflicts::check(registry, document).err());
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(errors),
    }
}

/// Takes out what is no fault, or is judged here; the document is valid for the library if nothing is left.
pub fn mend(registry: &Registry, mut errors: Vec<ServerError>) -> Result<ValidationResult, Vec<ServerError>> {
    errors.retain(|error| !is_ours_to_say(&error.message) && !is_false(registry, &error.message));
    match errors.is_empty() {
        true => Ok(VALID),
        false => Err(errors),
    }
}

/// The library compares fields of one selection set only, does not see every place of a variable, takes a nullable variable with a default for one
/// that is not, and does not look at literals in which there are variables.
fn is_ours_to_say(message: &str) -> bool {
    let of_conflicts = message.starts_with("Fields \"") && message.contains("\" conflict because ");
    let of_variables = message.starts_with("Variable \"")
        && [
            "\" is not used",
            "\" is not defined",
            "\" used in position expecting type \"",
        ]
        .iter()
        .any(|words| message.contains(words));
    let of_values = message.starts_with("Invalid value for argument ")
        || message.starts_with("Invalid default value for argument");
    of_conflicts || of_variables || of_values
}

/// The library takes the field before an unknown one for the field at hand, or has no arguments for it: the unknown field is told by itself.
fn is_false(registry: &Registry, message: &str) -> bool {
    let Some(rest) = message.strip_prefix("Unknown argument \"") else {
        return false;
    };
    let mut quoted = rest.split('"').skip(2).step_by(2);
    let (true, Some(field), Some(type_name)) =
        (rest.contains("\" on field \""), quoted.next(), quoted.next())
    else {
        return false;
    };
    let parent = registry.types.get(type_name);
    parent.is_none_or(|parent| parent.field_by_name(field).is_none())
}
