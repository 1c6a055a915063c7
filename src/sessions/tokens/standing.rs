//! Whether a session stands, and with which rights: one query, remembered for two seconds.
//!
//! A wake about a user drops what is remembered of them at once. The two seconds are for replicas the wake did not reach; they bound how long a disabled
//! user is served.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::access_token::Bearer;
use crate::access::rights::{self, Rights};
use crate::app::App;
use crate::error::Result;
use crate::platform::events::{Events, Wake};

const REMEMBERED_FOR: Duration = Duration::from_secs(2);
/// Sessions remembered at most: a few megabytes.
const MOST: usize = 10_000;

/// A session that stands, and the bearer's rights.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Standing {
    #[sea_orm(nested)]
    pub rights: Rights,
    pub authenticated_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Reads a bearer's standing; `None` when the session is over or the user not active.
pub async fn read(app: &App, bearer: Bearer) -> Result<Option<Standing>> {
    let sql = rights::query(
        "s.authenticated_at, s.expires_at",
        "JOIN sessions s ON s.account_id = u.account_id AND s.user_id = u.id",
        "s.id = $2 AND s.user_id = $3 AND s.ended_at IS NULL",
    );
    let values = [
        bearer.account_id.into(),
        bearer.session_id.into(),
        bearer.user_id.into(),
    ];
    let statement = Statement::from_sql_and_values(app.db().backend(), sql, values);
    let standing = Standing::find_by_statement(statement).one(app.reader()).await?;
    Ok(standing.filter(|standing| standing.expires_at > app.clock().now()))
}

/// The standings read last.
#[derive(Default)]
pub struct Standings(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    known: HashMap<Bearer, (Standing, Instant)>,
    /// Counts the wakes: what was being read while one came may be from before it, and is not remembered.
    wakes: u64,
}

impl Standings {
    pub async fn of(&self, app: &App, bearer: Bearer) -> Result<Option<Standing>> {
        let wakes = {
            let memory = self.memory();
            if let Some((standing, read_at)) = memory.known.get(&bearer)
                && read_at.elapsed() < REMEMBERED_FOR
                && standing.expires_at > app.clock().now()
            {
                return Ok(Some(standing.clone()));
            }
            memory.wakes
        };
        let read_at = Instant::now();
        let standing = read(app, bearer).await?;
        if let Some(standing) = &standing {
            self.memory().remember(bearer, standing.clone(), read_at, wakes);
        }
        Ok(standing)
    }

    /// Forgets what wakes concern, for as long as somebody holds the standings: what this process changes, before the change is answered.
    pub fn observe(self: &Arc<Self>, events: &Events) {
        let standings: Weak<Self> = Arc::downgrade(self);
        events.observe(move |wake| {
            let Some(standings) = standings.upgrade() else {
                return;
            };
            match wake {
                Wake::User { account_id, id } => standings.memory().forget(account_id, id),
                // What the account's plan lets its people do may be another now.
                Wake::Account { id } => standings.memory().forget_account(id),
                Wake::Resync => standings.memory().forget_all(),
                Wake::Jobs | Wake::Mails | Wake::Import { .. } | Wake::Catalogue | Wake::SigningKeys => {}
            }
        });
    }

    pub fn forget(&self, account_id: Uuid, user_id: Uuid) {
        self.memory().forget(account_id, user_id);
    }

    /// A panic elsewhere cannot have left a half-made entry, so a poisoned lock is as good as any.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn remember(&mut self, bearer: Bearer, standing: Standing, read_at: Instant, wakes: u64) {
        if wakes != self.wakes {
            return;
        }
        if self.known.len() >= MOST {
            self.known
                .retain(|_, (_, read_at)| read_at.elapsed() < REMEMBERED_FOR);
        }
        if self.known.len() < MOST {
            self.known.insert(bearer, (standing, read_at));
        }
    }

    fn forget(&mut self, account_id: Uuid, user_id: Uuid) {
        self.wakes += 1;
        self.known
            .retain(|bearer, _| (bearer.account_id, bearer.user_id) != (account_id, user_id));
    }

    fn forget_account(&mut self, account_id: Uuid) {
        self.wakes += 1;
        self.known.retain(|bearer, _| bearer.account_id != account_id);
    }

    fn forget_all(&mut self) {
        self.wakes += 1;
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use chrono::DateTime;
    use entity::account::{Plan, View};
    use entity::user::Role;
    use uuid::Uuid;

    use super::{MOST, Memory, Rights, Standing};
    use crate::sessions::Bearer;

    fn standing() -> Standing {
        Standing {
            rights: Rights {
                role: Role::User,
                plan: Plan::Standard,
                view: View::Current,
                email: "ada@example.com".into(),
            },
            authenticated_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    fn bearer(user: u128, session: u128) -> Bearer {
        Bearer {
            account_id: Uuid::from_u128(1),
            user_id: Uuid::from_u128(user),
            session_id: Uuid::from_u128(session),
        }
    }

    #[test]
    fn a_wake_forgets_all_sessions_of_its_user_and_of_nobody_else() {
        let mut memory = Memory::default();
        for (user, session) in [(1, 1), (1, 2), (2, 3)] {
            memory.remember(bearer(user, session), standing(), Instant::now(), 0);
        }
        memory.forget(Uuid::from_u128(1), Uuid::from_u128(1));
        assert_eq!(memory.known.keys().copied().collect::<Vec<_>>(), [bearer(2, 3)]);
        memory.forget(Uuid::from_u128(2), Uuid::from_u128(2));
        memory.forget_account(Uuid::from_u128(2));
        assert_eq!(memory.known.len(), 1, "another account's user of the same id");
        memory.forget_all();
        assert!(memory.known.is_empty());
    }

    #[test]
    fn what_was_read_before_a_wake_is_not_remembered_after_it() {
        let mut memory = Memory::default();
        let before = memory.wakes;
        memory.forget(Uuid::from_u128(1), Uuid::from_u128(1));
        memory.remember(bearer(1, 1), standing(), Instant::now(), before);
        assert!(memory.known.is_empty());
    }

    #[test]
    fn the_memory_does_not_grow_without_bound() {
        let mut memory = Memory::default();
        for session in 0..=MOST {
            let session = u128::try_from(session).unwrap();
            memory.remember(bearer(1, session), standing(), Instant::now(), 0);
        }
        assert_eq!(memory.known.len(), MOST);
    }
}
