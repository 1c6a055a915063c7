//! Whether literals are of the types of their places (specification, section 5.6), and which variables stand in them.

use async_graphql::Pos;
use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql_value::{ConstValue, Value};

use crate::engine::input::{self, Place, Written};
use crate::engine::type_ref::{Layer, TypeRef};

/// A variable in its place.
#[derive(Clone, Copy)]
pub struct Use<'a> {
    pub variable: &'a str,
    pub pos: Pos,
    /// What is wanted there, as far as it is known.
    pub wanted: Option<Wanted<'a>>,
}

#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub of: TypeRef<'a>,
    /// Whether the place has a default of its own.
    pub has_default: bool,
    /// Whether the place is a field of an input object of which one must be given.
    pub is_only_one: bool,
}

impl<'a> Wanted<'a> {
    pub fn of(argument: &'a MetaInputValue) -> Self {
        Self {
            of: TypeRef::Text(&argument.ty),
            has_default: argument.default_value.is_some(),
            is_only_one: false,
        }
    }
}

/// Looks at the literal of one argument.
pub struct Look<'a, 'b> {
    pub registry: &'a Registry,
    pub pos: Pos,
    pub uses: &'b mut Vec<Use<'a>>,
}

impl<'a> Look<'a, '_> {
    /// Why the literal does not fit, and where; every variable in it is noted, come what may.
    pub fn at(
        &mut self,
        wanted: Option<Wanted<'a>>,
        value: &'a Value,
        place: &Place<'_>,
    ) -> Result<(), String> {
        if let Value::Variable(name) = value {
            self.uses.push(Use {
                variable: name.as_str(),
                pos: self.pos,
                wanted,
            });
            return Ok(());
        }
        let Some(Wanted { of, .. }) = wanted else {
            return self.unknown(value, place);
        };
        let wrong = |why: String| Err(format!("{place}\": {why}"));
        let plain = |of| {
            Some(Wanted {
                of,
                has_default: false,
                is_only_one: false,
            })
        };
        match (of.layer(), value) {
            (Layer::NonNull(_), Value::Null) => wrong(input::expected(of)),
            (Layer::NonNull(inner), value) => self.at(plain(inner), value, place),
            (_, Value::Null) => Ok(()),
            (Layer::List(item), Value::List(values)) => {
                let items = values.iter().enumerate();
                let looked = items.map(|(index, value)| self.at(plain(item), value, &place.item(index)));
                first(looked)
            }
            // One value stands for a list of it.
            (Layer::List(item), value) => self.at(plain(item), value, place),
            (Layer::Named(name), value) => self.named(name, value, place),
        }
    }

    fn named(&mut self, name: &'a str, value: &'a Value, place: &Place<'_>) -> Result<(), String> {
        let wrong = |why: String| Err(format!("{place}\": {why}"));
        let (of, members) = match (self.registry.types.get(name), value) {
            (
                Some(MetaType::InputObject {
                    input_fields, oneof, ..
                }),
                Value::Object(members),
            ) => ((input_fields, *oneof), members),
            (Some(MetaType::InputObject { .. }) | None, value) => {
                let _ = self.unknown(value, place);
                return wrong(input::expected(name));
            }
            (Some(of), value) => {
                let _ = self.unknown(value, place);
                // In a scalar of any shape a variable may stand for anything.
                let constant = value.clone().into_const_with(|_| Ok::<_, ()>(ConstValue::Null));
                let misfit = constant
                    .ok()
                    .and_then(|constant| input::misfit(of, &constant, Written::Literal));
                return misfit.map_or(Ok(()), wrong);
            }
        };
        let (fields, is_only_one) = of;
        let looked = members.iter().map(|(member, value)| {
            let place = place.member(member);
            let Some(field) = fields.get(member.as_str()) else {
                let _ = self.unknown(value, &place);
                return wrong(input::unknown_member(member, name));
            };
            let wanted = Wanted {
                is_only_one,
                ..Wanted::of(field)
            };
            self.at(Some(wanted), value, &place)
        });
        first(looked)?;
        let mut fields = fields.values();
        if let Some(field) =
            fields.find(|field| input::is_required(field) && !members.contains_key(field.name.as_str()))
        {
            return wrong(input::missing_member(field));
        }
        let is_one = || members.len() == 1 && !members.values().any(|value| *value == Value::Null);
        match is_only_one && !is_one() {
            true => wrong(input::NOT_ONE.to_owned()),
            false => Ok(()),
        }
    }

    /// What is given where nothing is known: only its variables are of interest.
    fn unknown(&mut self, value: &'a Value, place: &Place<'_>) -> Result<(), String> {
        match value {
            Value::Variable(_) => self.at(None, value, place),
            Value::List(items) => first(items.iter().map(|item| self.unknown(item, place))),
            Value::Object(members) => first(members.values().map(|member| self.unknown(member, place))),
            _ => Ok(()),
        }
    }
}

/// The first that is wrong; all are looked at, for their variables.
fn first(looked: impl Iterator<Item = Result<(), String>>) -> Result<(), String> {
    looked.fold(Ok(()), Result::and)
}
