//! The audit log: who did what to which objects, from where, and how it ended.

use chrono::Duration;
use entity::audit_event;
use entity::ids::{self, Kind};
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::{Listing, names};
use crate::audit::AuditEvent;
use crate::audit::masking::Masking;
use crate::error::{Error, Result};
use crate::exports::lines::{Cell, Lines};
use crate::exports::request::Request;
use crate::platform::db::Snapshot;
use crate::read::Scope;

/// Fewer than of other rows: one may name hundreds of objects.
const BATCH: u64 = 500;

pub struct AuditEvents {
    scope: Scope,
    query: Select<audit_event::Entity>,
    /// The event that was read last.
    after: Uuid,
}

impl AuditEvents {
    pub fn of(scope: &Scope, request: &Request) -> Result<Self> {
        let mut query =
            audit_event::Entity::find().filter(audit_event::Column::AccountId.eq(scope.account_id()?));
        let period = request.period.unwrap_or_default();
        // Ids are in the order of time: they lead to the events of a period, and the time itself decides.
        if let Some(from) = period.from {
            query = query
                .filter(audit_event::Column::Id.gte(ids::since(from)))
                .filter(audit_event::Column::OccurredAt.gte(from));
        }
        if let Some(to) = period.to {
            query = query
                .filter(audit_event::Column::Id.lt(ids::since(to + Duration::milliseconds(1))))
                .filter(audit_event::Column::OccurredAt.lt(to));
        }
        Ok(Self {
            scope: scope.clone(),
            query,
            after: Uuid::nil(),
        })
    }
}

#[async_trait::async_trait]
impl Listing for AuditEvents {
    fn columns(&self) -> Vec<String> {
        names(&[
            "event_id",
            "occurred_at",
            "action",
            "outcome",
            "actor_kind",
            "actor_id",
            "actor",
            "targets",
            "ip_address",
            "user_agent",
            "request_id",
            "changes",
        ])
    }

    async fn count(&self, at: &Snapshot) -> Result<u64> {
        let ids = self.query.clone().select_only().column(audit_event::Column::Id);
        Ok(ids.count(at).await?)
    }

    async fn next(&mut self, at: &Snapshot, lines: &mut Lines) -> Result<u64> {
        let batch = self
            .query
            .clone()
            .filter(audit_event::Column::Id.gt(self.after))
            .order_by_asc(audit_event::Column::Id)
            .limit(BATCH)
            .all(at)
            .await?;
        let batch: Vec<AuditEvent> = batch.into_iter().map(AuditEvent::from).collect();
        let Some(last) = batch.last() else {
            return Ok(0);
        };
        self.after = last.0.id;
        let masking = Masking::of(&self.scope, &batch).await?;
        for shown in &batch {
            let event = &shown.0;
            lines.cell(Cell::Id(Kind::AuditEvent, event.id))?;
            lines.cell(Cell::Moment(event.occurred_at))?;
            lines.cell(Cell::Text(&event.action))?;
            lines.cell(Cell::Text(&event.outcome.to_value()))?;
            lines.cell(Cell::Text(&event.actor_kind))?;
            lines.cell(event.actor_id.map_or(Cell::Blank, |id| Cell::Id(Kind::User, id)))?;
            lines.cell(Cell::Text(&masking.actor_label(shown)))?;
            let targets: Vec<&str> = event.targets.0.iter().map(String::as_str).collect();
            lines.cell(Cell::List(&targets))?;
            lines.cell(Cell::text(event.ip_address.as_deref()))?;
            lines.cell(Cell::text(event.user_agent.as_deref()))?;
            lines.cell(Cell::Text(&event.request_id))?;
            let changes = event.changes.as_ref().map(|_| masking.changes(shown));
            let changes = changes
                .map(serde_json::to_value)
                .transpose()
                .map_err(Error::internal)?;
            lines.cell(changes.as_ref().map_or(Cell::Blank, Cell::Json))?;
            lines.end()?;
        }
        Ok(batch.len() as u64)
    }
}
