//! Where a person can go: the accounts in which the identity behind them has a user.

use chrono::{DateTime, Utc};
use entity::account;
use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::directory::people;
use crate::enforcement::{UserKey, required_providers};
use crate::error::Result;

/// An account as a person who can enter it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    pub id: Uuid,
    pub name: String,
    pub slug: String,
}

/// A person's place in an account.
#[derive(Clone, Debug)]
pub struct Place {
    pub account_id: Uuid,
    pub user_id: Uuid,
    name: String,
    pub slug: String,
    email_key: String,
    status: Status,
    last_signed_in_at: Option<DateTime<Utc>>,
    /// The account has them come by single sign-on: there, a password opens nothing.
    must_use_sso: bool,
}

/// Where a person is active or was until they were disabled. Where they went last comes first; where they never were, last.
pub async fn places(work: &Work, identity_id: Uuid) -> Result<Vec<Place>> {
    let listed = people::of_identity(work.reader(), identity_id).await?;
    let Some(which) = people::users(&listed) else {
        return Ok(Vec::new());
    };
    let users = user::Entity::find()
        .filter(which)
        .filter(user::Column::IdentityId.eq(identity_id))
        .filter(user::Column::Status.is_in([Status::Active, Status::Disabled]))
        .all(work.reader())
        .await?;
    let accounts = account::Entity::find()
        .filter(account::Column::Id.is_in(listed.iter().map(|place| place.account_id)))
        .all(work.reader())
        .await?;
    let place = |user: user::Model| {
        let account = accounts.iter().find(|account| account.id == user.account_id)?;
        Some(Place {
            account_id: user.account_id,
            user_id: user.id,
            name: account.name.clone(),
            slug: account.slug.clone(),
            email_key: user.email_key,
            status: user.status,
            last_signed_in_at: user.last_signed_in_at,
            must_use_sso: false,
        })
    };
    let mut places: Vec<Place> = users.into_iter().filter_map(place).collect();
    let people: Vec<UserKey<'_>> = places.iter().map(Place::key).collect();
    let required = required_providers(work.reader(), &people).await?;
    for place in &mut places {
        place.must_use_sso = required.contains_key(&place.user_id);
    }
    places.sort_by_key(|place| (std::cmp::Reverse(place.last_signed_in_at), place.account_id));
    Ok(places)
}

/// The account a person entered last among those open to them, and their user in it.
pub async fn entered_last(work: &Work, identity_id: Uuid) -> Result<Option<(Uuid, Uuid)>> {
    let places = places(work, identity_id).await?;
    let open = places.iter().find(|place| place.is_open());
    Ok(open.map(|place| (place.account_id, place.user_id)))
}

impl Place {
    pub fn is_open(&self) -> bool {
        self.status == Status::Active && !self.must_use_sso
    }

    fn key(&self) -> UserKey<'_> {
        UserKey {
            account_id: self.account_id,
            user_id: self.user_id,
            email_key: &self.email_key,
        }
    }

    pub fn account_name(&self) -> AccountName {
        AccountName {
            id: self.account_id,
            name: self.name.clone(),
            slug: self.slug.clone(),
        }
    }
}
