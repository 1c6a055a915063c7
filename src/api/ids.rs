//! Global ids in answers.

use async_graphql::registry::Registry;
use async_graphql::{ID, OutputType};
use entity::ids::Kind;
use graphql::Leaf;
use uuid::Uuid;

/// A global id: what it names and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gid(pub Kind, pub Uuid);

impl Leaf for Gid {
    fn describe(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(self.0.text(self.1).as_bytes());
        out.push(b'"');
    }
}

/// An id as a client gave it, answered as it came.
#[derive(Clone, Debug)]
pub struct GivenId(pub String);

impl Leaf for GivenId {
    fn describe(registry: &mut Registry) -> String {
        Gid::describe(registry)
    }

    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }
}
