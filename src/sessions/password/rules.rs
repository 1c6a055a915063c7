//! What makes a password good enough. Pure: no clock, no database.

use unicode_normalization::UnicodeNormalization;

use crate::error::{Code, Refusal};
use crate::person::EmailAddress;

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// Longest password, in characters.
pub const MAX_PASSWORD_CHARACTERS: usize = crate::limits::PASSWORD;

/// The form in which passwords are measured and hashed: the same keys typed on another system must give the same password (NIST SP 800-63B-4 section 3.1.1.2).
pub fn normalised(password: &str) -> String {
    password.nfkc().collect()
}

/// What is left of a password without what others know of the person has at least so many letters and digits.
const LEAST_OWN: usize = 6;
/// A shorter word says nothing of anybody.
const SHORTEST_WORD: usize = 3;

/// Whether a password may be chosen by somebody who is known by these names: their own, their accounts'. Length is what counts; there are no rules on kinds of
/// characters. A piece that is repeated counts once, and what everybody knows of the person does not count (NIST SP 800-63B-4 section 3.1.1.2).
pub fn check_password<'a>(
    password: &str,
    email: &'a EmailAddress,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), Refusal> {
    let password = normalised(password);
    let characters: Vec<char> = password.to_lowercase().chars().collect();
    if password.chars().count() < MIN_PASSWORD_CHARACTERS {
        return Err(too_weak("A password needs at least 12 characters."));
    }
    if password.chars().count() > MAX_PASSWORD_CHARACTERS {
        return Err(too_weak("A password may have at most 128 characters."));
    }
    if is_repetition(&characters) {
        return Err(too_weak(
            "A short piece, however often it is repeated, is not a password.",
        ));
    }
    let known = [email.key(), email.as_typed()].into_iter().chain(names);
    if own(&characters, known) < LEAST_OWN {
        return Err(too_weak(
            "The e-mail address and the names of a person and their company are not a password.",
        ));
    }
    Ok(())
}

/// Whether it is a piece of less than the shortest password over and over; the last time, what stands between the pieces may be missing.
fn is_repetition(characters: &[char]) -> bool {
    let length = characters.len();
    let pieces = 1..MIN_PASSWORD_CHARACTERS;
    pieces.take_while(|piece| 2 * piece <= length + 1).any(|piece| {
        characters
            .iter()
            .zip(&characters[piece..])
            .all(|(one, next)| one == next)
    })
}

/// Letters and digits that are part of no word in what is known.
fn own<'a>(password: &[char], known: impl Iterator<Item = &'a str>) -> usize {
    let mut is_known = vec![false; password.len()];
    for text in known {
        let text = normalised(text).to_lowercase();
        for word in text.split(|character: char| !character.is_alphanumeric()) {
            let word: Vec<char> = word.chars().collect();
            if word.len() < SHORTEST_WORD {
                continue;
            }
            for (at, window) in password.windows(word.len()).enumerate() {
                if window == word {
                    is_known[at..at + word.len()].fill(true);
                }
            }
        }
    }
    let of_their_own = password.iter().zip(is_known);
    of_their_own
        .filter(|(character, is_known)| character.is_alphanumeric() && !is_known)
        .count()
}

fn too_weak(message: &str) -> Refusal {
    Refusal::new(Code::PasswordTooWeak, message)
}

#[cfg(test)]
mod tests {
    use super::check_password;
    use crate::error::Code;
    use crate::person::EmailAddress;

    #[test]
    fn long_passwords_of_any_kind_are_good() {
        let email = EmailAddress::parse("ada@example.com").unwrap();
        for password in [
            "twelve chars",
            "aaaaaaaaaaab",
            "abcdefghijka",
            "correct horse battery staple",
            "ada likes her garden",
            "a longer piece a longer piece",
            "Платон мне друг",
        ] {
            assert_eq!(
                check_password(password, &email, ["Ada", "Acme Works"]),
                Ok(()),
                "{password}"
            );
        }
    }

    #[test]
    fn short_endless_repeated_and_obvious_passwords_are_refused() {
        let email = EmailAddress::parse("Ada.Lovelace@Example.com").unwrap();
        for password in [
            "",
            "eleven char",
            "aaaaaaaaaaaaaaaa",
            "aAaAaAaAaAaAaAaA",
            "evil-evil-evil",
            "evil-evil-evil-",
            "пароль-пароль",
            "abcabcabcabcab",
            &"ab".repeat(64),
            "ada.lovelace@example.com",
            "ADA.LOVELACE@EXAMPLE.COM",
            "Lovelace-2026!!",
            "AdaLovelace123",
            "acme-works-2026",
            "Ada Augusta King",
            // Twelve code points that a system composes to six characters.
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}a\u{301}",
            &"ab".repeat(65),
        ] {
            let names = ["Ada Augusta", "King", "Acme Works"];
            let refusal = check_password(password, &email, names).expect_err(password);
            assert_eq!(refusal.code, Code::PasswordTooWeak, "{password}");
        }
    }

    #[test]
    fn names_with_no_word_in_them_take_nothing_away() {
        let email = EmailAddress::parse("a@b.example").unwrap();
        assert_eq!(
            check_password("twelve chars", &email, ["", "!!", "X Y", "tw"]),
            Ok(())
        );
    }
}
