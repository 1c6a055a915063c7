//! What ties the rows of an account's audit log to one another (decision 0048).
//!
//! Each row has a *code*, which only a holder of the master key can make: over all that it says, and over the point of the chain that its writer had seen. And it has a *hash*,
//! over the hash before it and its own code, with a number that follows the one before. So a row cannot be changed or put in without the master key; taken out it
//! leaves a hole in the numbers; and numbers and hashes made anew contradict what later rows have seen.

use aws_lc_rs::digest::{Context, SHA256};
use entity::audit_event;
use sea_orm::ActiveEnum;
use serde_json::Value;
use uuid::Uuid;

/// For which use of the master key codes are made.
pub const LABEL: &[u8] = b"muster/audit";

/// What is put before a text that has a code: which kind it is, and the version of how it is written.
const EVENT: &[u8] = b"event 1";
const BASE: &[u8] = b"base 1";

/// The hash behind a row with a code, in a chain with this hash before it. PostgreSQL computes the same (`chain_audit_event`).
pub fn link(before: Option<&[u8]>, code: Option<&[u8]>) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(before.unwrap_or_default());
    context.update(code.unwrap_or_default());
    context.finish().as_ref().to_vec()
}

/// All that a row says, as it has a code: whatever stands in it, no two rows read the same.
pub fn text_of(row: &audit_event::Model) -> Vec<u8> {
    let mut text = Text::of(EVENT, row.account_id);
    text.bytes(row.id.as_bytes());
    text.number(row.occurred_at.timestamp_micros());
    text.bytes(row.action.as_bytes());
    text.bytes(row.actor_kind.as_bytes());
    text.maybe(row.actor_id.as_ref().map(Uuid::as_bytes).map(|id| &id[..]));
    text.bytes(row.actor_label.as_bytes());
    for word in [&row.ip_address, &row.user_agent] {
        text.maybe(word.as_deref().map(str::as_bytes));
    }
    text.bytes(row.request_id.as_bytes());
    text.bytes(row.outcome.to_value().as_bytes());
    text.count(row.targets.0.len());
    for target in &row.targets.0 {
        text.bytes(target.as_bytes());
    }
    text.maybe(row.changes.as_ref().map(canonical).as_deref());
    text.number(row.seen_seq.unwrap_or_default());
    text.maybe(row.seen_hash.as_deref());
    text.0
}

/// That an account's log was cleared away up to a number, and with which hash there.
pub fn text_of_base(account_id: Uuid, seq: i64, hash: &[u8]) -> Vec<u8> {
    let mut text = Text::of(BASE, account_id);
    text.number(seq);
    text.bytes(hash);
    text.0
}

/// JSON in one spelling: databases keep the members of an object in an order of their own.
fn canonical(value: &Value) -> Vec<u8> {
    let mut text = Text(Vec::new());
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.bytes(b"object");
            text.count(members.len());
            for (name, member) in members {
                text.bytes(name.as_bytes());
                text.bytes(&canonical(member));
            }
        }
        Value::Array(items) => {
            text.bytes(b"array");
            text.count(items.len());
            for item in items {
                text.bytes(&canonical(item));
            }
        }
        plain => text.bytes(plain.to_string().as_bytes()),
    }
    text.0
}

/// Parts, each with its length before it.
struct Text(Vec<u8>);

impl Text {
    fn of(kind: &[u8], account_id: Uuid) -> Self {
        let mut text = Self(Vec::with_capacity(512));
        text.bytes(kind);
        text.bytes(account_id.as_bytes());
        text
    }

    fn count(&mut self, count: usize) {
        self.0
            .extend_from_slice(&u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
    }

    fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Nothing is not the same as an empty text.
    fn maybe(&mut self, bytes: Option<&[u8]>) {
        self.0.push(u8::from(bytes.is_some()));
        self.bytes(bytes.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::audit_event::{AuditOutcome, Model};
    use entity::lists::Texts;
    use serde_json::json;
    use uuid::Uuid;

    use super::{link, text_of, text_of_base};

    fn row() -> Model {
        Model {
            account_id: Uuid::from_u128(1),
            id: Uuid::from_u128(2),
            occurred_at: DateTime::UNIX_EPOCH,
            action: "users.invite".into(),
            actor_kind: "USER".into(),
            actor_id: Some(Uuid::from_u128(3)),
            actor_label: "ada@acme.example".into(),
            ip_address: None,
            user_agent: Some(String::new()),
            request_id: "r".into(),
            outcome: AuditOutcome::Success,
            targets: Texts(vec!["usr_1".into(), "usr_2".into()]),
            changes: Some(json!([{"field": "role", "before": null, "after": "USER"}])),
            seq: None,
            code: None,
            hash: None,
            seen_seq: Some(6),
            seen_hash: Some(vec![1]),
        }
    }

    #[test]
    fn whatever_is_changed_in_a_row_is_another_text() {
        let changes: [fn(&mut Model); 17] = [
            |row| row.account_id = Uuid::nil(),
            |row| row.id = Uuid::nil(),
            |row| row.occurred_at += chrono::Duration::microseconds(1),
            |row| row.action = "users.invited".into(),
            |row| row.actor_kind = "SYSTEM".into(),
            |row| row.actor_id = None,
            |row| row.actor_label = String::new(),
            |row| row.ip_address = Some(String::new()),
            |row| row.user_agent = None,
            |row| row.request_id = "s".into(),
            |row| row.outcome = AuditOutcome::Denied,
            |row| row.targets = Texts(vec!["usr_1usr_2".into()]),
            |row| row.targets.0.reverse(),
            |row| row.changes = None,
            |row| row.changes = Some(json!([{"field": "role", "before": "", "after": "USER"}])),
            |row| row.seen_seq = None,
            |row| row.seen_hash = Some(Vec::new()),
        ];
        let before = text_of(&row());
        for (place, change) in changes.into_iter().enumerate() {
            let mut changed = row();
            change(&mut changed);
            assert_ne!(text_of(&changed), before, "change {place}");
        }
    }

    #[test]
    fn what_the_database_adds_or_turns_around_is_the_same_text() {
        let mut stored = row();
        (stored.seq, stored.code, stored.hash) = (Some(7), Some(vec![1]), Some(vec![2]));
        stored.changes = Some(json!([{"after": "USER", "before": null, "field": "role"}]));
        assert_eq!(text_of(&stored), text_of(&row()));
    }

    #[test]
    fn a_hash_follows_from_the_one_before_and_from_the_code() {
        let first = link(None, Some(b"code"));
        assert_eq!(first.len(), 32);
        assert_ne!(link(Some(&first), Some(b"code")), first);
        assert_ne!(
            link(Some(&first), Some(b"other")),
            link(Some(&first), Some(b"code"))
        );
        let base = |seq| text_of_base(Uuid::nil(), seq, &first);
        assert_ne!(base(1), base(2));
    }
}
