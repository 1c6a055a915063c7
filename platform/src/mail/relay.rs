//! What a relay says of itself when it is greeted: whether it takes addresses with letters beyond ASCII before the @ (SMTPUTF8, RFC 6531).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::{Error as SmtpError, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};

/// Whoever invites somebody waits for it.
const WITHIN: Duration = Duration::from_secs(5);
/// A relay may be replaced by another, or mended.
const KNOWN_FOR: Duration = Duration::from_mins(10);

/// A relay that can be asked.
#[derive(Clone, Debug)]
pub(super) struct Relay {
    host: String,
    port: u16,
    tls: Tls,
    /// Whether it takes such addresses, and when it said so.
    known: Arc<Mutex<Option<(bool, Instant)>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tls {
    None,
    /// From the first byte.
    Wrapped,
    /// Once greeted, where it is offered or insisted on.
    Upgraded,
}

impl Relay {
    /// `url` is one that the transport took.
    pub fn of(url: &url::Url) -> Self {
        let is_upgraded = url
            .query_pairs()
            .any(|(name, value)| name == "tls" && value != "none");
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Wrapped, SUBMISSIONS_PORT),
            _ if is_upgraded => (Tls::Upgraded, SUBMISSION_PORT),
            _ => (Tls::None, SMTP_PORT),
        };
        Self {
            host: url
                .host_str()
                .unwrap_or_default()
                .trim_matches(['[', ']'])
                .to_owned(),
            port: url.port().unwrap_or(port),
            tls,
            known: Arc::default(),
        }
    }

    /// Whether it is known to take no such addresses.
    pub fn lacks_utf8(&self) -> bool {
        self.known().is_some_and(|takes| !takes)
    }

    /// Greets it, unless it was greeted lately. One that does not answer has said nothing.
    pub async fn learn(&self) {
        if self.known().is_some() {
            return;
        }
        match tokio::time::timeout(WITHIN, self.greet()).await {
            Ok(Ok(takes)) => self.note(takes),
            Ok(Err(error)) => tracing::debug!(%error, "the mail relay could not be asked what it takes"),
            Err(_) => tracing::debug!("the mail relay was silent when asked what it takes"),
        }
    }

    pub fn note(&self, takes_utf8: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((takes_utf8, Instant::now()));
    }

    fn known(&self) -> Option<bool> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .filter(|(_, since)| since.elapsed() < KNOWN_FOR)
            .map(|(takes, _)| takes)
    }

    async fn greet(&self) -> Result<bool, SmtpError> {
        let name = ClientId::default();
        let parameters = || TlsParameters::new(self.host.clone());
        let wrapped = match self.tls {
            Tls::Wrapped => Some(parameters()?),
            Tls::None | Tls::Upgraded => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(WITHIN), &name, wrapped, None).await?;
        // What it offers to whoever is encrypted may be more.
        if self.tls == Tls::Upgraded && connection.can_starttls() {
            connection.starttls(parameters()?, &name).await?;
        }
        let takes = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        // It has answered; that it also says goodbye changes nothing.
        let _ = connection.quit().await;
        Ok(takes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Relay, Tls};

    #[tokio::test]
    async fn who_does_not_answer_has_said_nothing() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let relay = Relay::of(&format!("smtp://{closed}").parse().unwrap());
        relay.learn().await;
        assert_eq!((relay.known(), relay.lacks_utf8()), (None, false));
    }

    #[test]
    fn the_address_says_where_and_how_to_greet() {
        let relay = |url: &str| {
            let relay = Relay::of(&url.parse().unwrap());
            (relay.host, relay.port, relay.tls)
        };
        assert_eq!(
            relay("smtps://u:p@mail.example"),
            ("mail.example".into(), 465, Tls::Wrapped)
        );
        assert_eq!(
            relay("smtp://mail.example?tls=required"),
            ("mail.example".into(), 587, Tls::Upgraded)
        );
        assert_eq!(relay("smtp://[::1]:2525"), ("::1".into(), 2525, Tls::None));
    }
}
