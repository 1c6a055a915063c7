//! Imports through the public API: upload, start, follow, read the rows.

pub mod assignments;
mod columns;
mod dry_run;
mod files;
mod lines;
mod people_again;
mod products;
mod progress;
mod real_files;
mod rejected_rows;
mod reports;
mod rows;
mod stopping;
pub mod support;
mod unassignments;
mod undoing;
mod uploads;
mod waiting;
