//! What makes a password good enough and a refresh token good. Pure: no clock, no database.

use chrono::{DateTime, Duration, Utc};
use entity::session;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Code, Refusal};
use crate::person::EmailAddress;

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARACTERS: usize = 12;
/// Longest password, in characters.
pub const MAX_PASSWORD_CHARACTERS: usize = crate::limits::PASSWORD;
/// How long a session lasts, however busy it is.
pub const SESSION_LIFETIME: Duration = Duration::days(30);
/// Two tabs that wake up together both send the token they share; the slower one comes within this time.
pub const ROTATION_GRACE: Duration = Duration::seconds(10);

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

/// What a genuine refresh token of a session is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// The current one: it buys the next.
    Current,
    /// The one before, moments after it was spent: it buys what it bought already.
    JustSpent,
    /// Spent. Somebody holds a copy.
    Reused,
    /// The session has ended or run out, or never gave this token out.
    Nothing,
}

pub fn worth(session: &session::Model, generation: i32, now: DateTime<Utc>) -> Worth {
    let is_over = session.ended_at.is_some() || session.expires_at <= now;
    match session.generation.cmp(&generation) {
        _ if is_over => Worth::Nothing,
        // Only a database put back from a copy can be behind its own tokens.
        std::cmp::Ordering::Less => Worth::Nothing,
        std::cmp::Ordering::Equal => Worth::Current,
        std::cmp::Ordering::Greater => {
            let is_the_one_before = generation.checked_add(1) == Some(session.generation);
            if is_the_one_before && now - session.rotated_at <= ROTATION_GRACE {
                Worth::JustSpent
            } else {
                Worth::Reused
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};
    use entity::session::{AuthMethod, Model};
    use uuid::Uuid;

    use super::{Worth, check_password, worth};
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

    fn session(now: DateTime<Utc>) -> Model {
        Model {
            account_id: Uuid::from_u128(1),
            id: Uuid::from_u128(2),
            identity_id: Some(Uuid::from_u128(3)),
            identity_provider_id: None,
            provider_session: None,
            user_id: Uuid::from_u128(4),
            auth_method: AuthMethod::Password,
            generation: 5,
            rotated_at: now - Duration::seconds(10),
            authenticated_at: now,
            created_at: now,
            last_seen_at: now,
            expires_at: now + Duration::microseconds(1),
            ended_at: None,
            ip_address: None,
            user_agent: None,
        }
    }

    #[test]
    fn only_the_newest_token_and_briefly_the_one_before_are_worth_something() {
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        let session = session(now);
        let worths: Vec<Worth> = [3, 4, 5, 6].map(|token| worth(&session, token, now)).into();
        assert_eq!(
            worths,
            [Worth::Reused, Worth::JustSpent, Worth::Current, Worth::Nothing]
        );
        let long_rotated = Model {
            rotated_at: session.rotated_at - Duration::microseconds(1),
            ..session
        };
        assert_eq!(worth(&long_rotated, 4, now), Worth::Reused);
    }

    #[test]
    fn an_ended_or_expired_session_makes_every_token_worthless() {
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        let ended = Model {
            ended_at: Some(now),
            ..session(now)
        };
        let expired = Model {
            expires_at: now,
            ..session(now)
        };
        for token in [3, 4, 5, 6] {
            assert_eq!(worth(&ended, token, now), Worth::Nothing);
            assert_eq!(worth(&expired, token, now), Worth::Nothing);
        }
    }
}
