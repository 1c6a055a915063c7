//! Inserting many rows at once: on PostgreSQL one array a column, whatever the number of rows; on SQLite as many rows a statement as it binds.

use sea_orm::sea_query::{ColumnType, Func, InsertStatement, OnConflict, Query, Value};
use sea_orm::{ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, Iterable};

use crate::error::{Error, Result};
use crate::platform::arrays::Array;

/// `INSERT … SELECT UNNEST(…), UNNEST(…), …`: the same text for any number of rows. PostgreSQL takes the arrays in step.
pub fn unnested<A>(rows: &[A], conflict: Option<OnConflict>) -> Result<InsertStatement>
where
    A: ActiveModelTrait,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let mut columns = Vec::new();
    let mut given = Query::select();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let array_type = array_type(column.def().get_column_type())?;
        given.expr(Func::cust("UNNEST").arg(array::<A>(rows, column)?.typed(array_type)));
        columns.push(column);
    }
    let mut insert = Query::insert();
    insert
        .into_table(A::Entity::default())
        .columns(columns)
        .select_from(given)
        .map_err(Error::internal)?;
    if let Some(conflict) = conflict {
        insert.on_conflict(conflict);
    }
    Ok(insert)
}

fn array<A: ActiveModelTrait>(rows: &[A], column: <A::Entity as EntityTrait>::Column) -> Result<Array> {
    let mut array = Array::new(rows.len() * 16);
    for row in rows {
        match row.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => push(&mut array, value)?,
            ActiveValue::NotSet => array.null(),
        }
    }
    Ok(array)
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
