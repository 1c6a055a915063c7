//! Reading assignments: always of the reader's account.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::assignment::{Column, Entity, Model, Source};
use entity::lists::Uuids;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Result;
use crate::platform::arrays::among;
use crate::read::{ById, Scope};

/// What is read of an assignment wherever one is shown; which components are on is read when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub id: Uuid,
    pub version: i32,
    pub user_id: Uuid,
    pub subscription_id: Uuid,
    pub product_id: Uuid,
    pub source: Source,
    pub assigned_by: Option<Uuid>,
    pub assigned_at: DateTime<Utc>,
    /// The last day on which it is held; `None`: until it is taken back.
    #[serde(default)]
    pub expires_on: Option<NaiveDate>,
}

/// One seat held by one user.
#[derive(Clone, Copy, Debug)]
pub struct Assignment(pub Seat);

impl ById for Assignment {
    fn id(&self) -> Uuid {
        self.0.id
    }

    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = Listed::columns(of_ids(scope, ids)?, None);
        let found = found.into_model::<Listed>().all(scope.db()).await?;
        Ok(found.into_iter().map(|row| Self(row.seat)).collect())
    }
}

/// A row of a list of seats.
#[derive(Clone, Debug)]
pub struct Listed {
    pub seat: Seat,
    /// What the list is sorted by before the id, if by anything.
    pub key: Vec<u8>,
}

/// The columns of a [`Seat`], in the order of its fields.
const COLUMNS: [Column; 9] = [
    Column::Id,
    Column::Version,
    Column::UserId,
    Column::SubscriptionId,
    Column::ProductId,
    Column::Source,
    Column::AssignedBy,
    Column::AssignedAt,
    Column::ExpiresOn,
];

impl Listed {
    /// Has a query read just what a row of the list is made of.
    pub fn columns(query: Select<Entity>, key: Option<Expr>) -> Select<Entity> {
        let query = query.select_only().columns(COLUMNS);
        match key {
            Some(key) => query.expr_as(key, "key"),
            None => query,
        }
    }
}

/// By position: looking columns up by their names is more work than decoding them.
impl FromQueryResult for Listed {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        let seat = Seat {
            id: row.try_get_by_index(0)?,
            version: row.try_get_by_index(1)?,
            user_id: row.try_get_by_index(2)?,
            subscription_id: row.try_get_by_index(3)?,
            product_id: row.try_get_by_index(4)?,
            source: row.try_get_by_index(5)?,
            assigned_by: row.try_get_by_index(6)?,
            assigned_at: row.try_get_by_index(7)?,
            expires_on: row.try_get_by_index(8)?,
        };
        let key = match row.column_names().len() > COLUMNS.len() {
            true => row.try_get_by_index(COLUMNS.len())?,
            false => Vec::new(),
        };
        Ok(Self { seat, key })
    }
}

impl From<&Model> for Seat {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            user_id: row.user_id,
            subscription_id: row.subscription_id,
            product_id: row.product_id,
            source: row.source,
            assigned_by: row.assigned_by,
            assigned_at: row.assigned_at,
            expires_on: row.expires_on,
        }
    }
}

/// The components that are on, by assignment.
pub async fn enabled_components(scope: &Scope, seats: &[Assignment]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let ids: Vec<Uuid> = seats.iter().map(|seat| seat.0.id).collect();
    let found = of_ids(scope, &ids)?
        .select_only()
        .columns([Column::Id, Column::Components])
        .into_tuple::<(Uuid, Uuids)>()
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|(id, components)| (id, components.0))
        .collect())
}

fn of_ids(scope: &Scope, ids: &[Uuid]) -> Result<Select<Entity>> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), Column::Id, ids)))
}
