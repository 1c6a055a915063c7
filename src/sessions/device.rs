//! Browsers that are known to be a person's own, because a link from the person's mailbox was followed there.
//!
//! Whoever guesses at somebody's password uses up the guesses that count for the e-mail, and could keep its owner out for as long as they go on. So who
//! sets a password by a link is given a token to keep, and the browser that shows it has guesses of its own (the "device cookies" of OWASP's guide to
//! authentication). It opens nothing: the password is still asked for, and still limited.

use chrono::{DateTime, Duration, Utc};
use entity::identity;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::platform::secrets::{Claim, Purpose, Secrets};

/// How long a browser stays known.
pub const LIFETIME: Duration = Duration::days(30);

/// A browser in which a person's mailbox was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    pub identity_id: Uuid,
    /// Minutes since 1970.
    pub known_since: i32,
}

impl Device {
    /// One that is known from now on.
    pub fn known_at(identity_id: Uuid, now: DateTime<Utc>) -> Result<Self> {
        let known_since = i32::try_from(now.timestamp() / 60).map_err(Error::internal)?;
        Ok(Self {
            identity_id,
            known_since,
        })
    }

    /// What the browser keeps.
    pub fn token(self, secrets: &Secrets) -> Result<SecretString> {
        let claim = Claim {
            account_id: Uuid::nil(),
            id: self.identity_id,
            generation: self.known_since,
        };
        Ok(secrets.token(Purpose::Device, claim)?.into())
    }

    /// The browser that shows a token, if it is known for this identity. Another's token is worth nothing, nor is one that is too old.
    pub fn of(
        secrets: &Secrets,
        token: &SecretString,
        identity: &identity::Model,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let claim = secrets.open(Purpose::Device, token.expose_secret())?;
        let device = claim.map(|claim| Self {
            identity_id: claim.id,
            known_since: claim.generation,
        });
        let is_known = |device: &Self| {
            let age = now.timestamp() / 60 - i64::from(device.known_since);
            device.identity_id == identity.id && age < LIFETIME.num_minutes()
        };
        Ok(device.filter(is_known))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use entity::identity;
    use uuid::Uuid;

    use super::{Device, LIFETIME};
    use crate::platform::secrets::Secrets;

    fn identity(id: u128) -> identity::Model {
        identity::Model {
            id: Uuid::from_u128(id),
            email: "ada@example.com".into(),
            email_key: "ada@example.com".into(),
            password_hash: None,
            created_at: DateTime::UNIX_EPOCH,
            password_changed_at: None,
        }
    }

    #[test]
    fn a_token_is_good_for_its_person_and_for_thirty_days() {
        let (ours, theirs) = (Secrets::new([1; 32]), Secrets::new([2; 32]));
        let now = DateTime::UNIX_EPOCH + Duration::days(20_000);
        let device = Device::known_at(Uuid::from_u128(1), now).unwrap();
        let token = device.token(&ours).unwrap();
        let of = |secrets, id, at| Device::of(secrets, &token, &identity(id), at).unwrap();
        assert_eq!(of(&ours, 1, now), Some(device));
        assert_eq!(of(&ours, 1, now + LIFETIME - Duration::minutes(1)), Some(device));
        assert_eq!(of(&ours, 1, now + LIFETIME), None, "too old");
        assert_eq!(of(&ours, 2, now), None, "somebody else's");
        assert_eq!(of(&theirs, 1, now), None, "made by somebody else");
    }
}
