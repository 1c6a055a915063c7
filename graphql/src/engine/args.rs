//! Arguments of fields. They are input objects that stand one level higher: the same derive reads, describes and defaults both.

use async_graphql::registry::{Deprecation, MetaInputValue, MetaType, Registry};
use async_graphql::{InputType, Pos, Value};
use aws_lc_rs::digest;
use indexmap::IndexMap;

use super::select::Selected;
use crate::Fault;

pub type Arguments = IndexMap<String, MetaInputValue>;

/// The arguments as the schema lists them.
pub fn describe<A: InputType>(registry: &mut Registry) -> Arguments {
    A::create_type_info(registry);
    let Some(MetaType::InputObject { input_fields, .. }) = registry.types.get(&*A::type_name()) else {
        return Arguments::new();
    };
    let visible = input_fields.iter().filter(|(_, field)| field.visible.is_none());
    visible
        .map(|(name, field)| (name.clone(), field.clone()))
        .collect()
}

/// The arguments as this query gives them.
pub fn parse<A: InputType>(selected: &Selected<'_>) -> Result<A, Fault> {
    read(Some(Value::Object(selected.given())), selected.pos)
}

/// The single argument `input` of a mutation, as the schema lists it.
pub fn describe_input<I: InputType>(registry: &mut Registry) -> Arguments {
    let ty = I::create_type_info(registry);
    IndexMap::from([("input".to_owned(), argument("input", &ty, "What to change."))])
}

/// The single argument `input` of a mutation, as this query gives it.
pub fn parse_input<I: InputType>(selected: &Selected<'_>) -> Result<I, Fault> {
    read(selected.given().swap_remove("input"), selected.pos)
}

pub fn argument(name: &str, ty: &str, doc: &str) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description: Some(doc.to_owned()),
        ty: ty.to_owned(),
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

fn read<A: InputType>(given: Option<Value>, pos: Pos) -> Result<A, Fault> {
    A::parse(given).map_err(|error| {
        // Values are judged before; what the library says of one that was let through all the same names types of ours that no client knows.
        let message = error.into_server_error(pos).message;
        tracing::warn!(message, "an argument that was found fit could not be read");
        Fault::bad_input("An argument has a value that is not of its type.")
    })
}

/// A mutation's input as it was sent: literals and variables as they came, before defaults and conversions.
///
/// Whoever repeats a call sends the same again, whatever became of our types meanwhile; so this is what repetition is recognised by.
#[derive(Clone, Debug)]
pub struct Sent(Value);

impl Sent {
    pub fn of(selected: &Selected<'_>) -> Self {
        Self(selected.given().swap_remove("input").unwrap_or(Value::Null))
    }

    /// The input but for one of its members: for what must not leave a trace, not even in a hash.
    pub fn without(mut self, member: &str) -> Self {
        if let Value::Object(members) = &mut self.0 {
            members.shift_remove(member);
        }
        self
    }

    /// SHA-256 of the input as JSON without spaces, members in the order of their names.
    pub fn hash(&self) -> [u8; 32] {
        let mut hashed = [0; 32];
        let json = canonical(&self.0);
        hashed.copy_from_slice(digest::digest(&digest::SHA256, json.as_bytes()).as_ref());
        hashed
    }
}

fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            let members = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", text(name), canonical(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        // A literal's enum value and a variable's text are the same value.
        Value::Enum(name) => text(name),
        Value::String(value) => text(value),
        other => other.to_string(),
    }
}

fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn the_order_of_members_and_the_way_of_sending_do_not_matter_and_every_value_does() {
        let sent = |value| Sent(value).hash();
        let literal = Value::Object(IndexMap::from_iter([
            (async_graphql::Name::new("b"), value!([1, null])),
            (
                async_graphql::Name::new("a"),
                Value::Enum(async_graphql::Name::new("X")),
            ),
        ]));
        assert_eq!(sent(literal.clone()), sent(value!({"a": "X", "b": [1, null]})));
        assert_ne!(sent(literal.clone()), sent(value!({"a": "X", "b": [1]})));
        assert_ne!(sent(literal.clone()), sent(value!({"a": "Y", "b": [1, null]})));
        assert_ne!(sent(literal), sent(value!({"a": "X", "b": [1, null], "c": null})));
    }

    #[test]
    fn what_is_left_out_makes_no_difference_and_the_rest_does() {
        let sent = |value| Sent(value).without("secret").hash();
        let one = sent(value!({"a": 1, "secret": "one"}));
        assert_eq!(one, sent(value!({"a": 1, "secret": "other"})));
        assert_eq!(one, sent(value!({"a": 1})));
        assert_ne!(one, sent(value!({"a": 2, "secret": "one"})));
    }
}
