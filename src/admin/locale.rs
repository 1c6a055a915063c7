//! Giving an account another language.

use entity::account;
use entity::ids::Kind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::account::{lock_named, read_locale};
use crate::access::Action;
use crate::accounts::write_anew;
use crate::command::{Command, Work};
use crate::error::Result;

/// Has lists by name put into the order of another language.
#[derive(Clone, Debug)]
pub struct SetLocale {
    /// The account's slug.
    pub account: String,
    /// A language tag.
    pub locale: String,
}

impl Command for SetLocale {
    type Output = ();
    const NAME: &'static str = "accounts.set_locale";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let locale = read_locale(&self.locale)?;
        let before = lock_named(work, &self.account).await?;
        work.touch(Kind::Account.text(before.id));
        if before.default_locale == locale {
            return Ok(());
        }
        let update = account::Entity::update_many()
            .col_expr(account::Column::DefaultLocale, Expr::value(locale.clone()))
            .col_expr(account::Column::NamesVersion, Expr::value(0))
            .col_expr(
                account::Column::Version,
                Expr::col(account::Column::Version).add(1),
            )
            .filter(account::Column::Id.eq(before.id));
        work.update(update).await?;
        work.changed("defaultLocale", Some(before.default_locale), Some(locale));
        write_anew(work, before.id).await
    }
}
