//! Uploads: a place in object storage that one file may be put to, straight from the browser.

mod create;
pub mod graphql;

pub use create::CreateUpload;
pub use graphql::{Upload, on_mutation};
