//! Language tags, as mails and pages are chosen by: `de`, `pt-BR`, `zh-Hant-TW`.

use super::trim;
use crate::error::{Code, Refusal};

/// Longest tag, in characters (RFC 5646, section 4.4.1).
const MAX_LOCALE_CHARACTERS: usize = crate::limits::LOCALE;

/// Reads a language tag that may be left out; blank means left out. `field` is the path of the input value.
pub fn locale(raw: &str, field: &str) -> Result<Option<String>, Refusal> {
    let text = trim(raw);
    if text.is_empty() {
        return Ok(None);
    }
    let is_part =
        |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    if text.len() > MAX_LOCALE_CHARACTERS || !text.split('-').all(is_part) {
        let message = "A language is written like de or pt-BR.";
        return Err(Refusal::new(Code::Invalid, message).at(field));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::locale;

    #[test]
    fn tags_are_read_and_anything_else_is_refused() {
        for tag in ["de", "pt-BR", "zh-Hant-TW", " en "] {
            assert_eq!(locale(tag, "input.locale"), Ok(Some(tag.trim().to_owned())));
        }
        assert_eq!(locale(" ", "input.locale"), Ok(None));
        for text in ["de_DE", "de-", "a language", "<b>", &"a-".repeat(30)] {
            assert!(locale(text, "input.locale").is_err(), "{text}");
        }
    }
}
