//! Writing the answer: one buffer, depth first, with the null propagation the specification asks for (section 6.4.4).

use std::sync::Arc;

use async_graphql::{PathSegment, ServerError};

/// A non-null field had no value: the nearest nullable one above becomes null.
#[derive(Debug)]
pub struct Nulled;

/// Where the writer stands, for the path of an error.
pub enum Step {
    Key(Arc<str>),
    Index(usize),
}

pub struct Writer {
    pub out: Vec<u8>,
    path: Vec<Step>,
    pub errors: Vec<ServerError>,
}

impl Writer {
    pub fn new(root: &str) -> Self {
        Self {
            out: Vec::with_capacity(1024),
            path: vec![Step::Key(root.into())],
            errors: Vec::new(),
        }
    }

    /// Writes something a step further down.
    pub fn under<R>(&mut self, step: Step, write: impl FnOnce(&mut Self) -> R) -> R {
        self.path.push(step);
        let written = write(self);
        self.path.pop();
        written
    }

    /// Writes a value. Where it may be null, trouble below takes back what was written and leaves a null.
    pub fn value(
        &mut self,
        is_nullable: bool,
        write: impl FnOnce(&mut Self) -> Result<(), Nulled>,
    ) -> Result<(), Nulled> {
        let start = self.out.len();
        let written = write(self);
        if is_nullable && written.is_err() {
            self.out.truncate(start);
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        written
    }

    /// Notes an error where the writer stands.
    pub fn fail(&mut self, mut error: ServerError) -> Nulled {
        let steps = self.path.iter().map(|step| match step {
            Step::Key(key) => PathSegment::Field(key.to_string()),
            Step::Index(index) => PathSegment::Index(*index),
        });
        error.path = steps.collect();
        self.errors.push(error);
        Nulled
    }

    /// Writes a list of `count` items.
    pub fn list(
        &mut self,
        count: usize,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Nulled>,
    ) -> Result<(), Nulled> {
        self.out.push(b'[');
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            self.under(Step::Index(index), |writer| item(writer, index))?;
        }
        self.out.push(b']');
        Ok(())
    }
}
