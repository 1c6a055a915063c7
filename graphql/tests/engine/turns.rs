//! A long answer holds nobody up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_graphql::Request;
use graphql::{Context, Object, Schema, Type};
use serde_json::json;

use crate::roots::{Mutation, Subscription};

/// Turns that others had.
static TURNS: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy, Default)]
struct Query;

impl Object for Query {
    const NAME: &'static str = "Query";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        // As much as a page of a hundred with ten of something each.
        t.value("patient", |_| others_have_a_turn()).weight(1_100);
    }
}

/// Waits, as whatever writes a long answer does, without giving its thread back.
fn others_have_a_turn() -> bool {
    let (before, began) = (TURNS.load(Ordering::SeqCst), Instant::now());
    while began.elapsed() < Duration::from_secs(5) {
        if TURNS.load(Ordering::SeqCst) > before {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

#[tokio::test(flavor = "current_thread")]
async fn while_a_long_answer_is_written_others_have_their_turn() {
    let others = tokio::spawn(async {
        loop {
            TURNS.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
    });
    let schema = Schema::new::<Query, Mutation, Subscription>();
    let asked = Request::new("{ patient }").data(Context::new(()));
    let answered = schema.execute(asked).await;
    others.abort();
    assert_eq!(
        serde_json::to_value(&answered.data).unwrap(),
        json!({"patient": true})
    );
}
