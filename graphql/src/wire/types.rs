//! What the schema says about the types of fields: just enough to know where a null may stand and how much introspection can answer.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, FieldDefinition, OperationType, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

use super::introspection::Sizes;

/// The fields of every object and interface.
#[derive(Default)]
pub struct Types {
    fields: HashMap<Name, HashMap<Name, Type>>,
    roots: Vec<(OperationType, Name)>,
    sizes: Sizes,
}

impl Types {
    /// Reads the schema definition language. Of a text that is none, nothing is known.
    pub fn read(sdl: &str) -> Self {
        let mut types = Self::default();
        match parse_schema(sdl) {
            Ok(document) => {
                let mut implementors = HashMap::new();
                for definition in document.definitions {
                    types.learn(definition, &mut implementors);
                }
                for count in implementors.into_values() {
                    types.sizes.learn_possible_types(count);
                }
            }
            Err(error) => {
                tracing::error!(%error, "the schema's own text cannot be read: nulls will spread too far");
            }
        }
        types
    }

    fn learn(&mut self, definition: TypeSystemDefinition, implementors: &mut HashMap<Name, usize>) {
        match definition {
            TypeSystemDefinition::Schema(schema) => {
                let schema = schema.node;
                let roots = [
                    (OperationType::Query, schema.query),
                    (OperationType::Mutation, schema.mutation),
                    (OperationType::Subscription, schema.subscription),
                ];
                self.roots.extend(
                    roots
                        .into_iter()
                        .filter_map(|(kind, name)| Some((kind, name?.node))),
                );
            }
            TypeSystemDefinition::Type(definition) => self.learn_type(definition.node, implementors),
            TypeSystemDefinition::Directive(directive) => {
                self.sizes.learn_directive(directive.node.arguments.len());
            }
        }
    }

    fn learn_type(&mut self, definition: TypeDefinition, implementors: &mut HashMap<Name, usize>) {
        self.sizes.learn_type();
        let (fields, interfaces) = match definition.kind {
            TypeKind::Object(object) => (object.fields, object.implements),
            TypeKind::Interface(interface) => (interface.fields, interface.implements),
            TypeKind::Union(union) => return self.sizes.learn_possible_types(union.members.len()),
            TypeKind::Enum(of) => return self.sizes.learn_enum_values(of.values.len()),
            TypeKind::InputObject(input) => return self.sizes.learn_input_fields(input.fields.len()),
            TypeKind::Scalar => return,
        };
        self.sizes.learn_interfaces(interfaces.len());
        for interface in interfaces {
            *implementors.entry(interface.node).or_default() += 1;
        }
        self.sizes
            .learn_fields(fields.iter().map(|field| field.node.arguments.len()));
        let known = self.fields.entry(definition.name.node).or_default();
        known.extend(fields.into_iter().map(name_and_type));
    }

    /// How long the lists of introspection are.
    pub fn sizes(&self) -> &Sizes {
        &self.sizes
    }

    /// The name of the type an operation starts at.
    pub fn root(&self, kind: OperationType) -> Option<&Name> {
        self.roots
            .iter()
            .find_map(|(of, name)| (*of == kind).then_some(name))
    }

    /// The type of a field.
    pub fn field(&self, parent: &Name, field: &Name) -> Option<&Type> {
        self.fields.get(parent)?.get(field)
    }
}

fn name_and_type(field: Positioned<FieldDefinition>) -> (Name, Type) {
    (field.node.name.node, field.node.ty.node)
}

/// The type at the bottom of any lists.
pub fn innermost(of: &Type) -> &Name {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(element) => innermost(element),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_objects_and_interfaces_are_known_and_roots_by_their_names() {
        let types = Types::read(
            "schema { query: Q } type Q { a: [I!] } interface I { b: Int! } enum E { C } union U = Q",
        );
        let q = types.root(OperationType::Query).unwrap();
        let list = types.field(q, &Name::new("a")).unwrap();
        assert!(list.nullable);
        let element = types.field(innermost(list), &Name::new("b")).unwrap();
        assert!(!element.nullable);
        assert!(types.root(OperationType::Mutation).is_none() && types.field(q, &Name::new("x")).is_none());
    }

    #[test]
    fn of_nonsense_nothing_is_known() {
        assert!(Types::read("{").root(OperationType::Query).is_none());
    }
}
