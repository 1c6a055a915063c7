//! People without a password who may get one.
//!
//! A provider's word makes a user and no identity: nothing but the provider opens them. When it is taken away, or fails for good, its people prove by mail
//! that the address is theirs, as whoever forgot a password does, and get their first one. The mail goes to the user's own address, and the user is tied
//! to the identity of that address only when the link comes back with a password: until then, whoever may know a password of that identity gains nothing.

use std::collections::BTreeSet;

use entity::{identity, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::command::Work;
use crate::directory::people;
use crate::enforcement::{UserKey, required_providers};
use crate::error::{Error, Result};
use crate::platform::constants::Constants;

/// An active user of a proven address whom no identity opens, where a password may.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Unclaimed {
    pub account_id: Uuid,
    pub id: Uuid,
    email: String,
    email_key: String,
}

/// Those of this very address, in all accounts.
pub(super) async fn unclaimed(work: &Work, email_key: &str) -> Result<Vec<Unclaimed>> {
    let listed = people::without_identity(work.reader(), email_key).await?;
    let Some(which) = people::users(&listed) else {
        return Ok(Vec::new());
    };
    let mut users: Vec<Unclaimed> = user::Entity::find()
        .filter(which)
        .filter(user::Column::EmailKey.eq(email_key))
        .filter(user::Column::IdentityId.is_null())
        .filter(user::Column::Status.eq_constant(user::Status::Active))
        .filter(user::Column::EmailVerified.eq(true))
        .order_by_asc(user::Column::AccountId)
        .into_model()
        .all(work.reader())
        .await?;
    let people: Vec<UserKey<'_>> = users.iter().map(Unclaimed::key).collect();
    let required = required_providers(work.reader(), &people).await?;
    users.retain(|user| !required.contains_key(&user.id));
    Ok(users)
}

/// As [`unclaimed`], with their accounts locked: they stay what they are until the transaction ends.
pub(super) async fn hold(work: &Work, email_key: &str) -> Result<Vec<Unclaimed>> {
    let users = unclaimed(work, email_key).await?;
    let accounts: BTreeSet<Uuid> = users.iter().map(|user| user.account_id).collect();
    for account_id in &accounts {
        work.lock(*account_id).await?;
    }
    let mut users = unclaimed(work, email_key).await?;
    users.retain(|user| accounts.contains(&user.account_id));
    Ok(users)
}

/// Ties users that are held to the identity whose address was just proven to be theirs.
pub(super) async fn tie(work: &Work, users: &[Unclaimed], identity_id: Uuid) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    let tied = user::Entity::update_many()
        .col_expr(user::Column::IdentityId, Expr::value(identity_id))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.is_in(users.iter().map(|user| user.account_id)))
        .filter(user::Column::Id.is_in(users.iter().map(|user| user.id)))
        .filter(user::Column::IdentityId.is_null());
    let tied = work.update_returning(tied).await?;
    people::note(work, &tied).await
}

impl Unclaimed {
    fn key(&self) -> UserKey<'_> {
        UserKey {
            account_id: self.account_id,
            user_id: self.id,
            email_key: &self.email_key,
        }
    }

    /// An identity for the person, without a password yet. Somebody else may have made it in this very moment.
    pub async fn identity(&self, work: &Work) -> Result<identity::Model> {
        let row = identity::ActiveModel {
            id: Set(work.new_id()),
            email: Set(self.email.clone()),
            email_key: Set(self.email_key.clone()),
            password_hash: Set(None),
            created_at: Set(work.now()),
            password_changed_at: Set(None),
        };
        let known = OnConflict::column(identity::Column::EmailKey)
            .do_nothing()
            .to_owned();
        work.insert_new(vec![row], known).await?;
        let found = identity::Entity::find().filter(identity::Column::EmailKey.eq(&self.email_key));
        let found = found.one(work.reader()).await?;
        found.ok_or_else(|| Error::internal("an identity just made is missing"))
    }
}
