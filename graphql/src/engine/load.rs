//! Objects that are found by a key, in one way for everything that looks for them: links, single look-ups, `node` and `nodes`.

use std::collections::HashMap;
use std::hash::Hash;

use async_graphql::ID;
use async_graphql::registry::Registry;
use futures::FutureExt;
use futures::future::{BoxFuture, try_join_all};

use super::args::{Arguments, argument};
use super::column::Column;
use super::context::{Context, FromContext};
use super::definition::{List, Of, Read, definition};
use super::describe::{Field, Object, Type};
use super::found::Found;
use super::interface::{Dyn, Interface};
use super::leaf::Leaf;
use super::relation::Links;
use super::select::Selected;
use super::write::{Nulled, Writer};
use crate::Fault;

/// A type whose objects can be found by a key.
pub trait Load: Object {
    /// The application's value of a request.
    type Scope: FromContext;
    type Key: Copy + Eq + Hash + Send + Sync + 'static;
    type Error: Into<Fault> + Send + 'static;

    /// The key a global id names; `None` when it names something else.
    fn parse(id: &str) -> Option<Self::Key>;

    fn key(&self) -> Self::Key;

    /// The global id of what a key names.
    fn id_text(key: Self::Key) -> String;

    /// Finds objects of the reader's account, in any order; what is not there is left out.
    fn load(
        scope: Self::Scope,
        keys: Vec<Self::Key>,
    ) -> impl Future<Output = Result<Vec<Self>, Self::Error>> + Send;

    /// Whether the reader may come upon it by its id alone.
    fn is_shown(&self, _scope: &Self::Scope) -> bool {
        true
    }
}

/// What a row refers to something by: a key, or perhaps one.
pub trait Reference<K> {
    const IS_NULLABLE: bool;

    fn referred(self) -> Option<K>;
}

impl<K> Reference<K> for K {
    const IS_NULLABLE: bool = false;

    fn referred(self) -> Option<K> {
        Some(self)
    }
}

impl<K> Reference<K> for Option<K> {
    const IS_NULLABLE: bool = true;

    fn referred(self) -> Self {
        self
    }
}

