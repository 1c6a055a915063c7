//! How people are found: what is stored for sorting and searching, and how what somebody types is compared with it. Pure.

use unicode_normalization::UnicodeNormalization;

use super::{EmailAddress, display_name, is_mark, trim};

/// What is stored of a user beside what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findable {
    /// What lists are sorted by.
    pub sort_name: String,
    /// What `search` looks for words in.
    pub search_text: String,
}

impl Findable {
    /// The name as it is shown, and the address both as it is compared and, where that differs, as it is shown: nobody types punycode.
    pub fn of(given_name: Option<&str>, family_name: Option<&str>, email: &str, email_key: &str) -> Self {
        let sort_name = folded(&display_name(given_name, family_name, email));
        let mut search_text = format!("{sort_name} {email_key}");
        let shown = folded(email);
        if shown != email_key {
            search_text.push(' ');
            search_text.push_str(&shown);
        }
        Self {
            sort_name,
            search_text,
        }
    }
}

/// How text is compared: normalised and lower-cased, as it is stored for searching. Invisible marks do not count.
pub fn folded(text: &str) -> String {
    let seen = trim(text).chars().filter(|c| !is_mark(*c));
    seen.nfkc().collect::<String>().to_lowercase()
}

/// How a whole address is compared. What is no address is nobody's.
pub fn email_key(text: &str) -> String {
    EmailAddress::parse(text).map_or_else(|_| folded(text), |email| email.key().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{EmailAddress, Findable, email_key};

    #[test]
    fn an_internationalised_address_is_found_as_shown_and_as_compared() {
        let email = EmailAddress::parse("Jo@BÜCHER.example").unwrap();
        let findable = Findable::of(Some("Jo"), Some("Doe"), email.as_typed(), email.key());
        assert_eq!(findable.sort_name, "jo doe");
        assert_eq!(
            findable.search_text,
            "jo doe jo@xn--bcher-kva.example jo@bücher.example"
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
        let findable = Findable::of(None, Some("Doe"), "Jo@Acme.example", "jo@acme.example");
        assert_eq!(findable.search_text, "doe jo@acme.example");
        assert_eq!(email_key("no address"), "no address");
    }
}
