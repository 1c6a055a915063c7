//! Arguments of fields. They are input objects that stand one level higher: the same derive reads, describes and defaults both.

use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql::{InputType, Pos, ServerError, Value};
use indexmap::IndexMap;

use super::select::Selected;

/// For fields without arguments.
#[derive(async_graphql::InputObject, Debug)]
pub struct NoArgs {
    /// GraphQL has no empty input object; this one is never described.
    #[graphql(visible = false)]
    nothing: Option<bool>,
}

/// The arguments as the schema lists them.
pub fn describe<A: InputType>(registry: &mut Registry) -> IndexMap<String, MetaInputValue> {
    A::create_type_info(registry);
    let name = A::type_name().into_owned();
    if name == NoArgs::type_name() {
        return IndexMap::new();
    }
    match registry.types.get(&name) {
        Some(MetaType::InputObject { input_fields, .. }) => input_fields.clone(),
        _ => IndexMap::new(),
    }
}

/// The arguments as this query gives them.
pub fn parse<A: InputType>(selected: &Selected<'_>) -> Result<A, ServerError> {
    let mut given = IndexMap::with_capacity(selected.field.arguments.len());
    for (name, value) in &selected.field.arguments {
        if let Some(value) = selected.env.value(&value.node, value.pos)? {
            given.insert(name.node.clone(), value);
        }
    }
    A::parse(Some(Value::Object(given)))
        .map_err(|error| bad_argument(error.into_server_error(selected.pos), selected.pos))
}

fn bad_argument(mut error: ServerError, pos: Pos) -> ServerError {
    error.locations = vec![pos];
    let mut extensions = async_graphql::ErrorExtensionValues::default();
    extensions.set("code", "BAD_USER_INPUT");
    error.extensions = Some(extensions);
    error
}
