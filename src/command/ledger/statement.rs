//! All that waits to be written, as the one statement that writes it.

use std::fmt::Write;

use sea_orm::sea_query::Value;

use crate::command::counters::Changes;
use crate::command::rows::Rows;
use crate::error::Result;

/// Everything that waits as one statement. Its parts do not see one another's rows; foreign keys are looked at when all of it is there.
pub(super) fn statement(rows: Vec<Rows>, changes: &[Changes]) -> Result<(String, Vec<Value>)> {
    let (mut sql, mut values) = (String::with_capacity(4_096), Vec::with_capacity(64));
    let mut answers = String::new();
    // Writing into a string does not fail.
    for (place, rows) in rows.into_iter().enumerate() {
        let _ = write!(sql, "{}w{place} AS (", with(&sql));
        if rows.are_noted {
            let _ = write!(answers, "ARRAY(SELECT \"id\" FROM w{place}) AS r{place}, ");
        }
        rows.insert(&mut sql, &mut values)?;
        sql.push(')');
    }
    for (place, changes) in changes.iter().enumerate() {
        let _ = write!(sql, "{}u{place} AS (", with(&sql));
        changes.update(&mut sql, &mut values);
        sql.push(')');
        let _ = write!(answers, "ARRAY(SELECT \"id\" FROM u{place}) AS c{place}, ");
    }
    let space = if sql.is_empty() { "" } else { " " };
    let _ = write!(sql, "{space}SELECT {answers}1 AS done");
    Ok((sql, values))
}

fn with(sql: &str) -> &'static str {
    if sql.is_empty() { "WITH " } else { ", " }
}
