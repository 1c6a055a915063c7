//! What a type of the schema says about itself: its fields, how each is read, who may read it and what it costs.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use async_graphql::InputType;
use async_graphql::registry::{MetaField, MetaInputValue, MetaType, Registry};
use futures::FutureExt;
use futures::future::BoxFuture;
use indexmap::IndexMap;

use super::access::{Cost, Guard, Times};
use super::column::{Column, Objects, resolve};
use super::leaf::Leaf;
use super::page::{Connection, Listed};
use super::relation::{self, Ask, Links};
use super::select::Selected;
use super::union::Interface;
use super::{NoArgs, args};
use crate::api::errors::{self, Payload};
use crate::error::Result;

/// A type of the schema whose fields are read off rows of this Rust type. Clones should be cheap: keep the data behind an `Arc`.
pub trait Object: Clone + Send + Sync + 'static {
    const NAME: &'static str;
    /// The description in the schema.
    const DOC: &'static str;

    fn describe(t: &mut Type<Self>);
}

type DescribeType = Box<dyn Fn(&mut Registry) -> String + Send + Sync>;
type DescribeArgs = fn(&mut Registry) -> IndexMap<String, MetaInputValue>;
type Write<T> = Box<dyn Fn(&T, &mut Vec<u8>) + Send + Sync>;
type Found<'a> = BoxFuture<'a, Result<Box<dyn Column>>>;
type Find<T> = Box<dyn for<'a> Fn(&'a Selected<'a>, &'a [T]) -> Found<'a> + Send + Sync>;

/// How a field gets its values.
pub enum Read<T> {
    /// Off the row itself.
    Row(Write<T>),
    /// For all rows at once.
    All(Find<T>),
}

pub struct Field<T> {
    pub name: &'static str,
    doc: &'static str,
    describe: DescribeType,
    args: DescribeArgs,
    pub is_nullable: bool,
    pub guard: Guard<T>,
    cost: Cost,
    pub read: Read<T>,
}

impl<T> Field<T> {
    pub fn doc(&mut self, doc: &'static str) -> &mut Self {
        self.doc = doc;
        self
    }

    /// Who may read the field. Without a guard: any signed-in member of the account.
    pub fn guard(&mut self, guard: impl Into<Guard<T>>) -> &mut Self {
        self.guard = guard.into();
        self
    }

    /// What is selected below costs once for each of the argument `ids`.
    pub fn per_id(&mut self) -> &mut Self {
        self.cost.times = Times::Ids;
        self
    }

    /// What the field costs by itself.
    pub fn weight(&mut self, weight: u16) -> &mut Self {
        self.cost.weight = weight;
        self
    }
}

