//! Changing what is written about a user.

use entity::ids::Kind;
use entity::user::{self, Status};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::lifecycle::ties;
use crate::access::Action;
use crate::accounts::Naming;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::person::{locale, name};

/// Changes names and language. What is `None` stays as it is; where nothing is said but what is written already, nothing is changed.
#[derive(Clone, Debug)]
pub struct UpdateUser {
    pub user_id: Uuid,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub locale: Option<String>,
}

impl Command for UpdateUser {
    type Output = user::Model;
    const NAME: &'static str = "users.update";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<user::Model> {
        self.write(work).await
    }
}

/// The same for whoever asks. What comes of the identity provider is changed there.
#[derive(Clone, Debug)]
pub struct UpdateProfile {
    pub expected_version: Option<i32>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub locale: Option<String>,
}

impl Command for UpdateProfile {
    type Output = user::Model;
    const NAME: &'static str = "users.update_own";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<user::Model> {
        let own = UpdateUser {
            user_id: work.member()?.user_id,
            expected_version: self.expected_version,
            given_name: self.given_name,
            family_name: self.family_name,
            locale: self.locale,
        };
        own.write(work).await
    }
}

impl UpdateUser {
    async fn write(self, work: &mut Work) -> Result<user::Model> {
        let account_id = work.account_id()?;
        let missing = || Refusal::new(Code::NotFound, "There is no such user.").at("input.userId");
        let before = user::Entity::find_by_id((account_id, self.user_id))
            .one(work.reader())
            .await?;
        let before = before
            .filter(|user| user.status != Status::Removed)
            .ok_or_else(missing)?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            let text = "Somebody changed this user meanwhile. Read it again.";
            return Err(Refusal::new(Code::StaleVersion, text)
                .at("input.expectedVersion")
                .into());
        }
        if self.given_name.is_some() || self.family_name.is_some() {
            refuse_managed(work, &before).await?;
        }
        let given_name = changed(self.given_name, before.given_name.as_ref(), "input.givenName")?;
        let family_name = changed(self.family_name, before.family_name.as_ref(), "input.familyName")?;
        let locale = match &self.locale {
            Some(given) => locale(given, "input.locale")?,
            None => before.locale.clone(),
        };
        let is_as_before =
            (&given_name, &family_name, &locale) == (&before.given_name, &before.family_name, &before.locale);
        if is_as_before {
            return Ok(before);
        }
        for (field, was, is) in [
            ("givenName", &before.given_name, &given_name),
            ("familyName", &before.family_name, &family_name),
            ("locale", &before.locale, &locale),
        ] {
            if was != is {
                work.changed(field, was.clone(), is.clone());
            }
        }
        let account = work.account(account_id).await?;
        let naming = Naming::of(work, &account).await?;
        let update = naming
            .rename(user::Entity::update_many(), &before, given_name, family_name)
            .col_expr(user::Column::Locale, Expr::value(locale))
            .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
            .filter(user::Column::AccountId.eq(account_id))
            .filter(user::Column::Id.eq(self.user_id));
        work.touch(Kind::User.text(self.user_id));
        Ok(work.update_returning(update).await?.pop().ok_or_else(missing)?)
    }
}

/// A name that comes from the identity provider would be overwritten by the next sign-in.
async fn refuse_managed(work: &Work, user: &user::Model) -> Result<()> {
    let managed = ties::managed(work.reader(), user.account_id, std::iter::once(user)).await?;
    if managed.is_empty() {
        return Ok(());
    }
    let text = "The identity provider keeps this person's name. Change it there.";
    Err(Refusal::new(Code::UserManagedByIdp, text)
        .at("input.userId")
        .into())
}

/// A blank name takes the name away.
fn changed(given: Option<String>, known: Option<&String>, field: &str) -> Result<Option<String>, Refusal> {
    match given {
        Some(given) => name(&given, field),
        None => Ok(known.cloned()),
    }
}
