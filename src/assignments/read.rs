//! Reading assignments: always of the reader's account.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::assignment::{Column, Entity, Model, Source};
use entity::lists::Uuids;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
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
}

/// One seat held by one user.
#[derive(Clone, Copy, Debug)]
pub struct Assignment(pub Seat);

impl ById for Assignment {
    fn id(&self) -> Uuid {
        self.0.id
    }

    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        Self::list(scope, Column::Id, ids).await
    }
}

/// The columns of a [`Seat`], in the order of its fields.
type Columns = (Uuid, i32, Uuid, Uuid, Uuid, Source, Option<Uuid>, DateTime<Utc>);
const COLUMNS: [Column; 8] = [
    Column::Id,
    Column::Version,
    Column::UserId,
    Column::SubscriptionId,
    Column::ProductId,
    Column::Source,
    Column::AssignedBy,
    Column::AssignedAt,
];

impl From<Columns> for Assignment {
    fn from(columns: Columns) -> Self {
        let (id, version, user_id, subscription_id, product_id, source, assigned_by, assigned_at) = columns;
        Self(Seat {
            id,
            version,
            user_id,
            subscription_id,
            product_id,
            source,
            assigned_by,
            assigned_at,
        })
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
        }
    }
}

impl Assignment {
    /// All assignments of some users: a user has one per product at most, so the list is as short as the catalogue.
    pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<Vec<Self>> {
        Self::list(scope, Column::UserId, users).await
    }

    async fn list(scope: &Scope, column: Column, wanted: &[Uuid]) -> Result<Vec<Self>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = select(scope, column, wanted)?
            .select_only()
            .columns(COLUMNS)
            .order_by_asc(Column::Id)
            .into_tuple::<Columns>()
            .all(scope.db())
            .await?;
        Ok(found.into_iter().map(Self::from).collect())
    }
}

/// The components that are on, by assignment.
pub async fn enabled_components(scope: &Scope, seats: &[Assignment]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let ids: Vec<Uuid> = seats.iter().map(|seat| seat.0.id).collect();
    let found = select(scope, Column::Id, &ids)?
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

fn select(scope: &Scope, column: Column, wanted: &[Uuid]) -> Result<Select<Entity>> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), column, wanted)))
}