/// Name of an interface, and how it is described.
type InterfaceOf = (&'static str, fn(&mut Registry));

/// The fields of a type, in the order of the schema.
pub struct Type<T> {
    pub fields: Vec<Field<T>>,
    interfaces: Vec<InterfaceOf>,
}

impl<T: Object> Type<T> {
    /// A text the row holds.
    pub fn text(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> &str + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.row(name, false, str::describe, move |row, out| get(row).write(out))
    }

    /// A text the row may hold.
    pub fn text_opt(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Option<&str> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.row(
            name,
            true,
            Option::<String>::describe,
            move |row, out| match get(row) {
                Some(text) => text.write(out),
                None => out.extend_from_slice(b"null"),
            },
        )
    }

    /// A value that is cheap to make from the row.
    pub fn value<L: Leaf>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> L + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.row(name, L::IS_NULLABLE, L::describe, move |row, out| {
            get(row).write(out);
        })
    }

    /// An object the row holds.
    pub fn child<C: Object>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> C + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.one(name, move |_, rows, _: NoArgs| {
            std::future::ready(Ok(Links::all(rows.iter().map(&get).collect()))).boxed()
        })
    }

    /// An object the row may hold.
    pub fn child_opt<C: Object>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Option<C> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.one_opt(name, move |_, rows, _: NoArgs| {
            std::future::ready(Ok(Links::each(rows.iter().map(&get).collect()))).boxed()
        })
    }

    /// A list of objects the row holds.
    pub fn children<C: Object>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Vec<C> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.many(name, move |_, rows, _: NoArgs| {
            std::future::ready(Ok(rows.iter().map(&get).collect())).boxed()
        })
    }

    /// The one object that belongs to each row, found for all rows at once.
    pub fn one<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> BoxFuture<'a, Result<Links<C>>> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.all(
            name,
            false,
            Box::new(register::<C>),
            args::describe::<A>,
            move |selected, rows| {
                let found = args::parse::<A>(selected).map(|args| find(Ask::of(selected), rows, args));
                async move { Ok(relation::one(selected, found?.await?, false).await) }.boxed()
            },
        )
    }

    /// The object that may belong to each row, found for all rows at once.
    pub fn one_opt<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> BoxFuture<'a, Result<Links<C>>> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let describe = |registry: &mut Registry| register::<C>(registry).trim_end_matches('!').to_owned();
        self.all(
            name,
            true,
            Box::new(describe),
            args::describe::<A>,
            move |selected, rows| {
                let found = args::parse::<A>(selected).map(|args| find(Ask::of(selected), rows, args));
                async move { Ok(relation::one(selected, found?.await?, true).await) }.boxed()
            },
        )
    }

    /// The objects that belong to each row, found for all rows at once.
    pub fn many<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> BoxFuture<'a, Result<Vec<Vec<C>>>> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let describe = |registry: &mut Registry| format!("[{}]!", register::<C>(registry));
        self.all(
            name,
            false,
            Box::new(describe),
            args::describe::<A>,
            move |selected, rows| {
                let found = args::parse::<A>(selected).map(|args| find(Ask::of(selected), rows, args));
                async move { Ok(relation::many(selected, found?.await?).await) }.boxed()
            },
        )
    }

    /// A page of a list that can grow, for each row. Costs its selection as often as the page is long.
    pub fn page<C: Listed, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> BoxFuture<'a, Result<Links<Connection<C>>>>
        + Send
        + Sync
        + 'static,
    ) -> &mut Field<T> {
        let field = self.one(name, find);
        field.cost.times = Times::Page;
        field
    }

    /// A value that has to be looked up, for all rows at once.
    pub fn values<L: Leaf + Send + Sync + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T]) -> BoxFuture<'a, Result<Vec<L>>> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.all(
            name,
            L::IS_NULLABLE,
            Box::new(L::describe),
            args::describe::<NoArgs>,
            move |selected, rows| {
                let found = find(Ask::of(selected), rows);
                async move { Ok(relation::leaves(found.await?)) }.boxed()
            },
        )
    }

    /// A change: its one argument is called `input`, and what can be mended is answered in the payload.
    pub fn mutation<P: Payload, I: InputType + 'static>(
        &mut self,
        name: &'static str,
        run: impl for<'a> Fn(Ask<'a>, I) -> BoxFuture<'a, Result<P>> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.all(
            name,
            false,
            Box::new(register::<P>),
            args::describe_input::<I>,
            move |selected, _| {
                let demanded = match definition::<T>().field(name) {
                    Some(field) => field.guard.demands(selected.env.scope),
                    None => Ok(()),
                };
                let running = args::parse_input::<I>(selected).map(|input| run(Ask::of(selected), input));
                let scope = selected.env.scope;
                async move {
                    let answer = match demanded {
                        Ok(()) => running?.await,
                        Err(error) => Err(scope.app().refused(scope.actor(), name, error).await),
                    };
                    Ok(relation::one(selected, errors::answer(answer)?, false).await)
                }
                .boxed()
            },
        )
    }

    /// One object of several types, or none.
    pub fn any_opt<I: Interface, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> BoxFuture<'a, Result<Vec<Option<I>>>>
        + Send
        + Sync
        + 'static,
    ) -> &mut Field<T> {
        let describe = |registry: &mut Registry| I::register(registry).trim_end_matches('!').to_owned();
        self.all(
            name,
            true,
            Box::new(describe),
            args::describe::<A>,
            move |selected, rows| {
                let found = args::parse::<A>(selected).map(|args| find(Ask::of(selected), rows, args));
                async move { Ok(relation::any(selected, found?.await?).await) }.boxed()
            },
        )
    }

    /// A list of objects of several types, each of which may be missing.
    pub fn any_many_opt<I: Interface, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> BoxFuture<'a, Result<Vec<Vec<Option<I>>>>>
        + Send
        + Sync
        + 'static,
    ) -> &mut Field<T> {
        let describe =
            |registry: &mut Registry| format!("[{}]!", I::register(registry).trim_end_matches('!'));
        self.all(
            name,
            false,
            Box::new(describe),
            args::describe::<A>,
            move |selected, rows| {
                let found = args::parse::<A>(selected).map(|args| find(Ask::of(selected), rows, args));
                async move { Ok(relation::any_many(selected, found?.await?, true).await) }.boxed()
            },
        )
    }

    /// A list of objects of several types that the row holds.
    pub fn any_children<I: Interface>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Vec<I> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        let describe = |registry: &mut Registry| format!("[{}]!", I::register(registry));
        self.all(
            name,
            false,
            Box::new(describe),
            args::describe::<NoArgs>,
            move |selected, rows| {
                let found = rows
                    .iter()
                    .map(|row| get(row).into_iter().map(Some).collect())
                    .collect();
                async move { Ok(relation::any_many(selected, found, false).await) }.boxed()
            },
        )
    }

    /// The type is one of an interface's.
    pub fn implements<I: Interface>(&mut self) {
        self.interfaces.push((I::NAME, |registry| {
            I::register(registry);
        }));
    }

    fn row(
        &mut self,
        name: &'static str,
        is_nullable: bool,
        describe: fn(&mut Registry) -> String,
        write: impl Fn(&T, &mut Vec<u8>) + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.push(
            name,
            is_nullable,
            Box::new(describe),
            args::describe::<NoArgs>,
            Read::Row(Box::new(write)),
        )
    }

    fn all(
        &mut self,
        name: &'static str,
        is_nullable: bool,
        describe: DescribeType,
        args: DescribeArgs,
        find: impl for<'a> Fn(&'a Selected<'a>, &'a [T]) -> Found<'a> + Send + Sync + 'static,
    ) -> &mut Field<T> {
        self.push(name, is_nullable, describe, args, Read::All(Box::new(find)))
    }

    fn push(
        &mut self,
        name: &'static str,
        is_nullable: bool,
        describe: DescribeType,
        args: DescribeArgs,
        read: Read<T>,
    ) -> &mut Field<T> {
        let field = Field {
            name,
            doc: "",
            describe,
            args,
            is_nullable,
            guard: Guard::default(),
            cost: Cost::default(),
            read,
        };
        self.fields.push(field);
        let last = self.fields.len() - 1;
        &mut self.fields[last]
    }

    pub fn field(&self, name: &str) -> Option<&Field<T>> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The description of a type, made once and kept for good.
