//! Writing another address for somebody whose mail it was shown to reach.

use entity::{account, user};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::accounts::Naming;
use crate::command::Work;
use crate::directory::people;
use crate::error::{Error, Result};
use crate::person::EmailAddress;

/// Gives a user another address in their account; answers them as they are then.
pub async fn move_address(
    work: &mut Work,
    account: &account::Model,
    user: &user::Model,
    address: &EmailAddress,
) -> Result<user::Model> {
    let naming = Naming::of(work, account).await?;
    let findable = naming.findable(
        user.given_name.as_deref(),
        user.family_name.as_deref(),
        address.as_typed(),
        address.key(),
    );
    let moved = user::Entity::update_many()
        .col_expr(user::Column::Email, Expr::value(address.as_typed()))
        .col_expr(user::Column::EmailKey, Expr::value(address.key()))
        .col_expr(user::Column::EmailVerified, Expr::value(true))
        .col_expr(user::Column::GivenKey, Expr::value(findable.given_key))
        .col_expr(user::Column::FamilyKey, Expr::value(findable.family_key))
        .col_expr(user::Column::SearchText, Expr::value(findable.search_text))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    let moved = work.update_returning(moved).await?;
    people::note(work, &moved).await?;
    work.changed(
        "email",
        Some(user.email.clone()),
        Some(address.as_typed().to_owned()),
    );
    let gone = || Error::internal("the user whose address changes is gone");
    moved.into_iter().next().ok_or_else(gone)
}
