//! Cursors as text: a version, a binding, the sort key and the id of a row. The binding is a hash of account, list, filter and order.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::limits;

const VERSION: u8 = 1;
const BINDING_LENGTH: usize = 8;
const ID_LENGTH: usize = 16;

/// What a cursor is good for.
pub(super) type Binding = [u8; BINDING_LENGTH];

/// The place behind a row, written as text only when somebody asks for it: most pages are read without their cursors.
#[derive(Clone, Debug)]
pub struct Cursor {
    pub(super) binding: Binding,
    pub(super) place: Position,
}

impl Cursor {
    pub fn text(&self) -> String {
        let Position { key, id } = &self.place;
        let mut bytes = Vec::with_capacity(1 + BINDING_LENGTH + ID_LENGTH + key.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.binding);
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(key);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// A place in a list: sort key and id of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub key: Vec<u8>,
    pub id: Uuid,
}

/// Binds to an account's list.
pub(super) fn binding(account_id: Uuid, list: &str) -> Binding {
    let mut hashed = digest::Context::new(&digest::SHA256);
    hashed.update(account_id.as_bytes());
    hashed.update(list.as_bytes());
    let mut binding = [0; BINDING_LENGTH];
    binding.copy_from_slice(&hashed.finish().as_ref()[..BINDING_LENGTH]);
    binding
}

/// Reads a cursor that was made for this.
pub(super) fn open(cursor: &str, binding: Binding) -> Result<Position> {
    if cursor.len() > limits::CURSOR {
        return Err(Error::InvalidCursor);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::InvalidCursor)?;
    let bytes = bytes
        .strip_prefix(&[VERSION])
        .and_then(|bytes| bytes.strip_prefix(&binding))
        .ok_or(Error::InvalidCursor)?;
    let (id, key) = bytes.split_at_checked(ID_LENGTH).ok_or(Error::InvalidCursor)?;
    let id = Uuid::from_slice(id).map_err(|_| Error::InvalidCursor)?;
    Ok(Position {
        key: key.to_vec(),
        id,
    })
}
