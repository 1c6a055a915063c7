//! Pages as clients ask for them and get them.

use std::sync::Arc;

use async_graphql::{Enum, InputObject};

use crate::read::paging::{Cursor, Direction, PageRequest, Slice};
use graphql::{Connection, Edge};

/// Direction of a sort.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Direction")]
pub enum OrderDirection {
    /// Smallest first: A before Z, old before new.
    Asc,
    /// Largest first: Z before A, new before old.
    Desc,
}

/// The four arguments every page has, as given; the types flatten them into their own.
#[derive(InputObject, Clone, Debug, Default)]
pub struct PageArguments {
    /// So many rows from the front, or behind `after`: 0 to 100, by default 25. Not together with `last`.
    pub first: Option<i32>,
    /// Cursor of the row the page starts behind; null: from the front.
    pub after: Option<String>,
    /// So many rows from the end, or ahead of `before`: 0 to 100. Not together with `first`.
    pub last: Option<i32>,
    /// Cursor of the row the page ends ahead of; null: at the end.
    pub before: Option<String>,
}

impl From<PageArguments> for PageRequest {
    fn from(given: PageArguments) -> Self {
        Self {
            first: given.first,
            after: given.after,
            last: given.last,
            before: given.before,
        }
    }
}

/// A cursor of ours, as the engine asks for it.
struct Behind(Cursor);

impl graphql::Cursor for Behind {
    fn text(&self) -> String {
        self.0.text()
    }
}

impl<T> From<Slice<T>> for Connection<T> {
    fn from(slice: Slice<T>) -> Self {
        let edges = slice.rows.into_iter().map(|(cursor, node)| Edge {
            cursor: Arc::new(Behind(cursor)),
            node,
        });
        Self {
            edges: edges.collect(),
            has_next: slice.has_next,
            has_previous: slice.has_previous,
            total: slice.total,
        }
    }
}
