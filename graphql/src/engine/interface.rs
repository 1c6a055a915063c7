//! Objects of several types under one interface. Rows are sorted by type, and each type is resolved as one batch.

use std::any::Any;
use std::sync::Arc;

use async_graphql::parser::types::SelectionSet;
use async_graphql::registry::{MetaField, Registry};
use indexmap::{IndexMap, IndexSet};

use super::column::{Column, Objects, resolve};
use super::definition::{Definition, Lazy, definition, interface, plain_field};
use super::describe::Object;
use super::rows::AnyRows;
use super::select::Env;
use super::write::{Nulled, Writer};

/// A field every type of an interface has: name, type as in the schema, description.
pub type InterfaceField = (&'static str, &'static str, &'static str);

/// Several types with fields in common.
pub trait Interface: 'static {
    fn definition() -> InterfaceDef;
}

/// What is known of an interface.
#[derive(Clone, Copy)]
pub struct InterfaceDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub fields: &'static [InterfaceField],
    pub types: &'static [Lazy],
}

/// A value of one of the types of an interface.
#[derive(Clone)]
pub struct Dyn {
    definition: Lazy,
    value: Arc<dyn Any + Send + Sync>,
    gather: fn(&[Dyn], &[usize]) -> AnyRows,
}

impl Dyn {
    pub fn of<T: Object>(value: T) -> Self {
        Self {
            definition: definition::<T>,
            value: Arc::new(value),
            gather: |all, places| {
                let of_type = places
                    .iter()
                    .filter_map(|place| all[*place].value.downcast_ref::<T>());
                AnyRows::of(of_type.cloned().collect())
            },
        }
    }

    pub fn value<T: Any>(&self) -> Option<&T> {
        self.value.downcast_ref()
    }
}

impl InterfaceDef {
    /// Enters the interface and its types into the registry.
    pub fn register(self, registry: &mut Registry) {
        if registry.types.contains_key(self.name) {
            return;
        }
        let insert = |registry: &mut Registry, types: IndexSet<String>| {
            let meta = interface(self.name, self.doc, self.meta_fields(), types);
            registry.types.insert(self.name.to_owned(), meta);
        };
        // Entered first, because its types lead back to it.
        insert(registry, IndexSet::new());
        let types = self.types.iter().map(|lazy| {
            let definition = lazy();
            definition.register(registry);
            definition.name.to_owned()
        });
        let types = types.collect();
        insert(registry, types);
    }

    fn meta_fields(self) -> IndexMap<String, MetaField> {
        let fields = self.fields.iter().map(|(name, ty, doc)| {
            let field = MetaField {
                name: (*name).to_owned(),
                description: (!doc.is_empty()).then(|| (*doc).to_owned()),
                ty: (*ty).to_owned(),
                ..plain_field()
            };
            ((*name).to_owned(), field)
        });
        fields.collect()
    }
}

/// Values of several types: for each, whose column it stands in and where.
pub struct Sorted {
    places: Vec<(usize, usize)>,
    columns: Vec<Objects>,
}

impl Column for Sorted {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let place = self.places.get(row);
        match place.and_then(|(column, place)| Some((self.columns.get(*column)?, *place))) {
            Some((column, place)) => column.write(place, writer),
            None => Err(Nulled::Missing),
        }
    }
}

/// Resolves values of several types, one batch for each.
pub async fn resolve_any<'a>(env: Env<'a>, values: Vec<Dyn>, sets: &'a [&'a SelectionSet]) -> Sorted {
    let mut types: Vec<(Definition, Vec<usize>)> = Vec::new();
    let mut places = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let definition = (value.definition)();
        let known = types
            .iter()
            .position(|(known, _)| std::ptr::eq::<super::definition::TypeDef>(*known, definition));
        let column = known.unwrap_or_else(|| {
            types.push((definition, Vec::new()));
            types.len() - 1
        });
        places.push((column, types[column].1.len()));
        types[column].1.push(place);
    }
    let columns = types.into_iter().map(|(definition, of_type)| {
        let rows = (values[of_type[0]].gather)(&values, &of_type);
        resolve(env, definition, rows, sets)
    });
    Sorted {
        columns: futures::future::join_all(columns).await,
        places,
    }
}

/// Declares an interface as an enum of its types.
#[macro_export]
macro_rules! interface {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:literal : $ty:literal => $field_doc:literal),* $(,)? } = $($variant:ident($object:ty))|+) => {
        $(#[doc = $doc])+
        #[derive(Clone)]
        pub enum $name { $($variant($object)),+ }

        impl $crate::Interface for $name {
            fn definition() -> $crate::InterfaceDef {
                $crate::InterfaceDef {
                    name: stringify!($name),
                    doc: concat!($($doc),+).trim_ascii(),
                    fields: &[$(($field, $ty, $field_doc)),*],
                    types: &[$($crate::definition::<$object>),+],
                }
            }
        }

        impl From<$name> for $crate::Dyn {
            fn from(value: $name) -> Self {
                match value { $($name::$variant(object) => $crate::Dyn::of(object)),+ }
            }
        }
    };
}
