//! Sending what stands in the outbox: letters become texts and links here, at the last moment.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use entity::mail::{self, Status};
use url::Url;
use uuid::Uuid;

use super::hand_over::HandOver;
use super::lease::due_accounts;
use super::outbox::{DigestItem, Letter, SeatEnds};
use super::queue::Queue;
use super::sending::{Ending, GiveBack, MOST_ATTEMPTS, Settle, Take};
use crate::access::Actor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::events::Wake;
use crate::platform::mail::templates::{
    self, AddressChanged, Digest, EmailChange, EmailChangeAsked, EmailChanged, ImportFinished, Invitation,
    PasswordReset, PrimaryHandedOver, ProductConfirmation, ProviderLinked, Rendered, RoleChanged, SeatEnding,
    SeatsFull, SignInCode, SupportRequest, Welcome,
};
use crate::platform::mail::{CONNECTIONS, Note, OutgoingMail, Plain, SendError, Words};
use crate::platform::panics::caught;
use crate::platform::secrets::{Claim, Purpose};

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

#[expect(clippy::too_many_lines, reason = "one arm a letter, read arm by arm")]
fn render(app: &App, mail: &mail::Model) -> Result<Rendered> {
    let letter: Letter = serde_json::from_value(mail.payload.clone()).map_err(Error::internal)?;
    let home = &app.settings().public_url;
    let claim = |id, generation| Claim {
        account_id: mail.account_id,
        id,
        generation,
    };
    let rendered = match letter {
        Letter::Invitation {
            account_name,
            inviter_name,
            invitation_id,
            generation,
            expires_at,
            products,
            message,
        } => Invitation {
            account_name: Plain::new(&account_name),
            inviter_name: inviter_name.map(|name| Plain::new(&name)),
            link: link(
                app,
                "invitation",
                Purpose::Invitation,
                claim(invitation_id, generation),
            )?,
            expires_on: expires_at.date_naive(),
            products: plain(&products),
            message: message.and_then(|message| Note::new(&message)),
        }
        .render(),
        Letter::ProductConfirmation {
            account_name,
            products,
        } => ProductConfirmation {
            account_name: Plain::new(&account_name),
            products: plain(&products),
            link: home.clone(),
        }
        .render(),
        Letter::Welcome {
            account_name,
            provider_name,
            products,
        } => Welcome {
            account_name: Plain::new(&account_name),
            provider_name: Plain::new(&provider_name),
            products: plain(&products),
            link: home.clone(),
        }
        .render(),
        Letter::ImportFinished {
            account_name,
            filename,
            status,
            total,
            outcomes,
            ..
        } => ImportFinished {
            ending: ending(&status),
            account_name: Plain::new(&account_name),
            filename: Plain::new(&filename),
            counts: in_words(outcomes),
            total: total.into(),
            link: home.clone(),
        }
        .render(),
        Letter::PasswordReset {
            identity_id,
            generation,
        } => PasswordReset {
            link: link(
                app,
                "password",
                Purpose::PasswordReset,
                claim(identity_id, generation),
            )?,
        }
        .render(),
        Letter::SeatsFull {
            account_name,
            product,
            seats,
            left,
        } => SeatsFull {
            account_name: Plain::new(&account_name),
            product: Plain::new(&product),
            seats,
            left,
            link: home.clone(),
        }
        .render(),
        Letter::SeatEnding {
            account_name,
            products,
            why,
            day,
        } => SeatEnding {
            account_name: Plain::new(&account_name),
            products: products.iter().map(|product| Plain::new(product)).collect(),
            is_last_day: why == SeatEnds::LastDay,
            has_joined: why != SeatEnds::NotAccepted,
            day,
            link: home.clone(),
        }
        .render(),
        Letter::RoleChanged { account_name, role } => RoleChanged {
            account_name: Plain::new(&account_name),
            role,
            link: home.clone(),
        }
        .render(),
        Letter::ProviderLinked {
            account_name,
            provider_name,
        } => ProviderLinked {
            account_name: Plain::new(&account_name),
            provider_name: Plain::new(&provider_name),
            link: home.clone(),
        }
        .render(),
        Letter::AddressChanged {
            account_name,
            provider_name,
            former,
            present,
        } => AddressChanged {
            account_name: Plain::new(&account_name),
            provider_name: Plain::new(&provider_name),
            former: Plain::new(&former),
            present: Plain::new(&present),
            link: home.clone(),
        }
        .render(),
        Letter::SignInCode {
            account_name,
            session_id,
            generation,
        } => SignInCode {
            account_name: Plain::new(&account_name),
            code: app
                .secrets()
                .digits(Purpose::SignInCode, claim(session_id, generation))?,
        }
        .render(),
        Letter::EmailChange {
            account_name,
            user_id,
            generation,
        } => EmailChange {
            account_name: Plain::new(&account_name),
            link: link(app, "email", Purpose::EmailChange, claim(user_id, generation))?,
        }
        .render(),
        Letter::EmailChangeAsked {
            account_name,
            present,
        } => EmailChangeAsked {
            account_name: Plain::new(&account_name),
            present: Plain::new(&present),
            link: home.clone(),
        }
        .render(),
        Letter::EmailChanged {
            account_name,
            former,
            present,
        } => EmailChanged {
            account_name: Plain::new(&account_name),
            former: Plain::new(&former),
            present: Plain::new(&present),
            link: home.clone(),
        }
        .render(),
        Letter::SupportRequest {
            reference,
            account_name,
            account_id,
            is_premium,
            person,
            email,
            user_id,
            role,
            product,
            subject,
            body,
        } => SupportRequest {
            reference,
            account_name: Plain::new(&account_name),
            account_id,
            is_premium,
            person: Plain::new(&person),
            email: Plain::new(&email),
            user_id,
            role,
            product: product.map(|product| Plain::new(&product)),
            subject: Words::new(&subject),
            body: Words::new(&body),
        }
        .render(),
        Letter::Digest {
            account_name,
            items,
            more,
        } => Digest {
            account_name: Plain::new(&account_name),
            items: items.into_iter().map(told).collect(),
            more,
            link: home.clone(),
        }
        .render(),
        Letter::PrimaryHandedOver {
            account_name,
            other_name,
            is_primary,
            role,
        } => PrimaryHandedOver {
            account_name: Plain::new(&account_name),
            other_name: Plain::new(&other_name),
            is_primary,
            role,
            link: home.clone(),
        }
        .render(),
    };
    Ok(rendered?)
}

