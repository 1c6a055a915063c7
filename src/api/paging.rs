//! Pages as clients ask for them and get them.

use async_graphql::{Enum, InputObject};

use crate::graphql::batch::{Connection, Edge};
use crate::read::paging::{Direction, PageRequest, Slice};

/// Direction of a sort.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Direction")]
pub enum OrderDirection {
    Asc,
    Desc,
}

/// The four arguments every page has, as given; the types flatten them into their own.
#[derive(InputObject, Clone, Debug, Default)]
pub struct PageArguments {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
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

impl<T> From<Slice<T>> for Connection<T> {
    fn from(slice: Slice<T>) -> Self {
        let edges = slice.rows.into_iter().map(|(cursor, node)| Edge { cursor, node });
        Self {
            edges: edges.collect(),
            has_next: slice.has_next,
            has_previous: slice.has_previous,
            total: slice.total,
        }
    }
}
