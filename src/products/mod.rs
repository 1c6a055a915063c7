//! Products and their components: the catalogue, the same for every account.
//!
//! It is small, changes rarely and is needed by every page, so it is kept in memory and read again when a wake says so, or when somebody asks for what is not in it.

mod catalogue;
mod read;

pub use catalogue::{Catalogue, Component, Product, ProductData, catalogue, catalogue_holding};
