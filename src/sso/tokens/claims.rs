//! What a provider says about a person: claims read strictly and nothing taken on trust.
//!
//! A claim is what its JSON type makes it: the text `"true"` is not the boolean `true`, and a list is no address.

use chrono::{DateTime, Duration, Utc};
use entity::identity_provider;
use serde_json::{Map, Value};

use crate::person::{EmailAddress, name};
use crate::sso::Rejection;

/// How far a provider's clock may be from ours, either way (security catalogue, A11).
pub const SKEW: Duration = Duration::seconds(60);
/// Longest subject (OpenID Connect Core section 2) and session id.
const LONGEST_ID: usize = crate::limits::SUBJECT;

pub type Claims = Map<String, Value>;

/// Which claims to read.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub email: String,
    pub given_name: String,
    pub family_name: String,
}

impl Mapping {
    pub fn of(provider: &identity_provider::Model) -> Self {
        Self {
            email: provider.email_claim.clone(),
            given_name: provider.given_name_claim.clone(),
            family_name: provider.family_name_claim.clone(),
        }
    }
}

/// What the provider says of the e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailClaim {
    /// None, or nothing that is one address.
    Missing,
    /// `email_verified` is there and anything but the boolean `true`.
    Unverified,
    /// `email_verified` is not there.
    Unsaid,
    Verified,
}

/// A person as a provider describes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub email: EmailClaim,
    /// Absent exactly when `email` is missing.
    pub address: Option<EmailAddress>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

impl Profile {
    pub fn read(claims: &Claims, mapping: &Mapping) -> Self {
        let address = text(claims, &mapping.email).and_then(canonical_address);
        let email = match &address {
            None => EmailClaim::Missing,
            Some(_) => vouching(claims, mapping),
        };
        // A name that we would not take from a form is left out; it keeps nobody from signing in.
        let named = |claim: &str| name(text(claims, claim)?, claim).ok().flatten();
        Self {
            email,
            address,
            given_name: named(&mapping.given_name),
            family_name: named(&mapping.family_name),
        }
    }
}

/// Whether the provider vouches for the address. `email_verified` speaks of the claim `email` and of no other.
fn vouching(claims: &Claims, mapping: &Mapping) -> EmailClaim {
    if mapping.email != "email" {
        return EmailClaim::Unsaid;
    }
    match claims.get("email_verified") {
        None => EmailClaim::Unsaid,
        Some(Value::Bool(true)) => EmailClaim::Verified,
        Some(_) => EmailClaim::Unverified,
    }
}

/// One address in the one way to write it: what looks like another, or is taken for another once its characters are folded, is none.
fn canonical_address(raw: &str) -> Option<EmailAddress> {
    let address = EmailAddress::parse(raw).ok()?;
    let (local, domain) = raw.split_once('@')?;
    let unicode_domain = idna::domain_to_unicode(address.domain()).0;
    let domain = domain.to_lowercase();
    let is_canonical = domain == address.domain() || domain == unicode_domain;
    (address.as_typed() == raw && local.is_ascii() && is_canonical).then_some(address)
}

pub fn text<'a>(claims: &'a Claims, claim: &str) -> Option<&'a str> {
    claims.get(claim)?.as_str()
}

/// A time in seconds. `Err`: it is there, and no time.
pub fn time(claims: &Claims, claim: &str) -> Result<Option<DateTime<Utc>>, ()> {
    let Some(value) = claims.get(claim) else {
        return Ok(None);
    };
    let seconds = value.as_i64().or_else(|| whole_seconds(value.as_f64()?));
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map(Some).ok_or(())
}

/// RFC 7519 section 2 allows fractions.
fn whole_seconds(seconds: f64) -> Option<i64> {
    let is_near = seconds.is_finite() && seconds.abs() < 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "it was just seen to be small")]
    is_near.then_some(seconds as i64)
}

/// The subject: the one thing a person is known by.
pub fn subject(claims: &Claims) -> Result<String, Rejection> {
    id(text(claims, "sub")).ok_or(Rejection::IdTokenSubjectUnusable)
}

