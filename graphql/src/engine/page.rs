//! Pages of lists that can grow (Relay's connections): edges or plain nodes, where the page stands, and a total when asked for.

use std::sync::Arc;

use super::definition::definition;
use super::describe::{Object, Type};

/// Length of a page when the query does not say.
pub const DEFAULT_PAGE: u8 = 25;
/// The longest page.
pub const LONGEST_PAGE: u8 = 100;

/// A page.
#[derive(Clone)]
pub struct Connection<T> {
    pub edges: Vec<Edge<T>>,
    pub has_next: bool,
    pub has_previous: bool,
    /// Counted only when asked for.
    pub total: Option<i32>,
}

/// One of a page, and the cursor behind it.
#[derive(Clone)]
pub struct Edge<T> {
    pub cursor: Arc<dyn Cursor>,
    pub node: T,
}

/// The place behind a row, written as text only when somebody asks for it: most pages are read without their cursors.
pub trait Cursor: Send + Sync {
    fn text(&self) -> String;
}

impl Cursor for String {
    fn text(&self) -> String {
        self.clone()
    }
}

/// Where a page stands in its list.
#[derive(Clone, Debug)]
pub struct PageInfo {
    has_next: bool,
    has_previous: bool,
    start: Option<String>,
    end: Option<String>,
}

impl<T: Object> Object for Connection<T> {
    const NAME: &'static str = "Connection";
    const DOC: &'static str = "A page of a list.";

    fn describe(t: &mut Type<Self>) {
        t.named(format!("{}Connection", definition::<T>().name));
        t.children("edges", |page| page.edges.clone())
            .doc("The page's rows, each with its cursor.");
        t.children("nodes", |page| {
            page.edges.iter().map(|edge| edge.node.clone()).collect()
        })
        .doc("The edges' nodes, for clients that do not need their cursors.");
        t.child("pageInfo", |page| PageInfo {
            has_next: page.has_next,
            has_previous: page.has_previous,
            start: page.edges.first().map(|edge| edge.cursor.text()),
            end: page.edges.last().map(|edge| edge.cursor.text()),
        })
        .doc("Where the page stands in its list.");
        t.value("totalCount", |page| page.total.unwrap_or_default())
            .doc("Rows that match the filter, over all pages; counted only when asked for.")
            .weight(10);
    }
}

impl<T: Object> Object for Edge<T> {
    const NAME: &'static str = "Edge";
    const DOC: &'static str = "One of a page, and its cursor.";

    fn describe(t: &mut Type<Self>) {
        t.named(format!("{}Edge", definition::<T>().name));
        t.value("cursor", |edge| edge.cursor.text())
            .doc("For `after` and `before`; opaque.");
        t.child("node", |edge| edge.node.clone()).doc("The row.");
    }
}

impl Object for PageInfo {
    const NAME: &'static str = "PageInfo";
    const DOC: &'static str = "Relay page information.";

    fn describe(t: &mut Type<Self>) {
        t.value("hasNextPage", |info| info.has_next)
            .doc("Whether there are rows behind the page; going backwards, whether `before` was given.");
        t.value("hasPreviousPage", |info| info.has_previous)
            .doc("Whether there are rows before the page; going forwards, whether `after` was given.");
        t.text_opt("startCursor", |info| info.start.as_deref())
            .doc("Cursor of the first row; null on an empty page.");
        t.text_opt("endCursor", |info| info.end.as_deref())
            .doc("Cursor of the last row; null on an empty page.");
    }
}
