//! The operations of a socket: each in a task of its own, all that they say in one bounded queue.
//!
//! An operation must not be executed by the task that writes to the socket: while that one waits for a client who does not read, the operation would
//! stand still with its transaction open. So it goes on to its answer whatever the client does, and waits only to hand it over.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Request, parser::types::OperationType};
use futures::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::AbortHandle,
};

use crate::admission::Ticket;

use super::super::{Application, answer::Answer, fault::RequestId, http, operation::Operation};

/// What waits for the client at most. An answer may have megabytes.
const LONGEST_QUEUE: usize = 4;
/// Queries and mutations of one socket that are executed, or wait for the queue, at once.
const MOST_EXECUTED: usize = 8;

/// One thing an operation says; nothing comes after an error or the completion.
pub enum Said {
    Next(Answer),
    Error(Answer),
    Complete,
}

/// Everything an operation says.
type Spoken = BoxStream<'static, Said>;

/// What operations say, in the order in which it must be said.
pub struct Operations {
    running: HashMap<String, Running>,
    /// An id may be used again: what its former operation still has in the queue is not of the new one.
    next: u64,
    sender: mpsc::Sender<(String, u64, Said)>,
    queue: mpsc::Receiver<(String, u64, Said)>,
    executed: Arc<Semaphore>,
}

/// Ends its task when it is dropped.
struct Running {
    number: u64,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Operations {
    pub fn new() -> Self {
        let (sender, queue) = mpsc::channel(LONGEST_QUEUE);
        Self {
            running: HashMap::new(),
            next: 0,
            sender,
            queue,
            executed: Arc::new(Semaphore::new(MOST_EXECUTED)),
        }
    }

    pub fn has(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn end(&mut self, id: &str) {
        self.running.remove(id);
    }

    pub fn end_all(&mut self) {
        self.running.clear();
    }

    pub fn start<A: Application>(
        &mut self,
        id: String,
        application: &A,
        operation: Operation,
        attach: &(dyn Fn(Request) -> Request + Send + Sync),
        ticket: Ticket,
    ) {
        let number = self.next;
        self.next += 1;
        let executed = (operation.kind != OperationType::Subscription).then(|| self.executed.clone());
        let mut spoken = speak(application, operation, attach, ticket.clone());
        let (sender, key) = (self.sender.clone(), id.clone());
        let task = tokio::spawn(async move {
            let _permit = match executed {
                Some(executed) => executed.acquire_owned().await.ok(),
                None => None,
            };
            while let Some(said) = spoken.next().await {
                if sender.send((key.clone(), number, said)).await.is_err() {
                    return;
                }
                // From here on it is one of the few that the queue holds.
                ticket.release();
            }
        });
        let task = task.abort_handle();
        self.running.insert(id, Running { number, task });
    }

    /// Waits for the next thing to say.
    pub async fn next(&mut self) -> (String, Said) {
        loop {
            let Some((id, number, said)) = self.queue.recv().await else {
                // We hold a sender ourselves.
                return std::future::pending().await;
            };
            if self.running.get(&id).is_some_and(|of| of.number == number) {
                return (id, said);
            }
        }
    }
}

fn speak<A: Application>(
    application: &A,
    operation: Operation,
    attach: &(dyn Fn(Request) -> Request + Send + Sync),
    ticket: Ticket,
) -> Spoken {
    let id = RequestId::random();
    let Operation {
        request,
        kind,
        question,
    } = operation;
    let request = attach(request).data(ticket);
    match kind {
        OperationType::Subscription => {
            let answers = AssertUnwindSafe(application.subscribe(request))
                .catch_unwind()
                .enumerate();
            let said = answers.map(move |(nth, response)| {
                let response = response.unwrap_or_else(|_| http::panicked());
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
            let application = application.clone();
            let answer =
                async move { Answer::of(http::execute(&application, request, kind).await, &question, &id) };
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
