//! Which events a list is narrowed to.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::audit_event::{AuditOutcome, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DatabaseBackend};
use uuid::Uuid;

use super::ActorKind;
use crate::error::{Error, Result};
use crate::limits;
use crate::platform::constants::Constants;
use crate::read::terms;

/// Conditions; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whole actions (`users.invite`), or the word they begin with (`users`).
    pub actions: Option<Vec<String>>,
    pub actor_kinds: Option<Vec<ActorKind>>,
    /// The user who acted, or on whose behalf something else did.
    pub actor_id: Option<Uuid>,
    /// Global id of what was touched.
    pub target: Option<String>,
    pub outcomes: Option<Vec<AuditOutcome>>,
    pub ip_address: Option<String>,
    /// Half-open: from <= value < to.
    pub occurred_at: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl Filter {
    /// What it asks for in an account.
    pub fn condition(&self, account_id: Uuid, backend: DatabaseBackend) -> Result<Condition> {
        let mut all = Condition::all().add(Column::AccountId.eq(account_id));
        if let Some(actions) = &self.actions {
            let each = terms::alternatives(actions)?
                .iter()
                .map(|action| performs(action));
            let each: Vec<Condition> = each.collect::<Result<_>>()?;
            all = all.add(match <[Condition; 1]>::try_from(each) {
                // One is looked up in the order of the list; an alternative that never holds would hide that.
                Ok([only]) => only,
                Err(each) => each
                    .into_iter()
                    .fold(Condition::any().add(Expr::value(false)), Condition::add),
            });
        }
        if let Some(kinds) = &self.actor_kinds {
            let kinds = terms::alternatives(kinds)?.iter().map(|kind| kind.text());
            all = all.add(Column::ActorKind.is_in(kinds));
        }
        if let Some(id) = self.actor_id {
            all = all.add(Column::ActorId.eq(id));
        }
        if let Some(target) = &self.target {
            all = all.add(touches(account_id, backend, target));
        }
        if let Some(outcomes) = &self.outcomes {
            all = all.add(Column::Outcome.in_constants(terms::alternatives(outcomes)?));
        }
        if let Some(address) = &self.ip_address {
            all = all.add(Column::IpAddress.eq(canonical(address)?));
        }
        Ok(all.add(self.within()?))
    }

    /// Ids begin with the millisecond, so that a time is a range of the list's own order.
    fn within(&self) -> Result<Condition> {
        let (from, to) = self.occurred_at;
        let mut all = Condition::all();
        if let Some(from) = from.map(terms::time).transpose()? {
            all = all
                .add(Column::Id.gte(first_id(from.timestamp_millis())))
                .add(Column::OccurredAt.gte(from));
        }
        if let Some(to) = to.map(terms::time).transpose()? {
            all = all
                .add(Column::Id.lt(first_id(to.timestamp_millis() + 1)))
                .add(Column::OccurredAt.lt(to));
        }
        Ok(all)
    }
}

/// A whole action, or all that begin with a word: `.` and `/` are neighbours.
fn performs(action: &str) -> Result<Condition> {
    let action = terms::compared(action, limits::AUDIT_ACTION)?;
    if action.contains('.') {
        return Ok(Condition::all().add(Column::Action.eq(action)));
    }
    let of_word = Condition::all()
        .add(Column::Action.gte(format!("{action}.")))
        .add(Column::Action.lt(format!("{action}/")));
    Ok(Condition::any().add(Column::Action.eq(action)).add(of_word))
}

fn touches(account_id: Uuid, backend: DatabaseBackend, target: &str) -> Condition {
    let sql = match backend {
        DatabaseBackend::Postgres => {
            let list = serde_json::Value::from(vec![target]);
            return Condition::all().add(Expr::cust_with_values("\"targets\" @> $1", [list]));
        }
        _ => "\"id\" IN (SELECT event_id FROM audit_targets WHERE account_id = ? AND target = ?)",
    };
    let values: [sea_orm::Value; 2] = [account_id.into(), target.into()];
    Condition::all().add(Expr::cust_with_values(sql, values))
}

/// As addresses are stored.
fn canonical(address: &str) -> Result<String> {
    let read: Option<IpAddr> = terms::compared(address, limits::IP_ADDRESS)?.trim().parse().ok();
    let wrong = || Error::BadInput("`filter.ipAddress` is no address of a network.".into());
    Ok(read.ok_or_else(wrong)?.to_canonical().to_string())
}

/// Not behind any id of this millisecond.
fn first_id(millis: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(millis).unwrap_or_default() << 80)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use entity::ids;

    use super::{canonical, first_id};

    #[test]
    fn ids_of_a_time_lie_between_those_of_its_millisecond_and_the_next() {
        let at =
            DateTime::UNIX_EPOCH + Duration::milliseconds(1_700_000_000_123) + Duration::microseconds(999);
        let mut id = ids::new(at);
        for _ in 0..1_000 {
            assert!(first_id(at.timestamp_millis()) <= id && id < first_id(at.timestamp_millis() + 1));
            id = ids::after(id);
        }
        assert!(first_id(-1).is_nil(), "nothing was written before 1970");
    }

    #[test]
    fn addresses_are_compared_as_they_are_stored() {
        assert_eq!(canonical("::ffff:192.0.2.7").unwrap(), "192.0.2.7");
        assert_eq!(canonical("2001:DB8:0::1 ").unwrap(), "2001:db8::1");
        for wrong in ["", "192.0.2", "192.0.2.0/24", "example.com", &"1".repeat(46)] {
            assert!(canonical(wrong).is_err(), "{wrong}");
        }
    }
}
