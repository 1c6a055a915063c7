//! What an account's settings may be. Pure.

use std::ops::RangeInclusive;

use entity::account::Model;
use entity::lists::Texts;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::person::{canonical_domain, is_forbidden, locale, trim};

/// The least there is, which the database holds to as well.
const SHORTEST_AUDIT_DAYS: usize = 90;

/// For how many days somebody is idle at least whose seat is taken back by itself: twice the notice they are given.
const SHORTEST_IDLE: usize = 14;

/// One setting, as it was and as it is to be, for the audit log.
pub type Difference = (&'static str, Option<String>, Option<String>);

/// Settings that are to be; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub name: Option<String>,
    /// The language whose order lists by name have.
    pub default_locale: Option<String>,
    /// Only addresses of these domains are invited; empty: any.
    pub allowed_invite_domains: Option<Vec<String>>,
    pub invitation_lifetime_days: Option<i32>,
    pub seat_notice_percent: Option<i32>,
    /// For how many days the audit log is kept.
    pub audit_kept_days: Option<i32>,
    /// 0: nothing is reclaimed by itself.
    pub reclaim_idle_days: Option<i32>,
    /// For how many days access goes on after a term.
    pub grace_days: Option<i32>,
}

impl Settings {
    /// An account as they want it.
    pub fn applied(&self, before: &Model) -> Result<Model, Refusal> {
        let mut after = before.clone();
        if let Some(name) = &self.name {
            after.name = account_name(name)?;
        }
        if let Some(tag) = &self.default_locale {
            let read = locale(tag, "input.defaultLocale")?;
            let required = || Refusal::new(Code::Required, "An account needs a language.");
            after.default_locale = read.ok_or_else(|| required().at("input.defaultLocale"))?;
        }
        if let Some(domains) = &self.allowed_invite_domains {
            after.allowed_invite_domains = Texts(invite_domains(domains)?);
        }
        for (wanted, column, bounds, place, text) in [
            (
                self.invitation_lifetime_days,
                &mut after.invitation_lifetime_days,
                1..=limits::INVITATION_DAYS,
                "input.invitationLifetimeDays",
                "Invitations are good for 1 to 365 days.",
            ),
            (
                self.seat_notice_percent,
                &mut after.seat_notice_percent,
                1..=100,
                "input.seatNoticePercent",
                "A percentage is 1 to 100.",
            ),
            (
                self.audit_kept_days,
                &mut after.audit_kept_days,
                SHORTEST_AUDIT_DAYS..=limits::AUDIT_KEPT_DAYS,
                "input.auditKeptDays",
                "The audit log is kept for 90 to 3,650 days.",
            ),
            (
                self.grace_days,
                &mut after.grace_days,
                0..=limits::GRACE_DAYS,
                "input.graceDays",
                "Access goes on for 0 to 90 days after a term.",
            ),
        ] {
            if let Some(wanted) = wanted {
                *column = within(wanted, &bounds, place, text)?;
            }
        }
        after.reclaim_idle_days = match self.reclaim_idle_days {
            None => before.reclaim_idle_days,
            Some(0) => None,
            Some(days) => Some(within(
                days,
                &(SHORTEST_IDLE..=limits::IDLE_DAYS),
                "input.reclaimIdleDays",
                "Seats are taken back after 14 to 3650 days, or with 0 not at all.",
            )?),
        };
        Ok(after)
    }
}

/// What is another than before.
pub fn differences(before: &Model, after: &Model) -> Vec<Difference> {
    let number = |number: i32| Some(number.to_string());
    let text = |text: &str| Some(text.to_owned());
    let list = |texts: &Texts| Some(texts.0.join(", "));
    let all = [
        ("name", text(&before.name), text(&after.name)),
        (
            "defaultLocale",
            text(&before.default_locale),
            text(&after.default_locale),
        ),
        (
            "allowedInviteDomains",
            list(&before.allowed_invite_domains),
            list(&after.allowed_invite_domains),
        ),
        (
            "invitationLifetimeDays",
            number(before.invitation_lifetime_days),
            number(after.invitation_lifetime_days),
        ),
        (
            "seatNoticePercent",
            number(before.seat_notice_percent),
            number(after.seat_notice_percent),
        ),
        (
            "auditKeptDays",
            number(before.audit_kept_days),
            number(after.audit_kept_days),
        ),
        (
            "reclaimIdleDays",
            before.reclaim_idle_days.and_then(number),
            after.reclaim_idle_days.and_then(number),
        ),
        ("graceDays", number(before.grace_days), number(after.grace_days)),
    ];
    all.into_iter().filter(|(_, was, is)| was != is).collect()
}

fn within(value: i32, bounds: &RangeInclusive<usize>, place: &str, text: &str) -> Result<i32, Refusal> {
    match usize::try_from(value).is_ok_and(|value| bounds.contains(&value)) {
        true => Ok(value),
        false => Err(Refusal::new(Code::Invalid, text).at(place)),
    }
}

fn account_name(given: &str) -> Result<String, Refusal> {
    let name = trim(given);
    let refuse = |code, text: String| Err(Refusal::new(code, text).at("input.name"));
    if name.is_empty() {
        return refuse(Code::Required, "An account needs a name.".to_owned());
    }
    if name.chars().count() > limits::ACCOUNT_NAME {
        let text = format!("A name has at most {} characters.", limits::ACCOUNT_NAME);
        return refuse(Code::TooLong, text);
    }
    match name.chars().any(is_forbidden) {
        true => refuse(
            Code::NameInvalidCharacter,
            "The name contains a character that has no place in one line of text.".to_owned(),
        ),
        false => Ok(name.to_owned()),
    }
}

/// Each once, as domains of addresses are compared.
fn invite_domains(given: &[String]) -> Result<Vec<String>, Refusal> {
    if given.len() > limits::INVITE_DOMAINS {
        let text = format!("At most {} domains.", limits::INVITE_DOMAINS);
        return Err(Refusal::new(Code::TooManyItems, text).at("input.allowedInviteDomains"));
    }
    let mut domains = Vec::with_capacity(given.len());
    for (place, domain) in given.iter().enumerate() {
        let wrong = |_| {
            let text = "This is no domain such as example.com.";
            Refusal::new(Code::Invalid, text).at(&format!("input.allowedInviteDomains.{place}"))
        };
        let domain = canonical_domain(trim(domain)).map_err(wrong)?;
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains)
}
