//! Sessions that rest on a provider's word end when it no longer signs anybody in.

use entity::session::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::platform::events::Wake;

/// Ends every session a provider began, that of whoever does so among them. Whoever is served by one looks again, and finds it over.
pub async fn end_begun_by(work: &mut Work, account_id: Uuid, provider_id: Uuid) -> Result<()> {
    let ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::IdentityProviderId.eq(provider_id))
        .filter(Column::EndedAt.is_null());
    for session in work.update_returning(ending).await? {
        work.wake(Wake::User {
            account_id,
            id: session.user_id,
        });
    }
    Ok(())
}
