//! The answer of a call that is made again under its key.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Assigned;

/// Seats that the first call gave, at `given_at`, are answered as given and not as found. Who was named twice was given one.
pub fn as_given(outcomes: Vec<Assigned>, given_at: DateTime<Utc>) -> Vec<Assigned> {
    let mut seen = HashSet::new();
    let as_given = |outcome| match outcome {
        Assigned::Unchanged(seat) if seat.assigned_at == given_at && seen.insert(seat.id) => {
            Assigned::New(seat)
        }
        other => other,
    };
    outcomes.into_iter().map(as_given).collect()
}
