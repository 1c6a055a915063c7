//! Fields that are looked up, for all rows at once.

use async_graphql::InputType;
use async_graphql::registry::Registry;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};

use super::args::{self, Arguments};
use super::context::FromContext;
use super::cost::Times;
use super::definition::{Lazy, List, Of, Read, definition};
use super::describe::{Field, Object, Type};
use super::found::{Found, Leaves};
use super::handler::{Handler, opening};
use super::interface::Interface;
use super::leaf::Leaf;
use super::page::Connection;
use super::relation::{ToAny, ToAnyMany, ToLeaves, ToMany, ToOne};
use super::rows::AnyRows;
use super::select::Selected;
use crate::Fault;

impl<T: Send + Sync + 'static> Type<T> {
    /// The one object that belongs to each row, found for all rows at once; where there is none, that is an error.
    pub fn one<M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToOne,
    {
        self.at_most_one(name, false, find)
    }

    /// The object that may belong to each row, found for all rows at once.
    pub fn one_opt<M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToOne,
    {
        self.at_most_one(name, true, find)
    }

    fn at_most_one<M, H: Handler<T, M>>(
        &mut self,
        name: &'static str,
        is_nullable: bool,
        find: H,
    ) -> Field<'_, T>
    where
        H::Output: ToOne,
    {
        let of: Lazy = definition::<<H::Output as ToOne>::Item>;
        self.handled(
            name,
            Of::Type(of),
            is_nullable,
            List::No,
            find,
            move |found, rows| found.links(rows).found(of()),
        )
    }

    /// The objects that belong to each row, found for all rows at once.
    pub fn many<M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToMany,
    {
        let of: Lazy = definition::<<H::Output as ToMany>::Item>;
        self.handled(name, Of::Type(of), false, List::Yes, find, move |found, rows| {
            Found::many(found.groups(rows), rows, of())
        })
    }

    /// A page of a list that can grow, for each row. Costs its selection as often as the page is long.
    pub fn page<C: Object, M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToOne<Item = Connection<C>>,
    {
        let field = self.one(name, find);
        field.def.cost.times = Times::Page;
        field
    }

    /// A value that has to be looked up, for all rows at once.
    pub fn values<M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToLeaves,
    {
        let describe = <H::Output as ToLeaves>::Item::describe;
        let is_nullable = <H::Output as ToLeaves>::Item::IS_NULLABLE;
        self.handled(
            name,
            Of::Leaf(describe),
            is_nullable,
            List::No,
            find,
            |found, rows| Found::Column(Box::new(Leaves(found.leaves(rows)))),
        )
    }

    /// An object of several types that may belong to each row.
    pub fn any_opt<I: Interface, M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToAny,
    {
        let of = Of::Interface(I::definition());
        self.handled(name, of, true, List::No, find, |found, rows| {
            Found::any(found.anys(rows))
        })
    }

    /// Objects of several types that belong to each row.
    pub fn any_many<I: Interface, M, H: Handler<T, M>>(&mut self, name: &'static str, find: H) -> Field<'_, T>
    where
        H::Output: ToAnyMany,
    {
        let of = Of::Interface(I::definition());
        self.handled(name, of, false, List::Yes, find, |found, rows| {
            Found::any_many(found.any_groups(rows))
        })
    }

    /// As [`any_many`](Self::any_many), each of which may be missing.
    pub fn any_many_opt<I: Interface, M, H: Handler<T, M>>(
        &mut self,
        name: &'static str,
        find: H,
    ) -> Field<'_, T>
    where
        H::Output: ToAnyMany,
    {
        let of = Of::Interface(I::definition());
        self.handled(name, of, false, List::OfNullable, find, |found, rows| {
            Found::any_many(found.any_groups(rows))
        })
    }

    /// Live data: a field of the subscription root.
    pub fn stream<S, A, C, E, Fut, Events>(
        &mut self,
        name: &'static str,
        open: impl Fn(S, A) -> Fut + Send + Sync + 'static,
    ) -> Field<'_, T>
    where
        S: FromContext,
        A: InputType + Send + 'static,
        C: Object,
        E: Into<Fault> + Send + 'static,
        Fut: Future<Output = Result<Events, E>> + Send + 'static,
        Events: Stream<Item = Result<C, E>> + Send + 'static,
    {
        let read = Read::Stream(Box::new(move |selected| {
            let opened = opening::<S, A>(selected).map(|(scope, args)| open(scope, args));
            async move {
                let events = opened?.await.map_err(Into::into)?;
                let rows = events.map_ok(|event| AnyRows::of(vec![event]));
                Ok(rows.map_err(Into::into).boxed())
            }
            .boxed()
        }));
        self.push(
            name,
            Of::Type(definition::<C>),
            false,
            List::No,
            args::describe::<A>,
            read,
        )
    }

    fn handled<M, H: Handler<T, M>>(
        &mut self,
        name: &'static str,
        of: Of,
        is_nullable: bool,
        list: List,
        find: H,
        found: impl Fn(H::Output, usize) -> Found + Clone + Send + Sync + 'static,
    ) -> Field<'_, T> {
        let read = Read::All(Box::new(move |selected: &Selected<'_>, rows| {
            let (count, found) = (rows.len(), found.clone());
            find.call(selected, rows.typed())
                .map(move |output| output.map(|output| found(output, count)))
                .boxed()
        }));
        let arguments: fn(&mut Registry) -> Arguments = H::arguments;
        self.push(name, of, is_nullable, list, arguments, read)
    }
}
