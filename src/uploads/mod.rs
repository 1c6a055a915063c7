//! Uploads: a place in object storage that one file may be put to, straight from the browser.

mod create;
mod embedded;
mod presign;
mod read;

pub use create::CreateUpload;
pub use embedded::{BelongToStore, ForgetStore};
pub use presign::presign;
pub use read::Upload;
