//! What groups are called. Pure.

use crate::error::{Code, Refusal};
use crate::limits;
use crate::person::findable::folded;
use crate::person::{is_forbidden, trim};

/// A group's name: one line. Files name groups between bars.
pub fn name(given: &str) -> Result<String, Refusal> {
    let name = trim(given);
    let refuse = |code, text: String| Err(Refusal::new(code, text).at("input.name"));
    if name.is_empty() {
        return refuse(Code::Required, "A group has a name.".to_owned());
    }
    if name.chars().count() > limits::GROUP_NAME {
        return refuse(
            Code::TooLong,
            format!("A group's name has at most {} characters.", limits::GROUP_NAME),
        );
    }
    if name.chars().any(|c| is_forbidden(c) || c == '|') {
        return refuse(
            Code::NameInvalidCharacter,
            "The name contains a character that has no place in it: it is one line of text, without \"|\"."
                .to_owned(),
        );
    }
    match key(name).len() {
        0 => refuse(
            Code::Required,
            "The name has nothing that could be seen.".to_owned(),
        ),
        // Some signs are words when they are compared.
        LONGEST_KEY.. => refuse(
            Code::TooLong,
            "The name is too long when it is compared.".to_owned(),
        ),
        _ => Ok(name.to_owned()),
    }
}

/// Bytes of a name as it is compared; what an index of PostgreSQL holds.
const LONGEST_KEY: usize = 1_500;

/// Names that are the same but for case, width, accents and blanks are one.
pub fn key(name: &str) -> String {
    let folded = folded(name);
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a group is for; blank is nothing.
pub fn description(given: &str) -> Result<Option<String>, Refusal> {
    let text = trim(given);
    if text.chars().count() > limits::GROUP_DESCRIPTION {
        let text = format!(
            "A description has at most {} characters.",
            limits::GROUP_DESCRIPTION
        );
        return Err(Refusal::new(Code::TooLong, text).at("input.description"));
    }
    if text.chars().any(|c| c != '\n' && is_forbidden(c)) {
        let text = "The description contains a character that has no place in a text.";
        return Err(Refusal::new(Code::Invalid, text).at("input.description"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Another group of the account has the name.
pub fn name_taken() -> Refusal {
    let text = "Another group has this name; letter case and accents do not tell names apart.";
    Refusal::new(Code::AlreadyExists, text).at("input.name")
}

/// There is no such group.
pub fn missing() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such group.")
}

/// A group has as many members as it can have.
pub fn full() -> Refusal {
    let text = format!("A group has at most {} members.", limits::GROUP_MEMBERS);
    Refusal::new(Code::TooManyItems, text)
}

#[cfg(test)]
mod tests {
    use super::{description, key, name};
    use crate::error::Code;

    #[test]
    fn a_name_is_a_line_that_can_be_told_from_others_and_stands_between_bars() {
        assert_eq!(name("  Design\u{a0}Team ").unwrap(), "Design\u{a0}Team");
        let refused = |given: &str| name(given).unwrap_err().code;
        assert_eq!(refused(" \u{200b} "), Code::Required);
        assert_eq!(refused(&"x".repeat(101)), Code::TooLong);
        for wrong in ["a|b", "a\nb", "a\u{0}b", "a\u{202e}b"] {
            assert_eq!(refused(wrong), Code::NameInvalidCharacter, "{wrong:?}");
        }
        assert_eq!(key("DESIGN  téam"), key("design team"));
        assert_ne!(key("design team"), key("designteam"));
    }

    #[test]
    fn a_description_may_have_lines_and_no_signs_that_are_none() {
        assert_eq!(description(" a\nb ").unwrap().as_deref(), Some("a\nb"));
        assert_eq!(description(" ").unwrap(), None);
        assert_eq!(description(&"x".repeat(501)).unwrap_err().code, Code::TooLong);
        assert_eq!(description("a\u{0}").unwrap_err().code, Code::Invalid);
    }
}
