//! Who is listed, and what is told of everybody.

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::user::{self, Role, Status};
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveEnum, ColumnTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::BATCH;
use crate::error::Result;
use crate::exports::lines::{Cell, Lines};
use crate::exports::request::Request;
use crate::platform::arrays::among;
use crate::platform::db::Snapshot;
use crate::read::Scope;
use crate::users::read::matched;

/// What is told of somebody.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: Uuid,
    pub email: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub role: Role,
    pub status: Status,
    pub last_signed_in_at: Option<DateTime<Utc>>,
}

/// In the order of the fields.
const COLUMNS: [user::Column; 7] = [
    user::Column::Id,
    user::Column::Email,
    user::Column::GivenName,
    user::Column::FamilyName,
    user::Column::Role,
    user::Column::Status,
    user::Column::LastSignedInAt,
];

/// By position: looking columns up by their names is more work than decoding them.
impl FromQueryResult for Person {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            email: row.try_get_by_index(1)?,
            given_name: row.try_get_by_index(2)?,
            family_name: row.try_get_by_index(3)?,
            role: row.try_get_by_index(4)?,
            status: row.try_get_by_index(5)?,
            last_signed_in_at: row.try_get_by_index(6)?,
        })
    }
}

impl Person {
    /// The columns that begin each line about somebody.
    pub const NAMED: [&str; 4] = ["user_id", "first_name", "last_name", "email"];

    pub fn write(&self, lines: &mut Lines) -> Result<()> {
        lines.cell(Cell::Id(Kind::User, self.id))?;
        lines.cell(Cell::text(self.given_name.as_deref()))?;
        lines.cell(Cell::text(self.family_name.as_deref()))?;
        lines.cell(Cell::Text(&self.email))
    }

    pub fn write_status(&self, lines: &mut Lines) -> Result<()> {
        lines.cell(Cell::Text(&self.status.to_value()))
    }
}

/// Those who match a filter, in the order they were added.
pub struct People {
    query: Select<user::Entity>,
    is_everybody: bool,
    /// Whoever was read last.
    after: Uuid,
}

impl People {
    pub async fn of(scope: &Scope, request: &Request) -> Result<Self> {
        let filter = request.users.clone().unwrap_or_default();
        Ok(Self {
            query: matched(scope, &filter).await?,
            is_everybody: request.users.is_none(),
            after: Uuid::nil(),
        })
    }

    /// The ids of those who match, to be asked for within another question; `None` where everybody does.
    pub fn ids(&self) -> Option<SelectStatement> {
        let ids = self.query.clone().select_only().column(user::Column::Id);
        (!self.is_everybody).then(|| ids.into_query())
    }

    pub async fn count(&self, at: &Snapshot) -> Result<u64> {
        let ids = self.query.clone().select_only().column(user::Column::Id);
        Ok(ids.count(at).await?)
    }

    pub async fn next(&mut self, at: &Snapshot) -> Result<Vec<Person>> {
        let batch: Vec<Person> = self
            .query
            .clone()
            .select_only()
            .columns(COLUMNS)
            .filter(user::Column::Id.gt(self.after))
            .order_by_asc(user::Column::Id)
            .limit(BATCH)
            .into_model()
            .all(at)
            .await?;
        if let Some(last) = batch.last() {
            self.after = last.id;
        }
        Ok(batch)
    }

    /// What belongs to a batch of people, by a column that names them: as a range where that is everybody in it, which costs a fraction of looking each of them up.
    pub fn of_batch<C: ColumnTrait>(&self, at: &Snapshot, column: C, batch: &[Person]) -> SimpleExpr {
        let ids = || batch.iter().map(|person| person.id);
        match (self.is_everybody, ids().next(), ids().next_back()) {
            (true, Some(first), Some(last)) => column.between(first, last),
            _ => among(at.backend(), column, &ids().collect::<Vec<_>>()),
        }
    }
}

/// People of an account by their ids.
pub async fn by_ids(at: &Snapshot, account_id: Uuid, ids: &[Uuid]) -> Result<Vec<Person>> {
    Ok(user::Entity::find()
        .select_only()
        .columns(COLUMNS)
        .filter(user::Column::AccountId.eq(account_id))
        .filter(among(at.backend(), user::Column::Id, ids))
        .into_model()
        .all(at)
        .await?)
}
