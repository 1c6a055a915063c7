//! What a query selects of a type: fragments opened, fields of one response key merged (specification, section 6.3.2).

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{Context, Pos, ServerError, Value};

use crate::read::Scope;

type QueryEnv = async_graphql::context::QueryEnv;

/// The query being answered and who asks it.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    pub query: &'a QueryEnv,
    pub registry: &'a Registry,
    pub scope: &'a Scope,
}

/// One field of the answer.
pub struct Selected<'a> {
    pub env: Env<'a>,
    /// The key it is answered under.
    pub key: &'a str,
    pub field: &'a Field,
    pub pos: Pos,
    /// What is selected below it: one set for each time the key occurs.
    pub below: Vec<&'a SelectionSet>,
}

impl<'a> Env<'a> {
    pub fn of(context: &'a Context<'_>) -> Result<Self, ServerError> {
        let scope = context
            .data::<Scope>()
            .map_err(|error| error.into_server_error(context.item.pos))?;
        Ok(Self {
            query: context.query_env,
            registry: &context.schema_env.registry,
            scope,
        })
    }

    /// The fields selected of an object type, in the order of the query.
    pub fn select(self, type_name: &str, sets: &[&'a SelectionSet]) -> Vec<Selected<'a>> {
        let mut selected: Vec<Selected<'a>> = Vec::with_capacity(8);
        for set in sets {
            self.collect(type_name, set, &mut selected);
        }
        selected
    }

    fn collect(self, type_name: &str, set: &'a SelectionSet, selected: &mut Vec<Selected<'a>>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let below = &field.node.selection_set.node;
                    match selected.iter_mut().find(|known| known.key == key) {
                        Some(known) => known.below.push(below),
                        None => {
                            let field = &field.node;
                            selected.push(Selected {
                                env: self,
                                key,
                                field,
                                pos: item.pos,
                                below: vec![below],
                            });
                        }
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition
                        .is_none_or(|condition| self.applies(condition.node.on.node.as_str(), type_name))
                    {
                        self.collect(type_name, &fragment.node.selection_set.node, selected);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    // Validation has made sure that it exists and that fragments do not contain themselves.
                    let Some(fragment) = self.query.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    if self.applies(fragment.node.type_condition.node.on.node.as_str(), type_name) {
                        self.collect(type_name, &fragment.node.selection_set.node, selected);
                    }
                }
            }
        }
    }

    fn applies(self, condition: &str, type_name: &str) -> bool {
        condition == type_name
            || self
                .registry
                .implements
                .get(type_name)
                .is_some_and(|interfaces| interfaces.contains(condition))
    }

    /// A value of the document with its variables filled in; `None` for a variable that was not given and has no default.
    pub fn value(self, value: &async_graphql_value::Value, pos: Pos) -> Result<Option<Value>, ServerError> {
        if let async_graphql_value::Value::Variable(name) = value {
            return Ok(self.variable(name));
        }
        let given = value.clone().into_const_with(|name| {
            self.variable(&name)
                .ok_or_else(|| ServerError::new(format!("Variable {name} is not defined."), Some(pos)))
        })?;
        Ok(Some(given))
    }

    fn variable(self, name: &str) -> Option<Value> {
        let given = self.query.variables.get(name).cloned();
        given.or_else(|| {
            let definitions = &self.query.operation.node.variable_definitions;
            let definition = definitions
                .iter()
                .find(|definition| definition.node.name.node == name)?;
            definition.node.default_value().cloned()
        })
    }
}

impl Selected<'_> {
    /// Whether a field of this name is selected directly below, for what costs extra.
    pub fn wants(&self, type_name: &str, field: &str) -> bool {
        let below = self.env.select(type_name, &self.below);
        below.iter().any(|selected| selected.field.name.node == field)
    }
}
