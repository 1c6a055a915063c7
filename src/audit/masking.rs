//! What is not shown of people who were removed: their names, addresses and what a provider knows them by. What they did stays, and so does their id, so that their events are
//! still told from others'.
//!
//! It is left out when it is read and not when it is kept: a row that is changed would be no record, and its code would say so. With the account's term it goes for good.

use std::collections::HashSet;

use entity::ids::Kind;
use entity::user::{Column, Entity, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{ActorKind, AuditEvent, Change};
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::Scope;

/// What stands in place of what is not shown.
pub const MASK: &str = "(removed user)";

/// Fields that hold somebody's own data.
const PERSONAL: [&str; 5] = ["email", "givenName", "familyName", "linked", "detail"];

/// Ids looked up at once: SQLite binds one by one.
const AT_ONCE: usize = 30_000;

/// Who was removed, among those that events are about.
#[derive(Debug, Default)]
pub struct Masking {
    removed: HashSet<Uuid>,
}

impl Masking {
    /// Looks at everybody who acted in these events or was touched by them.
    pub async fn of(scope: &Scope, events: &[AuditEvent]) -> Result<Self> {
        let people = events.iter().flat_map(people);
        Self::among(scope, people.collect()).await
    }

    /// Looks at some users.
    pub async fn among(scope: &Scope, people: HashSet<Uuid>) -> Result<Self> {
        let people: Vec<Uuid> = people.into_iter().collect();
        let mut removed = HashSet::new();
        for some in people.chunks(AT_ONCE) {
            let query = Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::AccountId.eq(scope.account_id()?))
                .filter(among(scope.db().backend(), Column::Id, some))
                .filter(Column::Status.eq_constant(Status::Removed));
            let found: Vec<Uuid> = query.into_tuple().all(scope.db()).await?;
            removed.extend(found);
        }
        Ok(Self { removed })
    }

    /// Whether somebody was removed.
    pub fn hides(&self, user_id: Uuid) -> bool {
        self.removed.contains(&user_id)
    }

    /// Who acted, in words.
    pub fn actor_label(&self, event: &AuditEvent) -> String {
        let label = &event.0.actor_label;
        if !event.0.actor_id.is_some_and(|id| self.hides(id)) {
            return label.clone();
        }
        match (event.actor_kind(), label.rsplit_once(' ')) {
            // What acted on their behalf is no person: `import imp_… for …`.
            (ActorKind::ApiToken | ActorKind::System, Some((what, _))) => format!("{what} {MASK}"),
            _ => MASK.to_owned(),
        }
    }

    /// What was changed.
    pub fn changes(&self, event: &AuditEvent) -> Vec<Change> {
        let mut changes = event.changes();
        if people(event).any(|id| self.hides(id)) {
            for change in &mut changes {
                if PERSONAL.contains(&change.field.as_str()) {
                    for value in [&mut change.before, &mut change.after] {
                        *value = value.as_ref().map(|_| MASK.to_owned());
                    }
                }
            }
        }
        changes
    }
}

/// Everybody whom an event is about.
fn people(event: &AuditEvent) -> impl Iterator<Item = Uuid> {
    let touched = event.0.targets.0.iter().filter_map(|id| Kind::User.parse(id));
    event.0.actor_id.into_iter().chain(touched)
}
