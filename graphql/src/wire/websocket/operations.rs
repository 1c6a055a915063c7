//! What an operation says to the client who started it, in the order in which it must be said.

use async_graphql::{Request, parser::types::OperationType};
use futures::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};

use super::super::{Door, answer::Answer, fault::RequestId, http, operation::Operation};

/// One thing an operation says; nothing comes after an error or the completion.
pub enum Said {
    Next(Answer),
    Error(Answer),
    Complete,
}

/// Everything an operation says. Dropping it ends the operation.
pub type Spoken = BoxStream<'static, Said>;

/// Starts an operation; nothing happens until it is listened to.
pub fn speak<D: Door>(
    door: &D,
    operation: Operation,
    attach: &(dyn Fn(Request) -> Request + Send + Sync),
) -> Spoken {
    let id = RequestId::random();
    let Operation {
        request,
        kind,
        question,
    } = operation;
    let request = attach(request);
    match kind {
        OperationType::Subscription => {
            let answers = door.subscribe(request).enumerate();
            let said = answers.map(move |(nth, response)| {
                let answer = Answer::of(response, &question, &id);
                // A subscription that could not be opened answers once, with errors and nothing else.
                if answer.is_refusal() || (nth == 0 && answer.is_barren()) {
                    Said::Error(answer)
                } else {
                    Said::Next(answer)
                }
            });
            said.chain(completion()).boxed()
        }
        OperationType::Query | OperationType::Mutation => {
            let door = door.clone();
            let answer = async move { Answer::of(http::execute(&door, request).await, &question, &id) };
            let said = answer.map(|answer| {
                if answer.is_refusal() {
                    Said::Error(answer)
                } else {
                    Said::Next(answer)
                }
            });
            said.into_stream().chain(completion()).boxed()
        }
    }
}

fn completion() -> impl futures::Stream<Item = Said> + Send + 'static {
    stream::once(std::future::ready(Said::Complete))
}
