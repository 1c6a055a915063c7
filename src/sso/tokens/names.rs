//! What a provider calls a person: given and family name, from whatever it sends of them.

use super::claims::{Claims, Mapping, text};
use crate::person::{name, split_name};

/// The claim with the whole name (OpenID Connect Core section 5.1).
pub const WHOLE_NAME: &str = "name";

/// Given and family name as a provider says them.
#[derive(Default)]
#[expect(clippy::struct_field_names, reason = "what people call them")]
pub struct Names {
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// See [`Profile`](super::claims::Profile).
    pub lone_name: Option<String>,
}

impl Names {
    /// Given and family name. Where one of them is missing, the whole name says what it is; a given name alone that has several words is a whole one. What we
    /// would not take from a form is left out, and keeps nobody from signing in.
    pub fn read(claims: &Claims, mapping: &Mapping) -> Self {
        let named = |claim: &str| part(text(claims, claim)?);
        // Some providers write the address, for want of a name.
        let whole = text(claims, WHOLE_NAME).filter(|whole| !whole.contains('@'));
        let both = |given_name, family_name| Self {
            given_name,
            family_name,
            lone_name: None,
        };
        match (named(&mapping.given_name), named(&mapping.family_name)) {
            (None, None) => whole.map(Self::split).unwrap_or_default(),
            (Some(given), None) => match whole.filter(|whole| *whole != given) {
                Some(whole) => both(Some(given.clone()), rest(whole, &given).and_then(part)),
                None => Self::alone(given),
            },
            (None, Some(family)) => {
                let given = whole.and_then(|whole| rest(whole, &family)).and_then(part);
                both(given, Some(family))
            }
            (given, family) => both(given, family),
        }
    }

    fn split(whole: &str) -> Self {
        let (given, family) = split_name(whole);
        Self {
            given_name: part(given),
            family_name: part(family),
            lone_name: None,
        }
    }

    fn alone(given: String) -> Self {
        let names = Self::split(&given);
        Self {
            lone_name: names.family_name.is_some().then_some(given),
            ..names
        }
    }
}

/// One of the names, if a form would take it.
fn part(text: &str) -> Option<String> {
    name(text, WHOLE_NAME).ok().flatten()
}

/// What a whole name says beside one of its parts, which stands at its beginning or its end.
pub fn rest<'a>(whole: &'a str, part: &str) -> Option<&'a str> {
    let is_apart = |c: char| c.is_whitespace() || c == ',';
    let behind = whole.strip_prefix(part).filter(|rest| rest.starts_with(is_apart));
    let before = || whole.strip_suffix(part).filter(|rest| rest.ends_with(is_apart));
    behind.or_else(before).map(|rest| rest.trim_matches(is_apart))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Names;
    use crate::sso::tokens::claims::Mapping;

    fn profile(value: Value) -> Names {
        let mapping = Mapping {
            email: "email".into(),
            given_name: "given_name".into(),
            family_name: "family_name".into(),
            verifies_as_text: false,
        };
        Names::read(&serde_json::from_value(value).unwrap(), &mapping)
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
    fn a_missing_name_is_found_in_the_whole_one() {
        for (sent, given, family) in [
            (json!({"name": "Ada Lovelace"}), Some("Ada"), Some("Lovelace")),
            (json!({"name": "Lovelace, Ada"}), Some("Ada"), Some("Lovelace")),
            (
                json!({"name": "Ludwig van Beethoven"}),
                Some("Ludwig"),
                Some("van Beethoven"),
            ),
            (json!({"name": "Ada"}), Some("Ada"), None),
            (json!({"name": "山田 太郎"}), Some("山田"), Some("太郎")),
            (
                json!({"given_name": "Ada Lovelace"}),
                Some("Ada"),
                Some("Lovelace"),
            ),
            (json!({"given_name": "Ada"}), Some("Ada"), None),
            (
                json!({"given_name": "Ada", "name": "Ada King Lovelace"}),
                Some("Ada"),
                Some("King Lovelace"),
            ),
            (
                json!({"given_name": "Ada", "name": "Lovelace, Ada"}),
                Some("Ada"),
                Some("Lovelace"),
            ),
            (
                json!({"given_name": "Ada", "name": "Adam Smith"}),
                Some("Ada"),
                None,
            ),
            (
                json!({"family_name": "Lovelace", "name": "Ada Lovelace"}),
                Some("Ada"),
                Some("Lovelace"),
            ),
            (json!({"family_name": "Lovelace"}), None, Some("Lovelace")),
            (
                json!({"given_name": "A", "family_name": "L", "name": "Ada Lovelace"}),
                Some("A"),
                Some("L"),
            ),
            (json!({"name": "ada@acme.example"}), None, None),
            (json!({"name": 5}), None, None),
            (json!({"name": ["Ada", "Lovelace"], "given_name": {}}), None, None),
            (json!({"name": "Ada Love\nlace"}), Some("Ada"), None),
            (json!({"name": " "}), None, None),
        ] {
            let read = profile(sent.clone());
            let names = (read.given_name.as_deref(), read.family_name.as_deref());
            assert_eq!(names, (given, family), "{sent}");
        }
    }
}
