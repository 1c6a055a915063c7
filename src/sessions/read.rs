//! Reading sessions: one's own, and those of others for whoever sees people. And the accounts a person can go over to.

use std::sync::Arc;

use entity::session::{Column, Entity, Model};
use entity::user;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select, Statement,
};
use uuid::Uuid;

use crate::access::{Action, permit};
use crate::accounts::Account;
use crate::accounts::read::profiles;
use crate::directory::people;
use crate::enforcement::{UserKey, required_providers};
use crate::error::Result;
use crate::platform::arrays::listed as listed_in;
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

    /// Of these, those the reader may see.
    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        let seen = match permit(scope.actor(), Action::ReadUsers) {
            Ok(()) => standing(scope),
            Err(_) => own(scope),
        };
        let Some(seen) = seen.filter(|_| !ids.is_empty()) else {
            return Ok(Vec::new());
        };
        let found = seen.filter(Column::Id.is_in(ids.iter().copied()));
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
    standing(scope).map(|standing| standing.filter(Column::UserId.eq(person.user_id)))
}

/// The standing sessions of the account, for a person who asks: where people sign in from is no script's.
fn standing(scope: &Scope) -> Option<Select<Entity>> {
    let person = scope.actor().person()?;
    let standing = Entity::find()
        .filter(Column::AccountId.eq(person.account_id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(scope.app().clock().now()));
    Some(standing)
}

/// The standing sessions of some users, the one begun first first; of each the hundred seen last. One statement, however many users.
pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<Vec<Session>> {
    let Some(person) = scope.actor().person().filter(|_| !users.is_empty()) else {
        return Ok(Vec::new());
    };
    let backend = scope.app().db().backend();
    let now = scope.app().clock().now();
    let mut values = vec![person.account_id.into(), now.into(), MOST_LISTED.into()];
    let users = listed_in(backend, users.to_vec(), &mut values);
    let sql = format!(
        "SELECT * FROM (SELECT s.*, row_number() OVER (PARTITION BY user_id ORDER BY last_seen_at DESC, id DESC) AS place \
         FROM sessions s WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 AND user_id {users}) standing \
         WHERE place <= $3 ORDER BY id"
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let found = Model::find_by_statement(statement).all(scope.db()).await?;
    Ok(found.into_iter().map(Session::from).collect())
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
