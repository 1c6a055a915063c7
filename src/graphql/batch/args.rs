//! Arguments of fields. They are input objects that stand one level higher: the same derive reads, describes and defaults both.

use async_graphql::registry::{Deprecation, MetaInputValue, MetaType, Registry};
use async_graphql::{InputType, ServerError, Value};
use indexmap::IndexMap;

use super::select::Selected;
use crate::error::{Error, Result};

/// For fields without arguments.
#[derive(async_graphql::InputObject, Debug)]
pub struct NoArgs {
    /// GraphQL has no empty input object; this one is never described.
    #[graphql(visible = false)]
    nothing: Option<bool>,
}

/// The arguments as the schema lists them.
pub fn describe<A: InputType>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    let name = A::type_name();
    if name == NoArgs::type_name() {
        return IndexMap::new();
    }
    A::create_type_info(registry);
    match registry.types.get(&*name) {
        Some(MetaType::InputObject { input_fields, .. }) => input_fields.clone(),
        _ => IndexMap::new(),
    }
}

/// The arguments as this query gives them.
pub fn parse<A: InputType>(selected: &Selected<'_>) -> Result<A> {
    let mut given = IndexMap::with_capacity(selected.field.arguments.len());
    for (name, value) in &selected.field.arguments {
        if let Some(value) = selected.env.value(&value.node, value.pos).map_err(bad_input)? {
            given.insert(name.node.clone(), value);
        }
    }
    A::parse(Some(Value::Object(given))).map_err(|error| bad_input(error.into_server_error(selected.pos)))
}

/// The single argument `input` of a mutation, as the schema lists it.
pub fn describe_input<I: InputType>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    let input = MetaInputValue {
        name: "input".to_owned(),
        description: None,
        ty: I::create_type_info(registry),
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    };
    IndexMap::from([("input".to_owned(), input)])
}

/// The single argument `input` of a mutation, as this query gives it.
pub fn parse_input<I: InputType>(selected: &Selected<'_>) -> Result<I> {
    let given = selected
        .field
        .arguments
        .iter()
        .find(|(name, _)| name.node == "input");
    let given = given
        .map(|(_, value)| selected.env.value(&value.node, value.pos))
        .transpose()
        .map_err(bad_input)?;
    I::parse(given.flatten()).map_err(|error| bad_input(error.into_server_error(selected.pos)))
}

fn bad_input(error: ServerError) -> Error {
    Error::BadInput(error.message)
}
