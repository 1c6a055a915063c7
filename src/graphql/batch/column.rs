//! Loaded answers, ready to be written: a column has one value for each row it was made for.

use std::sync::Arc;

use async_graphql::ServerError;
use async_graphql::parser::types::SelectionSet;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::leaf::Leaf;
use super::object::{Field, Object, Read, definition};
use super::select::{Env, Selected};
use super::write::{Nulled, Step, Writer};
use crate::graphql::fault;

/// Values of one field, one for each row.
pub trait Column: Send + Sync {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled>;
}

/// Rows of one type with everything a query selects of them.
pub struct Objects<T: Object> {
    rows: Vec<T>,
    cells: Vec<Cell<T>>,
}

struct Cell<T: Object> {
    key: Arc<str>,
    /// `"key":`, ready to be copied.
    lead: Vec<u8>,
    value: Value<T>,
}

enum Value<T: Object> {
    TypeName,
    Row(&'static Field<T>),
    All {
        column: Box<dyn Column>,
        is_nullable: bool,
    },
    /// Not allowed: for every row, or for those that are not the reader's own.
    Guarded {
        error: ServerError,
        is_nullable: bool,
        allowed: Vec<bool>,
        otherwise: Box<Value<T>>,
    },
}

/// Loads what is selected of these rows: each relation once, all relations of a level at the same time.
pub fn resolve<'a, T: Object>(
    env: Env<'a>,
    rows: Vec<T>,
    sets: &'a [&'a SelectionSet],
) -> BoxFuture<'a, Objects<T>> {
    async move {
        if rows.is_empty() {
            return Objects {
                rows,
                cells: Vec::new(),
            };
        }
        let selected = env.select(T::NAME, sets);
        let cells = join_all(selected.iter().map(|field| cell(field, &rows))).await;
        Objects {
            rows,
            cells: cells.into_iter().flatten().collect(),
        }
    }
    .boxed()
}

async fn cell<T: Object>(selected: &Selected<'_>, rows: &[T]) -> Option<Cell<T>> {
    let mut lead = Vec::with_capacity(selected.key.len() + 3);
    selected.key.write(&mut lead);
    lead.push(b':');
    let value = if selected.field.name.node == "__typename" {
        Value::TypeName
    } else {
        // Validation has made sure that the field exists.
        let field = definition::<T>().field(selected.field.name.node.as_str())?;
        guarded(field, selected, rows).await
    };
    Some(Cell {
        key: selected.key.into(),
        lead,
        value,
    })
}

async fn guarded<T: Object>(field: &'static Field<T>, selected: &Selected<'_>, rows: &[T]) -> Value<T> {
    let Err(error) = field.guard.shows(selected.env.scope) else {
        return value(field, selected, rows).await;
    };
    let allowed = field.guard.own(selected.env.scope, rows);
    let otherwise = match allowed.contains(&true) {
        true => value(field, selected, rows).await,
        false => Value::TypeName,
    };
    let error = fault::server_error(error, selected.pos);
    Value::Guarded {
        error,
        is_nullable: field.is_nullable,
        allowed,
        otherwise: Box::new(otherwise),
    }
}

async fn value<T: Object>(field: &'static Field<T>, selected: &Selected<'_>, rows: &[T]) -> Value<T> {
    let Read::All(find) = &field.read else {
        return Value::Row(field);
    };
    let column = match find(selected, rows).await {
        Ok(column) => column,
        Err(error) => Box::new(Failed(fault::server_error(error, selected.pos))),
    };
    Value::All {
        column,
        is_nullable: field.is_nullable,
    }
}

impl<T: Object> Column for Objects<T> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        writer.out.push(b'{');
        for (place, cell) in self.cells.iter().enumerate() {
            if place > 0 {
                writer.out.push(b',');
            }
            writer.out.extend_from_slice(&cell.lead);
            self.write_value(cell, &cell.value, row, writer)?;
        }
        writer.out.push(b'}');
        Ok(())
    }
}

impl<T: Object> Objects<T> {
    fn write_value(
        &self,
        cell: &Cell<T>,
        value: &Value<T>,
        row: usize,
        writer: &mut Writer,
    ) -> Result<(), Nulled> {
        match value {
            Value::TypeName => T::NAME.write(&mut writer.out),
            Value::Row(field) => {
                if let Read::Row(write) = &field.read {
                    write(&self.rows[row], &mut writer.out);
                }
            }
            Value::All { column, is_nullable } => {
                return writer.under(Step::Key(cell.key.clone()), |writer| {
                    writer.value(*is_nullable, |writer| column.write(row, writer))
                });
            }
            Value::Guarded {
                otherwise, allowed, ..
            } if allowed[row] => {
                return self.write_value(cell, otherwise, row, writer);
            }
            Value::Guarded {
                error, is_nullable, ..
            } => {
                return writer.under(Step::Key(cell.key.clone()), |writer| {
                    writer.value(*is_nullable, |writer| Err(writer.fail(error.clone())))
                });
            }
        }
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// A relation that could not be loaded.
struct Failed(ServerError);

impl Column for Failed {
    fn write(&self, _row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        Err(writer.fail(self.0.clone()))
    }
}
