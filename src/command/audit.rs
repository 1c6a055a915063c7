//! The audit log's rows: who did what to which objects, from where, and how it ended.
//!
//! They are made as things happen and written with the last that a command writes: the head of the account's chain is locked by whoever writes a row of it, and so
//! for no longer than the commit takes, and behind whatever else was locked.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use entity::audit_event::{self, AuditOutcome};
use entity::lists::Texts;
use entity::{audit_chain, ids};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{DatabaseBackend, EntityTrait};
use uuid::Uuid;

use super::chain;
use crate::access::Actor;
use crate::command::Work;
use crate::error::{Error, Result};

impl Work {
    /// Makes the row of a command that came to its end, from what it said it touched. A refusal that was its answer reads as one.
    pub(super) fn audit_applied(&mut self, action: &str) -> Result<()> {
        let targets = std::mem::take(&mut self.targets);
        let changes = std::mem::take(&mut self.changes);
        let changes = match changes.is_empty() {
            true => None,
            false => Some(serde_json::to_value(changes).map_err(Error::internal)?),
        };
        self.audit(action, self.outcome, targets, changes)
    }

    /// Makes the row of an attempt that was refused for lack of rights.
    pub(super) fn audit_denied(&mut self, action: &str) -> Result<()> {
        self.audit(action, AuditOutcome::Denied, Vec::new(), None)
    }

    /// What belongs to no account (the catalogue, an unknown token) has no audit log to stand in.
    fn audit(
        &mut self,
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
            Actor::Job {
                job_id, on_behalf_of, ..
            } => (
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
        let seen = self.seen_of_chain(account_id);
        let mut row = audit_event::Model {
            account_id,
            id: self.new_id(),
            occurred_at: self.now(),
            action: action.to_owned(),
            actor_kind: actor_kind.to_owned(),
            actor_id: member.map(|member| member.user_id),
            actor_label,
            ip_address: origin.ip_address,
            user_agent: origin.user_agent,
            request_id: origin.request_id,
            outcome,
            targets: Texts(targets),
            changes,
            seq: None,
            code: None,
            hash: None,
            seen_seq: seen.map(|(seq, _)| seq),
            seen_hash: seen.map(|(_, hash)| hash.to_vec()),
        };
        let stamp = self.app().secrets().stamp(chain::LABEL)?;
        row.code = Some(stamp.code(&chain::text_of(&row)));
        self.audited.push(row);
        // Whoever has something to answer for has written something.
        self.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Writes the rows that were made.
    pub(super) async fn write_audit(&mut self) -> Result<()> {
        if self.audited.is_empty() {
            return Ok(());
        }
        // Of several accounts in one order, whoever writes to them.
        let mut by_account: BTreeMap<Uuid, Vec<audit_event::Model>> = BTreeMap::new();
        for row in std::mem::take(&mut self.audited) {
            by_account.entry(row.account_id).or_default().push(row);
        }
        let mut rows = Vec::new();
        for (account_id, mut of_account) in by_account {
            if self.backend() == DatabaseBackend::Sqlite {
                self.chain(account_id, &mut of_account).await?;
            }
            rows.extend(of_account.into_iter().map(as_written));
        }
        self.insert(rows).await
    }

    /// Says place and hash of rows of one account, which PostgreSQL does by itself.
    async fn chain(&self, account_id: Uuid, rows: &mut [audit_event::Model]) -> Result<()> {
        let head = audit_chain::Entity::find_by_id((account_id, account_id))
            .one(self.reader())
            .await?;
        let (mut seq, mut hash) = head.map_or((0, None), |head| (head.seq, Some(head.hash)));
        for row in rows {
            seq += 1;
            let behind = chain::link(hash.as_deref(), row.code.as_deref());
            row.seq = Some(seq);
            row.hash = Some(behind.clone());
            hash = Some(behind);
        }
        Ok(())
    }
}

/// As it is inserted. What is null is left to the database.
fn as_written(row: audit_event::Model) -> audit_event::ActiveModel {
    audit_event::ActiveModel {
        account_id: Set(row.account_id),
        id: Set(row.id),
        occurred_at: Set(row.occurred_at),
        action: Set(row.action),
        actor_kind: Set(row.actor_kind),
        actor_id: Set(row.actor_id),
        actor_label: Set(row.actor_label),
        ip_address: Set(row.ip_address),
        user_agent: Set(row.user_agent),
        request_id: Set(row.request_id),
        outcome: Set(row.outcome),
        targets: Set(row.targets),
        changes: Set(row.changes),
        seq: row.seq.map_or(NotSet, |seq| Set(Some(seq))),
        code: Set(row.code),
        hash: row.hash.map_or(NotSet, |hash| Set(Some(hash))),
        seen_seq: Set(row.seen_seq),
        seen_hash: Set(row.seen_hash),
    }
}

/// Whoever is no member names the account they touched.
fn account_among(targets: &[String]) -> Option<Uuid> {
    targets.iter().find_map(|target| ids::Kind::Account.parse(target))
}
