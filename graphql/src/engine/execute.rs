//! Runs operations (specification, section 6): roots are selected and merged like any other object, queries side by side, mutations one after
//! the other.

use std::collections::{BTreeMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::registry::Registry;
use async_graphql::{Pos, Positioned, Response, ServerError, Value, Variables};
use futures::future::join_all;

use super::column::{Cell, Column, Objects, Value as CellValue, mutation_cell, root_cell};
use super::context::Context;
use super::definition::{Definition, Of, TypeDef};
use super::document::Document;
use super::schema::{Inner, choose};
use super::select::{Env, Selected};
use super::write::Writer;
use crate::Fault;
use crate::admission::Ticket;
use crate::wire::written;

/// A valid operation within the limits, ready to run.
pub struct Operation {
    pub schema: Arc<Inner>,
    pub document: Arc<Document>,
    pub name: Option<String>,
    pub variables: Variables,
    pub context: Context,
    /// About as many objects as the largest answer has.
    pub cost: u64,
    /// What it is admitted by; `None`: whoever asks bounds what is asked at once.
    pub ticket: Option<Ticket>,
}

impl Operation {
    /// The operation, when there is room for what it costs.
    pub async fn admitted(self) -> Result<Self, ServerError> {
        if let Some(ticket) = &self.ticket {
            let admitted = ticket.admit(self.taken()).await;
            admitted.map_err(|fault| fault.server_error(self.pos()))?;
        }
        Ok(self)
    }

    /// What it takes of the room there is for operations.
    pub(super) fn taken(&self) -> u64 {
        self.cost.saturating_add(self.document.introspection())
    }

    fn pos(&self) -> Pos {
        self.chosen()
            .map_or_else(Pos::default, |chosen| chosen.selection_set.pos)
    }

    pub fn env(&self) -> Env<'_> {
        Env {
            schema: &self.schema,
            document: &self.document,
            variables: &self.variables,
            context: &self.context,
        }
    }

    pub fn chosen(&self) -> Option<&OperationDefinition> {
        choose(&self.document, self.name.as_deref()).ok()
    }
}

/// Answers a query or a mutation.
pub async fn run(operation: &Operation) -> Response {
    let Some(chosen) = operation.chosen() else {
        return Response::from_errors(vec![ServerError::new("There is no such operation.", None)]);
    };
    let (env, (root, rows)) = (operation.env(), operation.schema.root(chosen.ty));
    let sets = [&chosen.selection_set.node];
    let selected = env.select(root.name, &sets);
    let cells: Vec<Option<Cell>> = match chosen.ty {
        OperationType::Mutation => {
            let mut cells = Vec::with_capacity(selected.len());
            for field in &selected {
                cells.push(mutation_cell(root, field, rows).await);
            }
            cells
        }
        _ => {
            let introspected = introspect(operation, chosen, &selected).await;
            let cells = selected.iter().map(async |field| match &introspected {
                Ok(answers) => match answers.get(field.key) {
                    Some(json) => Some(Cell::new(field, CellValue::Written(json.clone()))),
                    None => root_cell(root, field, rows).await,
                },
                Err(fault) if field.name().starts_with("__") => {
                    Some(Cell::new(field, CellValue::failed(fault, field.pos, false)))
                }
                Err(_) => root_cell(root, field, rows).await,
            });
            join_all(cells).await
        }
    };
    let objects = Objects::new(root, rows.clone(), cells.into_iter().flatten().collect());
    write(objects, operation).await
}

/// An operation that costs this much may have an answer whose writing takes milliseconds.
const LONG: u64 = 1_000;

/// Writes the data of an answer: a long one on a thread where nobody waits for their turn.
pub(super) async fn write(objects: Objects, operation: &Operation) -> Response {
    if operation.cost < LONG {
        return write_here(&objects);
    }
    let ticket = operation.ticket.clone();
    let writing = tokio::task::spawn_blocking(move || {
        let response = write_here(&objects);
        drop(objects);
        // Not before: who asked may have gone, and the values are still there.
        drop(ticket);
        response
    });
    writing.await.unwrap_or_else(|_| unwritten())
}

/// What panics while it writes has no answer at all.
fn write_here(objects: &Objects) -> Response {
    let writing = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut writer = Writer::new();
        let written = objects.write(0, &mut writer);
        (written, writer)
    }));
    let Ok((whole, writer)) = writing else {
        return unwritten();
    };
    // Everything written is UTF-8: strings come from strings, the rest is ASCII.
    let data = match (whole, String::from_utf8(writer.out)) {
        (Ok(()), Ok(json)) => written(json),
        _ => Value::Null,
    };
    let mut response = Response::new(data);
    response.errors = writer.errors;
    response
}

fn unwritten() -> Response {
    let fault = Fault::internal("writing an answer panicked");
    Response::from_errors(vec![fault.server_error(Pos::default())])
}

/// What the library answers of the schema itself, by response key.
async fn introspect(
    operation: &Operation,
    chosen: &OperationDefinition,
    selected: &[Selected<'_>],
) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
    let asked = selected
        .iter()
        .filter(|field| matches!(field.name(), "__schema" | "__type"));
    let asked: Vec<_> = asked.map(merged).collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut part = chosen.clone();
    part.selection_set.node.items = asked;
    let document = ExecutableDocument {
        operations: DocumentOperations::Single(Positioned::new(part, chosen.selection_set.pos)),
        fragments: operation.document.fragments.clone(),
    };
    let answers = operation.schema.introspect(document, operation.variables.clone());
    answers.await.map_err(|errors| {
        let texts: Vec<_> = errors.into_iter().map(|error| error.message).collect();
        Fault::bad_input(texts.join(" "))
    })
}

/// A field with everything that is selected below its key.
fn merged(selected: &Selected<'_>) -> Positioned<Selection> {
    let mut field: Field = selected.field.clone();
    field.directives.clear();
    let items = selected.below.iter().flat_map(|set| set.items.iter().cloned());
    field.selection_set.node = SelectionSet {
        items: items.collect(),
    };
    Positioned::new(
        Selection::Field(Positioned::new(field, selected.pos)),
        selected.pos,
    )
}

/// Enters every interface that a type implements into the registry.
pub fn register_interfaces(registry: &mut Registry, roots: &[Definition]) {
    let mut seen = HashSet::new();
    let mut next: Vec<Definition> = roots.to_vec();
    while let Some(definition) = next.pop() {
        if !seen.insert(std::ptr::from_ref::<TypeDef>(definition)) {
            continue;
        }
        for interface in &definition.interfaces {
            interface.register(registry);
            next.extend(interface.types.iter().map(|lazy| lazy()));
        }
        for field in &definition.fields {
            match &field.of {
                Of::Interface(interface) => next.extend(interface.types.iter().map(|lazy| lazy())),
                of => next.extend(of.definition()),
            }
        }
    }
}
