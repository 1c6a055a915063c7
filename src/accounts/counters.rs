//! The account's counters of users, changed in the transactions that change users.

use entity::user::{Role, Status};
use uuid::Uuid;

use crate::access::is_administrative;
use crate::command::Work;
use crate::command::counters::Counters;
use crate::error::Result;

const USERS: Counters = Counters {
    table: "accounts",
    account: "id",
    columns: &[
        "users_staged",
        "users_pending",
        "users_active",
        "users_disabled",
        "users_admin",
    ],
    within: None,
};

/// What a command changed in numbers. Collected over the whole command, written once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    staged: i32,
    pending: i32,
    active: i32,
    disabled: i32,
    admin: i32,
}

impl Delta {
    /// A user of this status and role is there now.
    pub fn gains(&mut self, status: Status, role: Role) {
        self.shift(status, role, 1);
    }

    /// A user of this status and role is there no more.
    pub fn loses(&mut self, status: Status, role: Role) {
        self.shift(status, role, -1);
    }

    fn shift(&mut self, status: Status, role: Role, by: i32) {
        match status {
            Status::Staged => self.staged += by,
            Status::Pending => self.pending += by,
            Status::Active => self.active += by,
            Status::Disabled => self.disabled += by,
            Status::Removed => return,
        }
        if is_administrative(role) {
            self.admin += by;
        }
    }

    pub async fn write(self, work: &Work, account_id: Uuid) -> Result<()> {
        if self == Self::default() {
            return Ok(());
        }
        let by = vec![self.staged, self.pending, self.active, self.disabled, self.admin];
        work.count(&USERS, account_id, account_id, by, None).await
    }
}
