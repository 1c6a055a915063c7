//! Sending what stands in the outbox: letters become texts and links ([`letters`](super::letters)) at the last moment.

use std::sync::Arc;
use std::time::Duration;

use entity::mail::{self, Status};
use uuid::Uuid;

use super::hand_over::HandOver;
use super::lease::due_accounts;
use super::letters::render;
use super::queue::Queue;
use super::sending::{Ending, GiveBack, MOST_ATTEMPTS, Settle, Take};
use crate::access::Actor;
use crate::app::App;
use crate::error::Result;
use crate::platform::events::Wake;
use crate::platform::mail::{CONNECTIONS, OutgoingMail, SendError};
use crate::platform::panics::caught;

/// A mail that is out must be noted, or it is sent again: this often is tried, a second apart.
const NOTE_ATTEMPTS: u32 = 90;
/// What a lease lasts beyond the time a mail may take: longer than noting how it ended is tried.
const LEASE_BEYOND: chrono::Duration = chrono::Duration::minutes(2);

/// Mails, each leased, sent and noted by itself.
pub struct Mails {
    pub handed: Arc<HandOver>,
}

impl Queue for Mails {
    type Item = mail::Model;
    const NAME: &'static str = "mails";
    const WAKE: Wake = Wake::Mails;
    const SIDE_BY_SIDE: usize = CONNECTIONS;

    async fn due_accounts(&self, app: &App) -> Result<Vec<Uuid>> {
        due_accounts::<mail::Entity>(app).await
    }

    async fn claim(&self, app: &App, account_id: Uuid, most: usize) -> Result<Vec<mail::Model>> {
        let take = Take {
            account_id,
            most: most as u64,
            lease_for: lease_for(app),
        };
        app.run(&Actor::Platform, take).await
    }

    async fn handed(&self, app: &App) -> mail::Model {
        self.handed.next(app).await
    }

    fn handed_now(&self, app: &App) -> Option<mail::Model> {
        self.handed.next_now(app)
    }

    async fn stop(&self, app: &App) {
        for mail in self.handed.close().await {
            if let Err(error) = app.run(&Actor::Platform, GiveBack { mail }).await {
                tracing::warn!(?error, "a mail is left to its lease");
            }
        }
    }

    async fn handle(self: Arc<Self>, app: App, mail: mail::Model) {
        let ending = if mail.attempts > MOST_ATTEMPTS {
            // Whoever had it in hand died each time.
            Ending::Refused("it was begun too often and never noted how it ended".to_owned())
        } else {
            caught(send(&app, &mail))
                .await
                .unwrap_or_else(|panicked| Ending::Away(panicked.to_string()))
        };
        if let Ending::Away(reason) | Ending::PutOff(reason) | Ending::Refused(reason) = &ending {
            tracing::warn!(mail = %mail.id, attempt = mail.attempts, reason, "a mail did not go out");
        }
        Box::pin(note(&app, mail, ending)).await;
    }
}

/// How long a mail is in the hands of whoever is about to send it.
pub fn lease_for(app: &App) -> chrono::Duration {
    app.settings().mail_within + LEASE_BEYOND
}

async fn send(app: &App, mail: &mail::Model) -> Ending {
    let rendered = match render(app, mail) {
        Ok(rendered) => rendered,
        // A letter that cannot be written will not be writable tomorrow.
        Err(error) => {
            tracing::error!(?error, mail = %mail.id, "a mail could not be written");
            return Ending::Refused("the mail could not be written".to_owned());
        }
    };
    let outgoing = OutgoingMail {
        id: mail.id,
        date: mail.created_at,
        to: mail.to_address.clone(),
        to_name: mail.to_name.clone(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
    };
    // The library of the relay limits connecting only.
    let within = app.settings().mail_within;
    match tokio::time::timeout(within.to_std().unwrap_or_default(), app.mailer().send(&outgoing)).await {
        Ok(Ok(())) => Ending::Sent,
        Ok(Err(SendError::Away(reason))) => Ending::Away(reason),
        Ok(Err(SendError::Temporary(reason))) => Ending::PutOff(reason),
        Ok(Err(SendError::Permanent(reason))) => Ending::Refused(reason),
        Err(_) => Ending::Away(format!("it took longer than {} s", within.num_seconds())),
    }
}

/// Notes how an attempt ended, however long the database is away: within the lease nobody else has the mail.
async fn note(app: &App, mail: mail::Model, ending: Ending) {
    let settle = Settle { mail, ending };
    for _ in 0..NOTE_ATTEMPTS {
        match app.unless_away(app.run(&Actor::Platform, settle.clone())).await {
            Ok(Some(Status::Dead)) => {
                tracing::error!(mail = %settle.mail.id, account = %settle.mail.account_id, "a mail was given up");
                return;
            }
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(?error, mail = %settle.mail.id, "how a mail ended could not be noted");
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
