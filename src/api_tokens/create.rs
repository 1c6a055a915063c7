//! Making a token.

use chrono::{DateTime, Utc};
use entity::api_token::{ActiveModel, Column, Entity, Model};
use entity::ids::Kind;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{rules, secret};
use crate::access::Action;
use crate::access::ApiTokenScope;
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Refusal, Result};

/// Standing tokens an account may have.
const MOST: i32 = 100;

/// Makes a token with which a script acts for whoever makes it.
#[derive(Clone, Debug)]
pub struct CreateApiToken {
    pub name: String,
    pub scopes: Vec<ApiTokenScope>,
    pub expires_at: DateTime<Utc>,
}

impl Command for CreateApiToken {
    /// The token and its secret, which nobody sees again.
    type Output = (Model, SecretString);
    const NAME: &'static str = "api_tokens.create";

    fn action(&self) -> Action {
        Action::ManageApiTokens
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let member = work.member()?.clone();
        let name = rules::name(&self.name)?;
        rules::check_expiry(self.expires_at, work.now())?;
        rules::check_scopes(&self.scopes, member.role)?;
        check_count(work, member.account_id).await?;
        let secret = secret::make(member.account_id)?;
        let token = Model {
            account_id: member.account_id,
            id: work.new_id(),
            name,
            hint: secret::hint(&secret),
            secret_hash: secret::digest(secret.expose_secret()),
            scopes: ApiTokenScope::to_texts(&self.scopes),
            created_by: member.user_id,
            created_at: work.now(),
            expires_at: self.expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        work.insert(vec![ActiveModel::from(token.clone())]).await?;
        work.touch(Kind::ApiToken.text(token.id));
        work.changed("name", None, Some(token.name.clone()));
        work.changed("scopes", None, Some(token.scopes.0.join(" ")));
        Ok((token, secret))
    }
}

async fn check_count(work: &Work, account_id: Uuid) -> Result<()> {
    let standing = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(work.now()))
        .count(work.reader())
        .await?;
    if standing < u64::from(MOST.unsigned_abs()) {
        return Ok(());
    }
    let detail = Detail::Quota {
        limit: MOST,
        retry_after_seconds: None,
    };
    let message = "The account has 100 tokens. Revoke one that is not needed any more.";
    Err(Refusal::new(Code::QuotaExceeded, message).with(detail).into())
}
