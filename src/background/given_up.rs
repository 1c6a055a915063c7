//! Mails that were given up, for the operator: to be looked at, and to be sent again once the cause is gone.

use chrono::{DateTime, Utc};
use entity::account;
use entity::ids::Kind;
use entity::mail::{self, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::offered;
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Work};
use crate::directory::slugs;
use crate::error::{Code, Refusal, Result};
use crate::platform::constants::Constants;
use crate::platform::events::Wake;

/// Mails shown at once.
pub const MOST_SHOWN: u64 = 1_000;

/// Those that were given up, of one account or of all, the oldest first; with the account's slug.
pub async fn list(app: &App, account: Option<&str>) -> Result<Vec<(String, mail::Model)>> {
    let mut accounts = account::Entity::find();
    if let Some(slug) = account {
        accounts = accounts.filter(account::Column::Slug.eq(slug));
    }
    let mut found = Vec::new();
    for account in accounts
        .order_by_asc(account::Column::Slug)
        .all(app.reader())
        .await?
    {
        let mails = mail::Entity::find()
            .filter(mail::Column::AccountId.eq(account.id))
            .filter(mail::Column::Status.eq_constant(Status::Dead))
            .order_by_asc(mail::Column::Id)
            .limit(MOST_SHOWN - found.len() as u64)
            .all(app.reader())
            .await?;
        found.extend(mails.into_iter().map(|mail| (account.slug.clone(), mail)));
        if found.len() as u64 >= MOST_SHOWN {
            break;
        }
    }
    Ok(found)
}

/// Has mails of an account that were given up tried anew, from the first attempt on.
#[derive(Clone, Debug)]
pub struct SendAgain {
    /// The account's slug.
    pub account: String,
    /// All of them, without one.
    pub mail_id: Option<Uuid>,
}

impl Command for SendAgain {
    /// How many that were.
    type Output = u64;
    const NAME: &'static str = "mails.send_again";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<u64> {
        let account = slugs::find(work.reader(), &self.account).await?;
        let account = account.ok_or_else(|| {
            Refusal::new(
                Code::NotFound,
                format!("There is no account \"{}\".", self.account),
            )
        })?;
        work.lock(account.id).await?;
        let mut again = mail::Entity::update_many()
            .col_expr(mail::Column::Status, Expr::value(Status::Ready))
            .col_expr(mail::Column::Attempts, Expr::value(0))
            .col_expr(mail::Column::RunAt, Expr::value(work.now()))
            .col_expr(mail::Column::LeaseToken, Expr::value(Option::<Uuid>::None))
            .col_expr(
                mail::Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(mail::Column::AccountId.eq(account.id))
            .filter(mail::Column::Status.eq_constant(Status::Dead));
        if let Some(id) = self.mail_id {
            again = again.filter(mail::Column::Id.eq(id));
        }
        let again = work.update_returning(again).await?;
        offered::queue_again(work, account.id, &again).await?;
        let changed = again.len() as u64;
        if changed == 0 && self.mail_id.is_some() {
            let text = "The account has no such mail that was given up.";
            return Err(Refusal::new(Code::NotFound, text).into());
        }
        work.touch(Kind::Account.text(account.id));
        work.wake(Wake::Mails);
        Ok(changed)
    }
}
