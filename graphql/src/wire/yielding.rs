//! Lets others have their turn while introspection is executed, and while a long answer is compressed and sent.

use std::{convert::Infallible, sync::Arc};

use async_graphql::{
    ServerResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};
use axum::body::Bytes;
use futures::{Stream, StreamExt, stream};

use crate::admission::Ticket;

/// An extension of the schema: fields the library itself resolves are never without an answer, so a task that resolves a hundred thousand of them
/// would not give its thread back before the last. With this each takes part of the task's budget, as reading from a socket does.
#[derive(Clone, Copy, Debug)]
pub struct Yielding;

impl ExtensionFactory for Yielding {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Yielding {
    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        tokio::task::consume_budget().await;
        next.run(context, info).await
    }
}

/// How much of an answer is compressed and sent in one go.
pub(super) const PIECE: usize = 64 * 1024;

/// A text in pieces, between which others have their turn. The ticket is held as long as the text is.
pub(super) fn pieces(
    text: Bytes,
    ticket: Option<Ticket>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let whole = text.len();
    stream::unfold((text, ticket), move |(mut rest, ticket)| async move {
        if rest.is_empty() {
            return None;
        }
        if rest.len() < whole {
            tokio::task::yield_now().await;
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        Some((Ok(piece), (rest, ticket)))
    })
    // Who compresses an answer asks once more after its end.
    .fuse()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn who_asks_once_more_after_the_end_is_told_that_it_is_the_end() {
        let mut pieces = Box::pin(pieces(Bytes::from_static(b"{}"), None));
        assert_eq!(pieces.next().await, Some(Ok(Bytes::from_static(b"{}"))));
        assert_eq!((pieces.next().await, pieces.next().await), (None, None));
    }

    #[tokio::test]
    async fn a_long_text_is_handed_over_whole_with_a_turn_for_others_between_its_pieces() {
        static TURNS: AtomicUsize = AtomicUsize::new(0);

        let others = tokio::spawn(async {
            loop {
                TURNS.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        });
        let text: Bytes = "0123456789".repeat(PIECE).into();
        let got: Vec<Bytes> = pieces(text.clone(), None).try_collect().await.unwrap();
        others.abort();
        assert_eq!(got.concat(), text);
        assert_eq!(got.len(), 10);
        assert!(TURNS.load(Ordering::SeqCst) >= 9, "{TURNS:?}");
    }
}
