use super::*;

const LARGE: u64 = 10_000;

/// Nobody gives up.
fn patient() -> Admission {
    Admission {
        patience: Duration::from_mins(1),
        ..Admission::default()
    }
}

fn is_empty(admission: &Admission) -> bool {
    admission.small.line().is_empty() && admission.large.line().is_empty()
}

/// Tickets that are admitted at once.
async fn filled(admission: &Admission, party: u128, count: usize) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for _ in 0..count {
        let ticket = admission.ticket(Party(party));
        ticket.admit(LARGE).await.unwrap();
        tickets.push(ticket);
    }
    tickets
}

/// Waits in a task of its own; the answer comes when it has been let in.
fn waits(admission: &Admission, party: u128, cost: u64) -> tokio::task::JoinHandle<Result<Ticket, Fault>> {
    let ticket = admission.ticket(Party(party));
    tokio::spawn(async move { ticket.admit(cost).await.map(|()| ticket) })
}

async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[tokio::test]
async fn one_party_has_half_of_the_room_and_the_others_find_theirs() {
    let admission = patient();
    let first = filled(&admission, 1, 5).await;
    let sixth = waits(&admission, 1, LARGE);
    a_moment().await;
    assert!(!sixth.is_finished());
    let others = filled(&admission, 2, 5).await;
    drop(first);
    let sixth = sixth.await.unwrap().unwrap();
    drop((sixth, others));
    assert!(is_empty(&admission));
}

#[tokio::test]
async fn parties_take_turns_however_many_operations_each_has_waiting() {
    let admission = patient();
    let mut inside = filled(&admission, 1, 5).await;
    inside.extend(filled(&admission, 2, 5).await);
    let many: Vec<_> = (0..20).map(|_| waits(&admission, 1, LARGE)).collect();
    a_moment().await;
    let late = waits(&admission, 3, LARGE);
    a_moment().await;
    inside.remove(0);
    inside.remove(0);
    a_moment().await;
    assert!(late.is_finished(), "the second place that came free was theirs");
    assert_eq!(many.iter().filter(|task| task.is_finished()).count(), 1);
    for task in many {
        task.abort();
    }
    drop((inside, late.await));
}

#[tokio::test]
async fn small_ones_never_wait_behind_large_ones_nor_large_ones_for_ever_behind_others() {
    let admission = patient();
    let mut inside = filled(&admission, 1, 5).await;
    inside.extend(filled(&admission, 2, 4).await);
    let ticket = admission.ticket(Party(2));
    ticket.admit(5_000).await.unwrap();
    inside.push(ticket);
    // 5,000 are free: the one that needs 10,000 is next, and nobody slips past it.
    let large = waits(&admission, 3, LARGE);
    a_moment().await;
    let middling = waits(&admission, 4, 2_000);
    let small = waits(&admission, 1, LARGEST_SMALL);
    a_moment().await;
    assert_eq!(
        (large.is_finished(), middling.is_finished(), small.is_finished()),
        (false, false, true)
    );
    inside.pop();
    a_moment().await;
    assert!(large.is_finished());
    drop(inside);
    drop((large.await, middling.await, small.await));
    assert!(is_empty(&admission));
}

#[tokio::test]
async fn who_waits_in_vain_is_told_when_to_try_again_and_leaves_nothing_behind() {
    let admission = Admission {
        patience: Duration::from_millis(50),
        ..Admission::default()
    };
    let inside = filled(&admission, 1, 5).await;
    let refused = waits(&admission, 1, LARGE).await.unwrap().unwrap_err();
    assert_eq!(refused.code, "BUSY");
    assert_eq!(refused.extensions, [("retryAfterSeconds", 1.into())]);
    // Whoever gave up is not let in after all.
    drop(inside);
    assert!(is_empty(&admission));
}

#[tokio::test]
async fn no_more_wait_than_may() {
    let admission = patient();
    let inside = filled(&admission, 1, 5).await;
    let waiting: Vec<_> = (0..MOST_WAITING).map(|_| waits(&admission, 1, LARGE)).collect();
    a_moment().await;
    assert!(waits(&admission, 1, LARGE).await.unwrap().is_err(), "at once");
    let other = waits(&admission, 2, LARGE).await.unwrap();
    assert!(other.is_ok(), "another party has a line of its own");
    for task in &waiting {
        task.abort();
    }
    a_moment().await;
    let next = waits(&admission, 1, LARGE);
    a_moment().await;
    drop(inside);
    assert!(next.await.unwrap().is_ok(), "who left the line is not counted");
}

#[tokio::test]
async fn a_written_answer_holds_what_its_text_takes_until_it_is_taken() {
    let admission = patient();
    let tickets = filled(&admission, 1, 5).await;
    for ticket in &tickets {
        ticket.written(1024 * 1024);
    }
    // Five texts of 1 MiB leave room for what costs 44,880.
    let more = filled(&admission, 1, 4).await;
    let too_much = waits(&admission, 1, LARGE);
    a_moment().await;
    assert!(!too_much.is_finished());
    for ticket in &tickets {
        ticket.release();
    }
    assert!(too_much.await.unwrap().is_ok());
    drop((tickets, more));
    assert!(is_empty(&admission));
}

#[tokio::test(flavor = "multi_thread")]
async fn never_is_more_inside_than_there_is_room_whoever_comes_and_goes() {
    use std::sync::atomic::{AtomicU64, Ordering};

    let admission = patient();
    let inside = Arc::new(AtomicU64::new(0));
    let runs = (0..400_u64).map(|number| {
        let (ticket, inside) = (admission.ticket(Party(u128::from(number % 7))), inside.clone());
        tokio::spawn(async move {
            let cost = 1_001 + number * 23 % 9_000;
            let admitted = tokio::time::timeout(Duration::from_millis(20 + number % 9), ticket.admit(cost));
            if let Ok(Ok(())) = admitted.await {
                assert!(inside.fetch_add(cost, Ordering::SeqCst) + cost <= LARGE_ROOM);
                tokio::time::sleep(Duration::from_millis(number % 3)).await;
                inside.fetch_sub(cost, Ordering::SeqCst);
            }
        })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap();
    }
    assert!(is_empty(&admission));
}
