//! Who of those that are to be invited is in the account already: one statement, however many they are.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use chrono::{DateTime, Utc};
use entity::user::{Role, Status};
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::invitee::Invitee;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::listed;

/// Somebody who is there, as far as inviting needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub id: Uuid,
    pub status: Status,
    pub role: Role,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// When their pending invitation runs out, if there is one.
    pub invited_until: Option<DateTime<Utc>>,
}

/// Whom an account has, of the people and external ids that somebody asked for.
#[derive(Debug, Default)]
pub struct Directory {
    pub by_email: HashMap<String, Known>,
    /// With the key of the e-mail of whoever has it.
    pub external_ids: HashMap<String, String>,
    /// Keys of e-mails of people who were removed.
    pub removed: HashSet<String>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    email_key: String,
    external_id: Option<String>,
    status: Status,
    role: Role,
    given_name: Option<String>,
    family_name: Option<String>,
    invited_until: Option<DateTime<Utc>>,
}

/// Each part is answered by an index of its own.
const FIND: &str = "SELECT u.id, u.email_key, u.external_id, u.status, u.role, u.given_name, u.family_name, i.expires_at AS invited_until FROM users u \
    LEFT JOIN invitations i ON i.account_id = u.account_id AND i.user_id = u.id AND i.status = 'PENDING' WHERE u.account_id = $1 AND u.status ";

impl Directory {
    pub async fn look(work: &Work, account_id: Uuid, entries: &[Invitee]) -> Result<Self> {
        let emails: Vec<String> = entries.iter().map(|entry| entry.email.key().to_owned()).collect();
        let external_ids = entries.iter().filter_map(|entry| entry.external_id.clone());
        let external_ids: Vec<String> = external_ids.collect();
        let mut values = vec![account_id.into()];
        let one_of = listed(work.backend(), emails, &mut values);
        let mut sql = format!(
            "{FIND} <> 'REMOVED' AND u.email_key {one_of} UNION ALL {FIND} = 'REMOVED' AND u.email_key {one_of}"
        );
        if !external_ids.is_empty() {
            let one_of = listed(work.backend(), external_ids, &mut values);
            // Writing into a string does not fail.
            let _ = write!(sql, " UNION ALL {FIND} <> 'REMOVED' AND u.external_id {one_of}");
        }
        let statement = Statement::from_sql_and_values(work.backend(), sql, values);
        let mut directory = Self::default();
        for found in work.fetch_listed::<Found>(statement, entries.len()).await? {
            directory.take_in(found);
        }
        Ok(directory)
    }

    fn take_in(&mut self, found: Found) {
        if found.status == Status::Removed {
            self.removed.insert(found.email_key);
            return;
        }
        let known = Known {
            id: found.id,
            status: found.status,
            role: found.role,
            given_name: found.given_name,
            family_name: found.family_name,
            invited_until: found.invited_until,
        };
        if let Some(external_id) = found.external_id {
            self.external_ids.insert(external_id, found.email_key.clone());
        }
        self.by_email.insert(found.email_key, known);
    }
}
