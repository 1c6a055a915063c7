//! Fields that are read off the row itself.

use async_graphql::registry::Registry;
use futures::FutureExt;

use super::definition::{Definition, List, Of, Read, definition};
use super::describe::{Field, Object, Type, no_args};
use super::found::Found;
use super::interface::{Dyn, Interface, InterfaceDef};
use super::leaf::Leaf;
use super::relation::Links;
use super::rows::AnyRows;

impl<T: Send + Sync + 'static> Type<T> {
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

    fn row(
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
}
