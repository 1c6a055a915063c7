//! Counters that are kept in rows: changed by so much, however they stand, and never past their limit.

use std::fmt::Write;

use sea_orm::sea_query::Value;
use uuid::Uuid;

use crate::error::Refusal;

/// Counters of one table, which are changed together.
#[derive(Debug)]
pub struct Counters {
    pub table: &'static str,
    /// The column that names the account.
    pub account: &'static str,
    pub columns: &'static [&'static str],
    /// A counter and the column it may not pass.
    pub within: Option<(&'static str, &'static str)>,
}

/// What one row's counters change by.
pub struct Change {
    pub id: Uuid,
    /// One for each column.
    pub by: Vec<i32>,
    /// Why the whole command is refused when the limit would be passed.
    pub otherwise: Option<Refusal>,
}

/// Changes of rows of one account, not yet written.
pub struct Changes {
    pub counters: &'static Counters,
    pub account_id: Uuid,
    rows: Vec<Change>,
}

impl Changes {
    pub fn new(counters: &'static Counters, account_id: Uuid) -> Self {
        Self {
            counters,
            account_id,
            rows: Vec::new(),
        }
    }

    /// A row that changes twice changes once, by both.
    pub fn add(&mut self, change: Change) {
        match self.rows.iter_mut().find(|row| row.id == change.id) {
            Some(row) => {
                for (sum, by) in row.by.iter_mut().zip(change.by) {
                    *sum += by;
                }
                row.otherwise = change.otherwise.or(row.otherwise.take());
            }
            None => self.rows.push(change),
        }
    }

    /// One update of all rows, for PostgreSQL. Answers the ids of those it changed.
    pub fn update(&self, sql: &mut String, values: &mut Vec<Value>) {
        if let [change] = self.rows.as_slice() {
            update_one(self.counters, self.account_id, change, sql, values);
            sql.push_str(" RETURNING \"id\"");
            return;
        }
        let Counters {
            table,
            account,
            columns,
            within,
        } = self.counters;
        let first = values.len() + 1;
        values.push(self.account_id.into());
        values.push(self.rows.iter().map(|row| row.id).collect::<Vec<_>>().into());
        let (mut sets, mut given, mut guard) = (String::new(), String::new(), String::new());
        for (place, column) in columns.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let by: Vec<i32> = self
                .rows
                .iter()
                .filter_map(|row| row.by.get(place).copied())
                .collect();
            values.push(by.into());
            // Writing into a string does not fail.
            let _ = write!(sets, "{comma}\"{column}\" = t.\"{column}\" + d.\"{column}\"");
            let _ = write!(given, ", UNNEST(${}::int4[]) AS \"{column}\"", values.len());
        }
        if let Some((counter, limit)) = within {
            let _ = write!(guard, " AND t.\"{counter}\" + d.\"{counter}\" <= t.\"{limit}\"");
        }
        let _ = write!(
            sql,
            "UPDATE \"{table}\" AS t SET {sets} FROM (SELECT UNNEST(${}::uuid[]) AS \"row\"{given}) AS d \
             WHERE t.\"{account}\" = ${first} AND t.\"id\" = d.\"row\"{guard} RETURNING t.\"id\"",
            first + 1
        );
    }

    /// The first of the rows that are not among those that were changed.
    pub fn missing(self, changed: &[Uuid]) -> Option<Change> {
        self.rows.into_iter().find(|row| !changed.contains(&row.id))
    }
}

/// An update of one row.
pub fn update_one(
    counters: &Counters,
    account_id: Uuid,
    change: &Change,
    sql: &mut String,
    values: &mut Vec<Value>,
) {
    let mut bind = |value: Value| {
        values.push(value);
        values.len()
    };
    let table = counters.table;
    let (mut sets, mut guard) = (String::new(), String::new());
    // Writing into a string does not fail.
    for (place, (column, by)) in counters.columns.iter().zip(&change.by).enumerate() {
        let comma = if place == 0 { "" } else { ", " };
        let bound = bind((*by).into());
        let _ = write!(sets, "{comma}\"{column}\" = \"{column}\" + ${bound}");
        if let Some((counter, limit)) = counters.within.filter(|(counter, _)| counter == column) {
            let _ = write!(guard, " AND \"{counter}\" + ${bound} <= \"{limit}\"");
        }
    }
    let (account, id) = (bind(account_id.into()), bind(change.id.into()));
    let _ = write!(
        sql,
        "UPDATE \"{table}\" SET {sets} WHERE \"{table}\".\"{}\" = ${account} AND \"{table}\".\"id\" = ${id}{guard}",
        counters.account
    );
}
