//! Mail through a relay.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::message::Mailbox;
use lettre::transport::smtp::{self, AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};

use super::relay::Relay;
use super::{OutgoingMail, SendError, message};
use crate::error::{Error, Result};

/// For connecting. How long a mail may take altogether is its sender's business, who drops the attempt.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);
/// Mails on their way at the same time; no more connections are ever open.
pub const CONNECTIONS: usize = 8;
/// A connection that nobody used for so long is closed.
const KEEP_IDLE: Duration = Duration::from_secs(30);

/// A relay, with a few connections kept open between mails.
///
/// Each mail has a connection to itself. One whose mail was not sent, be it that the relay refused or that nobody waited for its answer any more, is not used
/// again: an answer that comes late would be taken for that to the next mail.
#[derive(Clone)]
pub struct Smtp {
    builder: AsyncSmtpTransportBuilder,
    relay: Relay,
    /// Connections that have just sent a mail, the last one on top.
    idle: Arc<Mutex<Vec<(Transport, Instant)>>>,
    from: Mailbox,
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

impl std::fmt::Debug for Smtp {
    /// Without the transport, which knows the password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Smtp")
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// Sends nothing yet. `smtp+starttls` insists on TLS: a relay that does not offer it gets no mail and no password.
    pub(super) fn connect(url: &SecretString, from: Mailbox) -> Result<Self> {
        let url = url.expose_secret();
        let address = match url.strip_prefix("smtp+starttls://") {
            Some(rest) if rest.contains('?') => format!("smtp://{rest}&tls=required"),
            Some(rest) => format!("smtp://{rest}?tls=required"),
            None => url.to_owned(),
        };
        // The URL holds the password, so the error must not hold the URL.
        let builder = Transport::from_url(&address)
            .map_err(|error| {
                Error::internal(format!("the address of the mail relay cannot be used: {error}"))
            })?
            .timeout(Some(CONNECT_WITHIN))
            .pool_config(PoolConfig::new().max_size(1).idle_timeout(KEEP_IDLE));
        // The transport has just taken it.
        let url = url::Url::parse(&address)
            .map_err(|_| Error::internal("the address of the mail relay is no URL"))?;
        Ok(Self {
            builder,
            relay: Relay::of(&url),
            idle: Arc::default(),
            from,
        })
    }

    pub(super) async fn send(&self, mail: &OutgoingMail) -> Result<(), SendError> {
        let message = message::compose(mail, &self.from)?;
        let needs_utf8 = message
            .envelope()
            .to()
            .iter()
            .any(|address| !AsRef::<str>::as_ref(address).is_ascii());
        let transport = self.transport();
        transport.send(message).await.map_err(|error| {
            // The library greets the relay and goes no further.
            if needs_utf8 && error.is_client() {
                self.relay.note(false);
                return SendError::Permanent(
                    "the mail relay takes no letters beyond ASCII before the @ (SMTPUTF8)".into(),
                );
            }
            sort(&error)
        })?;
        if needs_utf8 {
            self.relay.note(true);
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < CONNECTIONS {
            idle.push((transport, Instant::now()));
        }
        Ok(())
    }

    pub(super) async fn learn(&self) {
        self.relay.learn().await;
    }

    pub(super) fn lacks_utf8(&self) -> bool {
        self.relay.lacks_utf8()
    }

    /// One that has just sent a mail, or else a new one.
    fn transport(&self) -> Transport {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < KEEP_IDLE);
        let found = idle.pop();
        drop(idle);
        found.map_or_else(|| self.builder.clone().build(), |(transport, _)| transport)
    }
}

/// 5yz is final for this mail; 4yz and everything below SMTP is not. A relay that refuses *us* (authentication, TLS required) says nothing
/// about the mail: it waits until an operator has mended the configuration.
fn sort(error: &smtp::Error) -> SendError {
    let code = error.status().map(u16::from);
    let text = error.to_string();
    match code {
        Some(530 | 534 | 535 | 538) | None => SendError::Away(text),
        Some(500..) => SendError::Permanent(text),
        Some(_) => SendError::Temporary(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_another_kind_is_refused_without_telling_the_password() {
        for url in [
            "http://user:hunter2@relay",
            "relay:25",
            "smtp+starttls:/x",
            "smtp://user:hunter2@relay?tls=perhaps",
        ] {
            let url = SecretString::from(url.to_owned());
            let Err(error) = Smtp::connect(&url, "a@example.com".parse().unwrap()) else {
                panic!("taken")
            };
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_relay_that_is_away_is_a_temporary_trouble() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let url = SecretString::from(format!("smtp://{closed}"));
        let smtp = Smtp::connect(&url, "a@example.com".parse().unwrap()).unwrap();
        let mail = OutgoingMail {
            id: uuid::Uuid::nil(),
            date: chrono::DateTime::UNIX_EPOCH,
            to: "b@example.com".into(),
            to_name: None,
            subject: "Hello".into(),
            text: "Hello".into(),
            html: "Hello".into(),
        };
        assert!(matches!(smtp.send(&mail).await, Err(SendError::Away(_))));
    }
}