/// The token stands behind the `#`: browsers send it to nobody, and it stays out of logs and referrers.
fn link(app: &App, page: &str, purpose: Purpose, claim: Claim) -> Result<Url> {
    let token = app.secrets().token(purpose, claim)?;
    let mut link = app.settings().public_url.join(page).map_err(Error::internal)?;
    link.set_fragment(Some(&format!("token={token}")));
    Ok(link)
}

fn told(item: DigestItem) -> templates::Told {
    templates::Told {
        title: Plain::new(&item.title),
        body: Note::new(&item.body),
        on: item.at.date_naive(),
    }
}

fn plain(texts: &[String]) -> Vec<Plain> {
    texts.iter().map(|text| Plain::new(text)).collect()
}

fn ending(status: &str) -> templates::Ending {
    match status {
        "CANCELLED" => templates::Ending::Cancelled,
        "FAILED" => templates::Ending::Failed,
        _ => templates::Ending::Completed,
    }
}

fn in_words(outcomes: Vec<(String, i32)>) -> Vec<(String, i64)> {
    let words = HashMap::from([
        ("INVITED", "invited"),
        ("ASSIGNED", "given products"),
        ("INVITED_AND_ASSIGNED", "invited and given products"),
        ("REINVITED", "invited again"),
        ("WAITLISTED", "waiting for a seat"),
        ("UNCHANGED", "there already"),
        ("DUPLICATE", "twice in the file"),
        ("FAILED", "failed"),
        ("NOT_PROCESSED", "not processed"),
    ]);
    let word = |name: &str| {
        words
            .get(name)
            .map_or_else(|| name.to_lowercase(), |word| (*word).to_owned())
    };
    outcomes
        .into_iter()
        .map(|(name, count)| (word(&name), i64::from(count)))
        .collect()
}
