//! The same question of many at a time, asked once for all of them.
//!
//! Thousands may follow one import, and what wakes one of them wakes them all. Each wants an answer that is not older than its wake, and any reading that began after it
//! is as good as their own: one reads, and those who wait meanwhile share the next.
//!
//! Only for tasks that do nothing else meanwhile: whoever reads and is not polled holds up all who wait.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::time::Instant;

use crate::error::{Error, Result};

/// Questions, by what they are about.
#[derive(Debug)]
pub struct Together<K, V> {
    asked: Mutex<HashMap<K, Weak<Question<V>>>>,
}

/// When a reading began, and what it found; nothing if it failed.
type Reading<V> = (Instant, Option<V>);

/// A question that somebody has; what was found last is kept for as long as anybody has it.
#[derive(Debug)]
pub struct Question<V>(tokio::sync::Mutex<Option<Reading<V>>>);

impl<K, V> Default for Together<K, V> {
    fn default() -> Self {
        Self {
            asked: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, V: Clone> Together<K, V> {
    pub fn question(&self, key: K) -> Arc<Question<V>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        // Now and then, so that what it costs is little for each.
        if asked.len() == asked.capacity() {
            asked.retain(|_, question| question.strong_count() > 0);
        }
        let question = Arc::new(Question(tokio::sync::Mutex::default()));
        asked.insert(key, Arc::downgrade(&question));
        question
    }
}

impl<V: Clone> Question<V> {
    /// What `read` finds, or what another's reading found that began no earlier than `since`.
    pub async fn answer(&self, since: Instant, read: impl Future<Output = Result<V>>) -> Result<V> {
        let mut last = self.0.lock().await;
        if let Some((began, found)) = &*last
            && *began >= since
        {
            return found
                .clone()
                .ok_or_else(|| Error::Unavailable("whoever read it for all failed".into()));
        }
        let began = Instant::now();
        let found = read.await;
        *last = Some((began, found.as_ref().ok().cloned()));
        found
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn those_who_ask_while_one_reads_share_the_next_reading_and_nobody_is_told_what_was_before() {
        let together = Together::<u8, usize>::default();
        let readings = AtomicUsize::new(0);
        let read = async || {
            let number = readings.fetch_add(1, Ordering::Relaxed) + 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(number)
        };
        let question = together.question(1);
        let all = futures::future::join_all((0..50).map(|place| {
            let (question, read) = (question.clone(), &read);
            async move {
                tokio::time::sleep(Duration::from_millis(if place == 0 { 0 } else { 5 })).await;
                question.answer(Instant::now(), read()).await.unwrap()
            }
        }));
        let all = all.await;
        assert_eq!((all[0], readings.load(Ordering::Relaxed)), (1, 2));
        assert!(all[1..].iter().all(|answer| *answer == 2), "{all:?}");

        // Whoever is content with what was found a moment ago is told that; another question is asked by itself.
        let moment_ago = Instant::now() - Duration::from_secs(1);
        assert_eq!(question.answer(moment_ago, read()).await.unwrap(), 2);
        assert_eq!(together.question(2).answer(moment_ago, read()).await.unwrap(), 3);
        assert_eq!(question.answer(Instant::now(), read()).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn a_reading_that_failed_has_failed_for_all_who_waited_and_the_next_is_made_anew() {
        let together = Together::<u8, usize>::default();
        let question = together.question(1);
        let since = Instant::now();
        let failed = question.answer(since, async { Err(Error::Busy) }).await;
        assert!(matches!(failed, Err(Error::Busy)));
        let shared = question.answer(since, async { Ok(1) }).await;
        assert!(matches!(shared, Err(Error::Unavailable(_))));
        assert_eq!(question.answer(Instant::now(), async { Ok(2) }).await.unwrap(), 2);
    }

    #[test]
    fn questions_that_nobody_has_any_more_are_forgotten() {
        let together = Together::<usize, ()>::default();
        let kept = together.question(0);
        for key in 1..10_000 {
            drop(together.question(key));
        }
        let asked = together.asked.lock().unwrap();
        assert!(asked.len() < 100 && asked.contains_key(&0));
        drop((asked, kept));
    }
}
