//! Rows on their way into a table, on PostgreSQL: one row is bound value by value, more as one array a column. So there are two texts for a table, whatever the number
//! of rows, each prepared once. Arrays are read and taken apart by functions that cost more than one row does.

use std::fmt::Write;

use sea_orm::sea_query::{ColumnType, OnConflict, PostgresQueryBuilder, QueryBuilder, Value};
use sea_orm::{ActiveModelTrait, ActiveValue, ColumnTrait, EntityName, EntityTrait, IdenStatic, Iterable};

use crate::error::{Error, Result};
use crate::platform::arrays::Array;

/// Rows of one table, column by column.
pub struct Rows {
    pub table: &'static str,
    columns: Vec<Column>,
    /// What to do about rows that are there already, as SQL; empty: they are an error.
    conflict: String,
    /// Whether the statement answers the ids of those that were inserted.
    pub are_noted: bool,
}

struct Column {
    name: &'static str,
    array_type: &'static str,
    /// One for each row; `None` is null, of no type in particular.
    values: Vec<Option<Value>>,
}

impl Rows {
    pub fn of<A: ActiveModelTrait>(rows: &[A], conflict: Option<OnConflict>) -> Result<Self> {
        let mut columns = Vec::new();
        for column in <A::Entity as EntityTrait>::Column::iter() {
            let value = |row: &A| match row.get(column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
                ActiveValue::NotSet => None,
            };
            columns.push(Column {
                name: column.as_str(),
                array_type: array_type(column.def().get_column_type())?,
                values: rows.iter().map(value).collect(),
            });
        }
        let written = |conflict| {
            let mut text = String::new();
            PostgresQueryBuilder.prepare_on_conflict(&Some(conflict), &mut text);
            text
        };
        Ok(Self {
            table: A::Entity::default().table_name(),
            columns,
            conflict: conflict.map(written).unwrap_or_default(),
            are_noted: false,
        })
    }

    /// Whether rows of both can be written by one statement.
    pub fn goes_with(&self, other: &Self) -> bool {
        self.table == other.table && self.conflict == other.conflict && self.are_noted == other.are_noted
    }

    pub fn append(&mut self, other: Self) {
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.values.extend(more.values);
        }
    }

    /// `INSERT … VALUES ($1, $2, …)`, or `INSERT … SELECT UNNEST($1), UNNEST($2), …`, whose arrays PostgreSQL takes in step.
    pub fn insert(self, sql: &mut String, bound: &mut Vec<Value>) -> Result<()> {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| format!("\"{}\"", column.name))
            .collect();
        // Writing into a string does not fail.
        let _ = write!(sql, "INSERT INTO \"{}\" ({}) ", self.table, names.join(", "));
        let is_one = self.columns.iter().all(|column| column.values.len() == 1);
        sql.push_str(if is_one { "VALUES (" } else { "SELECT " });
        for (place, column) in self.columns.into_iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            if is_one {
                match column.values.into_iter().flatten().next() {
                    Some(value) => {
                        bound.push(value);
                        let _ = write!(sql, "{comma}${}", bound.len());
                    }
                    None => {
                        let _ = write!(sql, "{comma}NULL");
                    }
                }
                continue;
            }
            bound.push(array(column.values)?.into());
            // Bound as the text it is: a parameter of the array's own type would be sent in binary.
            let _ = write!(
                sql,
                "{comma}UNNEST(${}::text::{})",
                bound.len(),
                column.array_type
            );
        }
        sql.push_str(if is_one { ")" } else { "" });
        sql.push_str(&self.conflict);
        if self.are_noted {
            sql.push_str(" RETURNING \"id\"");
        }
        Ok(())
    }
}

fn array(values: Vec<Option<Value>>) -> Result<String> {
    let mut array = Array::new(values.len() * 16);
    for value in values {
        match value {
            Some(value) => push(&mut array, value)?,
            None => array.null(),
        }
    }
    Ok(array.into_text())
}

fn push(array: &mut Array, value: Value) -> Result<()> {
    match value {
        Value::Bool(Some(value)) => array.plain(value),
        Value::SmallInt(Some(value)) => array.plain(value),
        Value::Int(Some(value)) => array.plain(value),
        Value::BigInt(Some(value)) => array.plain(value),
        Value::Uuid(Some(value)) => array.plain(value.hyphenated()),
        Value::String(Some(value)) => array.text(&value),
        Value::Bytes(Some(value)) => array.text(&hexadecimal(&value)),
        Value::Json(Some(value)) => array.text(&value.to_string()),
        Value::ChronoDate(Some(value)) => array.plain(value),
        Value::ChronoDateTimeUtc(Some(value)) => array.plain(value.to_rfc3339()),
        Value::Bool(None)
        | Value::SmallInt(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::Uuid(None)
        | Value::String(None)
        | Value::Bytes(None)
        | Value::Json(None)
        | Value::ChronoDate(None)
        | Value::ChronoDateTimeUtc(None) => array.null(),
        other => return Err(Error::internal(format!("no table has columns for {other:?}"))),
    }
    Ok(())
}

fn array_type(column: &ColumnType) -> Result<&'static str> {
    Ok(match column {
        ColumnType::Uuid => "uuid[]",
        ColumnType::String(_) | ColumnType::Text => "text[]",
        ColumnType::SmallInteger => "int2[]",
        ColumnType::Integer => "int4[]",
        ColumnType::BigInteger => "int8[]",
        ColumnType::Boolean => "bool[]",
        ColumnType::Date => "date[]",
        ColumnType::TimestampWithTimeZone => "timestamptz[]",
        ColumnType::Json | ColumnType::JsonBinary => "jsonb[]",
        ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob => "bytea[]",
        other => return Err(Error::internal(format!("no table has columns of {other:?}"))),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
