//! Ids: time-ordered UUIDs inside, opaque prefixed text outside (`usr_01J8Z…`).
//!
//! The text form is the 128 bits in Crockford's base 32 (26 characters, most significant first), so that it sorts as the UUID does and can be read
//! over the telephone. The prefix tells a reader of a log what they look at, and tells `node(id)` where to look. It names a kind, never a tenant.

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    AccessRequest,
    Account,
    ApiToken,
    Assignment,
    AuditEvent,
    BulkJob,
    BulkJobItem,
    Component,
    Contract,
    CreditEntry,
    Domain,
    Export,
    ExternalIdentity,
    Group,
    IdentityProvider,
    Import,
    ImportRow,
    Invitation,
    Notification,
    Product,
    Session,
    SsoTest,
    Subscription,
    Upload,
    User,
    WaitlistEntry,
}

impl Kind {
    const ALL: [Self; 26] = [
        Self::AccessRequest,
        Self::Account,
        Self::ApiToken,
        Self::Assignment,
        Self::AuditEvent,
        Self::BulkJob,
        Self::BulkJobItem,
        Self::Component,
        Self::Contract,
        Self::CreditEntry,
        Self::Domain,
        Self::Export,
        Self::ExternalIdentity,
        Self::Group,
        Self::IdentityProvider,
        Self::Import,
        Self::ImportRow,
        Self::Invitation,
        Self::Notification,
        Self::Product,
        Self::Session,
        Self::SsoTest,
        Self::Subscription,
        Self::Upload,
        Self::User,
        Self::WaitlistEntry,
    ];

    /// The text before the underscore.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessRequest => "req",
            Self::Account => "acc",
            Self::ApiToken => "tok",
            Self::Assignment => "asg",
            Self::AuditEvent => "aud",
            Self::BulkJob => "job",
            Self::BulkJobItem => "itm",
            Self::Component => "cmp",
            Self::Contract => "con",
            Self::CreditEntry => "cre",
            Self::Domain => "dom",
            Self::Export => "exp",
            Self::ExternalIdentity => "ext",
            Self::Group => "grp",
            Self::IdentityProvider => "idp",
            Self::Import => "imp",
            Self::ImportRow => "row",
            Self::Invitation => "inv",
            Self::Notification => "ntf",
            Self::Product => "prd",
            Self::Session => "ses",
            Self::SsoTest => "sst",
            Self::Subscription => "sub",
            Self::Upload => "upl",
            Self::User => "usr",
            Self::WaitlistEntry => "wai",
        }
    }

    /// The id as clients see it.
    pub fn text(self, id: Uuid) -> String {
        let mut text = String::with_capacity(self.prefix().len() + 1 + LENGTH);
        text.push_str(self.prefix());
        text.push('_');
        let bits = id.as_u128();
        for place in (0..LENGTH).rev() {
            let digit = (bits >> (5 * place)) & 31;
            text.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()]));
        }
        text
    }

    /// The id behind a text of this kind; `None` when it is not one.
    pub fn parse(self, text: &str) -> Option<Uuid> {
        parse(text).filter(|(kind, _)| *kind == self).map(|(_, id)| id)
    }
}

/// Reads an id of any kind. Lower case is accepted; anything else that [`Kind::text`] would not have written is refused.
pub fn parse(text: &str) -> Option<(Kind, Uuid)> {
    let (prefix, digits) = text.split_once('_')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
    if digits.len() != LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for (place, byte) in digits.bytes().enumerate() {
        let digit = ALPHABET
            .iter()
            .position(|known| *known == byte.to_ascii_uppercase())?;
        // 26 digits hold 130 bits: the first may only use three of its five.
        if place == 0 && digit > 7 {
            return None;
        }
        bits = (bits << 5) | u128::try_from(digit).ok()?;
    }
    Some((kind, Uuid::from_u128(bits)))
}

