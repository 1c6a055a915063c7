//! Outgoing mail: what a mail is, and the two ways it leaves.
//!
//! Mails are written as rows in the transaction of what they tell, and sent afterwards by a worker that may crash and try again. So a
//! mail has an id that never changes, from which its `Message-ID` and (in the folder) its file name are made: sent twice, it
//! is still one mail. Texts come from [`templates`]; whatever people typed is [plain](Plain) before it gets there.

mod address;
mod folder;
mod message;
mod plain;
mod relay;
mod smtp;
pub mod templates;

use std::path::Path;

use chrono::{DateTime, Utc};
use lettre::message::Mailbox;
use secrecy::SecretString;
use uuid::Uuid;

use crate::error::{Error, Result};

pub use self::folder::Folder;
pub use self::plain::{Note, Plain, Words};
pub use self::smtp::{CONNECTIONS, Smtp};

/// A mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Stays the same however often sending is tried.
    pub id: Uuid,
    /// When it was written, which may be long before it could be sent.
    pub date: DateTime<Utc>,
    /// One address, nothing around it.
    pub to: String,
    pub to_name: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why a mail did not leave. The text is for the operator's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// Nobody looked at the mail: network, a relay that is away or does not know us.
    Away(String),
    /// The relay looked at it and did not take it now: a full mailbox, greylisting. The same mail may go through later.
    Temporary(String),
    /// This mail will never go through: no such mailbox, not an address.
    Permanent(String),
}

/// The way mails leave.
#[derive(Clone, Debug)]
pub enum Mailer {
    Smtp(Box<Smtp>),
    Folder(Folder),
}

impl Mailer {
    /// Through a relay: `smtps://user:password@host`, `smtp+starttls://…`, or `smtp://…` without TLS, for a relay on this machine.
    pub fn smtp(url: &SecretString, from: &str) -> Result<Self> {
        Ok(Self::Smtp(Box::new(Smtp::connect(url, sender(from)?)?)))
    }

    /// Into a folder, one `.eml` file a mail: for trying things out.
    pub fn folder(path: &Path, from: &str) -> Result<Self> {
        Ok(Self::Folder(Folder::open(path, sender(from)?)?))
    }

    /// Asks the relay, unless it was asked lately, whether it takes addresses with letters beyond ASCII before the @ (SMTPUTF8, RFC 6531).
    pub async fn learn(&self) {
        if let Self::Smtp(smtp) = self {
            smtp.learn().await;
        }
    }

    /// Whether the relay is known to take no such addresses. One that could not be asked is trusted: what it refuses later is seen then.
    pub fn lacks_utf8(&self) -> bool {
        match self {
            Self::Smtp(smtp) => smtp.lacks_utf8(),
            Self::Folder(_) => false,
        }
    }

    pub async fn send(&self, mail: &OutgoingMail) -> Result<(), SendError> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Folder(folder) => folder.send(mail).await,
        }
    }
}

/// The address of a mailbox as it is configured, such as `Support <support@example.com>`, without what stands around it.
pub fn bare_address(mailbox: &str) -> Result<String> {
    Ok(sender(mailbox)?.email.to_string())
}

/// The configured sender, such as `Muster <muster@example.com>`.
fn sender(from: &str) -> Result<Mailbox> {
    let none = |error: &dyn std::fmt::Display| {
        Error::internal(format!("the sender of mails is no address ({error}): {from:?}"))
    };
    let mailbox: Mailbox = from.parse().map_err(|error| none(&error))?;
    let email = address::travelling(mailbox.email.as_ref()).map_err(|error| none(&error))?;
    Ok(Mailbox { email, ..mailbox })
}