pub fn definition<T: Object>() -> &'static Type<T> {
    static KNOWN: LazyLock<RwLock<HashMap<TypeId, &'static (dyn Any + Send + Sync)>>> =
        LazyLock::new(RwLock::default);

    let known = KNOWN
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&TypeId::of::<T>())
        .copied();
    if let Some(found) = known.and_then(<dyn Any + Send + Sync>::downcast_ref) {
        return found;
    }
    let mut made = Type {
        fields: Vec::new(),
        interfaces: Vec::new(),
    };
    T::describe(&mut made);
    // Types are as many as the schema has and live as long as the process.
    let made: &'static Type<T> = Box::leak(Box::new(made));
    KNOWN
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(TypeId::of::<T>(), made);
    made
}

/// Enters a type and all it leads to into async-graphql's registry; answers its name in the schema.
pub fn register<T: Object>(registry: &mut Registry) -> String {
    let qualified = format!("{}!", T::NAME);
    if registry.types.contains_key(T::NAME) {
        return qualified;
    }
    // Entered first, because types lead back to themselves.
    registry
        .types
        .insert(T::NAME.to_owned(), object(T::NAME, T::DOC, IndexMap::new()));
    let definition = definition::<T>();
    for (interface, describe) in &definition.interfaces {
        describe(registry);
        registry.add_implements(T::NAME, interface);
    }
    let fields = definition
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), meta_field(field, registry)))
        .collect();
    registry
        .types
        .insert(T::NAME.to_owned(), object(T::NAME, T::DOC, fields));
    qualified
}

fn meta_field<T: Object>(field: &Field<T>, registry: &mut Registry) -> MetaField {
    let mut directives = Vec::new();
    directives.extend(field.guard.directive());
    directives.extend(field.cost.directive());
    MetaField {
        name: field.name.to_owned(),
        description: (!field.doc.is_empty()).then(|| field.doc.to_owned()),
        args: (field.args)(registry),
        ty: (field.describe)(registry),
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
        compute_complexity: Some(field.cost.complexity()),
        directive_invocations: directives,
        requires_scopes: Vec::new(),
    }
}

fn object(name: &str, doc: &str, fields: IndexMap<String, MetaField>) -> MetaType {
    MetaType::Object {
        name: name.to_owned(),
        description: Some(doc.to_owned()),
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

/// Resolves rows of a type below a selection.
pub async fn objects<'a, C: Object>(selected: &'a Selected<'a>, rows: Vec<C>) -> Objects<C> {
    resolve(selected.env, rows, &selected.below).await
}

impl<T> std::fmt::Debug for Field<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Field")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
