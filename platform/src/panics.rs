//! Panics as errors: where work is dispatched they end that work and nothing else.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

thread_local! {
    static LAST_PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Something of ours panicked; with the place in the source, once [`watch`] runs.
#[derive(Clone, Debug, thiserror::Error)]
#[error("panicked at {}: {message}", place.as_deref().unwrap_or("an unknown place"))]
pub struct Panicked {
    pub message: String,
    pub place: Option<String>,
}

/// From now on a panic is logged with its place, and whoever [catches](caught) it is told the place. May be called more than once.
pub fn watch() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let without_a_log = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string);
            let message = message(info.payload());
            // A log that hears nothing of it is no log.
            if tracing::enabled!(tracing::Level::ERROR) {
                tracing::error!(place = place.as_deref().unwrap_or_default(), message, "panicked");
            } else {
                without_a_log(info);
            }
            LAST_PLACE.with(|last| *last.borrow_mut() = place);
        }));
    });
}

/// Runs something to its end, or to its panic.
pub async fn caught<F: Future>(work: F) -> Result<F::Output, Panicked> {
    let mut work = pin!(work);
    std::future::poll_fn(move |context| {
        // What panicked is not looked at any more, so nobody sees it half-done.
        match panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(Panicked {
                message: message(payload.as_ref()),
                place: LAST_PLACE.with(|last| last.borrow_mut().take()),
            })),
        }
    })
    .await
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "something that is no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_with_what_it_said_and_where() {
        watch();
        let number = 7;
        let panicked = caught(async {
            tokio::task::yield_now().await;
            assert!(number < 7, "seven is too much");
        })
        .await
        .unwrap_err();
        assert_eq!(panicked.message, "seven is too much");
        assert!(
            panicked
                .place
                .as_deref()
                .is_some_and(|place| place.contains("panics.rs:")),
            "{panicked:?}"
        );
        assert!(panicked.to_string().contains("panics.rs:"), "{panicked}");
        assert_eq!(caught(async { 3 }).await.unwrap(), 3);
    }
}
