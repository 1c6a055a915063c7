//! Starting an export: what is asked for is judged and kept, and a job made of it.

use chrono::Duration;
use entity::export::{self, Format, Kind, Status};
use entity::ids;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::request::Request;
use crate::access::{Action, Actor, permit};
use crate::app::App;
use crate::background::jobs;
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::idempotency::Repeat;
use crate::limits;

/// Within this time an account starts so many exports ([`limits::EXPORTS_A_DAY`]).
const DAY: Duration = Duration::days(1);

/// Starts an export. Those of one account are made one after the other.
#[derive(Clone, Debug)]
pub struct StartExport {
    pub kind: Kind,
    pub format: Format,
    pub request: Request,
}

impl Command for StartExport {
    type Output = export::Model;
    const NAME: &'static str = "exports.start";

    fn action(&self) -> Action {
        Action::ReadReports
    }

    /// What is looked for is held to its bounds before anything is kept of it.
    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        self.request.check(self.kind, self.format)?;
        if let Some(users) = &self.request.users {
            let account_id = actor.account_id().ok_or(Error::Unauthenticated)?;
            users.condition(account_id, app.reader().backend(), app.clock().now())?;
        }
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<export::Model> {
        for action in self.request.needs(self.kind) {
            permit(work.actor(), action)?;
        }
        let member = work.member()?.clone();
        not_too_many(work, member.account_id).await?;
        let export = export::Model {
            account_id: member.account_id,
            id: work.new_id(),
            created_by: member.user_id,
            kind: self.kind,
            format: self.format,
            request: serde_json::to_value(&self.request).map_err(Error::internal)?,
            status: Status::Queued,
            sequence: 1,
            processed: 0,
            total: None,
            row_count: None,
            byte_size: None,
            object_key: None,
            upload_id: None,
            failure_code: None,
            failure_message: None,
            created_at: work.now(),
            started_at: None,
            updated_at: work.now(),
            finished_at: None,
            objects_deleted_at: None,
            store_away_since: None,
        };
        work.insert(vec![export::ActiveModel::from(export.clone())])
            .await?;
        jobs::enqueue(work, jobs::Kind::Export, member.account_id, export.id).await?;
        work.touch(ids::Kind::Export.text(export.id));
        Ok(export)
    }
}

/// Each reads everything there is of its kind: so many a day are enough for whatever is done with them.
async fn not_too_many(work: &Work, account_id: Uuid) -> Result<()> {
    let since = work.now() - DAY;
    let of_the_day = export::Entity::find()
        .filter(export::Column::AccountId.eq(account_id))
        .filter(export::Column::Id.gte(ids::since(since)));
    let made = of_the_day.clone().count(work.reader()).await?;
    if made < limits::EXPORTS_A_DAY as u64 {
        return Ok(());
    }
    let first = of_the_day
        .order_by_asc(export::Column::Id)
        .limit(1)
        .one(work.reader())
        .await?;
    let wait = first.map_or(DAY, |first| first.created_at - since);
    let detail = Detail::Quota {
        limit: i32::try_from(limits::EXPORTS_A_DAY).unwrap_or(i32::MAX),
        retry_after_seconds: i32::try_from(wait.num_seconds() + 1).ok(),
    };
    let text = format!(
        "An account starts at most {} exports in 24 hours.",
        limits::EXPORTS_A_DAY
    );
    Err(Refusal::new(Code::QuotaExceeded, text).with(detail).into())
}

impl Repeat for export::Model {
    type Kept = Uuid;

    fn keep(&self) -> Uuid {
        self.id
    }

    async fn again(kept: Uuid, work: &Work) -> Result<Self> {
        let found = export::Entity::find_by_id((work.account_id()?, kept));
        let found = found.one(work.reader()).await?;
        found.ok_or_else(|| Error::internal("an export is gone before its key"))
    }
}