impl<T: Send + Sync + 'static> Type<T> {
    /// The object a row refers to: nullable where it may refer to none. It is looked for even where nothing but its id is asked for: it may not be there.
    pub fn link<C: Load, R: Reference<C::Key>>(
        &mut self,
        name: &'static str,
        refer: impl Fn(&T) -> R + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.linked::<C, R>(name, refer, false)
    }

    /// As [`link`](Self::link), for a reference that the database holds to (a foreign key): its object is there, and so it is not loaded where its id
    /// says all that is asked for.
    pub fn reference<C: Load, R: Reference<C::Key>>(
        &mut self,
        name: &'static str,
        refer: impl Fn(&T) -> R + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.linked::<C, R>(name, refer, true)
    }

    fn linked<C: Load, R: Reference<C::Key>>(
        &mut self,
        name: &'static str,
        refer: impl Fn(&T) -> R + Send + Sync + 'static,
        is_held_to: bool,
    ) -> Field<'_, T> {
        let read = Read::All(Box::new(move |selected: &Selected<'_>, rows| {
            let wanted: Vec<_> = rows
                .typed::<T>()
                .iter()
                .map(|row| refer(row).referred())
                .collect();
            if is_held_to && let Some(fields) = identifying(selected, C::NAME) {
                let ids = wanted.into_iter().map(|key| key.map(C::id_text)).collect();
                let named = Named {
                    type_name: C::NAME,
                    fields,
                    ids,
                };
                return std::future::ready(Ok(Found::Column(Box::new(named)))).boxed();
            }
            let scope = C::Scope::from_context(selected.env.context);
            async move {
                let found = find::<C>(scope?, wanted.iter().flatten().copied()).await?;
                Ok(Links::by_key(wanted.into_iter(), found, C::key).found(definition::<C>()))
            }
            .boxed()
        }));
        let of = Of::Type(definition::<C>);
        self.push(name, of, R::IS_NULLABLE, List::No, super::describe::no_args, read)
    }

    /// The object with the argument `id`; null for what does not exist and for what is not the reader's to see.
    pub fn by_id<C: Load>(&mut self, name: &'static str) -> Field<'_, T> {
        let read = Read::All(Box::new(move |selected: &Selected<'_>, rows| {
            let (count, ids) = (rows.len(), given_ids(selected, "id"));
            let found = shown::<C>(selected.env.context, &ids);
            async move {
                let found = found?.await?.into_iter().next().flatten();
                let links = Links::each(vec![found; count]);
                Ok(links.found(definition::<C>()))
            }
            .boxed()
        }));
        let of = Of::Type(definition::<C>);
        self.push(name, of, true, List::No, id_argument, read)
    }

    /// The object of any type that a row refers to by its global id; null where it is not there or not the reader's to see.
    pub fn node_link<I: Interface>(
        &mut self,
        name: &'static str,
        loaders: &'static [Loader],
        refer: impl Fn(&T) -> Option<String> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        let read = Read::All(Box::new(move |selected: &Selected<'_>, rows| {
            // What is no id names nothing.
            let ids: Vec<_> = rows
                .typed::<T>()
                .iter()
                .map(|row| refer(row).unwrap_or_default())
                .collect();
            let found = any(loaders, selected, &ids);
            async move { Ok(Found::any(found?.await?)) }.boxed()
        }));
        let of = Of::Interface(I::definition());
        self.push(name, of, true, List::No, super::describe::no_args, read)
    }

    /// The object with the argument `id`, of any of the types that `loaders` find.
    pub fn node<I: Interface>(&mut self, name: &'static str, loaders: &'static [Loader]) -> Field<'_, T> {
        let read = Read::All(Box::new(move |selected: &Selected<'_>, _| {
            let found = any(loaders, selected, &given_ids(selected, "id"));
            async move { Ok(Found::any(found?.await?)) }.boxed()
        }));
        let of = Of::Interface(I::definition());
        self.push(name, of, true, List::No, id_argument, read)
    }

    /// The objects with the argument `ids`, in order, null for each that is not there; at most `most`.
    pub fn nodes<I: Interface>(
        &mut self,
        name: &'static str,
        most: usize,
        loaders: &'static [Loader],
    ) -> Field<'_, T> {
        let read = Read::All(Box::new(move |selected: &Selected<'_>, _| {
            let ids = given_ids(selected, "ids");
            let found = match ids.len() <= most {
                true => any(loaders, selected, &ids),
                false => Err(Fault::bad_input(format!("At most {most} ids in one call."))),
            };
            async move { Ok(Found::any_many(vec![found?.await?])) }.boxed()
        }));
        let of = Of::Interface(I::definition());
        let ids = |registry: &mut Registry| {
            <ID as async_graphql::InputType>::create_type_info(registry);
            let ids = argument("ids", "[ID!]!", "Global ids of any types.");
            Arguments::from([("ids".to_owned(), ids)])
        };
        self.push(name, of, false, List::OfNullable, ids, read).per_id()
    }
}

/// The fields selected below, if all of them say which object it is and nothing of it.
fn identifying(selected: &Selected<'_>, type_name: &str) -> Option<Vec<Identifying>> {
    let below = selected.env.select(type_name, &selected.below);
    let field = |field: &Selected<'_>| {
        let is_id = match field.name() {
            "id" => true,
            "__typename" => false,
            _ => return None,
        };
        let mut lead = Vec::with_capacity(field.key.len() + 3);
        field.key.write(&mut lead);
        lead.push(b':');
        Some(Identifying { lead, is_id })
    };
    below.iter().map(field).collect()
}

