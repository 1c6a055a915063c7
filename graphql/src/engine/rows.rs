//! The rows at hand, of a type known to the handler and unknown to the engine.

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;

/// Rows of one type. Clones share them.
#[derive(Debug)]
pub struct Rows<T>(Arc<Vec<T>>);

impl<T> Clone for Rows<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

/// The same, of whichever type.
#[derive(Clone)]
pub struct AnyRows {
    rows: Arc<dyn Any + Send + Sync>,
    len: usize,
}

impl AnyRows {
    pub fn of<T: Send + Sync + 'static>(rows: Vec<T>) -> Self {
        let len = rows.len();
        Self {
            rows: Arc::new(rows),
            len,
        }
    }

    pub const fn len(&self) -> usize {
        self.len
    }

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rows as what they are; of another type there are none.
    pub fn typed<T: Send + Sync + 'static>(&self) -> Rows<T> {
        Rows(self.rows.clone().downcast().unwrap_or_default())
    }

    pub fn row<T: 'static>(&self, row: usize) -> Option<&T> {
        self.rows.downcast_ref::<Vec<T>>()?.get(row)
    }
}
