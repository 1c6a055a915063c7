//! Everything in the contract says what it means, so that nobody has to read our source.

use std::collections::BTreeSet;
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// What stands without a description, from the time when much did. It only ever gets shorter.
const STILL_ALLOWED: &str = include_str!("undescribed.txt");

/// Directives that the specification describes.
const SPECIFIED: [&str; 5] = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];

#[test]
fn every_type_field_argument_and_value_has_a_description() {
    let undescribed = undescribed();
    let allowed: BTreeSet<_> = STILL_ALLOWED.lines().map(str::to_owned).collect();
    let new: Vec<_> = undescribed.difference(&allowed).collect();
    assert!(new.is_empty(), "without a description: {new:#?}");
    let done: Vec<_> = allowed.difference(&undescribed).collect();
    let file = Path::new(file!()).with_file_name("undescribed.txt");
    assert!(
        done.is_empty(),
        "described by now, so take it out of {}: {done:#?}",
        file.display()
    );
}

/// Where a description is missing: `Type`, `Type.field`, `Type.field(argument:)`, `ENUM.VALUE`, `@directive(argument:)`.
fn undescribed() -> BTreeSet<String> {
    let document = parse_schema(muster::api::sdl()).unwrap();
    let mut missing = Missing(BTreeSet::new());
    for definition in document.definitions {
        match definition {
            TypeSystemDefinition::Type(definition) => missing.of_type(&definition.node),
            TypeSystemDefinition::Directive(definition) => {
                let name = definition.node.name.node.as_str();
                if !SPECIFIED.contains(&name) {
                    missing.note(format!("@{name}"), definition.node.description.is_some());
                    missing.arguments(
                        &format!("@{name}"),
                        definition.node.arguments.iter().map(|argument| &argument.node),
                    );
                }
            }
            TypeSystemDefinition::Schema(_) => {}
        }
    }
    missing.0
}

struct Missing(BTreeSet<String>);

impl Missing {
    fn note(&mut self, place: String, is_described: bool) {
        if !is_described {
            self.0.insert(place);
        }
    }

    fn of_type(&mut self, definition: &TypeDefinition) {
        let name = definition.name.node.as_str();
        self.note(name.to_owned(), definition.description.is_some());
        match &definition.kind {
            TypeKind::Object(object) => self.fields(name, object.fields.iter().map(|field| &field.node)),
            TypeKind::Interface(interface) => {
                self.fields(name, interface.fields.iter().map(|field| &field.node));
            }
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    let place = format!("{name}.{}", field.node.name.node);
                    self.note(place, field.node.description.is_some());
                }
            }
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let place = format!("{name}.{}", value.node.value.node);
                    self.note(place, value.node.description.is_some());
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }

    fn fields<'a>(&mut self, of: &str, fields: impl Iterator<Item = &'a FieldDefinition>) {
        for field in fields {
            let place = format!("{of}.{}", field.name.node);
            self.note(place.clone(), field.description.is_some());
            self.arguments(&place, field.arguments.iter().map(|argument| &argument.node));
        }
    }

    fn arguments<'a>(&mut self, of: &str, arguments: impl Iterator<Item = &'a InputValueDefinition>) {
        for argument in arguments {
            let place = format!("{of}({}:)", argument.name.node);
            self.note(place, argument.description.is_some());
        }
    }
}
