//! Given and family names: letters of every script, at most 60 characters, no full-width digits, nothing invisible.

use super::{is_forbidden, trim};
use crate::error::{Code, Refusal};

/// Longest given or family name, in characters (domain page, section 3).
pub const MAX_NAME_CHARACTERS: usize = crate::limits::PERSON_NAME;

/// Reads a name that may be left out; blank means left out. `field` is the path of the input value.
pub fn name(raw: &str, field: &str) -> Result<Option<String>, Refusal> {
    let text = trim(raw);
    if text.is_empty() {
        return Ok(None);
    }
    check(text).map_err(|refusal| refusal.at(field))?;
    Ok(Some(text.to_owned()))
}

/// Reads a name that must be there.
pub fn required_name(raw: &str, field: &str) -> Result<String, Refusal> {
    name(raw, field)?.ok_or_else(|| Refusal::new(Code::Required, "A name is required here.").at(field))
}

/// How a person is called in lists and mails: both names, the one there is, else the e-mail address.
pub fn display_name(given: Option<&str>, family: Option<&str>, email: &str) -> String {
    let names: Vec<&str> = [given, family]
        .into_iter()
        .flatten()
        .map(trim)
        .filter(|part| !part.is_empty())
        .collect();
    if names.is_empty() {
        email.to_owned()
    } else {
        names.join(" ")
    }
}

/// A name in one text as given and family name. `Last, First` has the family name first; otherwise it is the last word, or begins with the first one in small
/// letters that is not the first of all (`Ludwig van Beethoven`). One word is a given name.
pub fn split_name(whole: &str) -> (&str, &str) {
    if let Some((family, given)) = whole.split_once([',', '，', '、']) {
        return (trim(given), trim(family));
    }
    let whole = trim(whole);
    let begins = |(at, c): (usize, char)| matches!(c, ' ' | '\t' | '\u{a0}' | '\u{3000}').then_some(at);
    let gaps = || whole.char_indices().filter_map(begins);
    let is_small = |at: &usize| whole[*at..].trim_start().starts_with(char::is_lowercase);
    let is_capitalised = !whole.starts_with(char::is_lowercase);
    let particle = gaps().find(|at| is_capitalised && is_small(at));
    match particle.or_else(|| gaps().next_back()) {
        Some(at) => (trim(&whole[..at]), trim(&whole[at..])),
        None => (whole, ""),
    }
}

fn check(text: &str) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length > MAX_NAME_CHARACTERS {
        let message =
            format!("A name may have at most {MAX_NAME_CHARACTERS} characters; this one has {length}.");
        return Err(Refusal::new(Code::TooLong, message));
    }
    for (position, character) in (1..).zip(text.chars()) {
        if matches!(character, '\u{FF10}'..='\u{FF19}') {
            let message = format!(
                "\"{character}\" at position {position} is a full-width (double-byte) digit. Use ordinary digits 0-9."
            );
            return Err(Refusal::new(Code::NameDoubleByteDigit, message));
        }
        if is_forbidden(character) {
            // Named by number: printing the character would do to the message what it does to the name.
            let number = u32::from(character);
            let message =
                format!("The character U+{number:04X} at position {position} cannot be part of a name.");
            return Err(Refusal::new(Code::NameInvalidCharacter, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(raw: &str) -> Code {
        name(raw, "input.givenName").unwrap_err().code
    }

    #[test]
    fn letters_of_every_script_are_welcome() {
        for text in [
            "Zoë",
            "O’Brien-Smith",
            "山田",
            "Владимир",
            "محمد",
            "می‌خواهم",
            "श्री",
            "José 3rd",
            "Nguyễn",
        ] {
            assert_eq!(name(text, "f").unwrap().as_deref(), Some(text));
        }
    }

    #[test]
    fn blank_names_are_left_out_and_edges_are_trimmed() {
        assert_eq!(name(" \u{a0}\t\u{200b}", "f").unwrap(), None);
        assert_eq!(name("\u{a0} Ada \u{feff}", "f").unwrap().as_deref(), Some("Ada"));
        let refusal = required_name("\u{a0}", "input.familyName").unwrap_err();
        assert_eq!(refusal.code, Code::Required);
        assert_eq!(refusal.field, Some(vec!["input".into(), "familyName".into()]));
    }

    #[test]
    fn sixty_characters_pass_and_sixty_one_do_not() {
        assert!(name(&"山".repeat(60), "f").is_ok());
        assert_eq!(code(&"山".repeat(61)), Code::TooLong);
    }

    #[test]
    fn a_full_width_digit_is_refused_with_character_and_position() {
        let refusal = name("田中５", "f").unwrap_err();
        assert_eq!(refusal.code, Code::NameDoubleByteDigit);
        assert!(
            refusal.message.contains("\"５\" at position 3"),
            "{}",
            refusal.message
        );
        assert_eq!(code("０"), Code::NameDoubleByteDigit);
        assert_eq!(code("Ａ９"), Code::NameDoubleByteDigit);
        assert!(
            name("Ａ：", "f").is_ok(),
            "only digits are refused, not full-width letters"
        );
    }

    #[test]
    fn control_characters_and_direction_overrides_are_refused_with_position() {
        for bad in [
            "A\rB",
            "A\nB",
            "A\0B",
            "A\u{85}B",
            "A\u{2028}B",
            "A\u{2029}B",
            "A\u{202e}B",
            "A\u{2066}B",
            "A\u{fffd}B",
        ] {
            let refusal = name(bad, "f").unwrap_err();
            assert_eq!(refusal.code, Code::NameInvalidCharacter, "{bad:?}");
            assert!(refusal.message.contains("position 2"), "{}", refusal.message);
            assert!(
                !refusal.message.chars().any(is_forbidden),
                "{:?}",
                refusal.message
            );
        }
    }

    #[test]
    fn people_are_called_by_what_is_known_of_them() {
        assert_eq!(
            display_name(Some("Ada"), Some("Lovelace"), "a@b.c"),
            "Ada Lovelace"
        );
        assert_eq!(display_name(None, Some("Lovelace"), "a@b.c"), "Lovelace");
        assert_eq!(display_name(Some(" "), None, "a@b.c"), "a@b.c");
    }
}
