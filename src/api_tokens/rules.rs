//! What a token may be called, how long it may last, and what it may be for. Pure.

use chrono::{DateTime, Months, Utc};
use entity::user::Role;

use crate::access;
use crate::access::ApiTokenScope;
use crate::error::{Code, Refusal};

/// Characters of a name at the most.
const LONGEST_NAME: usize = crate::limits::API_TOKEN_NAME;
/// Months a token lasts at the most.
const LONGEST_TERM: Months = Months::new(12);

/// A name, without blanks around it.
pub fn name(given: &str) -> Result<String, Refusal> {
    let name = given.trim();
    let refusal = if name.is_empty() {
        Refusal::new(Code::Required, "Give the token a name.")
    } else if name.chars().count() > LONGEST_NAME {
        Refusal::new(Code::TooLong, "A token's name has at most 60 characters.")
    } else if name.chars().any(char::is_control) {
        Refusal::new(Code::Invalid, "A token's name is one line of text.")
    } else {
        return Ok(name.to_owned());
    };
    Err(refusal.at("input.name"))
}

pub fn check_expiry(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    let is_within = now
        .checked_add_months(LONGEST_TERM)
        .is_some_and(|latest| expires_at > now && expires_at <= latest);
    if is_within {
        return Ok(());
    }
    let message = "A token ends in the future, and within a year.";
    Err(Refusal::new(Code::Invalid, message).at("input.expiresAt"))
}

/// Nobody makes a token that may do what they may not.
pub fn check_scopes(scopes: &[ApiTokenScope], role: Role) -> Result<(), Refusal> {
    let refusal = if scopes.is_empty() {
        Refusal::new(Code::Required, "Say what the token is for.")
    } else if scopes.len() > crate::limits::API_TOKEN_SCOPES {
        Refusal::new(Code::TooManyItems, "There are not as many scopes.")
    } else if !scopes.iter().all(|scope| access::role_covers(role, *scope)) {
        Refusal::new(
            Code::RoleNotAssignable,
            "A token cannot be given more than you may do.",
        )
    } else {
        return Ok(());
    };
    Err(refusal.at("input.scopes"))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};
    use entity::user::Role;

    use super::{check_expiry, check_scopes, name};
    use crate::access::ApiTokenScope;
    use crate::error::Code;

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(name("  Nightly sync ").unwrap(), "Nightly sync");
        assert_eq!(name(" ").unwrap_err().code, Code::Required);
        assert_eq!(name(&"x".repeat(61)).unwrap_err().code, Code::TooLong);
        assert_eq!(name("a\nb").unwrap_err().code, Code::Invalid);
    }

    #[test]
    fn a_token_ends_within_a_year() {
        let now: DateTime<Utc> = "2027-03-01T12:00:00Z".parse().unwrap();
        let a_leap_year: DateTime<Utc> = "2028-03-01T12:00:00Z".parse().unwrap();
        assert!(check_expiry(now + Duration::seconds(1), now).is_ok());
        assert!(check_expiry(a_leap_year, now).is_ok());
        for wrong in [now, now - Duration::days(1), a_leap_year + Duration::seconds(1)] {
            assert_eq!(
                check_expiry(wrong, now).unwrap_err().code,
                Code::Invalid,
                "{wrong}"
            );
        }
    }

    #[test]
    fn scopes_are_those_of_the_creators_role() {
        use ApiTokenScope::{AssignmentsWrite, UsersWrite};
        assert!(check_scopes(&[UsersWrite, AssignmentsWrite], Role::SsoAdmin).is_ok());
        assert_eq!(
            check_scopes(&[], Role::PrimaryAdmin).unwrap_err().code,
            Code::Required
        );
        let above = check_scopes(&[UsersWrite], Role::User).unwrap_err();
        assert_eq!(above.code, Code::RoleNotAssignable);
    }
}
