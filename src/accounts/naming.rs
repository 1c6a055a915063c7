//! How commands write down what people of an account are called, so that lists by name have the order of its language.

use chrono::Duration;
use entity::{account, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany};
use uuid::Uuid;

use super::memory::BELIEVED_FOR;
use crate::background::jobs::{self, Kind};
use crate::command::Work;
use crate::error::{Error, Result};
use crate::person::{Collation, Findable, VERSION};
use crate::platform::events::Wake;

/// Asks for an account's keys to be written anew, for a command that has just said that they are not as they should be.
///
/// Whoever still believes otherwise reads by the former keys until then: these have to be whole for as long.
pub async fn write_anew(work: &mut Work, account_id: Uuid) -> Result<()> {
    work.wake(Wake::Account { id: account_id });
    let from = work.now() + Duration::from_std(BELIEVED_FOR).map_err(Error::internal)? * 2;
    jobs::enqueue_at(work, Kind::Names, account_id, account_id, from).await
}

/// What people of an account are called, for a command that writes it down.
#[derive(Debug)]
pub struct Naming(Collation);

impl Naming {
    /// For whoever holds the account's lock.
    ///
    /// A process of another release may have written the account's keys. They do not go with those of this one: from now on they count as being written
    /// anew, and are.
    pub async fn of(work: &mut Work, account: &account::Model) -> Result<Self> {
        if !matches!(account.names_version, 0 | VERSION) {
            let unfinished = account::Entity::update_many()
                .col_expr(account::Column::NamesVersion, Expr::value(0))
                .filter(account::Column::Id.eq(account.id));
            work.update(unfinished).await?;
            write_anew(work, account.id).await?;
        }
        Ok(Self(Collation::of(&account.default_locale)?))
    }

    /// What is stored of a user beside what is shown.
    pub fn findable(
        &self,
        given_name: Option<&str>,
        family_name: Option<&str>,
        email: &str,
        email_key: &str,
    ) -> Findable {
        Findable::of(&self.0, given_name, family_name, email, email_key)
    }

    /// Has an update give a user these names.
    pub fn rename(
        &self,
        update: UpdateMany<user::Entity>,
        user: &user::Model,
        given_name: Option<String>,
        family_name: Option<String>,
    ) -> UpdateMany<user::Entity> {
        let findable = self.findable(
            given_name.as_deref(),
            family_name.as_deref(),
            &user.email,
            &user.email_key,
        );
        update
            .col_expr(user::Column::GivenName, Expr::value(given_name))
            .col_expr(user::Column::FamilyName, Expr::value(family_name))
            .col_expr(user::Column::GivenKey, Expr::value(findable.given_key))
            .col_expr(user::Column::FamilyKey, Expr::value(findable.family_key))
            .col_expr(user::Column::SearchText, Expr::value(findable.search_text))
    }
}
