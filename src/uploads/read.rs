//! Reading uploads: always of the reader's account.

use crate::read::account_row;

account_row! {
    /// A place for one file.
    Upload, upload
}
