//! The values of variables, found fit before anything is executed (specification, section 6.1.2).
//!
//! They are looked at where they are: the work is in proportion to what was given. Defaults were judged with the document.

use async_graphql::parser::types::{OperationDefinition, VariableDefinition};
use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql::{Name, Positioned, ServerError, Variables};
use async_graphql_value::{ConstValue, Number};
use indexmap::IndexMap;

use super::input::{self, Place, Written};
use super::type_ref::{Layer, TypeRef};
use crate::Fault;

/// The operation's variables, its defaults filled in; or what is wrong with each that is not as it was declared.
pub fn variables(
    registry: &Registry,
    operation: &OperationDefinition,
    mut given: Variables,
) -> Result<Variables, Vec<ServerError>> {
    let mut errors = Vec::new();
    for definition in &operation.variable_definitions {
        if let Err(message) = variable(registry, definition, &mut given) {
            errors.push(Fault::new("BAD_USER_INPUT", message).server_error(definition.pos));
        }
    }
    match errors.is_empty() {
        true => Ok(given),
        false => Err(errors),
    }
}

fn variable(
    registry: &Registry,
    definition: &Positioned<VariableDefinition>,
    given: &mut Variables,
) -> Result<(), String> {
    let definition = &definition.node;
    let (name, of) = (&definition.name.node, TypeRef::Syntax(&definition.var_type.node));
    match (given.get_mut(name), &definition.default_value) {
        (Some(ConstValue::Null), _) | (None, None) if of.is_non_null() => {
            Err(format!("Variable \"${name}\" of type \"{of}\" is required."))
        }
        (Some(value), _) => coerce(registry, of, value, &Place::at(name))
            .map_err(|wrong| format!("Invalid value for variable \"${wrong}.")),
        (None, Some(default)) => {
            given.insert(name.clone(), default.node.clone());
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

/// Whether a value is one of a type; if not, where it is not and why.
fn coerce(
    registry: &Registry,
    of: TypeRef<'_>,
    value: &mut ConstValue,
    place: &Place<'_>,
) -> Result<(), String> {
    let wrong = |why: String| Err(format!("{place}\": {why}"));
    let name = match (of.layer(), &mut *value) {
        (Layer::NonNull(_), ConstValue::Null) => return wrong(input::expected(of)),
        (Layer::NonNull(inner), value) => return coerce(registry, inner, value, place),
        (_, ConstValue::Null) => return Ok(()),
        (Layer::List(item), ConstValue::List(values)) => {
            let mut values = values.iter_mut().enumerate();
            return values.try_for_each(|(index, value)| coerce(registry, item, value, &place.item(index)));
        }
        // One value stands for a list of it.
        (Layer::List(item), value) => return coerce(registry, item, value, place),
        (Layer::Named(name), _) => name,
    };
    match (registry.types.get(name), value) {
        (
            Some(MetaType::InputObject {
                input_fields, oneof, ..
            }),
            ConstValue::Object(members),
        ) => {
            object(registry, name, input_fields, members, place)?;
            let is_one = || members.len() == 1 && !members.values().any(|value| *value == ConstValue::Null);
            match *oneof && !is_one() {
                true => wrong(input::NOT_ONE.to_owned()),
                false => Ok(()),
            }
        }
        (Some(of), value) => {
            if of.name() == "Int" {
                round(value);
            }
            input::misfit(of, value, Written::Json).map_or(Ok(()), wrong)
        }
        (None, _) => wrong(input::expected(name)),
    }
}

fn object(
    registry: &Registry,
    of: &str,
    fields: &IndexMap<String, MetaInputValue>,
    members: &mut IndexMap<Name, ConstValue>,
    place: &Place<'_>,
) -> Result<(), String> {
    for (name, value) in members.iter_mut() {
        let Some(field) = fields.get(name.as_str()) else {
            return Err(format!("{place}\": {}", input::unknown_member(name, of)));
        };
        coerce(registry, TypeRef::Text(&field.ty), value, &place.member(name))?;
    }
    let missing = fields
        .values()
        .find(|field| input::is_required(field) && !members.contains_key(field.name.as_str()));
    missing.map_or(Ok(()), |field| {
        Err(format!("{place}\": {}", input::missing_member(field)))
    })
}

/// JSON knows one kind of number: `1.0` and `1e2` are integers too.
fn round(value: &mut ConstValue) {
    if let ConstValue::Number(number) = value
        && let Some(float) = number.as_f64().filter(|_| number.is_f64())
        && float.fract() == 0.0
        && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&float)
    {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is within the range and has no fraction"
        )]
        let integer = float as i32;
        *number = Number::from(integer);
    }
}

#[cfg(test)]
mod tests;
