//! All that a document gives: literals of arguments and defaults, and the variables in them (specification, sections 5.6 and 5.8).

use std::collections::HashSet;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
    VariableDefinition,
};
use async_graphql::registry::{MetaInputValue, Registry};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::{ConstValue, Value};
use indexmap::IndexMap;

use super::literals::{Look, Use, Wanted};
use crate::engine::input::Place;
use crate::engine::type_ref::TypeRef;

/// Literals that are none of their types, and variables that are not defined, not used, or not of the type of a place they stand in.
pub fn check(registry: &Registry, document: &ExecutableDocument) -> Vec<ServerError> {
    let mut walk = Walk {
        registry,
        document,
        opened: HashSet::new(),
        known: HashSet::new(),
        uses: Vec::new(),
        errors: Vec::new(),
    };
    for (name, operation) in document.operations.iter() {
        walk.opened.clear();
        walk.uses.clear();
        walk.operation(&operation.node);
        let by = name.map_or_else(String::new, |name| format!(" by operation \"{name}\""));
        walk.variables(&operation.node.variable_definitions, &by);
    }
    walk.errors
}

struct Walk<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    /// Fragments that the operation at hand has opened.
    opened: HashSet<&'a Name>,
    /// Fragments whose literals were judged, by whichever operation.
    known: HashSet<&'a Name>,
    uses: Vec<Use<'a>>,
    errors: Vec<ServerError>,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) {
        for definition in &operation.variable_definitions {
            self.default(definition);
        }
        self.directives(&operation.directives, true);
        let root = match operation.ty {
            OperationType::Query => Some(self.registry.query_type.as_str()),
            OperationType::Mutation => self.registry.mutation_type.as_deref(),
            OperationType::Subscription => self.registry.subscription_type.as_deref(),
        };
        self.set(root, &operation.selection_set.node, true);
    }

    /// A default is a literal without variables.
    fn default(&mut self, definition: &'a Positioned<VariableDefinition>) {
        let Some(default) = &definition.node.default_value else {
            return;
        };
        let wanted = Wanted {
            of: TypeRef::Syntax(&definition.node.var_type.node),
            has_default: false,
            is_only_one: false,
        };
        let value = default.node.clone().into_value();
        let mut look = Look {
            registry: self.registry,
            pos: default.pos,
            uses: &mut Vec::new(),
        };
        if let Err(wrong) = look.at(Some(wanted), &value, &Place::at(&definition.node.name.node)) {
            self.fault(format!("Invalid default of variable \"${wrong}."), default.pos);
        }
    }

    /// `is_new`: whether nobody has judged its literals yet.
    fn set(&mut self, parent: Option<&'a str>, set: &'a SelectionSet, is_new: bool) {
        for item in &set.items {
            self.directives(item.node.directives(), is_new);
            match &item.node {
                Selection::Field(field) => self.field(parent, field, is_new),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let on = condition.map(|condition| condition.node.on.node.as_str());
                    self.set(on.or(parent), &inline.node.selection_set.node, is_new);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.opened.insert(name)
                    {
                        let is_new = self.known.insert(name);
                        self.directives(&fragment.node.directives, is_new);
                        let on = Some(fragment.node.type_condition.node.on.node.as_str());
                        self.set(on, &fragment.node.selection_set.node, is_new);
                    }
                }
            }
        }
    }

    fn field(&mut self, parent: Option<&'a str>, field: &'a Positioned<Field>, is_new: bool) {
        let name = field.node.name.node.as_str();
        if name == "__typename" && is_new {
            self.type_name(field);
        }
        let parent = parent.and_then(|parent| self.registry.types.get(parent));
        let known = parent.and_then(|parent| parent.field_by_name(name));
        self.arguments(known.map(|field| &field.args), &field.node.arguments, is_new);
        let of = known.map(|field| TypeRef::Text(&field.ty).name());
        self.set(of, &field.node.selection_set.node, is_new);
    }

    /// The library does not look at this field: it takes nothing, has no fields, and only directives that exist.
    fn type_name(&mut self, field: &Positioned<Field>) {
        if let Some((argument, _)) = field.node.arguments.first() {
            let message = format!("Unknown argument \"{argument}\" on field \"__typename\".");
            self.fault(message, argument.pos);
        }
        if !field.node.selection_set.node.items.is_empty() {
            self.fault(
                "Field \"__typename\" must not have a selection.".to_owned(),
                field.pos,
            );
        }
        for directive in &field.node.directives {
            let name = &directive.node.name.node;
            let given = |name: &str| directive.node.get_argument(name).is_some();
            let registered = self.registry.directives.get(name.as_str());
            let missing = registered.and_then(|known| {
                let mut required = known
                    .args
                    .values()
                    .filter(|argument| crate::engine::input::is_required(argument));
                required.find(|argument| !given(&argument.name))
            });
            if let (Some(_), Some(argument)) = (registered, missing) {
                let message = format!(
                    "Directive \"@{name}\" argument \"{}\" is required but not provided.",
                    argument.name
                );
                self.fault(message, directive.pos);
            } else if !matches!(name.as_str(), "skip" | "include") {
                self.fault(
                    format!("Directive \"@{name}\" may not be used on a field."),
                    directive.pos,
                );
            }
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>], is_new: bool) {
        for directive in directives {
            let known = self.registry.directives.get(directive.node.name.node.as_str());
            self.arguments(known.map(|known| &known.args), &directive.node.arguments, is_new);
        }
    }

    fn arguments(
        &mut self,
        known: Option<&'a IndexMap<String, MetaInputValue>>,
        given: &'a [(Positioned<Name>, Positioned<Value>)],
        is_new: bool,
    ) {
        for (name, value) in given {
            let argument = known.and_then(|known| known.get(name.node.as_str()));
            let mut look = Look {
                registry: self.registry,
                pos: value.pos,
                uses: &mut self.uses,
            };
            let looked = look.at(argument.map(Wanted::of), &value.node, &Place::at(&name.node));
            if let (Err(wrong), true) = (looked, is_new) {
                self.fault(format!("Invalid value for argument \"{wrong}."), name.pos);
            }
        }
    }

    fn variables(&mut self, definitions: &'a [Positioned<VariableDefinition>], by: &str) {
        let uses = std::mem::take(&mut self.uses);
        let mut used = HashSet::new();
        for usage in &uses {
            let name = usage.variable;
            let defined = definitions
                .iter()
                .find(|definition| definition.node.name.node == name);
            match defined {
                Some(defined) => self.position(&defined.node, usage),
                None if !used.contains(name) => {
                    self.fault(format!("Variable \"${name}\" is not defined{by}"), usage.pos);
                }
                None => {}
            }
            used.insert(name);
        }
        for definition in definitions {
            let name = &definition.node.name.node;
            if !used.contains(name.as_str()) {
                self.fault(format!("Variable \"${name}\" is not used{by}"), definition.pos);
            }
        }
    }

    /// Whether the variable may stand where it does (specification, section 5.8.5).
    fn position(&mut self, defined: &'a VariableDefinition, usage: &Use<'a>) {
        let Some(wanted) = usage.wanted else { return };
        let (of, name) = (TypeRef::Syntax(&defined.var_type.node), usage.variable);
        let default = defined.default_value.as_ref().map(|default| &default.node);
        let has_default = wanted.has_default || default.is_some_and(|default| *default != ConstValue::Null);
        let location = match has_default && !of.is_non_null() {
            true => wanted.of.nullable(),
            false => wanted.of,
        };
        if !of.fits(location) {
            let wanted = wanted.of;
            let message = format!(
                "Variable \"${name}\" of type \"{of}\" used in position expecting type \"{wanted}\"."
            );
            self.fault(message, usage.pos);
        } else if wanted.is_only_one && !of.is_non_null() {
            let message = format!(
                "Variable \"${name}\" of type \"{of}\" must not be nullable where exactly one field is given."
            );
            self.fault(message, usage.pos);
        }
    }

    fn fault(&mut self, message: String, pos: Pos) {
        self.errors.push(ServerError::new(message, Some(pos)));
    }
}
