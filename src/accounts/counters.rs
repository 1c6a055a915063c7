//! The account's counters of users, changed in the transactions that change users.

use entity::account;
use entity::user::{Role, Status};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::is_administrative;
use crate::command::Work;
use crate::error::Result;

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
        let plus = |column: account::Column, by: i32| (column, Expr::col(column).add(by));
        let mut update = account::Entity::update_many().filter(account::Column::Id.eq(account_id));
        for (column, value) in [
            plus(account::Column::UsersStaged, self.staged),
            plus(account::Column::UsersPending, self.pending),
            plus(account::Column::UsersActive, self.active),
            plus(account::Column::UsersDisabled, self.disabled),
            plus(account::Column::UsersAdmin, self.admin),
        ] {
            update = update.col_expr(column, value);
        }
        work.update(update).await?;
        Ok(())
    }
}
