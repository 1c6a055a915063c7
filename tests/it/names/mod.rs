//! Names: the order they stand in, how they are found, and what becomes of both when the language changes or a release makes other keys.

mod finding;
mod ordering;
mod rewriting;
mod support;
