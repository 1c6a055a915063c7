//! Sealing anew what was sealed under a former master key, so that the former one can be forgotten.
//!
//! One command an account, so whatever was done stays done when it is broken off: started again, it goes on with the accounts that are left.

use entity::identity_provider;
use entity::ids::Kind;
use sea_orm::sea_query::{CaseStatement, Expr};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::seal::Content;

/// Seals the secrets of one account under the present master key. Answers how many were under another.
#[derive(Clone, Debug)]
pub struct ResealSecrets {
    pub account_id: Uuid,
}

impl Command for ResealSecrets {
    type Output = usize;
    const NAME: &'static str = "secrets.reseal";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<usize> {
        work.lock(self.account_id).await?;
        let secrets = work.app().secrets();
        let header = secrets.seal_header()?;
        let providers = identity_provider::Entity::find()
            .filter(identity_provider::Column::AccountId.eq(self.account_id))
            .filter(identity_provider::Column::SealedSecret.is_not_null())
            .all(work.reader())
            .await?;
        let mut anew = CaseStatement::new();
        let mut ids = Vec::new();
        for provider in providers {
            let sealed = provider.sealed_secret.unwrap_or_default();
            if sealed.starts_with(&header) {
                continue;
            }
            let (content, account_id, id) = (Content::ClientSecret, provider.account_id, provider.id);
            let plain = secrets.unseal(content, account_id, id, &sealed)?;
            let sealed = secrets.seal(content, account_id, id, &plain)?;
            anew = anew.case(identity_provider::Column::Id.eq(id), Expr::value(sealed));
            ids.push(id);
        }
        if !ids.is_empty() {
            let update = identity_provider::Entity::update_many()
                .col_expr(identity_provider::Column::SealedSecret, anew.into())
                .filter(identity_provider::Column::AccountId.eq(self.account_id))
                .filter(identity_provider::Column::Id.is_in(ids.iter().copied()));
            work.update(update).await?;
        }
        work.touch(Kind::Account.text(self.account_id));
        for id in &ids {
            work.touch(Kind::IdentityProvider.text(*id));
        }
        Ok(ids.len())
    }
}

/// What came of all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    pub secrets: usize,
    pub accounts: usize,
    /// Accounts with a secret that no configured master key opens; it stays as it is.
    pub failed_accounts: usize,
}

#[derive(FromQueryResult)]
struct Left {
    account_id: Uuid,
}

/// Seals everything anew that is not sealed under the present master key.
pub async fn reseal_all(app: &App) -> Result<Resealed> {
    let sql = "SELECT DISTINCT account_id FROM identity_providers \
               WHERE sealed_secret IS NOT NULL AND substr(sealed_secret, 1, $1) <> $2";
    let header = app.secrets().seal_header()?.to_vec();
    let length = i32::try_from(header.len()).unwrap_or(i32::MAX);
    let values = [length.into(), header.into()];
    let statement = Statement::from_sql_and_values(app.db().backend(), sql, values);
    let left = Left::find_by_statement(statement).all(app.reader()).await?;
    let mut resealed = Resealed::default();
    for Left { account_id } in left {
        match app.run(&Actor::Operator, ResealSecrets { account_id }).await {
            Ok(count) => {
                resealed.secrets += count;
                resealed.accounts += 1;
            }
            Err(error) => {
                tracing::error!(?error, %account_id, "the secrets of an account could not be sealed anew");
                resealed.failed_accounts += 1;
            }
        }
    }
    Ok(resealed)
}
