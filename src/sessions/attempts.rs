//! What attempts to sign in, and what anybody may have us write beside them, count against.

use std::net::IpAddr;

use uuid::Uuid;

use super::device::Device;
use crate::access::Origin;
use crate::command::Work;
use crate::error::Result;
use crate::person::EmailAddress;
use crate::rate_limit::rates::{
    GUESSED_BY_A_NETWORK, GUESSES, GUESSES_OF_A_BEARER, LOGOUT_TOKENS, RENEWALS, RESETS_ASKED_BY_A_NETWORK,
    RESETS_ASKED_FOR, SSO_STARTED,
};
use crate::rate_limit::{self, Counters};

/// A guess at somebody's password by a stranger: counted for the e-mail, and once for each e-mail for the network. So nobody locks out an office by what
/// they do to one address.
pub fn guess(email_key: &str, origin: &Origin) -> Counters {
    let of_network = |network: String| Counters::distinct(GUESSED_BY_A_NETWORK, &network, email_key);
    Counters::each(GUESSES, email_key).and(network_of(origin).map(of_network).unwrap_or_default())
}

/// A guess from a browser that is known to be the person's own. Strangers' guesses leave it alone, and it leaves theirs alone.
pub fn guess_from(device: Device) -> Counters {
    let Device {
        identity_id,
        known_since,
    } = device;
    Counters::each(
        GUESSES_OF_A_BEARER,
        &format!("device {identity_id} {known_since}"),
    )
}

/// A guess of whoever is signed in as this identity.
pub fn guess_signed_in(identity_id: Uuid) -> Counters {
    Counters::each(GUESSES_OF_A_BEARER, &format!("session {identity_id}"))
}

/// A guess of whoever holds the link of an invitation, which is sent to the person's mailbox.
pub fn guess_invited(invitation_id: Uuid) -> Counters {
    Counters::each(GUESSES_OF_A_BEARER, &format!("invitation {invitation_id}"))
}

/// Asking for a link by mail: counted for the address, which need not be anybody's, and once for each address for the network.
pub fn asking(email_key: &str, origin: &Origin) -> Counters {
    let of_network = |network: String| {
        Counters::each(RESETS_ASKED_FOR, &format!("{network} {email_key}")).and(Counters::distinct(
            RESETS_ASKED_BY_A_NETWORK,
            &network,
            email_key,
        ))
    };
    network_of(origin).map(of_network).unwrap_or_default()
}

/// What nobody has to be known for: setting out to an identity provider, and coming back with what is no answer of its.
pub fn starting_sso(origin: &Origin) -> Counters {
    let network = network_of(origin).map(|network| Counters::each(SSO_STARTED, &network));
    network.unwrap_or_default()
}

/// A logout token that is not to be believed. A provider speaks for all its customers from a few addresses: what is sent in the name of one is not
/// held against another.
pub fn telling(provider_id: Uuid, origin: &Origin) -> Counters {
    let network =
        network_of(origin).map(|network| Counters::each(LOGOUT_TOKENS, &format!("{provider_id} {network}")));
    network.unwrap_or_default()
}

/// Renewing a session.
pub fn renewing(session_id: Uuid) -> Counters {
    Counters::each(RENEWALS, &session_id.to_string())
}

/// What an e-mail address as somebody gave it is counted under. What is no address is nobody's; it is counted and answered like any unknown one.
pub fn email_key(given: &str) -> String {
    match EmailAddress::parse(given) {
        Ok(email) => email.key().to_owned(),
        Err(_) => given.to_lowercase(),
    }
}

/// Forgets the failures for an e-mail, when the person has proven otherwise who they are.
pub async fn forgive(work: &Work, email_key: &str) -> Result<()> {
    rate_limit::forget(work, &Counters::each(GUESSES, email_key)).await
}

fn network_of(origin: &Origin) -> Option<String> {
    let address = origin.ip_address.as_deref()?.parse().ok()?;
    Some(network(address))
}

/// An IPv6 subscriber has a /64 of addresses to guess from; they count as one.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn addresses_of_one_subscriber_count_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
