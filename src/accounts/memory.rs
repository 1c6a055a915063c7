//! Profiles of accounts in memory, dropped by the command that changes one before its answer leaves, and on other replicas by its wake.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::profile::{self, Profile};
use crate::app::{App, Shared};
use crate::error::Result;
use crate::platform::events::Wake;
use crate::read::recent::Recent;

/// How long a profile is believed, should no wake tell of a change: on SQLite the operator's process cannot.
pub(super) const BELIEVED_FOR: Duration = Duration::from_secs(2);
/// Accounts remembered at most.
const MOST: usize = 10_000;

struct Profiles(Arc<Recent<Uuid, Arc<Profile>>>);

impl Shared for Profiles {
    fn start(app: &App) -> Self {
        let profiles = Arc::new(Recent::new(BELIEVED_FOR, MOST));
        let dropped = Arc::downgrade(&profiles);
        app.events().observe(move |wake| {
            let Some(profiles) = dropped.upgrade() else {
                return;
            };
            match wake {
                Wake::Account { id } => profiles.forget(&id),
                Wake::Resync => profiles.forget_all(),
                _ => {}
            }
        });
        Self(profiles)
    }
}

/// The profile of an account; `None` if there is no such account.
pub async fn profile(app: &App, id: Uuid) -> Result<Option<Arc<Profile>>> {
    let profiles = app.shared::<Profiles>();
    profiles.0.get(id, profile::read(app.reader(), id)).await
}
