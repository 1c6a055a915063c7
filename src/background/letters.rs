//! What a letter says: its texts and links, made when it is sent.

use std::collections::HashMap;

use entity::mail;
use url::Url;

use super::outbox::{DigestItem, Letter, SeatEnds};
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::mail::templates::{
    self, AddressChanged, CreditsLow, Digest, EmailChange, EmailChangeAsked, EmailChanged, ImportFinished,
    Invitation, PasswordReset, PrimaryHandedOver, ProductConfirmation, ProviderLinked, Rendered, RoleChanged,
    SeatEnding, SeatsFull, SignInCode, SupportRequest, TermEnding, Welcome,
};
use crate::platform::mail::{Note, Plain, Words};
use crate::platform::secrets::{Claim, Purpose};

#[expect(clippy::too_many_lines, reason = "one arm a letter, read arm by arm")]
pub(super) fn render(app: &App, mail: &mail::Model) -> Result<Rendered> {
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
        Letter::CreditsLow {
            account_name,
            left,
            of,
            is_used_up,
        } => CreditsLow {
            account_name: Plain::new(&account_name),
            left,
            of,
            is_used_up,
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
        Letter::TermEnding {
            account_name,
            contract,
            product,
            day,
            left,
            renews,
            grace_days,
        } => TermEnding {
            account_name: Plain::new(&account_name),
            contract: Plain::new(&contract),
            product: product.map(|product| Plain::new(&product)),
            day,
            left,
            renews,
            grace_days,
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
            items: items.iter().map(told).collect(),
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

fn told(item: &DigestItem) -> templates::Told {
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
