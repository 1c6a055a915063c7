//! Mails as rows: written in the transaction of what they tell, sent afterwards by a worker.
//!
//! A mail's key says what it tells, and a key is told once. The row never holds a token: links are made when the mail is sent (`secrets`). Between handing a
//! mail to the SMTP server and noting so, a crash can make us hand it over again; it then carries the same `Message-ID`, and an `.eml` folder keeps one file.

use chrono::{DateTime, NaiveDate, Utc};
use entity::mail::{self, Status};
use sea_orm::sea_query::{Condition, OnConflict};
use sea_orm::{ColumnTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::hand_over;
use crate::command::Work;
use crate::error::{Error, Result};
use crate::platform::events::Wake;

/// What there is to tell, with what its template needs beyond the rows it can look up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// The offer to join; the link is made of these when the mail is sent.
    Invitation {
        account_name: String,
        inviter_name: Option<String>,
        invitation_id: Uuid,
        generation: i32,
        expires_at: DateTime<Utc>,
        products: Vec<String>,
        message: Option<String>,
    },
    /// One mail for all newly assigned products.
    ProductConfirmation {
        account_name: String,
        products: Vec<String>,
    },
    /// Somebody was added because their identity provider brought them.
    Welcome {
        account_name: String,
        provider_name: String,
        products: Vec<String>,
    },
    /// An import came to its end.
    ImportFinished {
        account_name: String,
        filename: String,
        import_id: Uuid,
        status: String,
        total: i32,
        outcomes: Vec<(String, i32)>,
    },
    /// Somebody asked to set a new password; the link is made of these when the mail is sent.
    PasswordReset { identity_id: Uuid, generation: i32 },
    /// A subscription has no seat left, or few.
    SeatsFull {
        account_name: String,
        product: String,
        seats: i32,
        #[serde(default)]
        left: i32,
    },
    /// Few of an account's cloud credits are left, or none.
    CreditsLow {
        account_name: String,
        left: String,
        of: String,
        is_used_up: bool,
    },
    /// Somebody is about to lose seats.
    SeatEnding {
        account_name: String,
        products: Vec<String>,
        why: SeatEnds,
        day: NaiveDate,
    },
    /// A contract ends soon, or one subscription of it before the others, or it is renewed by itself.
    TermEnding {
        account_name: String,
        contract: String,
        product: Option<String>,
        day: NaiveDate,
        left: i32,
        renews: bool,
        grace_days: i32,
    },
    /// Somebody has another role.
    RoleChanged { account_name: String, role: String },
    /// A provider signs somebody in who was there already.
    ProviderLinked {
        account_name: String,
        provider_name: String,
    },
    /// Somebody's address follows the one their provider has; for either of the two.
    AddressChanged {
        account_name: String,
        provider_name: String,
        former: String,
        present: String,
    },
    /// Somebody proves once more who they are; the code is made of these when the mail is sent.
    SignInCode {
        account_name: String,
        session_id: Uuid,
        generation: i32,
    },
    /// Somebody wants this address to be theirs; the link is made of these when the mail is sent.
    EmailChange {
        account_name: String,
        user_id: Uuid,
        generation: i32,
    },
    /// The same for the address of before: somebody asked for it.
    EmailChangeAsked { account_name: String, present: String },
    /// Somebody changed their own address; for either of the two.
    EmailChanged {
        account_name: String,
        former: String,
        present: String,
    },
    /// Somebody needs help; for whoever gives it.
    SupportRequest {
        reference: String,
        account_name: String,
        account_id: String,
        is_premium: bool,
        person: String,
        email: String,
        user_id: String,
        role: String,
        product: Option<String>,
        subject: String,
        body: String,
    },
    /// What somebody wants to hear of once a day and has not read: the last ones, and how many more there are.
    Digest {
        account_name: String,
        items: Vec<DigestItem>,
        more: i32,
    },
    /// The primary role changed hands; for each of the two.
    PrimaryHandedOver {
        account_name: String,
        other_name: String,
        is_primary: bool,
        role: String,
    },
}

