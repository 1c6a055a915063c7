//! Reading sessions: nobody reads another's. And the accounts a person can go over to.

use std::sync::Arc;

use entity::session::{Column, Entity, Model};
use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::accounts::Account;
use crate::accounts::read::profiles;
use crate::directory::people;
use crate::enforcement::{UserKey, required_providers};
use crate::error::Result;
use crate::platform::constants::Constants;
use crate::read::{ById, Scope};

/// Sessions listed at most, those seen last.
const MOST_LISTED: u64 = 100;

/// One signed-in browser or device.
#[derive(Clone, Debug)]
pub struct Session(pub Arc<Model>);

impl From<Model> for Session {
    fn from(model: Model) -> Self {
        Self(Arc::new(model))
    }
}

impl ById for Session {
    fn id(&self) -> Uuid {
        self.0.id
    }

    /// The reader's own sessions among these.
    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        let Some(own) = own(scope).filter(|_| !ids.is_empty()) else {
            return Ok(Vec::new());
        };
        let found = own.filter(Column::Id.is_in(ids.iter().copied()));
        Ok(found.all(scope.db()).await?.into_iter().map(Self::from).collect())
    }
}

/// The reader's sessions in this account, the one seen last first.
pub async fn listed(scope: &Scope) -> Result<Vec<Session>> {
    let Some(own) = own(scope) else {
        return Ok(Vec::new());
    };
    let newest_first = own.order_by_desc(Column::LastSeenAt).order_by_desc(Column::Id);
    let found = newest_first.limit(MOST_LISTED).all(scope.db()).await?;
    Ok(found.into_iter().map(Session::from).collect())
}

/// The standing sessions of the person who asks; `None` when it is no person.
fn own(scope: &Scope) -> Option<Select<Entity>> {
    let person = scope.actor().person()?;
    let standing = Entity::find()
        .filter(Column::AccountId.eq(person.account_id))
        .filter(Column::UserId.eq(person.user_id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(scope.app().clock().now()));
    Some(standing)
}

/// The accounts the reader's session can be switched to, its own included. The one place where rows of other accounts are read: those the person is in.
pub async fn reachable_accounts(scope: &Scope) -> Result<Vec<Account>> {
    let member = scope.member()?;
    let session = Entity::find_by_id((member.account_id, member.session_id))
        .one(scope.db())
        .await?;
    let Some(identity_id) = session.and_then(|session| session.identity_id) else {
        return Ok(Account::own(scope).await?.into_iter().collect());
    };
    let listed = people::of_identity(scope.db(), identity_id).await?;
    let Some(which) = people::users(&listed) else {
        return Ok(Account::own(scope).await?.into_iter().collect());
    };
    let places = user::Entity::find()
        .filter(which)
        .filter(user::Column::IdentityId.eq(identity_id))
        .filter(user::Column::Status.eq_constant(user::Status::Active))
        .all(scope.db())
        .await?;
    let people: Vec<UserKey<'_>> = places.iter().map(UserKey::from).collect();
    let required = required_providers(scope.db(), &people).await?;
    let is_open =
        |place: &&user::Model| place.account_id == member.account_id || !required.contains_key(&place.id);
    let ids = places.iter().filter(is_open).map(|place| place.account_id);
    profiles(scope.db(), ids).await
}
