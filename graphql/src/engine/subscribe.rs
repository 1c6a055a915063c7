//! Runs subscriptions: each event is answered like a query whose root it is (specification, section 6.2.3).

use std::sync::Arc;

use async_graphql::parser::types::{OperationDefinition, OperationType};
use async_graphql::{PathSegment, Response, ServerError, Value};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};

use super::column::{Cell, Objects, Value as CellValue, unwinding};
use super::definition::{Read, Rowed};
use super::execute::{Operation, run, write};
use super::relation::Links;
use super::rows::AnyRows;
use super::select::Selected;
use crate::Fault;

/// Answers a subscription, event by event.
pub fn stream(
    prepared: impl Future<Output = Result<Operation, Vec<ServerError>>> + Send + 'static,
) -> BoxStream<'static, Response> {
    let opened = async move {
        let operation = match prepared.await {
            Ok(operation) => operation,
            Err(errors) => return once(Response::from_errors(errors)),
        };
        let is_subscription = |chosen: &OperationDefinition| chosen.ty == OperationType::Subscription;
        if !operation.chosen().is_some_and(is_subscription) {
            return once(match operation.admitted().await {
                Ok(operation) => run(&operation).await,
                Err(error) => Response::from_errors(vec![error]),
            });
        }
        let operation = Arc::new(operation);
        match open(&operation).await {
            Ok(events) => {
                let answer = move |event| {
                    let operation = operation.clone();
                    async move { answer(&operation, event).await }
                };
                events.then(answer).boxed()
            }
            Err(response) => once(response),
        }
    };
    opened.flatten_stream().boxed()
}

fn once(response: Response) -> BoxStream<'static, Response> {
    stream::once(std::future::ready(response)).boxed()
}

async fn open(operation: &Operation) -> Result<Rowed, Response> {
    let (root, _) = operation.schema.root(OperationType::Subscription);
    let Some(chosen) = operation.chosen() else {
        return Err(Response::new(Value::Null));
    };
    let sets = [&chosen.selection_set.node];
    let selected = operation.env().select(root.name, &sets);
    let field = selected
        .first()
        .and_then(|field| Some((field, root.field(field.name())?)));
    let Some((selected, field)) = field else {
        return Err(Response::new(Value::Null));
    };
    let admitted = match field.guard.as_deref() {
        Some(guard) => guard.admits(&operation.context),
        None => Ok(()),
    };
    let opened = match (admitted, &field.read) {
        (Ok(()), Read::Stream(open)) => unwinding(async { open(selected).await }).await,
        (Ok(()), _) => Err(Fault::internal("a field of the subscription root is no stream")),
        (Err(fault), _) => Err(fault),
    };
    opened.map_err(|fault| failed(&fault, selected))
}

fn failed(fault: &Fault, selected: &Selected<'_>) -> Response {
    let mut error = fault.server_error(selected.pos);
    error.path = vec![PathSegment::Field(selected.key.to_owned())];
    Response::from_errors(vec![error])
}

async fn answer(operation: &Operation, event: Result<AnyRows, Fault>) -> Response {
    let (root, rows) = operation.schema.root(OperationType::Subscription);
    let Some(chosen) = operation.chosen() else {
        return Response::new(Value::Null);
    };
    let sets = [&chosen.selection_set.node];
    let selected = operation.env().select(root.name, &sets);
    let Some(selected) = selected.first() else {
        return Response::new(Value::Null);
    };
    let definition = root
        .field(selected.name())
        .and_then(|field| field.of.definition());
    let (event, definition) = match (event, definition) {
        (Ok(event), Some(definition)) => (event, definition),
        (Err(fault), _) => return failed(&fault, selected),
        (Ok(_), None) => return Response::new(Value::Null),
    };
    if let Some(ticket) = &operation.ticket {
        ticket.admit_event(operation.taken()).await;
    }
    let found = Links::<()>::first(definition, event);
    let value = CellValue::All {
        column: found.resolve(selected, false).await,
        is_nullable: false,
    };
    let objects = Objects::new(root, rows.clone(), vec![Cell::new(selected, value)]);
    write(objects, operation).await
}
