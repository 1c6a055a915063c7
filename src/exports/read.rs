//! Reading exports: always of the reader's account.

use chrono::{DateTime, Duration, Utc};
use entity::export::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::request::Request;
use super::step;
use crate::error::{Error, Result};
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count};

/// So long after its end the file of an export is kept.
pub const KEPT_FOR: Duration = crate::background::objects::EXPORTS_KEPT_FOR;

account_row! {
    /// A file made of what the account has.
    Export, export
}

impl Export {
    /// The account's exports, the latest first.
    pub async fn page(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<Self>> {
        let account_id = scope.account_id()?;
        let page = Page::new(request, account_id, "exports")?;
        let listed = export::Entity::find().filter(export::Column::AccountId.eq(account_id));
        let total = match wants_total {
            true => Some(count(scope, listed.clone()).await?),
            false => None,
        };
        let rows = page
            .narrow(listed, export::Column::Id, Direction::Desc)
            .all(scope.db())
            .await?;
        let rows = rows.into_iter().map(Self::from).collect();
        Ok(page.close(rows, total, |export: &Self| ("", export.0.id)))
    }

    /// What was asked for.
    pub fn request(&self) -> Result<Request> {
        request(&self.0)
    }

    /// Until when the file is kept; null where there is none, or none any more.
    pub fn file_kept_until(&self) -> Option<DateTime<Utc>> {
        let is_there = self.0.status == Status::Succeeded && self.0.objects_deleted_at.is_none();
        self.0.finished_at.filter(|_| is_there).map(|at| at + KEPT_FOR)
    }

    /// Whether it can be cancelled now.
    pub fn is_cancellable(&self) -> bool {
        !step::is_final(self.0.status) && self.0.status != Status::Cancelling
    }

    /// Whose export it is, and nobody else's: what somebody may see is not what everybody may.
    pub fn is_of(&self, user_id: Uuid) -> bool {
        self.0.created_by == user_id
    }
}

/// What was asked for.
pub fn request(export: &export::Model) -> Result<Request> {
    serde_json::from_value(export.request.clone()).map_err(Error::internal)
}
