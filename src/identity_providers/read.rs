//! Reading providers, their trials and the people they know: always of the reader's account.

use std::collections::HashMap;

use entity::{external_identity, identity_provider, identity_provider_domain, sso_test};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Statement};
use uuid::Uuid;

use crate::error::Result;
use crate::read::{Scope, account_row};

account_row! {
    /// A provider of the account.
    IdentityProvider, identity_provider
}

account_row! {
    /// A trial of a provider.
    SsoTest, sso_test
}

account_row! {
    /// A link between a user and whom a provider knows.
    ExternalIdentity, external_identity
}

/// The account's providers, the oldest first.
pub async fn all(scope: &Scope) -> Result<Vec<IdentityProvider>> {
    let found = identity_provider::Entity::find()
        .filter(identity_provider::Column::AccountId.eq(scope.account_id()?))
        .order_by_asc(identity_provider::Column::Id)
        .all(scope.db())
        .await?;
    Ok(found.into_iter().map(IdentityProvider::from).collect())
}

/// The domains whose addresses each provider signs in, by provider.
pub async fn domains_of_providers(scope: &Scope) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    use identity_provider_domain::{Column, Entity};
    let routed = Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .order_by_asc(Column::DomainId)
        .all(scope.db())
        .await?;
    let mut of: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for row in routed {
        of.entry(row.identity_provider_id)
            .or_default()
            .push(row.domain_id);
    }
    Ok(of)
}

/// The latest trial of each provider of the account.
pub async fn latest_trials(scope: &Scope) -> Result<Vec<SsoTest>> {
    let sql = "SELECT t.* FROM sso_tests t WHERE t.account_id = $1 AND NOT EXISTS (\
               SELECT 1 FROM sso_tests later WHERE later.account_id = t.account_id \
               AND later.identity_provider_id = t.identity_provider_id AND later.id > t.id)";
    let values = [scope.account_id()?.into()];
    let statement = Statement::from_sql_and_values(scope.app().db().backend(), sql, values);
    let found = sso_test::Entity::find()
        .from_raw_sql(statement)
        .all(scope.db())
        .await?;
    Ok(found.into_iter().map(SsoTest::from).collect())
}

/// Whom providers know these users as.
pub async fn identities_of(scope: &Scope, users: &[Uuid]) -> Result<Vec<ExternalIdentity>> {
    use external_identity::{Column, Entity};
    let found = Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .filter(Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(Column::Id)
        .all(scope.db())
        .await?;
    Ok(found.into_iter().map(ExternalIdentity::from).collect())
}
