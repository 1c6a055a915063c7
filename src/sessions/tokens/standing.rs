//! Whether a session stands, and with which rights: one query, remembered for two seconds.
//!
//! A wake about a user drops what is remembered of them at once. The two seconds are for replicas the wake did not reach; they bound how long a disabled
//! user is served.

use std::sync::{Arc, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::access_token::Bearer;
use crate::access::rights::{self, Rights};
use crate::app::App;
use crate::error::Result;
use crate::platform::events::{Events, Wake};
use crate::read::recent::Recent;

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
pub struct Standings(Recent<Bearer, Standing>);

impl Default for Standings {
    fn default() -> Self {
        Self(Recent::new(REMEMBERED_FOR, MOST))
    }
}

impl Standings {
    pub async fn of(&self, app: &App, bearer: Bearer) -> Result<Option<Standing>> {
        let now = app.clock().now();
        let stands = |standing: &Standing| standing.expires_at > now;
        self.0.get_if(bearer, stands, read(app, bearer)).await
    }

    /// Forgets what wakes concern, for as long as somebody holds the standings: what this process changes, before the change is answered.
    pub fn observe(self: &Arc<Self>, events: &Events) {
        let standings: Weak<Self> = Arc::downgrade(self);
        events.observe(move |wake| {
            let Some(standings) = standings.upgrade() else {
                return;
            };
            match wake {
                Wake::User { account_id, id } => standings.forget(account_id, id),
                // What the account's plan lets its people do may be another now.
                Wake::Account { id } => standings.0.forget_where(|bearer| bearer.account_id == id),
                Wake::Resync => standings.0.forget_all(),
                Wake::Jobs
                | Wake::Mails
                | Wake::Import { .. }
                | Wake::Export { .. }
                | Wake::BulkJob { .. }
                | Wake::Seats { .. }
                | Wake::Notices { .. }
                | Wake::Catalogue
                | Wake::SigningKeys => {}
            }
        });
    }

    /// Forgets all sessions of a user.
    pub fn forget(&self, account_id: Uuid, user_id: Uuid) {
        let is_theirs = |bearer: &Bearer| (bearer.account_id, bearer.user_id) == (account_id, user_id);
        self.0.forget_where(is_theirs);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::account::{Plan, View};
    use entity::user::Role;
    use uuid::Uuid;

    use super::{Rights, Standing, Standings};
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

    fn bearer(account: u128, user: u128, session: u128) -> Bearer {
        Bearer {
            account_id: Uuid::from_u128(account),
            user_id: Uuid::from_u128(user),
            session_id: Uuid::from_u128(session),
        }
    }

    #[tokio::test]
    async fn a_change_of_a_user_forgets_all_their_sessions_and_of_nobody_else() {
        let standings = Standings::default();
        let everybody = [bearer(1, 1, 1), bearer(1, 1, 2), bearer(1, 2, 3), bearer(2, 1, 4)];
        for bearer in everybody {
            let read = standings.0.get(bearer, async { Ok(Some(standing())) });
            assert!(read.await.unwrap().is_some());
        }
        standings.forget(Uuid::from_u128(1), Uuid::from_u128(1));
        let mut known = Vec::new();
        for bearer in everybody {
            known.push(
                standings
                    .0
                    .get(bearer, async { Ok(None) })
                    .await
                    .unwrap()
                    .is_some(),
            );
        }
        assert_eq!(known, [false, false, true, true]);
    }
}
