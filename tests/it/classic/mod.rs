//! The classic view: contract managers and software coordinators add people and hand contracts over, and an account goes over to the other view and back.

mod adding;
mod contracts;
mod page;
mod support;
mod switching;
