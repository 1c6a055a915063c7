//! Leaving groups. What only they gave is taken back by whoever calls this (`assignments::by_group::withdraw`), unless it is given up anyway.

use std::collections::BTreeMap;

use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::MEMBERS;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::listed;

#[derive(FromQueryResult)]
struct Left {
    group_id: Uuid,
    user_id: Uuid,
}

/// These users are in no group any more.
pub async fn leave_all(work: &mut Work, account_id: Uuid, users: &[Uuid]) -> Result<()> {
    leave(work, account_id, None, "user_id", users).await?;
    Ok(())
}

/// These users are not in one group any more. Answers who was in it.
pub(super) async fn leave_one(
    work: &mut Work,
    account_id: Uuid,
    group_id: Uuid,
    users: &[Uuid],
) -> Result<Vec<Uuid>> {
    leave(work, account_id, Some(group_id), "user_id", users).await
}

/// These memberships are over. Answers whose they were.
pub async fn leave_by(work: &mut Work, account_id: Uuid, memberships: &[Uuid]) -> Result<Vec<Uuid>> {
    leave(work, account_id, None, "id", memberships).await
}

async fn leave(
    work: &mut Work,
    account_id: Uuid,
    group_id: Option<Uuid>,
    column: &str,
    ids: &[Uuid],
) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![account_id.into()];
    let mut of_group = String::new();
    if let Some(id) = group_id {
        values.push(id.into());
        of_group.push_str(" AND group_id = $2");
    }
    let among = listed(work.backend(), ids.to_vec(), &mut values);
    let sql = format!(
        "DELETE FROM group_members WHERE account_id = $1{of_group} AND {column} {among} RETURNING group_id, user_id"
    );
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let left = work.fetch::<Left>(statement).await?;
    let mut counts: BTreeMap<Uuid, i32> = BTreeMap::new();
    for one in &left {
        *counts.entry(one.group_id).or_default() += 1;
    }
    for (id, count) in counts {
        work.count(&MEMBERS, account_id, id, vec![-count], None).await?;
    }
    Ok(left.into_iter().map(|one| one.user_id).collect())
}
