//! By which ways somebody hears of a kind of thing: what is usual, what can be chosen, and what they chose.

use std::collections::HashMap;

use entity::notification::Kind;
use entity::notification_preference::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// A way to hear of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    InApp,
    Mail,
    Digest,
}

impl Way {
    pub const ALL: [Self; 3] = [Self::InApp, Self::Mail, Self::Digest];
}

/// What becomes of the mail of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OwnMail {
    /// There is none.
    None,
    /// One goes with it unless somebody does not want it.
    Usual,
    /// One goes with it always: it may be the only word that somebody did what they should not have.
    Always,
}

const fn own_mail(kind: Kind) -> OwnMail {
    match kind {
        Kind::ImportFinished
        | Kind::SeatsExhausted
        | Kind::SeatsRunningOut
        | Kind::SeatEnding
        | Kind::CreditsRunningOut
        | Kind::CreditsExhausted
        | Kind::ContractEnding => OwnMail::Usual,
        Kind::RoleChanged => OwnMail::Always,
        Kind::ExportReady
        | Kind::InvitationBounced
        | Kind::SsoProblem
        | Kind::DomainCheckFailed
        | Kind::JobFinished
        | Kind::AccessRequested
        | Kind::AccessDecided => OwnMail::None,
    }
}

/// The ways by which somebody hears of a kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference {
    pub kind: Kind,
    pub in_app: bool,
    pub mail: bool,
    pub digest: bool,
}

impl Preference {
    /// Of whoever chose nothing.
    pub const fn usual(kind: Kind) -> Self {
        Self {
            kind,
            in_app: true,
            mail: !matches!(own_mail(kind), OwnMail::None),
            digest: false,
        }
    }

    /// Whether a way can be chosen or not, as somebody likes.
    pub const fn is_free(kind: Kind, way: Way) -> bool {
        match way {
            Way::InApp | Way::Digest => true,
            Way::Mail => matches!(own_mail(kind), OwnMail::Usual),
        }
    }

    pub const fn has(&self, way: Way) -> bool {
        match way {
            Way::InApp => self.in_app,
            Way::Mail => self.mail,
            Way::Digest => self.digest,
        }
    }
}

impl From<&Model> for Preference {
    /// What cannot be chosen is as it is, whatever was once stored.
    fn from(row: &Model) -> Self {
        let usual = Self::usual(row.kind);
        Self {
            kind: row.kind,
            in_app: row.in_app,
            mail: if Self::is_free(row.kind, Way::Mail) {
                row.mail
            } else {
                usual.mail
            },
            digest: row.digest,
        }
    }
}

/// What some people chose: of whom nothing is found, the usual.
#[derive(Clone, Debug, Default)]
pub struct Told(HashMap<(Uuid, Kind), Preference>);

impl Told {
    /// Of these people, in one statement.
    pub(super) async fn of(work: &Work, account_id: Uuid, people: &[(Uuid, Kind)]) -> Result<Self> {
        let (mut users, mut kinds) = (Vec::new(), Vec::new());
        for (user_id, kind) in people {
            users.push(*user_id);
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        users.sort_unstable();
        users.dedup();
        let found = Entity::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(among(work.backend(), Column::UserId, &users))
            .filter(Column::Kind.is_in(kinds))
            .all(work.reader())
            .await?;
        let chosen = |row: &Model| ((row.user_id, row.kind), Preference::from(row));
        Ok(Self(found.iter().map(chosen).collect()))
    }

    pub(super) fn preference(&self, user_id: Uuid, kind: Kind) -> Preference {
        let chosen = self.0.get(&(user_id, kind)).copied();
        chosen.unwrap_or(Preference::usual(kind))
    }

    /// Whether the mail that goes with a notification is to be sent to somebody.
    pub fn wants_mail(&self, user_id: Uuid, kind: Kind) -> bool {
        self.preference(user_id, kind).mail
    }
}

#[cfg(test)]
mod tests {
    use entity::notification::Kind;
    use sea_orm::Iterable;

    use super::{Preference, Way};

    #[test]
    fn everything_is_shown_unless_somebody_wants_otherwise_and_mails_of_the_day_are_for_who_wants_them() {
        for kind in Kind::iter() {
            let usual = Preference::usual(kind);
            assert!(usual.in_app && !usual.digest, "{kind:?}");
            assert!(!Preference::is_free(kind, Way::Mail) || usual.mail, "{kind:?}");
        }
    }

    #[test]
    fn a_new_role_is_always_told_by_mail() {
        assert!(Preference::usual(Kind::RoleChanged).mail);
        assert!(!Preference::is_free(Kind::RoleChanged, Way::Mail));
    }
}
