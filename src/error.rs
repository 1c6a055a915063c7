//! What can go wrong, in one place.
//!
//! Two kinds of trouble reach a client. A [`Refusal`] is something a person can mend (a typo, a full subscription): it carries
//! a stable [`Code`] and travels in a payload's `userErrors`. Everything else is an [`Error`] that ends the operation with
//! one of the [top-level codes](Error::code). `Error` does not implement `Display`, on purpose: whatever can be displayed ends up in
//! somebody's browser sooner or later, and an internal error's text must never get there.

use async_graphql::Enum;

macro_rules! codes {
    ($($(#[doc = $help:literal])+ $code:ident,)+) => {
        /// Stable reasons why something was refused; clients match on them, so the list only grows.
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[graphql(name = "UserErrorCode")]
        pub enum Code {
            $($(#[doc = $help])+ $code,)+
        }

        impl Code {
            /// What it means and what to do, for the schema and `docs/errors.md`.
            pub const fn help(self) -> &'static str {
                match self {
                    $(Self::$code => concat!($($help),+).trim_ascii(),)+
                }
            }
        }
    };
}

codes! {
    /// A value is not of the form it must have.
    Invalid,
    /// A value is missing.
    Required,
    /// A value is longer than allowed.
    TooLong,
    /// A name contains a full-width digit (U+FF10 to U+FF19); type it as a plain digit or leave it out.
    NameDoubleByteDigit,
    /// A name contains a character that has no place in one line of text.
    NameInvalidCharacter,
    /// More than one call may name; split the list or import a CSV file.
    TooManyItems,
    /// The same thing stands earlier in the list or file.
    DuplicateInput,
    /// There is no such object, or it is not yours to see.
    NotFound,
    /// It is there already.
    AlreadyExists,
    /// The seat is free already.
    NotAssigned,
    /// No seat is left; free one or add seats to the subscription.
    SeatsExhausted,
    /// The subscription is not in term.
    SubscriptionInactive,
    /// A component does not belong to the product.
    ComponentNotInProduct,
    /// A component cannot be switched off.
    ComponentRequired,
    /// Everything is switched off; take the seat away instead.
    EmptyCustomisation,
    /// You cannot give this role, or not in this account.
    RoleNotAssignable,
    /// The user is disabled; enable the user first.
    UserDisabled,
    /// This is no e-mail address that mail could be sent to.
    EmailInvalid,
    /// The account invites addresses of other domains only.
    EmailDomainNotAllowed,
    /// The invitation's term is over; have it sent again.
    InvitationExpired,
    /// The invitation was withdrawn.
    InvitationRevoked,
    /// The person has joined already.
    InvitationAlreadyAccepted,
    /// A newer invitation was sent; use the link in the latest mail.
    InvitationSuperseded,
    /// The invitation is for somebody else, or the password is not the one of this e-mail.
    InvitationEmailMismatch,
    /// The password is too short or too easy to guess.
    PasswordTooWeak,
    /// No file has arrived, or not all of it.
    UploadIncomplete,
    /// The file that arrived is not the one that was announced.
    UploadChecksumMismatch,
    /// The link expired before a file arrived.
    UploadExpired,
    /// The file is larger than 5 MiB.
    FileTooLarge,
    /// Only CSV files are taken.
    FileTypeNotAllowed,
    /// The file has no row.
    FileEmpty,
    /// The file is no CSV text, for example a spreadsheet's own format.
    FileNotCsv,
    /// Bytes are no text in the encoding; save the file as UTF-8 or name its encoding.
    InvalidEncoding,
    /// The file has more than 5,000 rows.
    TooManyRows,
    /// A column is missing.
    MissingColumn,
    /// Two columns mean the same.
    DuplicateColumn,
    /// A quoted cell is never closed.
    UnterminatedQuote,
    /// A row has more or fewer cells than the header.
    ColumnCount,
    /// There is no such role.
    RoleUnknown,
    /// There is no such product.
    ProductUnknown,
    /// Another user has this external id.
    ExternalIdTaken,
    /// It has come to its end already.
    JobNotCancellable,
    /// Only a finished dry run can be confirmed.
    JobNotAwaitingConfirmation,
    /// Somebody changed it meanwhile; read it again.
    StaleVersion,
    /// The key was used for another call.
    IdempotencyKeyReused,
    /// Too often; try again later.
    QuotaExceeded,
    /// Unlike this account's, the premium plan has this.
    PlanRequired,
    /// The account would be without its primary administrator; hand the role over first.
    PrimaryAdminRequired,
    /// Nobody does this to themselves; ask another administrator.
    CannotChangeSelf,
    /// The identity provider keeps this; change it there.
    UserManagedByIdp,
    /// Another user of the account has this address.
    EmailInUse,
    /// The account has not proven that the domain is its own.
    DomainNotVerified,
    /// Another account has proven that the domain is its own.
    DomainClaimedElsewhere,
    /// Nobody owns this domain alone: a public suffix, or a provider of mailboxes.
    DomainPublicSuffix,
    /// The configuration has not passed a test since its last change.
    SsoNotTested,
    /// The identity provider could not be reached, or describes itself in a way we cannot use.
    SsoDiscoveryFailed,
    /// The issuer is not an https address in the public internet.
    SsoIssuerNotAllowed,
    /// People sign in by it; switch it off first.
    SsoInUse,
    /// The account has people of this domain come by single sign-on; go there instead.
    SsoRequired,
    /// This needs a sign-in of the last ten minutes; sign in again.
    RecentAuthRequired,
    /// The import could not be finished for a reason beside the file; what was done is in its rows.
    ImportFailed,
}

impl Code {
    /// The name as clients see it, for example `SEATS_EXHAUSTED`.
    pub fn name(self) -> String {
        match async_graphql::resolver_utils::enum_value(self) {
            async_graphql::Value::Enum(name) => name.to_string(),
            other => other.to_string(),
        }
    }

    /// Whether it speaks of the caller's rights.
    const fn is_denial(self) -> bool {
        matches!(
            self,
            Self::RoleNotAssignable
                | Self::PlanRequired
                | Self::PrimaryAdminRequired
                | Self::CannotChangeSelf
                | Self::RecentAuthRequired
        )
    }

    /// All of them, in the order of the schema.
    pub fn all() -> Vec<Self> {
        <Self as async_graphql::resolver_utils::EnumType>::items()
            .iter()
            .map(|item| item.value)
            .collect()
    }

    /// A code that was stored by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        let items = <Self as async_graphql::resolver_utils::EnumType>::items();
        items.iter().find(|item| item.name == name).map(|item| item.value)
    }
}

/// What a client can do something with beside message and code.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Detail {
    #[default]
    None,
    /// Seats asked for and free, as read under the lock that refused them.
    Seats {
        subscription: uuid::Uuid,
        requested: i32,
        available: i32,
    },
    /// A limit and when to try again.
    Quota {
        limit: i32,
        retry_after_seconds: Option<i32>,
    },
    /// The plan that has it.
    Plan(entity::account::Plan),
}

/// Something refused that the caller can mend. Nothing was changed.
#[derive(Clone, Debug, PartialEq)]
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
