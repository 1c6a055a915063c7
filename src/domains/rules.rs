//! Which names can be an account's own domain, and what becomes of a claim. Pure.

use chrono::{DateTime, Duration, Utc};
use entity::domain::{Model, Status};

use super::{providers, script};
use crate::error::{Code, Refusal};
use crate::person::{canonical_domain, trim};

/// Domains an account may name at once, proven or not.
pub const MOST_CLAIMS: usize = 20;
/// How long an unproven claim stands.
pub const CLAIM_STANDS_FOR: Duration = Duration::days(7);
/// Daily looks in a row that may miss the record before the domain lapses.
pub const MOST_MISSES: i32 = 7;
pub const LOOK_EVERY: Duration = Duration::days(1);
/// When the DNS did not answer, the day's look is made up for soon.
pub const LOOK_AGAIN_AFTER: Duration = Duration::hours(1);

/// Longest name the DNS has (RFC 1035, section 2.3.4), less the label our record stands under.
const LONGEST_NAME: usize = crate::limits::DOMAIN;

/// Top-level names that are nobody's in the public DNS (RFC 6761, RFC 6762, RFC 7686, RFC 9476, and ICANN's reservation of `internal`).
const NOT_IN_THE_DNS: [&str; 8] = [
    "alt",
    "arpa",
    "internal",
    "invalid",
    "local",
    "localdomain",
    "localhost",
    "onion",
];

/// A domain that can be somebody's own: lower-case, in punycode, without a trailing dot. The same form e-mail addresses have behind their `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainName(String);

