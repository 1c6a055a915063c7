//! How long a session lasts, and what makes a refresh token good. Pure: no clock, no database.

use chrono::{DateTime, Duration, Utc};
use entity::session;

/// How long a session lasts, however busy it is.
pub const SESSION_LIFETIME: Duration = Duration::days(30);
/// Two tabs that wake up together both send the token they share; the slower one comes within this time.
pub const ROTATION_GRACE: Duration = Duration::seconds(10);

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

    use super::{Worth, worth};

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
            sealed_id_token: None,
            code_generation: 0,
            code_sent_at: None,
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
