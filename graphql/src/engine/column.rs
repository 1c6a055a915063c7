//! Loaded answers, ready to be written: a column has one value for each row it was made for.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::SelectionSet;
use async_graphql::{Pos, ServerError};
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};

use super::context::Context;
use super::definition::{Definition, FieldDef, List, Read};
use super::guard::{AnyGuard, Refused};
use super::leaf::Leaf;
use super::rows::AnyRows;
use super::select::{Env, Selected};
use super::write::{Nulled, Step, Writer};
use crate::Fault;

/// Values of one field, one for each row.
pub trait Column: Send + Sync {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled>;
}

impl Column for Box<dyn Column> {
    fn write(&self, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        (**self).write(row, writer)
    }
}

/// Rows of one type with everything a query selects of them.
pub struct Objects {
    name: &'static str,
    rows: AnyRows,
    cells: Vec<Cell>,
}

/// One field of the answer, for all rows.
pub struct Cell {
    key: Arc<str>,
    /// `"key":`, ready to be copied.
    lead: Vec<u8>,
    pos: Pos,
    value: Value,
}

pub enum Value {
    TypeName,
    Row(&'static FieldDef),
    All {
        column: Box<dyn Column>,
        is_nullable: bool,
    },
    /// Not allowed: for every row, or for those that are not the reader's own.
    Guarded {
        error: ServerError,
        is_nullable: bool,
        allowed: Vec<bool>,
        otherwise: Box<Value>,
    },
    /// JSON that is there already.
    Written(Vec<u8>),
}

/// Loads what is selected of these rows: each relation once, all relations of a level at the same time.
pub fn resolve<'a>(
    env: Env<'a>,
    definition: Definition,
    rows: AnyRows,
    sets: &'a [&'a SelectionSet],
) -> BoxFuture<'a, Objects> {
    async move {
        if rows.is_empty() {
            return Objects::new(definition, rows, Vec::new());
        }
        let selected = env.select(definition.name, sets);
        let cells = join_all(selected.iter().map(|field| cell(definition, field, &rows))).await;
        Objects::new(definition, rows, cells.into_iter().flatten().collect())
    }
    .boxed()
}

async fn cell(definition: Definition, selected: &Selected<'_>, rows: &AnyRows) -> Option<Cell> {
    let value = if selected.name() == "__typename" {
        Value::TypeName
    } else {
        // Validation has made sure that the field exists.
        let field = definition.field(selected.name())?;
        guarded(field, selected, rows).await
    };
    Some(Cell::new(selected, value))
}

async fn guarded(field: &'static FieldDef, selected: &Selected<'_>, rows: &AnyRows) -> Value {
    let Some((fault, allowed)) = refused(field, selected.env.context, rows) else {
        return value(field, selected, rows).await;
    };
    let otherwise = match allowed.contains(&true) {
        true => value(field, selected, rows).await,
        false => Value::TypeName,
    };
    Value::Guarded {
        error: fault.server_error(selected.pos),
        is_nullable: field.is_nullable,
        allowed,
        otherwise: Box::new(otherwise),
    }
}

/// Why the field is not answered, and the rows for which it is all the same; `None` if it is for every row.
fn refused(field: &FieldDef, context: &Context, rows: &AnyRows) -> Option<(Fault, Vec<bool>)> {
    let guard = field.guard.as_deref();
    let by_guard = guard.and_then(|guard| {
        let fault = guard.shows(context).err()?;
        Some((fault, guard.own(context, rows)))
    });
    let by_row = field
        .confines
        .as_ref()
        .and_then(|confines| confines(context, rows));
    match (by_guard, by_row) {
        (Some((fault, own)), Some((_, within))) => {
            let both = own.iter().zip(within).map(|(own, within)| *own && within);
            Some((fault, both.collect()))
        }
        (by_guard, by_row) => by_guard.or(by_row),
    }
}

async fn value(field: &'static FieldDef, selected: &Selected<'_>, rows: &AnyRows) -> Value {
    match &field.read {
        Read::Row(_) => Value::Row(field),
        Read::All(find) => {
            let found = unwinding(async { find(selected, rows.clone()).await }).await;
            let column = match found {
                Ok(found) => found.resolve(selected, field.list == List::OfNullable).await,
                Err(fault) => Box::new(Failed(fault.server_error(selected.pos))),
            };
            Value::All {
                column,
                is_nullable: field.is_nullable,
            }
        }
        Read::Stream(_) => Value::failed(
            &Fault::internal("a stream is no field of a query"),
            selected.pos,
            field.is_nullable,
        ),
    }
}

