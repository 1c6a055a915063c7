//! Writing the answer: one buffer, depth first, with the null propagation the specification asks for (section 6.4.4).

use std::sync::Arc;

use async_graphql::{PathSegment, Pos, ServerError};

use crate::Fault;

/// There is no value: where a null may not stand, the nearest nullable thing above becomes null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulled {
    /// Nothing belongs here. Whether that is an error depends on the place.
    Missing,
    /// An error was noted already.
    Reported,
}

/// Where the writer stands, for the path of an error.
pub enum Step {
    Key(Arc<str>),
    Index(usize),
}

pub struct Writer {
    pub out: Vec<u8>,
    path: Vec<Step>,
    /// Of the field being written.
    pub pos: Pos,
    pub errors: Vec<ServerError>,
}

impl Writer {
    pub fn new() -> Self {
        Self {
            out: Vec::with_capacity(1024),
            path: Vec::new(),
            pos: Pos::default(),
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
        match write(self) {
            Ok(()) => Ok(()),
            Err(_) if is_nullable => {
                self.out.truncate(start);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Err(Nulled::Missing) => {
                let defect = Fault::internal("nothing stands where something must");
                Err(self.fail(defect.server_error(self.pos)))
            }
            Err(Nulled::Reported) => Err(Nulled::Reported),
        }
    }

    /// Notes an error where the writer stands.
    pub fn fail(&mut self, mut error: ServerError) -> Nulled {
        let steps = self.path.iter().map(|step| match step {
            Step::Key(key) => PathSegment::Field(key.to_string()),
            Step::Index(index) => PathSegment::Index(*index),
        });
        error.path = steps.collect();
        self.errors.push(error);
        Nulled::Reported
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
