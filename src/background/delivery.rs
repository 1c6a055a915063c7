//! Sending what stands in the outbox: letters become texts and links here, at the last moment.

use std::collections::HashMap;

use entity::mail;
use futures::StreamExt;
use url::Url;

use crate::access::Actor;
use crate::app::App;
use crate::background::outbox::{Failure, Letter, Settle, Take};
use crate::error::{Error, Result};
use crate::platform::mail::templates::{
    self, Ending, ImportFinished, Invitation, PasswordReset, PrimaryHandedOver, ProductConfirmation,
    ProviderLinked, Rendered, RoleChanged, SeatsFull, Welcome,
};
use crate::platform::mail::{Note, OutgoingMail, Plain, SendError};
use crate::platform::secrets::{Claim, Purpose};

/// Mails taken at once.
const AT_ONCE: u64 = 200;
/// Mails on their way at the same time.
const SIDE_BY_SIDE: usize = 8;
/// Long enough for a batch to leave through a slow relay.
const LEASE: chrono::Duration = chrono::Duration::minutes(5);

/// Sends what is due; answers how many mails that was.
pub async fn deliver(app: &App) -> Result<usize> {
    let taken = app
        .run(
            &Actor::Platform,
            Take {
                most: AT_ONCE,
                lease_for: LEASE,
            },
        )
        .await?;
    let count = taken.len();
    if count == 0 {
        return Ok(0);
    }
    let outcomes = futures::stream::iter(taken)
        .map(|mail| send(app, mail))
        .buffer_unordered(SIDE_BY_SIDE);
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    for (mail, outcome) in outcomes.collect::<Vec<_>>().await {
        match outcome {
            Ok(()) => sent.push(mail),
            Err((reason, is_permanent)) => failed.push(Failure {
                mail,
                reason,
                is_permanent,
            }),
        }
    }
    app.run(&Actor::Platform, Settle { sent, failed }).await?;
    Ok(count)
}

async fn send(app: &App, mail: mail::Model) -> (mail::Model, Result<(), (String, bool)>) {
    let rendered = match render(app, &mail) {
        Ok(rendered) => rendered,
        // A letter that cannot be written will not be writable tomorrow.
        Err(error) => {
            tracing::error!(?error, mail = %mail.id, "a mail could not be written");
            return (mail, Err(("the mail could not be written".to_owned(), true)));
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
    let outcome = app.mailer().send(&outgoing).await.map_err(|error| match error {
        SendError::Temporary(reason) => (reason, false),
        SendError::Permanent(reason) => (reason, true),
    });
    (mail, outcome)
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
        } => SeatsFull {
            account_name: Plain::new(&account_name),
            product: Plain::new(&product),
            seats,
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

fn plain(texts: &[String]) -> Vec<Plain> {
    texts.iter().map(|text| Plain::new(text)).collect()
}

fn ending(status: &str) -> templates::Ending {
    match status {
        "CANCELLED" => Ending::Cancelled,
        "FAILED" => Ending::Failed,
        _ => Ending::Completed,
    }
}

fn in_words(outcomes: Vec<(String, i32)>) -> Vec<(String, i64)> {
    let words = HashMap::from([
        ("INVITED", "invited"),
        ("ASSIGNED", "given products"),
        ("INVITED_AND_ASSIGNED", "invited and given products"),
        ("REINVITED", "invited again"),
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
