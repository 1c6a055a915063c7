//! Taking a link away: somebody the provider knows is nobody of ours any more, until they sign in and are linked anew.

use entity::ids::Kind;
use entity::{external_identity, session, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::sessions::{begun_by, end_sessions_where};

/// Unlinks a user from somebody a provider knows, and ends the sessions that came of the link.
#[derive(Clone, Debug)]
pub struct UnlinkIdentity {
    pub link_id: Uuid,
}

impl Command for UnlinkIdentity {
    type Output = user::Model;
    const NAME: &'static str = "identity_providers.unlink";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<user::Model> {
        let account_id = work.account_id()?;
        let missing = || Refusal::new(Code::NotFound, "There is no such identity.").at("input.identityId");
        let link = external_identity::Entity::find_by_id((account_id, self.link_id))
            .one(work.reader())
            .await?
            .ok_or_else(missing)?;
        let user = user::Entity::find_by_id((account_id, link.user_id))
            .one(work.reader())
            .await?
            .ok_or_else(missing)?;
        let of_user =
            begun_by(account_id, link.identity_provider_id).add(session::Column::UserId.eq(user.id));
        end_sessions_where(work, of_user).await?;
        let gone = external_identity::Entity::delete_many()
            .filter(external_identity::Column::AccountId.eq(account_id))
            .filter(external_identity::Column::Id.eq(link.id));
        work.delete(gone).await?;
        work.touch(Kind::User.text(user.id));
        work.touch(Kind::IdentityProvider.text(link.identity_provider_id));
        work.touch(Kind::ExternalIdentity.text(link.id));
        Ok(user)
    }
}
