//! CSV files of people: reading what administrators upload and writing back what could not be done.

pub mod formula;
pub mod nearest;
pub mod parse;
pub mod report;
