//! What state an invitation is in. Pure.

use chrono::{DateTime, Duration, Utc};
use entity::account;
use entity::invitation::{Model, Status};
use serde::{Deserialize, Serialize};

use crate::error::{Code, Refusal};

/// An invitation's state at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    Pending,
    Accepted,
    Expired,
    Revoked,
}

impl State {
    /// As clients know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
        }
    }
}

/// How long an account's invitations are good.
pub fn lifetime(account: &account::Model) -> Duration {
    Duration::days(i64::from(account.invitation_lifetime_days))
}

pub fn state(invitation: &Model, now: DateTime<Utc>) -> State {
    state_of(invitation.status, invitation.expires_at, now)
}

/// The state of an invitation with this status, that is good until then.
pub fn state_of(status: Status, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> State {
    match status {
        Status::Accepted => State::Accepted,
        Status::Revoked => State::Revoked,
        Status::Pending if expires_at <= now => State::Expired,
        Status::Pending => State::Pending,
    }
}

/// Why a genuine token of some generation opens nothing; `Ok` when it does.
pub fn check(invitation: &Model, generation: i32, now: DateTime<Utc>) -> Result<(), Refusal> {
    match state(invitation, now) {
        State::Accepted => Err(Refusal::new(
            Code::InvitationAlreadyAccepted,
            "This invitation was accepted already. Sign in instead.",
        )),
        State::Revoked => Err(Refusal::new(
            Code::InvitationRevoked,
            "This invitation was withdrawn. Ask your administrator for a new one.",
        )),
        _ if generation != invitation.generation => Err(Refusal::new(
            Code::InvitationSuperseded,
            "A newer invitation was sent. Use the link in the latest mail.",
        )),
        State::Expired => Err(Refusal::new(
            Code::InvitationExpired,
            "This invitation has expired. Ask your administrator to send it again.",
        )),
        State::Pending => Ok(()),
    }
}

/// For the landing page: enough to recognise one's own address, too little to learn another's.
pub fn masked(email: &str) -> String {
    match email.split_once('@') {
        Some((local, domain)) => {
            let mut characters = local.chars();
            let first = characters.next().map(String::from).unwrap_or_default();
            let last = characters.next_back().map(String::from).unwrap_or_default();
            format!("{first}***{last}@{domain}")
        }
        None => "***".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn an_address_is_masked_but_for_its_ends() {
        assert_eq!(masked("anne@acme.example"), "a***e@acme.example");
        assert_eq!(masked("a@acme.example"), "a***@acme.example");
    }
}
