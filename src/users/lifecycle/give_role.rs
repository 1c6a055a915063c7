//! Giving users a role: the one way in which a role changes for whom it was decided, whatever decided it.

use std::collections::HashMap;

use entity::ids::Kind;
use entity::user::{self, Role};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::accounts::counters::Delta;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// Gives users of an account, as they were read, a role, and notes it in the counters and the audit log. Answers those who did not have it, as they are now, in the
/// order in which they were given. Who signs in again for it, and who is told, is for the caller.
pub async fn give_role(
    work: &mut Work,
    account_id: Uuid,
    users: &[&user::Model],
    role: Role,
) -> Result<Vec<user::Model>> {
    let others: Vec<&user::Model> = users.iter().copied().filter(|user| user.role != role).collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = others.iter().map(|user| user.id).collect();
    let update = user::Entity::update_many()
        .col_expr(user::Column::Role, Expr::value(role))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), user::Column::Id, &ids));
    let given = work.update_returning(update).await?;
    let mut given: HashMap<Uuid, user::Model> = given.into_iter().map(|user| (user.id, user)).collect();
    let mut delta = Delta::default();
    let mut turned = Vec::with_capacity(others.len());
    for before in others {
        let Some(after) = given.remove(&before.id) else {
            continue;
        };
        delta.loses(before.status, before.role);
        delta.gains(after.status, after.role);
        work.touch(Kind::User.text(after.id));
        work.changed("role", Some(before.role.to_value()), Some(after.role.to_value()));
        turned.push(after);
    }
    delta.write(work, account_id).await?;
    Ok(turned)
}
