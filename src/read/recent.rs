//! What was read a moment ago and seldom changes: kept for a short while, and dropped by whatever changes it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Result;

/// Values by key. What is not there is not remembered: it may be made in the next moment.
#[derive(Debug)]
pub struct Recent<K, V> {
    memory: Mutex<Memory<K, V>>,
    believed_for: Duration,
    most: usize,
}

#[derive(Debug)]
struct Memory<K, V> {
    known: HashMap<K, (V, Instant)>,
    /// Counts what was dropped: what was being read while something was may be from before the change, and is not remembered.
    drops: u64,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// `believed_for` bounds how long a value is answered that a lost wake should have dropped; `most` how many values there are.
    pub fn new(believed_for: Duration, most: usize) -> Self {
        let memory = Memory {
            known: HashMap::new(),
            drops: 0,
        };
        Self {
            memory: Mutex::new(memory),
            believed_for,
            most,
        }
    }

    /// The value of a key as it is remembered, or as `read` finds it.
    pub async fn get(&self, key: K, read: impl Future<Output = Result<Option<V>>>) -> Result<Option<V>> {
        self.get_if(key, |_| true, read).await
    }

    /// As [`get`](Self::get); what is remembered is answered only if it is still good.
    pub async fn get_if(
        &self,
        key: K,
        is_good: impl Fn(&V) -> bool,
        read: impl Future<Output = Result<Option<V>>>,
    ) -> Result<Option<V>> {
        let drops = {
            let memory = self.memory();
            if let Some((value, read_at)) = memory.known.get(&key)
                && read_at.elapsed() < self.believed_for
                && is_good(value)
            {
                return Ok(Some(value.clone()));
            }
            memory.drops
        };
        let read_at = Instant::now();
        let found = read.await?;
        if let Some(value) = &found {
            self.remember(key, value.clone(), read_at, drops);
        }
        Ok(found)
    }

    pub fn forget(&self, key: &K) {
        let mut memory = self.memory();
        memory.drops += 1;
        memory.known.remove(key);
    }

    /// Forgets every key of which this holds.
    pub fn forget_where(&self, concerns: impl Fn(&K) -> bool) {
        let mut memory = self.memory();
        memory.drops += 1;
        memory.known.retain(|key, _| !concerns(key));
    }

    pub fn forget_all(&self) {
        let mut memory = self.memory();
        memory.drops += 1;
        memory.known.clear();
    }

    fn remember(&self, key: K, value: V, read_at: Instant, drops: u64) {
        let mut memory = self.memory();
        if memory.drops != drops {
            return;
        }
        if memory.known.len() >= self.most {
            memory
                .known
                .retain(|_, (_, read_at)| read_at.elapsed() < self.believed_for);
        }
        if memory.known.len() < self.most {
            memory.known.insert(key, (value, read_at));
        }
    }

    /// A panic elsewhere cannot have left a half-made entry, so a poisoned lock is as good as any.
    fn memory(&self) -> MutexGuard<'_, Memory<K, V>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Recent;

    const LONG: Duration = Duration::from_mins(1);

    async fn get(
        recent: &Recent<u8, &'static str>,
        key: u8,
        there: Option<&'static str>,
    ) -> Option<&'static str> {
        recent.get(key, async { Ok(there) }).await.unwrap()
    }

    #[tokio::test]
    async fn a_value_is_read_once_until_it_is_dropped() {
        let recent = Recent::new(LONG, 10);
        assert_eq!(get(&recent, 1, None).await, None);
        assert_eq!(
            get(&recent, 1, Some("one")).await,
            Some("one"),
            "what is not there is looked for again"
        );
        assert_eq!(get(&recent, 1, Some("two")).await, Some("one"));
        recent.forget(&2);
        assert_eq!(
            get(&recent, 1, Some("two")).await,
            Some("one"),
            "another key's change"
        );
        recent.forget(&1);
        assert_eq!(get(&recent, 1, Some("two")).await, Some("two"));
        recent.forget_all();
        assert_eq!(get(&recent, 1, Some("three")).await, Some("three"));
    }

    #[tokio::test]
    async fn what_a_change_concerns_is_dropped_and_nothing_else() {
        let recent = Recent::new(LONG, 10);
        for key in 1..=4 {
            get(&recent, key, Some("before")).await;
        }
        recent.forget_where(|key| key % 2 == 0);
        for key in 1..=4 {
            let expected = if key % 2 == 0 { "after" } else { "before" };
            assert_eq!(get(&recent, key, Some("after")).await, Some(expected), "{key}");
        }
    }

    #[tokio::test]
    async fn what_is_not_good_any_more_is_read_again() {
        let recent = Recent::new(LONG, 10);
        get(&recent, 1, Some("lapsed")).await;
        let read = recent.get_if(1, |value| *value != "lapsed", async { Ok(Some("new")) });
        assert_eq!(read.await.unwrap(), Some("new"));
        assert_eq!(get(&recent, 1, Some("newer")).await, Some("new"));
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let recent = Recent::new(LONG, 10);
        let slow = recent.get(1, async {
            recent.forget(&1);
            Ok(Some("before"))
        });
        assert_eq!(slow.await.unwrap(), Some("before"));
        assert_eq!(get(&recent, 1, Some("after")).await, Some("after"));
    }

    #[tokio::test]
    async fn a_value_is_believed_for_a_while_and_there_is_a_most() {
        let recent = Recent::new(Duration::ZERO, 10);
        get(&recent, 1, Some("one")).await;
        assert_eq!(get(&recent, 1, Some("two")).await, Some("two"));

        let recent = Recent::new(LONG, 2);
        for key in 0..5 {
            get(&recent, key, Some("x")).await;
        }
        assert_eq!(recent.memory().known.len(), 2);
    }
}
