//! Uploads: a place in object storage that one file may be put to, straight from the browser.

mod create;
mod presign;
mod read;

pub use create::CreateUpload;
pub use presign::presign;
pub use read::Upload;