/// `id` or `__typename`.
struct Identifying {
    /// `"key":`, ready to be copied.
    lead: Vec<u8>,
    is_id: bool,
}

/// Objects of which nothing is asked but which they are.
struct Named {
    type_name: &'static str,
    fields: Vec<Identifying>,
    ids: Vec<Option<String>>,
}

impl Column for Named {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        let Some(id) = self.ids.get(row).and_then(Option::as_deref) else {
            return Err(Nulled::Missing);
        };
        for (place, field) in self.fields.iter().enumerate() {
            writer.out.push(if place == 0 { b'{' } else { b',' });
            writer.out.extend_from_slice(&field.lead);
            let text = if field.is_id { id } else { self.type_name };
            text.write(&mut writer.out);
        }
        writer.out.push(b'}');
        Ok(())
    }
}

fn id_argument(registry: &mut Registry) -> Arguments {
    <ID as async_graphql::InputType>::create_type_info(registry);
    let id = argument("id", "ID!", "Global id.");
    Arguments::from([("id".to_owned(), id)])
}

fn given_ids(selected: &Selected<'_>, name: &str) -> Vec<String> {
    use async_graphql::Value;
    let text = |value| match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match selected.given().swap_remove(name) {
        Some(Value::List(ids)) => ids.into_iter().map(text).collect(),
        Some(one) => vec![text(one)],
        None => Vec::new(),
    }
}

async fn find<C: Load>(scope: C::Scope, keys: impl Iterator<Item = C::Key>) -> Result<Vec<C>, Fault> {
    let mut wanted: Vec<C::Key> = Vec::new();
    let mut known = std::collections::HashSet::new();
    wanted.extend(keys.filter(|key| known.insert(*key)));
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    C::load(scope, wanted).await.map_err(Into::into)
}

type Finding<C> = BoxFuture<'static, Result<Vec<Option<C>>, Fault>>;

/// What is found of these ids and may be seen, in their order.
fn shown<C: Load>(context: &Context, ids: &[String]) -> Result<Finding<C>, Fault> {
    let scope = C::Scope::from_context(context)?;
    let wanted: Vec<_> = ids.iter().map(|id| C::parse(id)).collect();
    Ok(async move {
        let found = find::<C>(scope.clone(), wanted.iter().flatten().copied()).await?;
        let found = found.into_iter().filter(|object| object.is_shown(&scope));
        let found: HashMap<_, _> = found.map(|object| (object.key(), object)).collect();
        let of_id = wanted.into_iter().map(|key| found.get(&key?).cloned());
        Ok(of_id.collect())
    }
    .boxed())
}

/// Finds the objects of one type for [`Type::node`].
#[derive(Clone, Copy)]
pub struct Loader(fn(&Context, &[String]) -> Result<Finding<Dyn>, Fault>);

impl Loader {
    pub const fn of<C: Load>() -> Self {
        Self(|context, ids| {
            if ids.iter().all(|id| C::parse(id).is_none()) {
                let none = vec![None; ids.len()];
                return Ok(std::future::ready(Ok(none)).boxed());
            }
            let found = shown::<C>(context, ids)?;
            Ok(found
                .map(|found| Ok(found?.into_iter().map(|object| object.map(Dyn::of)).collect()))
                .boxed())
        })
    }
}

/// One look for each type that is asked for, all at the same time.
fn any(loaders: &'static [Loader], selected: &Selected<'_>, ids: &[String]) -> Result<Finding<Dyn>, Fault> {
    let searches = loaders.iter().map(|loader| loader.0(selected.env.context, ids));
    let searches = searches.collect::<Result<Vec<_>, _>>()?;
    let count = ids.len();
    Ok(async move {
        let mut nodes = vec![None; count];
        for found in try_join_all(searches).await? {
            for (node, found) in nodes.iter_mut().zip(found) {
                *node = node.take().or(found);
            }
        }
        Ok(nodes)
    }
    .boxed())
}
