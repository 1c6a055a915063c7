//! What a provider says about a person: claims read strictly and nothing taken on trust.
//!
//! A claim is what its JSON type makes it: a list is no address, a number no name, and the text `"true"` is the boolean `true` for a provider that is marked to
//! write it so and for no other.

use chrono::{DateTime, Duration, Utc};
use entity::identity_provider;
use serde_json::{Map, Value};

use super::names::Names;
use crate::person::EmailAddress;
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
    /// `email_verified` may be a text.
    pub verifies_as_text: bool,
}

impl Mapping {
    pub fn of(provider: &identity_provider::Model) -> Self {
        Self {
            email: provider.email_claim.clone(),
            given_name: provider.given_name_claim.clone(),
            family_name: provider.family_name_claim.clone(),
            verifies_as_text: provider.verifies_as_text,
        }
    }
}

/// What the provider says of the e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailClaim {
    /// None, or nothing that is one address.
    Missing,
    /// `email_verified` is there and anything but true.
    Unverified,
    /// `email_verified` is the text `true`, and the provider is not marked to write it so.
    VerifiedAsText,
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
    /// A given name of several words that came alone, and was taken for a whole one.
    pub lone_name: Option<String>,
}

impl Profile {
    pub fn read(claims: &Claims, mapping: &Mapping) -> Self {
        let address = text(claims, &mapping.email).and_then(canonical_address);
        let email = match &address {
            None => EmailClaim::Missing,
            Some(_) => vouching(claims, mapping),
        };
        let Names {
            given_name,
            family_name,
            lone_name,
        } = Names::read(claims, mapping);
        Self {
            email,
            address,
            given_name,
            family_name,
            lone_name,
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
        Some(Value::String(word)) if word.eq_ignore_ascii_case("true") => match mapping.verifies_as_text {
            true => EmailClaim::Verified,
            false => EmailClaim::VerifiedAsText,
        },
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

/// Whether a token is meant for this client, maybe among others.
pub fn is_for(claims: &Claims, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(|one| one.as_str() == Some(client_id)),
        Some(one) => one.as_str() == Some(client_id),
        None => false,
    }
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
            verifies_as_text: false,
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
            json!("false"),
            json!("yes"),
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
    fn the_text_true_verifies_where_the_provider_is_marked_to_write_it_so() {
        let marked = Mapping {
            verifies_as_text: true,
            ..mapping("email")
        };
        for (word, with_mark) in [
            ("true", EmailClaim::Verified),
            ("True", EmailClaim::Verified),
            ("TRUE", EmailClaim::Verified),
            ("false", EmailClaim::Unverified),
            ("1", EmailClaim::Unverified),
            ("", EmailClaim::Unverified),
        ] {
            let sent = claims(json!({"email": "ada@acme.example", "email_verified": word}));
            assert_eq!(Profile::read(&sent, &marked).email, with_mark, "{word}");
            let without = match with_mark {
                EmailClaim::Verified => EmailClaim::VerifiedAsText,
                other => other,
            };
            assert_eq!(Profile::read(&sent, &mapping("email")).email, without, "{word}");
        }
        let number = claims(json!({"email": "ada@acme.example", "email_verified": 1}));
        assert_eq!(Profile::read(&number, &marked).email, EmailClaim::Unverified);
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
    fn a_time_is_a_number() {
        let sent = claims(json!({"a": 1_700_000_000, "b": 1_700_000_000.9, "c": "1700000000", "d": 1e300}));
        assert_eq!(time(&sent, "a").unwrap().unwrap().timestamp(), 1_700_000_000);
        assert_eq!(time(&sent, "b").unwrap().unwrap().timestamp(), 1_700_000_000);
        assert_eq!(time(&sent, "none"), Ok(None));
        assert!(time(&sent, "c").is_err() && time(&sent, "d").is_err());
    }
}
