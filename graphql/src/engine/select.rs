//! What a query selects of a type: directives obeyed, fragments opened, fields of one response key merged (specification, section 6.3.2).

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{Name, Pos, Positioned, Value, Variables};
use async_graphql_value::{ConstValue, Value as Literal};
use indexmap::IndexMap;

use super::context::Context;
use super::schema::Inner;

/// The operation being answered and who asks for it.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    pub schema: &'a Inner,
    pub document: &'a ExecutableDocument,
    /// With the operation's defaults filled in.
    pub variables: &'a Variables,
    pub context: &'a Context,
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
    pub fn registry(self) -> &'a Registry {
        self.schema.registry()
    }

    /// The fields selected of an object type, in the order of the query.
    pub fn select(self, type_name: &str, sets: &[&'a SelectionSet]) -> Vec<Selected<'a>> {
        self.select_counting(type_name, sets, &mut 0)
    }

    /// As [`select`](Self::select), adding what had to be looked at.
    pub fn select_counting(
        self,
        type_name: &str,
        sets: &[&'a SelectionSet],
        looked_at: &mut usize,
    ) -> Vec<Selected<'a>> {
        let mut selected: Vec<Selected<'a>> = Vec::with_capacity(8);
        for set in sets {
            self.collect(type_name, set, &mut selected, looked_at);
        }
        selected
    }

    fn collect(
        self,
        type_name: &str,
        set: &'a SelectionSet,
        selected: &mut Vec<Selected<'a>>,
        looked_at: &mut usize,
    ) {
        *looked_at += set.items.len();
        for item in &set.items {
            if !self.includes(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    let below = &field.node.selection_set.node;
                    match selected.iter_mut().find(|known| known.key == key) {
                        Some(known) => known.below.push(below),
                        None => selected.push(Selected {
                            env: self,
                            key,
                            field: &field.node,
                            pos: item.pos,
                            below: vec![below],
                        }),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    if condition
                        .is_none_or(|condition| self.applies(condition.node.on.node.as_str(), type_name))
                    {
                        self.collect(type_name, &fragment.node.selection_set.node, selected, looked_at);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    // Validation has made sure that it exists and that fragments do not contain themselves.
                    let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    if self.applies(fragment.node.type_condition.node.on.node.as_str(), type_name) {
                        self.collect(type_name, &fragment.node.selection_set.node, selected, looked_at);
                    }
                }
            }
        }
    }

    /// What `@skip` and `@include` say.
    fn includes(self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return true,
            };
            let condition = directive.node.get_argument("if");
            let given = condition.and_then(|condition| self.value(&condition.node));
            given == Some(Value::Boolean(wanted))
        })
    }

    fn applies(self, condition: &str, type_name: &str) -> bool {
        condition == type_name
            || self
                .registry()
                .implements
                .get(type_name)
                .is_some_and(|interfaces| interfaces.contains(condition))
    }

    /// A value of the document with its variables filled in (specification, section 6.4.1): a variable that was not given and has no default
    /// leaves its argument or input field out, and is null in a list.
    pub fn value(self, value: &Literal) -> Option<Value> {
        Some(match value {
            Literal::Variable(name) => return self.variables.get(name).cloned(),
            Literal::List(items) => {
                let items = items
                    .iter()
                    .map(|item| self.value(item).unwrap_or(ConstValue::Null));
                Value::List(items.collect())
            }
            Literal::Object(members) => {
                let mut given = IndexMap::with_capacity(members.len());
                for (name, value) in members {
                    if let Some(value) = self.value(value) {
                        given.insert(name.clone(), value);
                    }
                }
                Value::Object(given)
            }
            Literal::Null => Value::Null,
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::String(text) => Value::String(text.clone()),
            Literal::Boolean(is_so) => Value::Boolean(*is_so),
            Literal::Binary(bytes) => Value::Binary(bytes.clone()),
            Literal::Enum(name) => Value::Enum(name.clone()),
        })
    }
}

impl Selected<'_> {
    pub fn name(&self) -> &str {
        self.field.name.node.as_str()
    }

    /// The arguments this query gives.
    pub fn given(&self) -> IndexMap<Name, Value> {
        let mut given = IndexMap::with_capacity(self.field.arguments.len());
        for (name, value) in &self.field.arguments {
            if let Some(value) = self.env.value(&value.node) {
                given.insert(name.node.clone(), value);
            }
        }
        given
    }

    /// The names of the fields selected directly below, of whichever type.
    pub fn wants(&self) -> Wants {
        let mut wants = Wants::default();
        for set in &self.below {
            wants.collect(self.env, set);
        }
        wants
    }
}

/// The names of the fields that are selected of a handler's answer, for what costs extra.
#[derive(Clone, Debug, Default)]
pub struct Wants(Vec<Box<str>>);

impl Wants {
    pub fn field(&self, name: &str) -> bool {
        self.0.iter().any(|wanted| &**wanted == name)
    }

    fn collect(&mut self, env: Env<'_>, set: &SelectionSet) {
        for item in &set.items {
            if !env.includes(item.node.directives()) {
                continue;
            }
            match &item.node {
                Selection::Field(field) => self.0.push(field.node.name.node.as_str().into()),
                Selection::InlineFragment(fragment) => {
                    self.collect(env, &fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = env.document.fragments.get(&spread.node.fragment_name.node) {
                        self.collect(env, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}
