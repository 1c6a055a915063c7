//! Mails as rows: written in the transaction of what they tell, sent afterwards by a worker.
//!
//! A mail's key says what it tells, and a key is told once. The row never holds a token: links are made when the mail is sent (`secrets`). Between handing a
//! mail to the SMTP server and noting so, a crash can make us hand it over again; it then carries the same `Message-ID`, and an `.eml` folder keeps one file.

use chrono::{DateTime, Duration, Utc};
use entity::mail::{self, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Action;
use crate::background::jobs::pause_before;
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};
use crate::platform::events::Wake;

const MOST_ATTEMPTS: i32 = 12;

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
    /// Somebody was added because his identity provider brought him.
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
    /// A subscription has no seat left.
    SeatsFull {
        account_name: String,
        product: String,
        seats: i32,
    },
    /// Somebody has another role.
    RoleChanged { account_name: String, role: String },
    /// A provider signs somebody in who was there already.
    ProviderLinked {
        account_name: String,
        provider_name: String,
    },
    /// The primary role changed hands; for each of the two.
    PrimaryHandedOver {
        account_name: String,
        other_name: String,
        is_primary: bool,
        role: String,
    },
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
            Self::RoleChanged { .. } => "role_changed",
            Self::ProviderLinked { .. } => "provider_linked",
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

/// Puts mails into the transaction. What was told already under the same key is not told again.
pub async fn write(work: &mut Work, account_id: Uuid, mails: Vec<Mail>) -> Result<()> {
    if mails.is_empty() {
        return Ok(());
    }
    work.wrote_mails(mails.len());
    let mut rows = Vec::with_capacity(mails.len());
    for mail in mails {
        rows.push(mail::ActiveModel {
            account_id: Set(account_id),
            id: Set(work.new_id()),
            key: Set(mail.key),
            kind: Set(mail.letter.kind().to_owned()),
            to_address: Set(mail.to_address),
            to_name: Set(mail.to_name),
            payload: Set(serde_json::to_value(&mail.letter).map_err(Error::internal)?),
            status: Set(Status::Ready),
            run_at: Set(work.now()),
            attempts: Set(0),
            lease_token: Set(None),
            lease_until: Set(None),
            last_error: Set(None),
            created_at: Set(work.now()),
            sent_at: Set(None),
        });
    }
    let conflict = OnConflict::columns([mail::Column::AccountId, mail::Column::Key])
        .do_nothing()
        .to_owned();
    work.insert_new(rows, conflict).await?;
    work.wake(Wake::Mails);
    Ok(())
}

/// Takes mails that are due, for one worker.
#[derive(Debug)]
pub struct Take {
    pub most: u64,
    pub lease_for: Duration,
}

impl Command for Take {
    type Output = Vec<mail::Model>;
    const NAME: &'static str = "mails.take";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<mail::Model>> {
        let now = work.now();
        let due = Query::select()
            .column(mail::Column::Id)
            .from(mail::Entity)
            .and_where(mail::Column::Status.eq(Status::Ready))
            .and_where(mail::Column::RunAt.lte(now))
            .and_where(
                mail::Column::LeaseUntil
                    .is_null()
                    .or(mail::Column::LeaseUntil.lt(now)),
            )
            .order_by(mail::Column::RunAt, sea_orm::Order::Asc)
            .limit(self.most)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .take();
        let taken = mail::Entity::update_many()
            .col_expr(mail::Column::LeaseToken, Expr::value(Uuid::new_v4()))
            .col_expr(mail::Column::LeaseUntil, Expr::value(now + self.lease_for))
            .col_expr(mail::Column::Attempts, Expr::col(mail::Column::Attempts).add(1))
            .filter(mail::Column::Id.in_subquery(due));
        work.update_returning(taken).await
    }
}

/// Why a mail did not go out.
#[derive(Clone, Debug)]
pub struct Failure {
    pub mail: mail::Model,
    pub reason: String,
    /// Refused for good: trying again would not help.
    pub is_permanent: bool,
}

/// Notes what became of the mails taken. Only their holder may: another's lease is passed over.
#[derive(Debug)]
pub struct Settle {
    pub sent: Vec<mail::Model>,
    pub failed: Vec<Failure>,
}

impl Command for Settle {
    type Output = ();
    const NAME: &'static str = "mails.settle";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        if let Some(token) = self.sent.first().and_then(|mail| mail.lease_token) {
            let sent = mail::Entity::update_many()
                .col_expr(mail::Column::Status, Expr::value(Status::Sent))
                .col_expr(mail::Column::SentAt, Expr::value(work.now()))
                .filter(mail::Column::LeaseToken.eq(token))
                .filter(mail::Column::Id.is_in(self.sent.iter().map(|mail| mail.id)));
            work.update(sent).await?;
        }
        for failure in self.failed {
            let dead = failure.is_permanent || failure.mail.attempts >= MOST_ATTEMPTS;
            let put_back = mail::Entity::update_many()
                .col_expr(
                    mail::Column::Status,
                    Expr::value(if dead { Status::Dead } else { Status::Ready }),
                )
                .col_expr(
                    mail::Column::RunAt,
                    Expr::value(work.now() + pause_before(failure.mail.attempts + 1)),
                )
                .col_expr(
                    mail::Column::LeaseUntil,
                    Expr::value(Option::<DateTime<Utc>>::None),
                )
                .col_expr(mail::Column::LastError, Expr::value(failure.reason))
                .filter(mail::Column::AccountId.eq(failure.mail.account_id))
                .filter(mail::Column::Id.eq(failure.mail.id))
                .filter(mail::Column::LeaseToken.eq(failure.mail.lease_token));
            work.update(put_back).await?;
        }
        Ok(())
    }
}
