//! Pages of lists that can grow (Relay's connections): edges or plain nodes, where the page stands, and a total when asked for.

use super::object::{Object, Type};
use crate::read::paging::Cursor;

pub use super::access::{DEFAULT_PAGE, LONGEST_PAGE};

/// A type that comes in pages.
pub trait Listed: Object {
    /// For example `UserConnection`.
    const CONNECTION: &'static str;
    /// For example `UserEdge`.
    const EDGE: &'static str;
}

/// A page.
#[derive(Clone, Debug)]
pub struct Connection<T> {
    pub edges: Vec<Edge<T>>,
    pub has_next: bool,
    pub has_previous: bool,
    /// Counted only when asked for.
    pub total: Option<i32>,
}

/// One of a page, and the cursor behind it.
#[derive(Clone, Debug)]
pub struct Edge<T> {
    pub cursor: Cursor,
    pub node: T,
}

/// Where a page stands in its list.
#[derive(Clone, Debug)]
pub struct PageInfo {
    has_next: bool,
    has_previous: bool,
    start: Option<String>,
    end: Option<String>,
}

impl<T: Listed> Object for Connection<T> {
    const NAME: &'static str = T::CONNECTION;
    const DOC: &'static str = "A page of a list.";

    fn describe(t: &mut Type<Self>) {
        t.children("edges", |page| page.edges.clone());
        t.children("nodes", |page| {
            page.edges.iter().map(|edge| edge.node.clone()).collect()
        })
        .doc("The edges' nodes, for clients that do not need their cursors.");
        t.child("pageInfo", |page| PageInfo {
            has_next: page.has_next,
            has_previous: page.has_previous,
            start: page.edges.first().map(|edge| edge.cursor.text()),
            end: page.edges.last().map(|edge| edge.cursor.text()),
        });
        t.value("totalCount", |page| page.total.unwrap_or_default())
            .doc("Rows that match the filter, over all pages; counted only when asked for.")
            .weight(10);
    }
}

impl<T: Listed> Object for Edge<T> {
    const NAME: &'static str = T::EDGE;
    const DOC: &'static str = "One of a page, and its cursor.";

    fn describe(t: &mut Type<Self>) {
        t.value("cursor", |edge| edge.cursor.text());
        t.child("node", |edge| edge.node.clone());
    }
}

impl Object for PageInfo {
    const NAME: &'static str = "PageInfo";
    const DOC: &'static str = "Relay page information.";

    fn describe(t: &mut Type<Self>) {
        t.value("hasNextPage", |info| info.has_next);
        t.value("hasPreviousPage", |info| info.has_previous);
        t.text_opt("startCursor", |info| info.start.as_deref());
        t.text_opt("endCursor", |info| info.end.as_deref());
    }
}
