//! What the schema says about the types of fields: just enough to know where a null may stand.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
    },
};

/// The fields of every object and interface.
#[derive(Default)]
pub struct Types {
    fields: HashMap<Name, HashMap<Name, Type>>,
    roots: Vec<(OperationType, Name)>,
}

impl Types {
    /// Reads the schema definition language. Of a text that is none, nothing is known.
    pub fn read(sdl: &str) -> Self {
        let mut types = Self::default();
        match parse_schema(sdl) {
            Ok(document) => document
                .definitions
                .into_iter()
                .for_each(|definition| types.learn(definition)),
            Err(error) => {
                tracing::error!(%error, "the schema's own text cannot be read: nulls will spread too far");
            }
        }
        types
    }

    fn learn(&mut self, definition: TypeSystemDefinition) {
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
            TypeSystemDefinition::Type(definition) => {
                let definition = definition.node;
                let fields = match definition.kind {
                    TypeKind::Object(object) => object.fields,
                    TypeKind::Interface(interface) => interface.fields,
                    _ => return,
                };
                self.fields
                    .entry(definition.name.node)
                    .or_default()
                    .extend(fields.into_iter().map(name_and_type));
            }
            TypeSystemDefinition::Directive(_) => {}
        }
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
