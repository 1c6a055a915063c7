//! Documents that are validated once, however often they are asked.

use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::types::ExecutableDocument;

/// Values of an introspection that take as much memory as what costs 1.
const VALUES_PER_COST: u64 = 25;

/// A parsed document, and whether the schema has found it valid. A transport that remembers it puts it, in an [`Arc`](std::sync::Arc), into each
/// request it comes with; so it must ask one schema only.
///
/// Of a document nothing depends on who asks or on the values of variables, so what was valid stays so.
#[derive(Debug)]
pub struct Document {
    parsed: ExecutableDocument,
    /// What a query of the schema in it takes of a process, in costs of other operations.
    introspection: u64,
    is_valid: AtomicBool,
}

impl Document {
    pub const fn new(parsed: ExecutableDocument) -> Self {
        Self {
            parsed,
            introspection: 0,
            is_valid: AtomicBool::new(false),
        }
    }

    /// With so many values that its introspection can answer with.
    pub const fn introspecting(mut self, values: u64) -> Self {
        self.introspection = values / VALUES_PER_COST;
        self
    }

    /// What its introspection is to count for where operations are admitted by what they cost.
    pub(super) const fn introspection(&self) -> u64 {
        self.introspection
    }

    /// Whether it is known to be valid.
    pub(super) fn is_valid(&self) -> bool {
        self.is_valid.load(Ordering::Relaxed)
    }

    pub(super) fn note_valid(&self) {
        self.is_valid.store(true, Ordering::Relaxed);
    }
}

impl Deref for Document {
    type Target = ExecutableDocument;

    fn deref(&self) -> &ExecutableDocument {
        &self.parsed
    }
}
