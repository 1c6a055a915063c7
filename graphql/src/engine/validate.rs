//! What async-graphql says of a document, mended where it is wrong or hard to read.

use async_graphql::registry::Registry;
use async_graphql::{CacheControl, ServerError, ValidationResult};

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
