//! How an application describes its types: the builder that every [`Object`] is handed.

use std::marker::PhantomData;
use std::sync::Arc;

use async_graphql::InputType;
use async_graphql::registry::Registry;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};

use super::args::{self, Arguments};
use super::context::{Context, FromContext};
use super::cost::{Cost, Times};
use super::definition::{Confines, Definition, FieldDef, Lazy, List, Of, Read, TypeDef, definition};
use super::guard::{AnyGuard, Erased, Guard};
use super::handler::{Handler, opening};
use super::interface::{Dyn, Interface, InterfaceDef};
use super::leaf::Leaf;
use super::page::Connection;
use super::relation::{Found, Leaves, Links, ToAny, ToAnyMany, ToLeaves, ToMany, ToOne};
use super::rows::AnyRows;
use super::select::Selected;
use crate::Fault;

/// A type of the schema whose fields are read off rows of this Rust type. Clones should be cheap: keep the data behind an `Arc`.
pub trait Object: Clone + Send + Sync + 'static {
    const NAME: &'static str;
    /// The description in the schema.
    const DOC: &'static str;

    fn describe(t: &mut Type<Self>);
}

/// The fields of a type, in the order of the schema.
pub struct Type<T> {
    pub(super) def: TypeDef,
    /// Of the fields that are still to come.
    confines: Option<Confines>,
    rows: PhantomData<fn(T)>,
}

/// A field just described, to say more of it.
pub struct Field<'t, T> {
    pub(super) def: &'t mut FieldDef,
    rows: PhantomData<fn(T)>,
}

impl<T: Send + Sync + 'static> Field<'_, T> {
    /// What clients read about it.
    pub fn doc(self, doc: &'static str) -> Self {
        self.def.doc = doc;
        self
    }

    /// Who may read the field. Without a guard: whoever may read its object. A field that somebody may be refused is nullable.
    pub fn guard(self, guard: impl Guard<T>) -> Self {
        self.def.is_nullable |= guard.may_refuse();
        let guard: Box<dyn AnyGuard> = Box::new(Erased(guard, PhantomData));
        self.def.guard = Some(guard);
        self
    }

    /// What is selected below costs once for each of the argument `ids`.
    pub fn per_id(self) -> Self {
        self.def.cost.times = Times::Ids;
        self
    }

    /// What the field costs by itself, if not what its kind does.
    pub fn weight(self, weight: u16) -> Self {
        self.def.cost.weight = Some(weight);
        self
    }
}

