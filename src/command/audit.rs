//! The audit log's rows: who did what to which objects, from where, and how it ended.

use entity::audit_event::{self, AuditOutcome};
use entity::ids;
use entity::lists::Texts;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::access::Actor;
use crate::command::Work;
use crate::error::{Error, Result};

impl Work {
    /// Writes the row of a command that came to its end, from what it said it touched. A refusal that was its answer reads as one.
    pub(super) async fn audit_applied(&mut self, action: &str) -> Result<()> {
        let targets = std::mem::take(&mut self.targets);
        let changes = std::mem::take(&mut self.changes);
        let changes = match changes.is_empty() {
            true => None,
            false => Some(serde_json::to_value(changes).map_err(Error::internal)?),
        };
        self.audit(action, self.outcome, targets, changes).await
    }

    /// Writes the row of an attempt that was refused for lack of rights.
    pub(super) async fn audit_denied(&mut self, action: &str) -> Result<()> {
        self.audit(action, AuditOutcome::Denied, Vec::new(), None).await
    }

    /// What belongs to no account (the catalogue, an unknown token) has no audit log to stand in.
    async fn audit(
        &self,
        action: &str,
        outcome: AuditOutcome,
        targets: Vec<String>,
        changes: Option<serde_json::Value>,
    ) -> Result<()> {
        let Some(account_id) = self.actor().account_id().or_else(|| account_among(&targets)) else {
            return Ok(());
        };
        let member = self.actor().member();
        let (actor_kind, actor_label) = match self.actor() {
            Actor::Member(member) => ("USER", member.label.clone()),
            Actor::Import {
                import_id,
                on_behalf_of,
            } => (
                "SYSTEM",
                format!(
                    "import {} for {}",
                    ids::Kind::Import.text(*import_id),
                    on_behalf_of.label
                ),
            ),
            Actor::Job { job_id, on_behalf_of } => (
                "SYSTEM",
                format!(
                    "job {} for {}",
                    ids::Kind::BulkJob.text(*job_id),
                    on_behalf_of.label
                ),
            ),
            Actor::ApiToken { token, on_behalf_of } => (
                "API_TOKEN",
                format!(
                    "{} ({}) of {}",
                    token.name,
                    ids::Kind::ApiToken.text(token.id),
                    on_behalf_of.label
                ),
            ),
            Actor::Anonymous(_) => ("USER", "bearer of an invitation or password".to_owned()),
            Actor::Sso { label, .. } => ("IDENTITY_PROVIDER", label.clone()),
            Actor::Platform => ("SYSTEM", "platform".to_owned()),
            Actor::Operator => ("SUPPORT", "operator".to_owned()),
        };
        let origin = self.actor().origin();
        let row = audit_event::ActiveModel {
            account_id: Set(account_id),
            id: Set(self.new_id()),
            occurred_at: Set(self.now()),
            action: Set(action.to_owned()),
            actor_kind: Set(actor_kind.to_owned()),
            actor_id: Set(member.map(|member| member.user_id)),
            actor_label: Set(actor_label),
            ip_address: Set(origin.ip_address),
            user_agent: Set(origin.user_agent),
            request_id: Set(origin.request_id),
            outcome: Set(outcome),
            targets: Set(Texts(targets)),
            changes: Set(changes),
        };
        self.insert(vec![row]).await
    }
}

/// Whoever is no member names the account they touched.
fn account_among(targets: &[String]) -> Option<Uuid> {
    targets.iter().find_map(|target| ids::Kind::Account.parse(target))
}
