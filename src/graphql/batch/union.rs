//! Objects of several types under one interface. Rows are sorted by type, and each type is resolved as one batch.

use std::borrow::Cow;
use std::convert::Infallible;
use std::marker::PhantomData;

use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContextSelectionSet, OutputType, Positioned, ServerResult, Value};
use futures::future::BoxFuture;
use indexmap::{IndexMap, IndexSet};

use super::column::Column;
use super::select::Env;
use super::write::{Nulled, Writer};

/// A field every type of an interface has: name, type as in the schema, description.
pub type InterfaceField = (&'static str, &'static str, &'static str);

/// Several types with fields in common.
pub trait Interface: Clone + Send + Sync + 'static {
    const NAME: &'static str;

    /// Describes the interface and its types; answers its name as it stands in the schema.
    fn register(registry: &mut Registry) -> String;

    /// Resolves values of any of the types.
    fn resolve<'a>(
        env: Env<'a>,
        values: Vec<Self>,
        sets: &'a [&'a SelectionSet],
    ) -> BoxFuture<'a, Box<dyn Column>>;
}

/// Enters an interface into the schema that no field answers. async-graphql keeps only what fields lead to, yet types that implement the
/// interface name it, and a schema that names what it does not define is none. There are no values of this type.
#[derive(Clone, Copy, Debug)]
pub struct Declared<I>(Infallible, PhantomData<fn() -> I>);

impl<I: Interface> OutputType for Declared<I> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(I::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        I::register(registry)
    }

    async fn resolve(
        &self,
        _context: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match self.0 {}
    }
}

/// Values of several types: for each, whose column it stands in and where.
pub struct Sorted {
    pub places: Vec<(usize, usize)>,
    pub columns: Vec<Box<dyn Column>>,
}

impl Column for Sorted {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let (column, place) = self.places[row];
        self.columns[column].write(place, writer)
    }
}

pub fn describe(
    registry: &mut Registry,
    name: &str,
    doc: &str,
    fields: &[InterfaceField],
    register: &[fn(&mut Registry) -> String],
) -> String {
    let qualified = format!("{name}!");
    if registry.types.contains_key(name) {
        return qualified;
    }
    registry.types.insert(
        name.to_owned(),
        interface_type(name, doc, fields, IndexSet::new()),
    );
    let types = register
        .iter()
        .map(|register| register(registry).trim_end_matches('!').to_owned())
        .collect();
    registry
        .types
        .insert(name.to_owned(), interface_type(name, doc, fields, types));
    qualified
}

fn interface_type(name: &str, doc: &str, fields: &[InterfaceField], types: IndexSet<String>) -> MetaType {
    let fields = fields.iter().map(|(name, ty, doc)| {
        let field = async_graphql::registry::MetaField {
            name: (*name).to_owned(),
            description: (!doc.is_empty()).then(|| (*doc).to_owned()),
            args: IndexMap::new(),
            ty: (*ty).to_owned(),
            deprecation: async_graphql::registry::Deprecation::NoDeprecated,
            cache_control: async_graphql::CacheControl::default(),
            external: false,
            requires: None,
            provides: None,
            visible: None,
            shareable: false,
            inaccessible: false,
            tags: Vec::new(),
            override_from: None,
            compute_complexity: None,
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        };
        ((*name).to_owned(), field)
    });
    MetaType::Interface {
        name: name.to_owned(),
        description: Some(doc.to_owned()),
        fields: fields.collect(),
        possible_types: types,
        extends: false,
        inaccessible: false,
        tags: Vec::new(),
        keys: None,
        visible: None,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// Declares an interface as an enum of its types.
macro_rules! interface {
    ($(#[doc = $doc:literal])+ $name:ident { $($field:literal : $ty:literal => $field_doc:literal),* $(,)? } = $($variant:ident($object:ty))|+) => {
        $(#[doc = $doc])+
        #[derive(Clone)]
        pub enum $name { $($variant($object)),+ }

        impl $crate::graphql::batch::Interface for $name {
            const NAME: &'static str = stringify!($name);

            fn register(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::batch::union_parts::describe(
                    registry,
                    Self::NAME,
                    concat!($($doc),+).trim(),
                    &[$(($field, $ty, $field_doc)),*],
                    &[$($crate::graphql::batch::union_parts::register::<$object>),+],
                )
            }
            fn resolve<'a>(
                env: $crate::graphql::batch::union_parts::Env<'a>,
                values: Vec<Self>,
                sets: &'a [&'a async_graphql::parser::types::SelectionSet],
            ) -> futures::future::BoxFuture<'a, Box<dyn $crate::graphql::batch::union_parts::Column>> {
                Box::pin(async move {
                    let mut sorted = $crate::graphql::batch::union_parts::Sorted { places: vec![(0, 0); values.len()], columns: Vec::new() };
                    $(
                        let mut of_this_type: Vec<$object> = Vec::new();
                        for (value, place) in values.iter().zip(&mut sorted.places) {
                            if let Self::$variant(object) = value {
                                *place = (sorted.columns.len(), of_this_type.len());
                                of_this_type.push(object.clone());
                            }
                        }
                        sorted.columns.push(Box::new($crate::graphql::batch::union_parts::resolve(env, of_this_type, sets).await));
                    )+
                    Box::new(sorted) as Box<dyn $crate::graphql::batch::union_parts::Column>
                })
            }
        }
    };
}
pub(crate) use interface;
