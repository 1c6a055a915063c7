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

/// Whether a password may be chosen. Length is what counts; there are no rules on kinds of characters.
pub fn check_password(password: &str, email: &EmailAddress) -> Result<(), Refusal> {
    let password = normalised(password);
    let length = password.chars().count();
    if length < MIN_PASSWORD_CHARACTERS {
        return Err(too_weak("A password needs at least 12 characters."));
    }
    if length > MAX_PASSWORD_CHARACTERS {
        return Err(too_weak("A password may have at most 128 characters."));
    }
    let lower = password.to_lowercase();
    if lower == email.key() || lower == normalised(email.as_typed()).to_lowercase() {
        return Err(too_weak("The e-mail address cannot be the password."));
    }
    let first = lower.chars().next();
    if lower.chars().all(|character| Some(character) == first) {
        return Err(too_weak("One repeated character is not a password."));
    }
    Ok(())
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
        for password in ["twelve chars", "aaaaaaaaaaab", "пароль-пароль", &"ab".repeat(64)] {
            assert_eq!(check_password(password, &email), Ok(()), "{password}");
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
            "ada.lovelace@example.com",
            "ADA.LOVELACE@EXAMPLE.COM",
            // Twelve code points that a system composes to six characters.
            "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}a\u{301}",
            &"ab".repeat(65),
        ] {
            let refusal = check_password(password, &email).expect_err(password);
            assert_eq!(refusal.code, Code::PasswordTooWeak, "{password}");
        }
    }
}
