//! A new password: whatever the old one opened is closed.

use entity::ids::Kind;
use entity::{identity, password_reset, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::directory::people;
use crate::error::Result;
use crate::platform::constants::Constants;
use crate::sessions::attempts;
use crate::sessions::end::end_sessions_of_identity;

/// Sets the password of an identity and ends its sessions, but for the one to be kept. Links to set another die, and the failures counted against the
/// e-mail are forgiven. The identity is written first: whoever is just signing in with the old password is waited for, and then signed out.
pub(super) async fn set_password(
    work: &mut Work,
    identity: &identity::Model,
    hash: String,
    kept: Option<Uuid>,
) -> Result<()> {
    let changed = identity::Entity::update_many()
        .col_expr(identity::Column::PasswordHash, Expr::value(hash))
        .col_expr(identity::Column::PasswordChangedAt, Expr::value(work.now()))
        .filter(identity::Column::Id.eq(identity.id));
    work.update(changed).await?;
    let dead = password_reset::Entity::update_many()
        .col_expr(password_reset::Column::UsedAt, Expr::value(work.now()))
        .filter(password_reset::Column::IdentityId.eq(identity.id))
        .filter(password_reset::Column::UsedAt.is_null());
    work.update(dead).await?;
    end_sessions_of_identity(work, identity.id, kept).await?;
    attempts::forgive(work, &identity.email_key).await
}

/// Tells every account the person is in that their password is another now. They have a handful of accounts at most.
pub(super) async fn tell_accounts(work: &mut Work, identity_id: Uuid) -> Result<()> {
    let listed = people::of_identity(work.reader(), identity_id).await?;
    let Some(which) = people::users(&listed) else {
        return Ok(());
    };
    let places = user::Entity::find()
        .filter(which)
        .filter(user::Column::IdentityId.eq(identity_id))
        .filter(user::Column::Status.ne_constant(user::Status::Removed));
    for place in places.all(work.reader()).await? {
        work.run(NoteReset {
            account_id: place.account_id,
            user_id: place.id,
        })
        .await?;
    }
    Ok(())
}

/// The row in one account's audit log.
struct NoteReset {
    account_id: Uuid,
    user_id: Uuid,
}

impl Command for NoteReset {
    type Output = ();
    const NAME: &'static str = "sessions.reset_password";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.touch(Kind::Account.text(self.account_id));
        work.touch(Kind::User.text(self.user_id));
        Ok(())
    }
}