impl<T: Send + Sync + 'static> Type<T> {
    pub fn new(name: &'static str, doc: &'static str) -> Self {
        Self {
            def: TypeDef {
                name,
                doc,
                fields: Vec::new(),
                interfaces: Vec::new(),
                extras: Vec::new(),
            },
            confines: None,
            rows: PhantomData,
        }
    }

    pub(super) fn keep(self) -> Definition {
        Box::leak(Box::new(self.def))
    }

    /// Another name than the Rust type's constant, for types that are made of others.
    pub fn named(&mut self, name: String) {
        self.def.name = super::definition::keep(name);
    }

    /// The type without one of its fields.
    pub fn without(mut self, name: &str) -> Self {
        self.def.fields.retain(|field| field.name != name);
        self
    }

    /// Something else the schema has because of this type, for example a directive.
    pub fn with(&mut self, register: fn(&mut Registry)) {
        self.def.extras.push(register);
    }

    /// The guard of all fields described so far that have none.
    pub fn guard_the_rest<G: Guard<T> + Clone>(&mut self, guard: &G) {
        for field in self.def.fields.iter_mut().filter(|field| field.guard.is_none()) {
            field.is_nullable |= guard.may_refuse();
            field.guard = Some(Box::new(Erased(guard.clone(), PhantomData)));
        }
    }

    /// Whether a row's fields described from here on are the reader's to see at all, whatever their guards say. Where they are not, each is null with
    /// the fault as its error; so they are nullable.
    pub fn confine(&mut self, judge: fn(&Context, &T) -> Result<(), Fault>) {
        self.confines = Some(Arc::new(move |context, rows| {
            let judged: Vec<_> = rows.typed::<T>().iter().map(|row| judge(context, row)).collect();
            let allowed = judged.iter().map(Result::is_ok).collect();
            let refused = judged.into_iter().find_map(Result::err);
            refused.map(|fault| (fault, allowed))
        }));
    }

    /// The type is one of an interface's.
    pub fn implements<I: Interface>(&mut self) {
        self.def.interfaces.push(I::definition());
    }

    /// A text the row holds.
    pub fn text(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> &str + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.row(name, false, str::describe, move |row, out| get(row).write(out))
    }

    /// A text the row may hold.
    pub fn text_opt(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Option<&str> + Send + Sync + 'static,
    ) -> Field<'_, T> {
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
    ) -> Field<'_, T> {
        self.row(name, L::IS_NULLABLE, L::describe, move |row, out| {
            get(row).write(out);
        })
    }

    /// An object the row holds.
    pub fn child<C: Object>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> C + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.held(name, Of::Type(definition::<C>), false, List::No, move |rows| {
            Links::all(rows.typed::<T>().iter().map(&get).collect()).found(definition::<C>())
        })
    }

    /// An object the row may hold.
    pub fn child_opt<C: Object>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Option<C> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.held(name, Of::Type(definition::<C>), true, List::No, move |rows| {
            Links::each(rows.typed::<T>().iter().map(&get).collect()).found(definition::<C>())
        })
    }

    /// A list of objects the row holds.
    pub fn children<C: Object>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Vec<C> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.children_of(name, Of::Type(definition::<C>), definition::<C>, get)
    }

    pub(super) fn children_of<C: Send + Sync + 'static>(
        &mut self,
        name: &'static str,
        of: Of,
        definition: impl Fn() -> Definition + Send + Sync + 'static,
        get: impl Fn(&T) -> Vec<C> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.held(name, of, false, List::Yes, move |rows| {
            Found::many(
                rows.typed::<T>().iter().map(&get).collect(),
                rows.len(),
                definition(),
            )
        })
    }

    /// A list of objects of several types that the row holds.
    pub fn any_children<I: Interface + Into<Dyn>>(
        &mut self,
        name: &'static str,
        get: impl Fn(&T) -> Vec<I> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.dyn_children(name, I::definition(), move |row| {
            get(row).into_iter().map(Into::into).collect()
        })
    }

    pub(super) fn dyn_children(
        &mut self,
        name: &'static str,
        of: InterfaceDef,
        get: impl Fn(&T) -> Vec<Dyn> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.held(name, Of::Interface(of), false, List::Yes, move |rows| {
            let groups = rows.typed::<T>();
            Found::any_many(
                groups
                    .iter()
                    .map(|row| get(row).into_iter().map(Some).collect())
                    .collect(),
            )
        })
    }

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

    pub(super) fn row(
        &mut self,
        name: &'static str,
        is_nullable: bool,
        describe: fn(&mut Registry) -> String,
        write: impl Fn(&T, &mut Vec<u8>) + Send + Sync + 'static,
    ) -> Field<'_, T> {
        let read = Read::Row(Box::new(move |rows, row, out| match rows.row(row) {
            Some(row) => write(row, out),
            None => out.extend_from_slice(b"null"),
        }));
        self.push(name, Of::Leaf(describe), is_nullable, List::No, no_args, read)
    }

    fn held(
        &mut self,
        name: &'static str,
        of: Of,
        is_nullable: bool,
        list: List,
        get: impl Fn(&AnyRows) -> Found + Send + Sync + 'static,
    ) -> Field<'_, T> {
        let read = Read::All(Box::new(move |_, rows| {
            std::future::ready(Ok(get(&rows))).boxed()
        }));
        self.push(name, of, is_nullable, list, no_args, read)
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

    pub(super) fn push(
        &mut self,
        name: &'static str,
        of: Of,
        is_nullable: bool,
        list: List,
        args: impl Fn(&mut Registry) -> Arguments + Send + Sync + 'static,
        read: Read,
    ) -> Field<'_, T> {
        self.def.fields.push(FieldDef {
            name,
            doc: "",
            of,
            is_nullable: is_nullable || self.confines.is_some(),
            list,
            args: Box::new(args),
            guard: None,
            confines: self.confines.clone(),
            cost: Cost::default(),
            read,
            refuse: None,
        });
        let last = self.def.fields.len() - 1;
        Field {
            def: &mut self.def.fields[last],
            rows: PhantomData,
        }
    }
}

pub fn no_args(_: &mut Registry) -> Arguments {
    Arguments::new()
}
