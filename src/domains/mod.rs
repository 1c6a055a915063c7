//! E-mail domains an account says are its own, and proves to be by a DNS record.
//!
//! Only a proven domain routes its addresses to a provider and provisions unknown people of it, and one account at most has proven it: the directory of
//! owners says so. The proof is a TXT record with a value we can compute again at any time, so nothing secret is stored; the platform looks again
//! every day, and a domain whose record is missing seven times in a row lapses. A DNS that does not answer has not said that the record is missing.

mod check;
mod claim;
mod proof;
mod providers;
pub mod read;
mod remove;
pub mod rules;
mod script;
mod verify;

use entity::domain;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

pub use check::{carry_on, give_up};
pub use claim::ClaimDomain;
pub use proof::DomainProof;
pub use read::Domain;
pub use remove::RemoveDomain;
pub use verify::VerifyDomain;

use crate::command::Work;
use crate::error::Result;

/// The account's domain as it is now.
async fn load(work: &Work, account_id: Uuid, id: Uuid) -> Result<Option<domain::Model>> {
    Ok(domain::Entity::find_by_id((account_id, id))
        .one(work.reader())
        .await?)
}

/// Writes a domain as it has become.
async fn store(work: &Work, domain: &domain::Model) -> Result<()> {
    let now = domain.clone();
    let update = domain::Entity::update_many()
        .col_expr(domain::Column::Status, Expr::value(now.status))
        .col_expr(domain::Column::CreatedBy, Expr::value(now.created_by))
        .col_expr(domain::Column::ClaimEndsAt, Expr::value(now.claim_ends_at))
        .col_expr(domain::Column::VerifiedAt, Expr::value(now.verified_at))
        .col_expr(domain::Column::LastCheckedAt, Expr::value(now.last_checked_at))
        .col_expr(
            domain::Column::LastCheckMessage,
            Expr::value(now.last_check_message),
        )
        .col_expr(domain::Column::NextCheckAt, Expr::value(now.next_check_at))
        .col_expr(domain::Column::Misses, Expr::value(now.misses))
        .filter(domain::Column::AccountId.eq(now.account_id))
        .filter(domain::Column::Id.eq(now.id));
    work.update(update).await?;
    Ok(())
}
