//! Lists of any length as one bound value.
//!
//! A statement that binds every value of a list has another text for each length: PostgreSQL parses each anew and plans it anew, and half
//! a megabyte of placeholders costs more than the rows. As one array a list of a thousand is a statement of one text, prepared once. SQLite, in process and
//! without a plan worth keeping, binds one by one.

use std::fmt::Write;

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{ExprTrait, SimpleExpr, Value};
use sea_orm::{ColumnTrait, DatabaseBackend};
use uuid::Uuid;

/// `column IN (ids)`.
pub fn among<C: ColumnTrait>(backend: DatabaseBackend, column: C, ids: &[Uuid]) -> SimpleExpr {
    if backend == DatabaseBackend::Postgres {
        column.into_expr().eq(PgFunc::any(ids.to_vec()))
    } else {
        column.is_in(ids.iter().copied())
    }
}

/// `column IN (texts)`.
pub fn among_texts<'a, C: ColumnTrait>(
    backend: DatabaseBackend,
    column: C,
    texts: impl Iterator<Item = &'a str>,
) -> SimpleExpr {
    if backend == DatabaseBackend::Postgres {
        column
            .into_expr()
            .eq(PgFunc::any(texts.map(str::to_owned).collect::<Vec<String>>()))
    } else {
        column.is_in(texts)
    }
}

/// The same for a statement that is written out: what stands behind the column, with its values behind those that are bound already.
pub fn listed<T>(backend: DatabaseBackend, items: Vec<T>, values: &mut Vec<Value>) -> String
where
    T: Into<Value>,
    Vec<T>: Into<Value>,
{
    if backend == DatabaseBackend::Postgres {
        values.push(items.into());
        return format!("= ANY(${})", values.len());
    }
    let places = items.into_iter().map(|item| {
        values.push(item.into());
        format!("${}", values.len())
    });
    format!("IN ({})", places.collect::<Vec<_>>().join(", "))
}

/// The same for the ids that a question finds, in a statement that changes just those: what stands behind the column.
///
/// PostgreSQL takes a question behind `IN` for a join, and for a thousand rows of a long table reads the whole table beside it. As an array it is asked once, and
/// each row is then looked up by its key.
pub fn found(backend: DatabaseBackend, question: &str) -> String {
    if backend == DatabaseBackend::Postgres {
        format!("= ANY(ARRAY({question}))")
    } else {
        format!("IN ({question})")
    }
}

/// An array with nulls in it, which cannot be bound as such: written in PostgreSQL's own text form (`{a,"b c",NULL}`). Its cast is not a constant, so that it is
/// for lists of columns and not for conditions, where it would be read anew for each row.
#[derive(Debug)]
pub struct Array(String);

impl Array {
    pub fn new(capacity: usize) -> Self {
        let mut text = String::with_capacity(capacity + 2);
        text.push('{');
        Self(text)
    }

    pub fn null(&mut self) {
        self.next().push_str("NULL");
    }

    /// Something whose text holds nothing that means something in an array: a number, a truth, an id.
    pub fn plain(&mut self, value: impl std::fmt::Display) {
        // Writing into a string does not fail.
        let _ = write!(self.next(), "{value}");
    }

    pub fn text(&mut self, value: &str) {
        let text = self.next();
        text.push('"');
        let mut rest = value;
        while let Some(place) = rest.find(['"', '\\']) {
            text.push_str(&rest[..place]);
            text.push('\\');
            text.push_str(&rest[place..=place]);
            rest = &rest[place + 1..];
        }
        text.push_str(rest);
        text.push('"');
    }

    /// The whole array.
    pub fn into_text(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn next(&mut self) -> &mut String {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Array;

    #[test]
    fn what_means_something_in_an_array_is_escaped() {
        let mut array = Array::new(0);
        array.text("plain");
        array.text(r#"a "quoted" \ and, {braced}"#);
        array.text("");
        array.text("NULL");
        array.null();
        array.plain(7);
        assert_eq!(
            array.0,
            r#"{"plain","a \"quoted\" \\ and, {braced}","","NULL",NULL,7"#
        );
    }
}
