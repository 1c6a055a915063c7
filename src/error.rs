//! What can go wrong, in one place.
//!
//! Two kinds of trouble reach a client. A [`Refusal`] is something a person can mend (a typo, a full subscription): it carries
//! a stable [`Code`] and travels in a payload's `userErrors`. Everything else is an [`Error`] that ends the operation with
//! one of the [top-level codes](Error::code). `Error` does not implement `Display`, on purpose: whatever can be displayed ends up in
//! somebody's browser sooner or later, and an internal error's text must never get there.

mod code;

use serde::{Deserialize, Serialize};

pub use code::Code;

/// What a client can do something with beside message and code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Detail {
    #[default]
    None,
    /// Seats asked for and free, as read under the lock that refused them.
    Seats {
        subscription: uuid::Uuid,
        /// Name of what the subscription is for; one word wide, because refusals are handed about by value.
        product: std::sync::Arc<String>,
        requested: i32,
        available: i32,
    },
    /// Cloud credits asked for and there, in ten-thousandths, as read under the lock that refused them.
    Credits { requested: i64, available: i64 },
    /// Seats that there were to be, and those that are held, as read under the lock that refused them.
    Held {
        subscription: uuid::Uuid,
        requested: i32,
        held: i32,
    },
    /// A limit and when to try again.
    Quota {
        limit: i32,
        retry_after_seconds: Option<i32>,
    },
    /// The plan that has it.
    Plan(entity::account::Plan),
    /// The view of user management that has it.
    View(entity::account::View),
}

/// Something refused that the caller can mend. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    pub code: Code,
    /// For people: what is wrong and what to do. Never matched on, never internal text.
    pub message: String,
    /// Path of the offending input value, for example `["input", "emails", "3"]`.
    pub field: Option<Vec<String>>,
    pub detail: Detail,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            detail: Detail::None,
        }
    }

    /// Names the input value at fault; a dotted path such as `"input.emails.3"`.
    pub fn at(mut self, path: &str) -> Self {
        self.field = Some(path.split('.').map(str::to_owned).collect());
        self
    }

    pub fn with(mut self, detail: Detail) -> Self {
        self.detail = detail;
        self
    }
}

/// Why an operation ended without doing its work.
#[derive(Debug)]
pub enum Error {
    /// The caller can mend these; at least one.
    Refused(Vec<Refusal>),
    /// Nobody is signed in.
    Unauthenticated,
    /// The access token is not good any more; the session may be, and gives a new one.
    AccessTokenExpired,
    /// Somebody was, and must sign in again.
    SessionExpired,
    /// Signed in, but not allowed. Says nothing of whether the object exists.
    Forbidden,
    /// An argument no correct client would send (page size out of range, malformed id where one is required).
    BadInput(String),
    /// The cursor was made for another filter, order or account, or is damaged.
    InvalidCursor,
    /// Too much too fast.
    RateLimited { retry_after_seconds: u32 },
    /// Others change the same account, and waiting for them took too long; nothing was changed, and the same call may succeed in a moment.
    Busy,
    /// A part we stand on does not answer; the same call may succeed later.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    /// A defect of ours or of our surroundings; the text goes to the log and nowhere else.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether the database refused a row because another one has what may be there only once.
    pub fn is_taken(&self) -> bool {
        let Self::Internal(cause) = self else { return false };
        let refused = cause.downcast_ref().and_then(sea_orm::DbErr::sql_err);
        matches!(refused, Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
    }

    /// Whether it is the caller who may not, and not the thing that cannot be: what the audit log remembers of attempts.
    pub fn is_denial(&self) -> bool {
        match self {
            Self::Forbidden => true,
            Self::Refused(refusals) => refusals.iter().any(|refusal| refusal.code.is_denial()),
            _ => false,
        }
    }

    /// The `extensions.code` of a top-level error: a closed list.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::BadInput(_) => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::AccessTokenExpired => "ACCESS_TOKEN_EXPIRED",
            Self::SessionExpired => "SESSION_EXPIRED",
            Self::Forbidden => "FORBIDDEN",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::RateLimited { .. } => "RATE_LIMITED",
            Self::Busy => "BUSY",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL",
        }
    }

    /// What a client is told.
    pub fn public_message(&self) -> String {
        match self {
            Self::Refused(refusals) => refusals
                .iter()
                .map(|refusal| refusal.message.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            Self::Unauthenticated => "Sign in first.".into(),
            Self::AccessTokenExpired => "The access token is not good any more. Refresh it.".into(),
            Self::SessionExpired => "The session has ended. Sign in again.".into(),
            Self::Forbidden => "You may not do this.".into(),
            Self::BadInput(message) => message.clone(),
            Self::InvalidCursor => {
                "This cursor does not belong to this list. Start again from the first page.".into()
            }
            Self::RateLimited { retry_after_seconds } => {
                format!("Too many requests. Try again in {retry_after_seconds} s.")
            }
            Self::Busy => {
                "Too much is being changed in this account at once. This call changed nothing; try it again."
                    .into()
            }
            Self::Unavailable(_) => "Temporarily unavailable. Try again.".into(),
            Self::Internal(_) => "Internal error".into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

impl From<platform::Error> for Error {
    fn from(error: platform::Error) -> Self {
        match error {
            platform::Error::Busy(cause) => {
                tracing::info!(%cause, "waited too long for others");
                Self::Busy
            }
            platform::Error::Unavailable(cause) => Self::Unavailable(cause),
            platform::Error::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        platform::Error::from(error).into()
    }
}
