//! E-mail addresses: shown as typed, compared in one canonical form.
//!
//! The rule is narrower than RFC 5321 on purpose: quoted local parts, IP literals and single-label domains are legal there
//! and in practice always a slip or an attack.

use std::hash::{Hash, Hasher};

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use unicode_normalization::UnicodeNormalization;

use super::domain::canonical_domain;
use super::{is_forbidden, is_mark, trim};
use crate::error::{Code, Refusal};

/// Longest address (RFC 5321 section 4.5.3.1.3: 256 bytes with its angle brackets).
pub const MAX_EMAIL_BYTES: usize = crate::limits::EMAIL;
/// Longest part before the `@` (RFC 5321 section 4.5.3.1.1).
pub const MAX_LOCAL_BYTES: usize = crate::limits::EMAIL_LOCAL_PART;

/// A well-formed e-mail address. Two are equal when mail to them goes to the same person: letter case and the spelling of
/// an internationalised domain do not count.
#[derive(Clone, Debug)]
pub struct EmailAddress {
    typed: String,
    key: String,
    /// Where the domain begins in `key`.
    domain_start: usize,
}

impl EmailAddress {
    /// Reads an address as somebody typed or copied it. What a text leaves around it is taken off: blanks, quotation marks, brackets, commas and full stops of any
    /// script, `mailto:`. Invisible marks within it are left out, and letters with marks are read as one character (NFC), as mail programs send them.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let typed = trim(raw);
        if typed.is_empty() {
            return Err(invalid("An e-mail address is needed here."));
        }
        if typed.len() > 2 * MAX_EMAIL_BYTES {
            return Err(too_long());
        }
        if let Some(character) = typed.chars().find(|&c| is_forbidden(c) || c.is_whitespace()) {
            let number = u32::from(character);
            return Err(invalid(format!(
                "The character U+{number:04X} cannot be part of an e-mail address."
            )));
        }
        let seen: String = typed.chars().filter(|c| !is_mark(*c)).nfc().collect();
        let typed = unglued(&seen);
        if typed.len() > MAX_EMAIL_BYTES {
            return Err(too_long());
        }
        let Some((local, domain)) = typed.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
            return Err(invalid(
                "An e-mail address has exactly one @, for example name@example.com.",
            ));
        };
        let domain = canonical_domain(domain)?;
        let canonical_local = local.to_lowercase().nfc().collect::<String>();
        check_local(local, &domain)?;
        check_local(&canonical_local, &domain)?;
        let key = format!("{canonical_local}@{domain}");
        if key.len() > MAX_EMAIL_BYTES {
            return Err(invalid(
                "This e-mail address is too long once its domain is written as punycode.",
            ));
        }
        Ok(Self {
            typed: typed.to_owned(),
            domain_start: key.len() - domain.len(),
            key,
        })
    }

    /// Whether mail to it needs a relay that takes letters beyond ASCII before the @ (SMTPUTF8, RFC 6531). Those of a domain travel as punycode.
    pub fn needs_utf8(&self) -> bool {
        !self.key.is_ascii()
    }

    /// For showing: as typed, less the blanks around it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// For comparing and storing: lower-case, with the domain as punycode.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The domain, lower-case and as punycode.
    pub fn domain(&self) -> &str {
        &self.key[self.domain_start..]
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::EmailInvalid, message)
}

fn too_long() -> Refusal {
    invalid("An e-mail address may have at most 254 bytes.")
}

/// An address less what the text around it left on it.
fn unglued(text: &str) -> &str {
    let is_around = |c: char| {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        let brackets = [
            GeneralCategory::OpenPunctuation,
            GeneralCategory::ClosePunctuation,
            GeneralCategory::InitialPunctuation,
            GeneralCategory::FinalPunctuation,
        ];
        QUOTES.contains(&c) || STOPS.contains(&c) || c.is_whitespace() || brackets.contains(&category)
    };
    let text = text.trim_matches(is_around);
    let scheme = text
        .split_at_checked(7)
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("mailto:"));
    scheme.map_or(text, |(_, rest)| rest.trim_matches(is_around))
}

/// Quotation marks and brackets that Unicode counts among symbols or other punctuation.
const QUOTES: &[char] = &[
    '"', '\'', '`', '´', '<', '>', '＂', '＇', '＜', '＞', '｀', '\u{275B}', '\u{275C}', '\u{275D}',
    '\u{275E}', '\u{02BC}',
];

/// Commas and full stops of the scripts that have their own.
const STOPS: &[char] = &[
    ',', '.', '،', '۔', '՝', '։', '߸', '।', '॥', '።', '፣', '᠂', '᠃', '᠈', '᠉', '、', '。', '，', '．', '､',
    '｡', '︐', '︑', '︒', '﹐', '﹑', '﹒', '․', '܁', '܂', '꓾', '꓿', '꛳', '꛵',
];

/// Beyond ASCII there are letters, marks and digits before the @: a symbol there was glued to the address.
fn is_of_words(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let words = [
        GeneralCategoryGroup::Letter,
        GeneralCategoryGroup::Mark,
        GeneralCategoryGroup::Number,
    ];
    words.iter().any(|group| group.contains(category))
}

fn check_local(local: &str, domain: &str) -> Result<(), Refusal> {
    if local.starts_with('"') {
        return Err(invalid("Quotation marks cannot be used in an e-mail address."));
    }
    if local.len() > MAX_LOCAL_BYTES {
        return Err(invalid("The part before the @ may have at most 64 bytes."));
    }
    if let Some(c) = local.chars().find(|c| !c.is_ascii() && !is_of_words(*c)) {
        let number = u32::from(c);
        return Err(invalid(format!(
            "The character U+{number:04X} cannot be part of an e-mail address."
        )));
    }
    lettre::Address::new(local, domain)
        .map(|_| ())
        .map_err(|_| invalid("The part before the @ is not that of an e-mail address."))
}

#[cfg(test)]
mod tests;
