//! Tokens whose signature was found good, so that it is checked once and not with every request.
//!
//! What is remembered is that we signed it and what it says. Whether it is in time, and whether its session stands, is asked every time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;

use super::access_token::Bearer;

/// Tokens remembered at most: about two megabytes.
const MOST: usize = 10_000;

/// What a genuine token says, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub bearer: Bearer,
    pub issued: i64,
    pub expires: i64,
}

pub(super) type Digest = [u8; 32];

/// SHA-256 of a token: the memory holds no credential.
pub(super) fn digest(token: &str) -> Option<Digest> {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    digest.as_ref().try_into().ok()
}

#[derive(Default)]
pub(super) struct Verified(Mutex<HashMap<Digest, Statement>>);

impl Verified {
    pub fn get(&self, digest: &Digest) -> Option<Statement> {
        self.known().get(digest).copied()
    }

    /// Remembers a statement. When the memory is full, what has lapsed is dropped, and if that is not enough, everything.
    pub fn remember(&self, digest: Digest, statement: Statement, now: i64) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.retain(|_, statement| statement.expires > now);
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, statement);
    }

    /// Forgets everything: the keys have changed.
    pub fn forget(&self) {
        self.known().clear();
    }

    /// A panic elsewhere cannot have left a half-made entry, so a poisoned lock is as good as any.
    fn known(&self) -> MutexGuard<'_, HashMap<Digest, Statement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{MOST, Statement, Verified, digest};
    use crate::sessions::Bearer;

    fn statement(expires: i64) -> Statement {
        Statement {
            bearer: Bearer {
                account_id: Uuid::from_u128(1),
                user_id: Uuid::from_u128(2),
                session_id: Uuid::from_u128(3),
            },
            issued: 0,
            expires,
        }
    }

    #[test]
    fn the_memory_does_not_grow_without_bound_and_lapsed_tokens_go_first() {
        let verified = Verified::default();
        let fresh = digest("fresh").unwrap();
        verified.remember(fresh, statement(100), 0);
        for number in 0..MOST {
            verified.remember(digest(&number.to_string()).unwrap(), statement(10), 50);
        }
        assert!(verified.known().len() <= MOST);
        assert_eq!(verified.get(&fresh), Some(statement(100)));
        for number in 0..=MOST {
            verified.remember(digest(&number.to_string()).unwrap(), statement(100), 50);
        }
        assert!(verified.known().len() <= MOST);
        verified.forget();
        assert_eq!(verified.get(&fresh), None);
    }
}
