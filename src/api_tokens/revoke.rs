//! Revoking tokens: from the next request on they open nothing, and their sockets are closed.

use entity::api_token::{Column, Entity, Model};
use entity::ids::Kind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::platform::events::Wake;

/// Revokes a token of the account. Doing so twice is no error.
#[derive(Clone, Copy, Debug)]
pub struct RevokeApiToken {
    pub token_id: Uuid,
}

impl Command for RevokeApiToken {
    type Output = Model;
    const NAME: &'static str = "api_tokens.revoke";

    fn action(&self) -> Action {
        Action::ManageApiTokens
    }

    async fn apply(self, work: &mut Work) -> Result<Model> {
        let account_id = work.account_id()?;
        let revoking = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(work.now()))
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Id.eq(self.token_id))
            .filter(Column::RevokedAt.is_null());
        let revoked = work.update_returning(revoking).await?.pop();
        let token = match revoked {
            Some(token) => token,
            None => {
                let before = Entity::find_by_id((account_id, self.token_id));
                let refusal =
                    || Refusal::new(Code::NotFound, "There is no such token.").at("input.apiTokenId");
                before.one(work.reader()).await?.ok_or_else(refusal)?
            }
        };
        work.touch(Kind::ApiToken.text(token.id));
        work.changed("name", Some(token.name.clone()), None);
        work.wake(Wake::User {
            account_id,
            id: token.created_by,
        });
        Ok(token)
    }
}

/// Revokes every token these users made, for a command that disables or removes them: enabling somebody again brings none back.
pub async fn revoke_tokens_of(work: &mut Work, account_id: Uuid, user_ids: &[Uuid]) -> Result<()> {
    let revoking = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::CreatedBy.is_in(user_ids.iter().copied()))
        .filter(Column::RevokedAt.is_null());
    for token in work.update_returning(revoking).await? {
        work.touch(Kind::ApiToken.text(token.id));
        work.wake(Wake::User {
            account_id,
            id: token.created_by,
        });
    }
    Ok(())
}
