//! Taking a provider away, with everything that hangs on it: links, tests, sign-ins under way, and the sessions it began.

use entity::account::Plan;
use entity::identity_provider::Status;
use entity::ids::Kind;
use entity::{
    external_identity, identity_provider, identity_provider_domain, logout_token, session, sso_attempt,
    sso_test,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::update::find;
use crate::access::Action;
use crate::background::jobs;
use crate::command::{Command, Work};
use crate::directory::providers;
use crate::error::{Code, Refusal, Result};
use crate::sessions::end_sessions_begun_by;

/// Deletes a provider that signs nobody in any more. The people stay; who has no password asks for one as if it were forgotten.
#[derive(Clone, Debug)]
pub struct DeleteIdentityProvider {
    pub provider_id: Uuid,
}

impl Command for DeleteIdentityProvider {
    type Output = ();
    const NAME: &'static str = "identity_providers.delete";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let provider = find(work, self.provider_id).await?;
        // Without the premium plan nothing can be switched off, so what was left over from it may go as it is.
        if provider.status == Status::Enabled && work.member()?.plan == Plan::Premium {
            let text = "People sign in by this identity provider. Switch it off first.";
            return Err(Refusal::new(Code::SsoInUse, text)
                .at("input.identityProviderId")
                .into());
        }
        let (account_id, id) = (provider.account_id, provider.id);
        end_sessions_begun_by(work, account_id, id).await?;
        macro_rules! delete_from {
            ($($table:ident),+) => {$(
                let rows = $table::Entity::delete_many()
                    .filter($table::Column::AccountId.eq(account_id))
                    .filter($table::Column::IdentityProviderId.eq(id));
                work.delete(rows).await?;
            )+};
        }
        delete_from!(
            session,
            external_identity,
            identity_provider_domain,
            logout_token,
            sso_attempt,
            sso_test
        );
        jobs::cancel(work, jobs::Kind::SecretNotice, account_id, id).await?;
        let row = identity_provider::Entity::delete_many()
            .filter(identity_provider::Column::AccountId.eq(account_id))
            .filter(identity_provider::Column::Id.eq(id));
        work.delete(row).await?;
        providers::forget(work, id).await?;
        work.touch(Kind::IdentityProvider.text(id));
        work.changed("name", Some(provider.name), None);
        work.changed("issuer", Some(provider.issuer), None);
        Ok(())
    }
}
