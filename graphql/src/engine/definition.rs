//! What is known of a type while queries are answered: its fields, how each is read, who may read it and what it costs.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use async_graphql::registry::{MetaField, MetaType, Registry};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use indexmap::{IndexMap, IndexSet};

use super::args::Arguments;
use super::context::Context;
use super::cost::Cost;
use super::describe::{Object, Type};
use super::found::Found;
use super::guard::AnyGuard;
use super::interface::{Dyn, InterfaceDef};
use super::rows::AnyRows;
use super::select::Selected;
use crate::Fault;

/// A type, made once and kept for good: types are as many as the schema has and live as long as the process.
pub type Definition = &'static TypeDef;

/// Finds a definition when it is needed, since types lead back to themselves.
pub type Lazy = fn() -> Definition;

/// Why rows are refused, and which are not; `None` if none is refused.
pub type Confines = Arc<dyn Fn(&Context, &AnyRows) -> Option<(Fault, Vec<bool>)> + Send + Sync>;
type Write = Box<dyn Fn(&AnyRows, usize, &mut Vec<u8>) + Send + Sync>;
type Find = Box<dyn Fn(&Selected<'_>, AnyRows) -> BoxFuture<'static, Result<Found, Fault>> + Send + Sync>;
pub type Rowed = BoxStream<'static, Result<AnyRows, Fault>>;
type Refuse = Box<dyn Fn(Vec<Dyn>) -> Found + Send + Sync>;
type Open = Box<dyn Fn(&Selected<'_>) -> BoxFuture<'static, Result<Rowed, Fault>> + Send + Sync>;

pub struct TypeDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub fields: Vec<FieldDef>,
    pub interfaces: Vec<InterfaceDef>,
    /// What else it enters into the registry, for example directives.
    pub extras: Vec<fn(&mut Registry)>,
}

pub struct FieldDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub of: Of,
    pub is_nullable: bool,
    pub list: List,
    pub args: Box<dyn Fn(&mut Registry) -> Arguments + Send + Sync>,
    pub guard: Option<Box<dyn AnyGuard>>,
    /// Rows of which the reader may not see the field, whatever the guard says.
    pub confines: Option<Confines>,
    pub cost: Cost,
    pub read: Read,
    /// Of a mutation: its answer when it was refused for something the caller can mend.
    pub refuse: Option<Refuse>,
}

/// What a field's values are.
#[derive(Clone)]
pub enum Of {
    /// Answers its whole type, with its own lists and nulls.
    Leaf(fn(&mut Registry) -> String),
    Type(Lazy),
    /// As [`Type`](Self::Type), for one that is made with its field.
    Made(Arc<Made>),
    Interface(InterfaceDef),
}

/// Whether a field of objects is a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    No,
    Yes,
    /// Its items may be null.
    OfNullable,
}

/// How a field gets its values.
pub enum Read {
    /// Off the row itself.
    Row(Write),
    /// For all rows at once.
    All(Find),
    /// One after the other, as they come: a field of the subscription root.
    Stream(Open),
}

impl Of {
    pub fn definition(&self) -> Option<Definition> {
        match self {
            Self::Leaf(_) | Self::Interface(_) => None,
            Self::Type(lazy) => Some(lazy()),
            Self::Made(made) => Some(made.definition()),
        }
    }
}

/// A type that belongs to one field, made when it is first needed.
pub struct Made {
    make: Box<dyn Fn() -> TypeDef + Send + Sync>,
    made: OnceLock<Definition>,
}

impl Made {
    pub fn new(make: impl Fn() -> TypeDef + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            make: Box::new(make),
            made: OnceLock::new(),
        })
    }

    pub fn definition(&self) -> Definition {
        self.made.get_or_init(|| Box::leak(Box::new((self.make)())))
    }
}

impl TypeDef {
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Enters the type and all it leads to into async-graphql's registry.
    pub fn register(&self, registry: &mut Registry) {
        if registry.types.contains_key(self.name) {
            return;
        }
        // Entered first, because types lead back to themselves.
        registry
            .types
            .insert(self.name.to_owned(), object(self.name, self.doc, IndexMap::new()));
        for extra in &self.extras {
            extra(registry);
        }
        for interface in &self.interfaces {
            registry.add_implements(self.name, interface.name);
            interface.register(registry);
        }
        let mut fields = IndexMap::with_capacity(self.fields.len());
        for field in &self.fields {
            fields.insert(field.name.to_owned(), field.describe(registry));
        }
        registry
            .types
            .insert(self.name.to_owned(), object(self.name, self.doc, fields));
    }
}

impl FieldDef {
    fn describe(&self, registry: &mut Registry) -> MetaField {
        let guard = self.guard.as_ref().and_then(|guard| guard.directive());
        MetaField {
            name: self.name.to_owned(),
            description: (!self.doc.is_empty()).then(|| self.doc.to_owned()),
            args: (self.args)(registry),
            ty: self.type_text(registry),
            directive_invocations: guard.into_iter().chain(self.cost.directive()).collect(),
            ..plain_field()
        }
    }

    fn type_text(&self, registry: &mut Registry) -> String {
        let name = match &self.of {
            Of::Leaf(describe) => {
                let text = describe(registry);
                return match self.is_nullable {
                    true => text.trim_end_matches('!').to_owned(),
                    false => text,
                };
            }
            Of::Interface(interface) => {
                interface.register(registry);
                interface.name
            }
            Of::Type(_) | Of::Made(_) => self.of.definition().map_or("", |definition| {
                definition.register(registry);
                definition.name
            }),
        };
        let text = match self.list {
            List::No => name.to_owned(),
            List::Yes => format!("[{name}!]"),
            List::OfNullable => format!("[{name}]"),
        };
        match self.is_nullable {
            true => text,
            false => format!("{text}!"),
        }
    }
}

/// The definition of a type, made when it is first asked for.
pub fn definition<T: Object>() -> Definition {
    static KNOWN: LazyLock<RwLock<HashMap<TypeId, Definition>>> = LazyLock::new(RwLock::default);

    let known = KNOWN
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&TypeId::of::<T>())
        .copied();
    if let Some(known) = known {
        return known;
    }
    let mut described = Type::<T>::new(T::NAME, T::DOC);
    T::describe(&mut described);
    let made = described.keep();
    // Two threads may have made it at once; the first to come is the one that stays.
    KNOWN
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(TypeId::of::<T>())
        .or_insert(made)
}

/// A text that is part of the schema, and so is kept for good.
pub fn keep(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

pub fn plain_field() -> MetaField {
    MetaField {
        name: String::new(),
        description: None,
        args: IndexMap::new(),
        ty: String::new(),
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
    }
}

fn object(name: &str, doc: &str, fields: IndexMap<String, MetaField>) -> MetaType {
    MetaType::Object {
        name: name.to_owned(),
        description: (!doc.is_empty()).then(|| doc.to_owned()),
        fields,
        cache_control: async_graphql::CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

pub fn interface(
    name: &str,
    doc: &str,
    fields: IndexMap<String, MetaField>,
    possible_types: IndexSet<String>,
) -> MetaType {
    MetaType::Interface {
        name: name.to_owned(),
        description: (!doc.is_empty()).then(|| doc.to_owned()),
        fields,
        possible_types,
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