/// The provider's name for its session, if it has one.
pub fn provider_session(claims: &Claims) -> Option<String> {
    id(text(claims, "sid"))
}

fn id(text: Option<&str>) -> Option<String> {
    let text = text?;
    let is_good = !text.is_empty() && text.len() <= LONGEST_ID && !text.chars().any(char::is_control);
    is_good.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Claims, EmailClaim, Mapping, Profile, time};

    fn mapping(email: &str) -> Mapping {
        Mapping {
            email: email.into(),
            given_name: "given_name".into(),
            family_name: "family_name".into(),
        }
    }

    fn claims(value: Value) -> Claims {
        serde_json::from_value(value).unwrap()
    }

    fn profile(value: Value) -> Profile {
        Profile::read(&claims(value), &mapping("email"))
    }

    #[test]
    fn only_the_boolean_true_verifies_an_address() {
        let email =
            |verified: Value| profile(json!({"email": "ada@acme.example", "email_verified": verified})).email;
        assert_eq!(email(json!(true)), EmailClaim::Verified);
        for other in [
            json!(false),
            json!("true"),
            json!(1),
            json!(null),
            json!([true]),
            json!({}),
        ] {
            assert_eq!(email(other.clone()), EmailClaim::Unverified, "{other}");
        }
        let unsaid = profile(json!({"email": "ada@acme.example"}));
        assert_eq!(unsaid.email, EmailClaim::Unsaid);
    }

    #[test]
    fn a_verified_address_is_taken_in_its_canonical_form_only() {
        for (text, key) in [
            ("Ada@Acme.Example", "ada@acme.example"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ] {
            let read = profile(json!({"email": text, "email_verified": true}));
            assert_eq!(read.address.unwrap().key(), key);
        }
    }

    #[test]
    fn what_is_no_single_plain_address_is_missing() {
        for odd in [
            json!(null),
            json!(""),
            json!(7),
            json!(["ada@acme.example"]),
            json!({"value": "ada@acme.example"}),
            json!("ada"),
            json!("ada@acme.example@evil.example"),
            json!("ada@evil.example,ada@acme.example"),
            json!("ada@acme.example\r\nBcc: eve@evil.example"),
            json!(" ada@acme.example"),
            json!("ada@acme.example\u{200b}"),
            json!("Ada <ada@acme.example>"),
            // Cyrillic a; full-width letters that fold to the real domain.
            json!("\u{430}da@acme.example"),
            json!("ada@\u{ff41}cme.example"),
            json!("ada@acme\u{3002}example"),
        ] {
            let read = profile(json!({"email": odd, "email_verified": true}));
            assert_eq!((read.email, read.address), (EmailClaim::Missing, None), "{odd}");
        }
        assert_eq!(
            profile(json!({"email_verified": true})).email,
            EmailClaim::Missing
        );
    }

    #[test]
    fn email_verified_says_nothing_of_another_claim() {
        let sent = claims(json!({
            "upn": "ada@acme.example", "email": "eve@evil.example", "email_verified": true
        }));
        let read = Profile::read(&sent, &mapping("upn"));
        assert_eq!(read.email, EmailClaim::Unsaid);
        assert_eq!(read.address.unwrap().key(), "ada@acme.example");
    }

    #[test]
    fn names_are_those_a_form_would_take() {
        let read = profile(json!({"given_name": " Ada ", "family_name": "Love\nlace"}));
        assert_eq!(
            (read.given_name.as_deref(), read.family_name),
            (Some("Ada"), None)
        );
        assert_eq!(profile(json!({"given_name": ["Ada"]})).given_name, None);
    }

    #[test]
    fn a_time_is_a_number() {
        let sent = claims(json!({"a": 1_700_000_000, "b": 1_700_000_000.9, "c": "1700000000", "d": 1e300}));
        assert_eq!(time(&sent, "a").unwrap().unwrap().timestamp(), 1_700_000_000);
        assert_eq!(time(&sent, "b").unwrap().unwrap().timestamp(), 1_700_000_000);
        assert_eq!(time(&sent, "none"), Ok(None));
        assert!(time(&sent, "c").is_err() && time(&sent, "d").is_err());
    }
}
