//! What somebody's rights rest on, as the rows have it now: the query in which every credential ends.

use chrono::{DateTime, Utc};
use entity::account::{self, Plan, View};
use entity::user::{self, Role};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{Member, Origin};

/// The rights of an active user.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Rights {
    pub role: Role,
    pub email: String,
    pub plan: Plan,
    pub view: View,
}

/// Whose a credential is, and when they last proved it.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    pub account_id: Uuid,
    pub user_id: Uuid,
    pub session_id: Uuid,
    pub authenticated_at: DateTime<Utc>,
}

impl Holder {
    /// No session stands behind the credential, and nobody proved who they are.
    pub const fn absent(account_id: Uuid, user_id: Uuid) -> Self {
        Self {
            account_id,
            user_id,
            session_id: Uuid::nil(),
            authenticated_at: DateTime::UNIX_EPOCH,
        }
    }
}

/// The statement that answers a [`Rights`] and more `columns` for the account `a`, which is `$1`, and its active user `u`. A credential is joined to the
/// two; `condition` says which.
pub fn query(columns: &str, join: &str, condition: &str) -> String {
    let comma = if columns.is_empty() { "" } else { ", " };
    format!(
        "SELECT u.role, u.email, a.plan, a.view{comma}{columns} FROM accounts a \
         JOIN users u ON u.account_id = a.id {join} \
         WHERE a.id = $1 AND u.status = 'ACTIVE' AND {condition}"
    )
}

impl Rights {
    /// The member with these rights.
    pub fn member(self, holder: Holder, origin: Origin) -> Member {
        Member {
            account_id: holder.account_id,
            user_id: holder.user_id,
            session_id: holder.session_id,
            role: self.role,
            plan: self.plan,
            view: self.view,
            authenticated_at: holder.authenticated_at,
            label: self.email,
            origin,
        }
    }
}

impl Member {
    /// A user who is not at hand, with the rights their rows have: no session, and long since proven.
    pub fn absent(account: &account::Model, user: user::Model, origin: Origin) -> Self {
        let rights = Rights {
            role: user.role,
            email: user.email,
            plan: account.plan,
            view: account.view,
        };
        rights.member(Holder::absent(account.id, user.id), origin)
    }
}
