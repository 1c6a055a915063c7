//! How queries are answered: a whole list at a time.
//!
//! async-graphql parses, validates and describes; this module executes. The usual way runs one future for every field of every row, a thousand for a
//! page of fifty users. Here a type says for each field either how to read it off a row ([`Type::text`], [`Type::value`]) or how to find what
//! belongs to *all* rows at hand ([`Type::link`], [`Type::many`], [`Type::page`]). A query is then walked breadth first: each relation in the document is
//! loaded once, whatever the number of rows above it, so N+1 cannot be written. When all is loaded, the answer is written depth first
//! straight into one buffer, without a future or a value tree in between.
//!
//! Only the thin builder ([`Type`]) knows the application's types; what executes knows rows, columns and definitions, and is compiled once.

mod args;
mod bulk;
mod coerce;
mod column;
mod context;
mod cost;
mod definition;
mod describe;
mod document;
mod execute;
mod found;
mod guard;
mod handler;
mod held;
mod input;
mod interface;
mod leaf;
mod library;
mod lift;
mod load;
mod looked_up;
mod mutation;
mod page;
mod relation;
mod rows;
mod schema;
mod sdl;
mod select;
mod subscribe;
mod type_ref;
mod undescribed;
mod validate;
mod write;

pub use args::Sent;
pub use bulk::{Bulk, BulkErrorPolicy, BulkItemStatus, BulkResult, BulkSummary};
pub use context::{Context, FromContext};
pub use cost::COST_LIMIT;
pub use definition::definition;
pub use describe::{Field, Object, Type};
pub use document::Document;
pub use guard::{Guard, Refused};
pub use handler::Handler;
pub use interface::{Dyn, Interface, InterfaceDef, InterfaceField};
pub use leaf::{Date, Leaf};
pub use load::{Load, Loader, Reference};
pub use mutation::{Change, Envelope, MutationField, Payload, Refuse};
pub use page::{Connection, Cursor, DEFAULT_PAGE, Edge, LONGEST_PAGE, PageInfo};
pub use relation::{Links, Same, group};
pub use rows::Rows;
pub use schema::Schema;
pub use select::Wants;