/// A new id whose order is the order of `at` (millisecond precision, random within).
pub fn new(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    let id = Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        seconds,
        at.timestamp_subsec_nanos(),
    ));
    // Room for ids behind it.
    Uuid::from_u128(id.as_u128() & !(1 << 61))
}

/// What no id of a moment or a later one is before, and every id of an earlier one is: ids are in the order of time to the millisecond.
pub fn since(at: DateTime<Utc>) -> Uuid {
    let milliseconds = u128::try_from(at.timestamp_millis()).unwrap_or_default();
    // The first 48 bits are the time (RFC 9562, section 5.7).
    Uuid::from_u128((milliseconds & ((1 << 48) - 1)) << 80)
}

/// An id behind another of the same moment, and as hard to guess: what one command makes keeps its order.
pub fn after(previous: Uuid) -> Uuid {
    // The last 62 bits are free; a step is at most 2^32 of them, so that they do not run over within what a command can make.
    const FREE: u128 = (1 << 62) - 1;
    let step = 1 + (Uuid::new_v4().as_u128() & u128::from(u32::MAX));
    let (kept, free) = (previous.as_u128() & !FREE, previous.as_u128() & FREE);
    Uuid::from_u128(kept | ((free + step) & FREE))
}

/// Ids of the rows and events of an import, or of a job for many people, are its own with a number in the last four bytes: they sort by it, and none can be stored twice.
pub fn numbered(import_id: Uuid, number: i32) -> Uuid {
    const NUMBER: u128 = u32::MAX as u128;
    let number = u128::try_from(number).unwrap_or_default();
    Uuid::from_u128((import_id.as_u128() & !NUMBER) | number)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Kind, after, new, numbered, parse, since};

    #[test]
    fn text_and_back_is_the_same_id_and_keeps_order() {
        let at = chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(20_000);
        let first = new(at);
        let second = new(at + chrono::Duration::milliseconds(1));
        let text = Kind::User.text(first);
        assert_eq!(parse(&text), Some((Kind::User, first)));
        assert_eq!(parse(&text.to_lowercase()), Some((Kind::User, first)));
        assert!(text < Kind::User.text(second));
        assert_eq!(Kind::Account.parse(&text), None);
    }

    #[test]
    fn ids_of_one_moment_keep_the_order_they_are_made_in() {
        let at = chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(20_000);
        let mut ids = vec![new(at)];
        for _ in 0..10_000 {
            ids.push(after(ids[ids.len() - 1]));
        }
        assert!(ids.is_sorted() && ids[10_000] < new(at + chrono::Duration::milliseconds(1)));
        assert!(
            ids.iter()
                .all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122)
        );
        ids.dedup();
        assert_eq!(ids.len(), 10_001);
    }

    #[test]
    fn ids_since_a_moment_are_those_of_it_and_of_later_ones() {
        let at = chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(20_000);
        let millisecond = chrono::Duration::milliseconds(1);
        for _ in 0..100 {
            assert!(since(at) <= new(at) && since(at) < new(at + millisecond));
            assert!(new(at - millisecond) < since(at) && after(new(at)) < since(at + millisecond));
        }
        assert_eq!(since(chrono::DateTime::UNIX_EPOCH - millisecond), Uuid::nil());
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "usr_",
            "usr",
            "usr_0",
            "xyz_00000000000000000000000000",
            "usr_80000000000000000000000000",
            "usr_0000000000000000000000000U",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbered_ids_sort_by_number_and_stay_the_imports() {
        let import = Uuid::from_u128(0x0192_0000_0000_7000_8000_1234_5678_9abc);
        let ids: Vec<Uuid> = [1, 2, 300, 70_000].map(|number| numbered(import, number)).into();
        assert!(ids.is_sorted());
        assert!(
            ids.iter()
                .all(|id| id.as_bytes()[..12] == import.as_bytes()[..12])
        );
        assert_eq!(numbered(import, 7).as_u128() & 0xffff_ffff, 7);
    }
}
