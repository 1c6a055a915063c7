//! Reading tokens: always of the reader's account.

use entity::api_token::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::error::Result;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count};

account_row! {
    /// A credential for scripts.
    ApiToken, api_token
}

/// A page of the account's tokens, the newest first, with those revoked and lapsed.
pub async fn page(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<ApiToken>> {
    let account_id = scope.account_id()?;
    let page = Page::new(request, account_id, "apiTokens")?;
    let listed = Entity::find().filter(Column::AccountId.eq(account_id));
    let total = match wants_total {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let rows = page
        .narrow(listed, Column::Id, Direction::Desc)
        .all(scope.db())
        .await?;
    let rows = rows.into_iter().map(ApiToken::from).collect();
    Ok(page.close(rows, total, |token: &ApiToken| ("", token.0.id)))
}
