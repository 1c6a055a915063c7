//! How people are found: what is stored for sorting and searching, and how what somebody types is compared with it. Pure.

use unicode_normalization::UnicodeNormalization;

use super::{Collation, EmailAddress, display_name, is_mark, trim};

pub use super::fold::folded;

/// What is stored of a user beside what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findable {
    /// What lists by given name, and by the name that is shown, are sorted by.
    pub given_key: Vec<u8>,
    /// What lists by family name are sorted by.
    pub family_key: Vec<u8>,
    /// What `search` looks for words in, folded.
    pub search_text: String,
}

impl Findable {
    /// Of a name, and of the address both as it is compared and, where that differs, as it is shown: nobody types punycode.
    pub fn of(
        collation: &Collation,
        given_name: Option<&str>,
        family_name: Option<&str>,
        email: &str,
        email_key: &str,
    ) -> Self {
        let mut search_text = folded(&display_name(given_name, family_name, email));
        let (compared, shown) = (folded(email_key), folded(email));
        search_text.push(' ');
        search_text.push_str(&compared);
        if shown != compared {
            search_text.push(' ');
            search_text.push_str(&shown);
        }
        Self {
            given_key: collation.key(given_name, family_name, email),
            family_key: collation.key(family_name, given_name, email),
            search_text,
        }
    }
}

/// How addresses are compared: normalised and lower-cased. Unlike names they keep their accents: with another letter it is another mailbox. Invisible marks
/// do not count.
pub fn lowered(text: &str) -> String {
    let seen = trim(text).chars().filter(|c| !is_mark(*c));
    seen.nfkc().collect::<String>().to_lowercase()
}

/// How a whole address is compared. What is no address is nobody's.
pub fn email_key(text: &str) -> String {
    EmailAddress::parse(text).map_or_else(|_| lowered(text), |email| email.key().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Collation, EmailAddress, Findable, email_key};

    fn searched(given_name: Option<&str>, email: &str, email_key: &str) -> String {
        let collation = Collation::of("en").unwrap();
        Findable::of(&collation, given_name, Some("Doe"), email, email_key).search_text
    }

    #[test]
    fn an_internationalised_address_is_found_as_shown_and_as_compared() {
        let email = EmailAddress::parse("Jo@BÜCHER.example").unwrap();
        assert_eq!(
            searched(Some("Jo"), email.as_typed(), email.key()),
            "jo doe jo@xn--bcher-kva.example jo@bucher.example"
        );
        for typed in [
            "jo@bücher.example",
            " JO@Bücher.example",
            "jo@xn--bcher-kva.example",
        ] {
            assert_eq!(email_key(typed), email.key(), "{typed}");
        }
    }

    #[test]
    fn a_plain_address_stands_there_once() {
        assert_eq!(
            searched(None, "Jo@Acme.example", "jo@acme.example"),
            "doe jo@acme.example"
        );
        assert_eq!(email_key("no address"), "no address");
    }
}
