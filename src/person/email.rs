//! E-mail addresses: shown as typed, compared in one canonical form.
//!
//! The rule is narrower than RFC 5321 on purpose: quoted local parts, IP literals and single-label domains are legal there
//! and in practice always a slip or an attack.

use std::hash::{Hash, Hasher};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use unicode_normalization::UnicodeNormalization;

use super::{is_forbidden, trim};
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
    /// Reads an address as somebody typed it; blanks around it are taken off.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let typed = trim(raw);
        if typed.is_empty() {
            return Err(invalid("An e-mail address is needed here."));
        }
        if typed.len() > MAX_EMAIL_BYTES {
            return Err(invalid("An e-mail address may have at most 254 bytes."));
        }
        if let Some(character) = typed.chars().find(|&c| is_forbidden(c) || c.is_whitespace()) {
            let number = u32::from(character);
            return Err(invalid(format!(
                "The character U+{number:04X} cannot be part of an e-mail address."
            )));
        }
        let Some((local, domain)) = typed.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
            return Err(invalid(
                "An e-mail address has exactly one @, for example name@example.com.",
            ));
        };
        let domain = canonical_domain(domain)?;
        // One form for all spellings of a letter, so that addresses that look the same are the same.
        let canonical_local = local.nfc().collect::<String>().to_lowercase();
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

fn check_local(local: &str, domain: &str) -> Result<(), Refusal> {
    if local.starts_with('"') {
        return Err(invalid("Quotation marks cannot be used in an e-mail address."));
    }
    if local.len() > MAX_LOCAL_BYTES {
        return Err(invalid("The part before the @ may have at most 64 bytes."));
    }
    lettre::Address::new(local, domain)
        .map(|_| ())
        .map_err(|_| invalid("The part before the @ is not that of an e-mail address."))
}

/// The one form of a domain: lower-case, as punycode, of at least two labels, without a dot at its end.
pub fn canonical_domain(domain: &str) -> Result<String, Refusal> {
    if domain.starts_with('[') {
        return Err(invalid(
            "The part after the @ must be a domain such as example.com, not an IP address.",
        ));
    }
    let canonical = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| invalid("The part after the @ is not a domain such as example.com."))?;
    let Some((_, top_level)) = canonical.rsplit_once('.') else {
        return Err(invalid(
            "The part after the @ must be a whole domain such as example.com.",
        ));
    };
    // No top-level domain is a number (RFC 3696 section 2); an IPv4 address always ends in one.
    if top_level.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(
            "The part after the @ must be a domain such as example.com, not an IP address.",
        ));
    }
    Ok(canonical.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_as_typed_and_compared_in_lower_case() {
        let email = EmailAddress::parse("\u{a0} Ada.Lovelace+x@Example.COM\u{200b}\n").unwrap();
        assert_eq!(email.as_typed(), "Ada.Lovelace+x@Example.COM");
        assert_eq!(email.key(), "ada.lovelace+x@example.com");
        assert_eq!(email.domain(), "example.com");
        assert_eq!(email, EmailAddress::parse("ADA.lovelace+X@example.com").unwrap());
    }

    #[test]
    fn internationalised_domains_are_one_with_their_punycode() {
        let unicode = EmailAddress::parse("a@BÜCHER.example").unwrap();
        assert_eq!(unicode.as_typed(), "a@BÜCHER.example");
        assert_eq!(unicode.domain(), "xn--bcher-kva.example");
        assert_eq!(unicode, EmailAddress::parse("A@xn--bcher-kva.example").unwrap());
        assert_eq!(unicode, EmailAddress::parse("a@bu\u{308}cher。example").unwrap());
    }

    #[test]
    fn a_key_is_an_address_and_its_own_key() {
        for typed in [
            "É.x@example.com",
            "ΑΣ@example.com",
            "\u{212b}@example.com",
            "o'Brien@b.c",
        ] {
            let key = EmailAddress::parse(typed).unwrap().key().to_owned();
            assert_eq!(EmailAddress::parse(&key).unwrap().key(), key, "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let bad = [
            "",
            " ",
            "a",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a@localhost",
            "a@@b.c",
            "a@b.c@d.e",
            "a b@c.d",
            "a@b .c",
            "a@b..c",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "a@-b.c",
            "a@b-.c",
            "a@b_c.d",
            "a@b.c.",
            "a@.b.c",
            "a;b@c.d",
            "a,b@c.d",
            "<a@b.c>",
            "a@b.c>",
            "\"a b\"@c.d",
            "\"a\"@c.d",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@127.1",
            "a@１２７.0.0.1",
            "a＠b.c",
            "a@b/c.d",
            "a@xn--zzzzzz-.com",
            "a\u{a0}b@c.d",
        ];
        for text in bad {
            let refusal = EmailAddress::parse(text).expect_err(text);
            assert_eq!(refusal.code, Code::EmailInvalid, "{text}");
        }
    }

    #[test]
    fn nothing_that_could_end_a_mail_header_gets_through() {
        for c in [
            '\r', '\n', '\0', '\t', '\u{85}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{7f}',
        ] {
            for text in [
                format!("a{c}b@c.d"),
                format!("a@b{c}.c"),
                format!("a@b.c{c}Bcc:x@y.z"),
                format!("a{c}@b.c"),
            ] {
                assert_eq!(
                    EmailAddress::parse(&text).unwrap_err().code,
                    Code::EmailInvalid,
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn lengths_count_in_bytes_and_the_limits_themselves_pass() {
        let domain = format!("{0}.{0}.{1}.com", "d".repeat(60), "e".repeat(63));
        let local = "l".repeat(64);
        let longest = format!("{local}@{domain}");
        assert_eq!(longest.len(), 254);
        assert!(EmailAddress::parse(&longest).is_ok());
        assert!(EmailAddress::parse(&format!("{local}@e{domain}")).is_err());
        assert!(EmailAddress::parse(&format!("{local}l@b.c")).is_err());
        assert!(EmailAddress::parse(&format!("a@{}.com", "d".repeat(64))).is_err());
        let longer_as_punycode = format!("{local}@{}com", "ü.".repeat(24));
        assert!(longer_as_punycode.len() < 254 && EmailAddress::parse(&longer_as_punycode).is_err());
    }
}
