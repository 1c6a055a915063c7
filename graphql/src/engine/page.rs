//! Pages of lists that can grow (Relay's connections): edges or plain nodes, where the page stands, and a total when asked for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::definition::definition;
use super::describe::{Object, Type};

/// Length of a page when the query does not say.
pub const DEFAULT_PAGE: i32 = 25;
/// The longest page.
pub const LONGEST_PAGE: i32 = 100;

const VERSION: u8 = 1;
const BINDING_LENGTH: usize = 8;
const ID_LENGTH: usize = 16;

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

/// The place behind a row, written as text only when somebody asks for it: most pages are read without their cursors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// By a key.
    Place(Place),
    /// As the application writes it.
    Text(String),
}

/// A place in a list ordered by a key and an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What list it was made for, so that another refuses it.
    pub binding: [u8; BINDING_LENGTH],
    /// What the list is ordered by before the id.
    pub key: String,
    pub id: [u8; ID_LENGTH],
}

impl Cursor {
    pub fn text(&self) -> String {
        let place = match self {
            Self::Text(text) => return text.clone(),
            Self::Place(place) => place,
        };
        let mut bytes = Vec::with_capacity(1 + BINDING_LENGTH + ID_LENGTH + place.key.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&place.binding);
        bytes.extend_from_slice(&place.id);
        bytes.extend_from_slice(place.key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl Place {
    /// Reads a cursor made for this binding; `None` for any other text.
    pub fn read(text: &str, binding: [u8; BINDING_LENGTH]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let bytes = bytes.strip_prefix(&[VERSION])?.strip_prefix(&binding)?;
        let (id, key) = bytes.split_at_checked(ID_LENGTH)?;
        Some(Self {
            binding,
            key: String::from_utf8(key.to_vec()).ok()?,
            id: id.try_into().ok()?,
        })
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