/// One of the things a mail of the day tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DigestItem {
    pub title: String,
    pub body: String,
    pub at: DateTime<Utc>,
}

/// Why somebody loses a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatEnds {
    /// The day is the last on which it is held.
    LastDay,
    /// They did not come for a while; on the day it is taken back.
    Idle,
    /// They did not accept their invitation in time; on the day it is taken back.
    NotAccepted,
}

impl Letter {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::ProductConfirmation { .. } => "product_confirmation",
            Self::Welcome { .. } => "welcome",
            Self::ImportFinished { .. } => "import_finished",
            Self::PasswordReset { .. } => "password_reset",
            Self::SeatsFull { .. } => "seats_full",
            Self::CreditsLow { .. } => "credits_low",
            Self::SeatEnding { .. } => "seat_ending",
            Self::TermEnding { .. } => "term_ending",
            Self::RoleChanged { .. } => "role_changed",
            Self::ProviderLinked { .. } => "provider_linked",
            Self::AddressChanged { .. } => "address_changed",
            Self::SignInCode { .. } => "sign_in_code",
            Self::EmailChange { .. } => "email_change",
            Self::EmailChangeAsked { .. } => "email_change_asked",
            Self::EmailChanged { .. } => "email_changed",
            Self::SupportRequest { .. } => "support_request",
            Self::Digest { .. } => "digest",
            Self::PrimaryHandedOver { .. } => "primary_handed_over",
        }
    }
}

/// A mail to be written.
#[derive(Clone, Debug)]
pub struct Mail {
    /// What it tells, unique within the account: `invitation:<id>:<generation>`.
    pub key: String,
    pub to_address: String,
    pub to_name: Option<String>,
    pub letter: Letter,
}

/// Mails whose key is this and a further part behind a colon: a range, which the index of keys serves whatever is bound.
pub fn told_of(key: &str) -> Condition {
    Condition::all()
        .add(mail::Column::Key.gte(format!("{key}:")))
        // The character behind the colon.
        .add(mail::Column::Key.lt(format!("{key};")))
}

/// Puts mails into the transaction. What was told already under the same key is not told again.
pub async fn write(work: &mut Work, account_id: Uuid, mails: Vec<Mail>) -> Result<()> {
    let now = work.now();
    write_for(work, account_id, mails, now).await
}

/// The same for mails that are not to be sent before a time.
pub async fn write_for(
    work: &mut Work,
    account_id: Uuid,
    mails: Vec<Mail>,
    not_before: DateTime<Utc>,
) -> Result<()> {
    if mails.is_empty() {
        return Ok(());
    }
    work.wrote_mails(mails.len());
    let hand_over = hand_over::of(work.app());
    let is_due = not_before <= work.now();
    let lease = hand_over.lease(work, mails.len()).filter(|_| is_due);
    let mut rows = Vec::with_capacity(mails.len());
    for mail in mails {
        rows.push(mail::Model {
            account_id,
            id: work.new_id(),
            key: mail.key,
            kind: mail.letter.kind().to_owned(),
            to_address: mail.to_address,
            to_name: mail.to_name,
            payload: serde_json::to_value(&mail.letter).map_err(Error::internal)?,
            status: Status::Ready,
            run_at: not_before,
            attempts: i32::from(lease.is_some()),
            lease_token: lease.map(|lease| lease.token),
            lease_until: lease.map(|lease| lease.until),
            last_error: None,
            created_at: work.now(),
            sent_at: None,
        });
    }
    let conflict = OnConflict::columns([mail::Column::AccountId, mail::Column::Key])
        .do_nothing()
        .to_owned();
    let written = rows.iter().cloned().map(IntoActiveModel::into_active_model);
    work.insert_noted(written.collect(), conflict).await?;
    match lease {
        Some(_) => work.when_durable(move |written| hand_over.offer(rows, written)),
        None => work.wake(Wake::Mails),
    }
    Ok(())
}