/// A field of a root: its guard decides who is admitted, not who is shown a row.
pub async fn root_cell(definition: Definition, selected: &Selected<'_>, root: &AnyRows) -> Option<Cell> {
    if selected.name() == "__typename" {
        return Some(Cell::new(selected, Value::TypeName));
    }
    let field = definition.field(selected.name())?;
    let admits = |guard: &dyn AnyGuard| guard.admits(selected.env.context);
    let value = match field.guard.as_deref().map_or(Ok(()), admits) {
        Ok(()) => value(field, selected, root).await,
        Err(fault) => Value::failed(&fault, selected.pos, field.is_nullable),
    };
    Some(Cell::new(selected, value))
}

/// A mutation: whoever may not call it is told, in the payload where it can be mended.
pub async fn mutation_cell(definition: Definition, selected: &Selected<'_>, root: &AnyRows) -> Option<Cell> {
    if selected.name() == "__typename" {
        return Some(Cell::new(selected, Value::TypeName));
    }
    let field = definition.field(selected.name())?;
    let attempted = match field.guard.as_deref() {
        Some(guard) => guard.attempt(selected.env.context, field.name).await,
        None => Ok(()),
    };
    let value = match (attempted, &field.refuse) {
        (Ok(()), _) => value(field, selected, root).await,
        (Err(Refused::UserErrors(errors)), Some(refuse)) => Value::All {
            column: refuse(errors).resolve(selected, false).await,
            is_nullable: field.is_nullable,
        },
        (Err(Refused::UserErrors(_)), None) => {
            let defect = Fault::internal("a field without a payload was refused like a mutation");
            Value::failed(&defect, selected.pos, field.is_nullable)
        }
        (Err(Refused::Fault(fault)), _) => Value::failed(&fault, selected.pos, field.is_nullable),
    };
    Some(Cell::new(selected, value))
}

/// A handler that panics has no answer; the process and the fields beside it go on.
pub async fn unwinding<O>(call: impl Future<Output = Result<O, Fault>>) -> Result<O, Fault> {
    let caught = AssertUnwindSafe(call).catch_unwind().await;
    caught.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        let text = text.unwrap_or_else(|| "a panic without text".to_owned());
        Err(Fault::internal(format!("a handler panicked: {text}")))
    })
}

impl Cell {
    pub fn new(selected: &Selected<'_>, value: Value) -> Self {
        let mut lead = Vec::with_capacity(selected.key.len() + 3);
        selected.key.write(&mut lead);
        lead.push(b':');
        Self {
            key: selected.key.into(),
            lead,
            pos: selected.pos,
            value,
        }
    }
}

impl Value {
    pub fn failed(fault: &Fault, pos: Pos, is_nullable: bool) -> Self {
        Self::All {
            column: Box::new(Failed(fault.server_error(pos))),
            is_nullable,
        }
    }
}

impl Objects {
    pub const fn new(definition: Definition, rows: AnyRows, cells: Vec<Cell>) -> Self {
        Self {
            name: definition.name,
            rows,
            cells,
        }
    }

    fn write_value(&self, cell: &Cell, value: &Value, row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        match value {
            Value::TypeName => self.name.write(&mut writer.out),
            Value::Row(field) => {
                if let Read::Row(write) = &field.read {
                    write(&self.rows, row, &mut writer.out);
                }
            }
            Value::Written(json) => writer.out.extend_from_slice(json),
            Value::All { column, is_nullable } => {
                return cell.write(*is_nullable, writer, |writer| column.write(row, writer));
            }
            Value::Guarded {
                otherwise, allowed, ..
            } if allowed.get(row) == Some(&true) => {
                return self.write_value(cell, otherwise, row, writer);
            }
            Value::Guarded {
                error, is_nullable, ..
            } => {
                return cell.write(*is_nullable, writer, |writer| Err(writer.fail(error.clone())));
            }
        }
        Ok(())
    }
}

impl Column for Objects {
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

impl Cell {
    fn write(
        &self,
        is_nullable: bool,
        writer: &mut Writer,
        write: impl FnOnce(&mut Writer) -> Result<(), Nulled>,
    ) -> Result<(), Nulled> {
        writer.under(Step::Key(self.key.clone()), |writer| {
            let around = std::mem::replace(&mut writer.pos, self.pos);
            let written = writer.value(is_nullable, write);
            writer.pos = around;
            written
        })
    }
}

/// A relation that could not be loaded.
struct Failed(ServerError);

impl Column for Failed {
    fn write(&self, _row: usize, writer: &mut Writer) -> Result<(), Nulled> {
        Err(writer.fail(self.0.clone()))
    }
}