impl DomainName {
    /// Reads a name as somebody typed it.
    pub fn parse(typed: &str) -> Result<Self, Refusal> {
        let typed = trim(typed);
        let name = canonical_domain(typed).map_err(|_| {
            invalid(
                "This is no domain such as example.com: not a web or e-mail address, no IP address, no dot at its end.",
            )
        })?;
        if name.len() > LONGEST_NAME {
            return Err(invalid("This name is too long for a record to stand under it."));
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        if NOT_IN_THE_DNS.contains(&last) {
            return Err(invalid("This name does not exist in the public DNS."));
        }
        if name.split('.').any(script::is_mixed) {
            return Err(invalid("A part of this name mixes letters of different scripts."));
        }
        match psl::domain_str(&name) {
            None => Err(Refusal::new(
                Code::DomainPublicSuffix,
                "This is a public suffix: others register names under it.",
            )),
            Some(registered) if providers::is_mailbox_provider(registered) => Err(Refusal::new(
                Code::DomainPublicSuffix,
                "This domain belongs to a provider of mailboxes: addresses under it are anybody's.",
            )),
            Some(_) => Ok(Self(name)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(Code::Invalid, message)
}

/// A domain's status at a moment: an unproven claim past its day has lapsed, without anybody sweeping.
pub fn status(domain: &Model, now: DateTime<Utc>) -> Status {
    match domain.status {
        Status::Pending | Status::Failed if domain.claim_ends_at <= now => Status::Lapsed,
        status => status,
    }
}

/// What a look at the DNS found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    Found,
    /// Answered, and the value is not there; with how many other records are.
    Missing(usize),
    /// The DNS could not say.
    Unanswered,
}

impl Look {
    /// Looks for one of some values among records. Quotation marks are no part of one, though some forms for records keep them.
    pub fn among(records: &[String], values: &[String]) -> Self {
        let is_it = |record: &String| {
            let bare = record.trim().trim_matches('"');
            values.iter().any(|value| value == bare)
        };
        match records.iter().any(is_it) {
            true => Self::Found,
            false => Self::Missing(records.len()),
        }
    }

    /// For people.
    pub fn message(&self) -> String {
        match self {
            Self::Found => "The record is there.".into(),
            Self::Missing(0) => {
                "There is no TXT record under this name yet. It can take a while until a new record is seen everywhere.".into()
            }
            Self::Missing(_) => "There is a TXT record under this name, but with another value.".into(),
            Self::Unanswered => "The DNS servers of the domain did not answer. Try again later.".into(),
        }
    }
}

/// What a daily look makes of a proven domain. Answers true when it lapses by it.
pub fn book(domain: &mut Model, look: &Look, now: DateTime<Utc>) -> bool {
    domain.last_checked_at = Some(now);
    domain.last_check_message = Some(look.message());
    domain.next_check_at = Some(now + LOOK_EVERY);
    match look {
        Look::Found => domain.misses = 0,
        Look::Missing(_) => domain.misses += 1,
        Look::Unanswered => domain.next_check_at = Some(now + LOOK_AGAIN_AFTER),
    }
    let lapses = domain.misses >= MOST_MISSES;
    if lapses {
        domain.status = Status::Lapsed;
        domain.next_check_at = None;
    }
    lapses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(typed: &str) -> Code {
        match DomainName::parse(typed) {
            Err(refusal) => refusal.code,
            Ok(name) => panic!("{typed} was taken as {name:?}"),
        }
    }

    #[test]
    fn a_name_is_one_whatever_way_it_is_typed() {
        for (typed, name) in [
            ("acme.example", "acme.example"),
            (" Acme.EXAMPLE\n", "acme.example"),
            ("mail.acme.co.uk", "mail.acme.co.uk"),
            ("bücher.de", "xn--bcher-kva.de"),
            ("BU\u{308}CHER。de", "xn--bcher-kva.de"),
            ("例え.jp", "xn--r8jz45g.jp"),
            ("почта.рф", "xn--80a1acny.xn--p1ai"),
            ("acme1.example", "acme1.example"),
        ] {
            assert_eq!(DomainName::parse(typed).unwrap().as_str(), name, "{typed}");
        }
    }

    #[test]
    fn what_is_no_name_in_the_public_dns_is_refused() {
        let long = format!("{}.example", vec!["a".repeat(60); 4].join("."));
        for typed in [
            "",
            "acme",
            "localhost",
            "acme.localhost",
            "printer.local",
            "vault.internal",
            "1.168.192.in-addr.arpa",
            "acme.example.",
            ".acme.example",
            "acme..example",
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "[::1]",
            "::1",
            "https://acme.example",
            "acme.example/path",
            "me@acme.example",
            "_dmarc.acme.example",
            "*.acme.example",
            "acme.example:443",
            "acme example.com",
            "-acme.example",
            "xn--zzzzzz-.com",
            &long,
        ] {
            assert_eq!(refused(typed), Code::Invalid, "{typed}");
        }
    }

    #[test]
    fn letters_of_several_scripts_in_one_part_are_refused_but_not_in_several() {
        for typed in ["аcme.example", "acmе.example", "googlе.example", "ραypal.example"] {
            assert_eq!(refused(typed), Code::Invalid, "{typed}");
        }
        assert!(DomainName::parse("пример.acme.example").is_ok());
        assert!(
            DomainName::parse("acme株式会社.jp").is_ok(),
            "Japanese is written so"
        );
    }

    #[test]
    fn what_many_share_is_refused() {
        for typed in [
            "co.uk",
            "github.io",
            "公司.cn",
            "s3.amazonaws.com",
            "gmail.com",
            "GMAIL.com",
            "googlemail.com",
            "anything.gmail.com",
            "yahoo.co.jp",
            "hotmail.fr",
            "outlook.com",
            "icloud.com",
            "qq.com",
            "gmx.net",
            "proton.me",
            "mail.ru",
            "mailinator.com",
        ] {
            assert_eq!(refused(typed), Code::DomainPublicSuffix, "{typed}");
        }
        assert!(DomainName::parse("notgmail.com").is_ok());
    }

    #[test]
    fn the_value_is_found_among_other_records_and_in_quotation_marks() {
        let records = ["v=spf1 -all".to_owned(), " \"value\" ".to_owned()];
        let look = |records: &[String], value: &str| Look::among(records, &["other".into(), value.into()]);
        assert_eq!(look(&records, "value"), Look::Found);
        assert_eq!(look(&records, "valu"), Look::Missing(2));
        assert_eq!(look(&[], "value"), Look::Missing(0));
    }

    fn proven() -> Model {
        let at = DateTime::UNIX_EPOCH;
        Model {
            account_id: uuid::Uuid::from_u128(1),
            id: uuid::Uuid::from_u128(2),
            name: "acme.example".into(),
            status: Status::Verified,
            created_by: None,
            created_at: at,
            claim_ends_at: at + CLAIM_STANDS_FOR,
            verified_at: Some(at),
            last_checked_at: Some(at),
            last_check_message: None,
            next_check_at: None,
            misses: 0,
        }
    }

    #[test]
    fn seven_misses_in_a_row_and_no_fewer_lapse_a_domain() {
        let (mut domain, now) = (proven(), DateTime::UNIX_EPOCH);
        for _ in 0..6 {
            assert!(!book(&mut domain, &Look::Missing(0), now));
        }
        for _ in 0..30 {
            assert!(!book(&mut domain, &Look::Unanswered, now), "silence is no miss");
        }
        assert_eq!((domain.misses, domain.status), (6, Status::Verified));
        assert!(!book(&mut domain, &Look::Found, now));
        assert_eq!(domain.misses, 0);
        for miss in 1..=7 {
            assert_eq!(book(&mut domain, &Look::Missing(1), now), miss == 7);
        }
        assert_eq!((domain.status, domain.next_check_at), (Status::Lapsed, None));
    }

    #[test]
    fn an_unproven_claim_lapses_by_itself_and_a_proven_domain_does_not() {
        let mut domain = proven();
        let end = domain.claim_ends_at;
        assert_eq!(status(&domain, end), Status::Verified);
        for open in [Status::Pending, Status::Failed] {
            domain.status = open;
            assert_eq!(status(&domain, end - Duration::seconds(1)), open);
            assert_eq!(status(&domain, end), Status::Lapsed);
        }
    }
}
