//! How queries are answered: a whole list at a time.
//!
//! async-graphql parses, validates and describes; this room executes. The usual way runs one future for every field of every row, a thousand for a
//! page of fifty users. Here a type says for each field either how to read it off a row ([`Type::text`], [`Type::value`]) or how to find what
//! belongs to *all* rows at hand ([`Type::one`], [`Type::many`], [`Type::page`]). A query is then walked breadth first: each relation in the document is
//! loaded once, whatever the number of rows above it, so N+1 cannot be written. When all is loaded, the answer is written depth first
//! straight into one buffer, without a future or a value tree in between.
//!
//! The decision and its figures: `docs/decisions/0002-reading-in-batches.md`.

mod access;
mod args;
mod column;
mod leaf;
mod object;
mod page;
mod relation;
mod root;
mod select;
mod union;
mod write;

pub use access::{Guard, Permission};
pub use args::NoArgs;
pub(crate) use leaf::enum_leaf;
pub use leaf::{Date, Gid, GivenId, Leaf};
pub use object::{Object, Type};
pub use page::{Connection, DEFAULT_PAGE, Edge, LONGEST_PAGE, Listed, PageInfo};
pub use relation::{Ask, Links, group};
pub use root::{Entry, Guarded, Root, Watched};
pub(crate) use union::interface;
pub use union::{Declared, Interface, InterfaceField};

/// What the [`interface`] macro needs of this room.
pub mod union_parts {
    pub use super::column::{Column, resolve};
    pub use super::object::register;
    pub use super::select::Env;
    pub use super::union::{Sorted, describe};
}
