//! What is answered at a time has its bound, in what it costs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::Request;
use futures::future::join_all;
use graphql::admission::{Admission, Party};
use graphql::{Context, Fault, Object, Schema, Type};

use crate::roots::{Mutation, Session, Subscription};

#[derive(Clone, Copy, Default)]
struct Query;

impl Object for Query {
    const NAME: &'static str = "Query";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.values("large", large).weight(10_000);
        t.value("small", |_| 1);
    }
}

/// How many are answered at the moment, and how many there were at most.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn large(_: Session) -> Result<i32, Fault> {
    MOST.fetch_max(1 + INSIDE.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(20)).await;
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    Ok(1)
}

#[tokio::test]
async fn of_many_large_operations_a_few_are_answered_at_a_time_and_small_ones_meanwhile() {
    let (schema, admission) = (
        Schema::new::<Query, Mutation, Subscription>(),
        Admission::default(),
    );
    let ask = async |query: &str, party: u128| {
        let ticket = admission.ticket(Party(party));
        let asked = Request::new(query).data(Context::new(Session::default()));
        let answered = schema.execute(asked.data(ticket)).await;
        assert!(answered.errors.is_empty(), "{:?}", answered.errors);
    };
    let large = join_all((0..60).map(|number| ask("{ large }", number % 3)));
    let small = async {
        for _ in 0..10 {
            ask("{ small }", 1).await;
        }
        assert!(
            INSIDE.load(Ordering::SeqCst) > 0,
            "the large ones are not done yet"
        );
    };
    futures::join!(large, small);
    assert_eq!(MOST.load(Ordering::SeqCst), 10);

    MOST.store(0, Ordering::SeqCst);
    join_all((0..20).map(|_| ask("{ large }", 7))).await;
    assert_eq!(MOST.load(Ordering::SeqCst), 5, "one account has half");
}
