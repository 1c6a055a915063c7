//! The stable reasons of refusals: one list, for clients, the schema and `docs/errors.md`.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[doc = $help:literal])+ $code:ident,)+) => {
        /// Stable reasons why something was refused; clients match on them, so the list only grows.
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[graphql(name = "UserErrorCode")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
    /// Somebody uses the seat: they have signed in or used the product since, or their invitation stands.
    SeatInUse,
    /// No seat is left; free one or add seats to the subscription.
    SeatsExhausted,
    /// The subscription is not in term.
    SubscriptionInactive,
    /// A component does not belong to the product.
    ComponentNotInProduct,
    /// A component cannot be switched off, because it is required or another that is on needs it.
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
    /// A row has more cells than the header.
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
    /// Only an import that has come to its end can be taken back.
    JobNotUndoable,
    /// It ended too long ago to be taken back.
    UndoExpired,
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
    /// A quotation mark stands where it makes no sense; put the whole cell in quotation marks and double those within.
    MalformedQuote,
    /// An earlier line of the file tells of the same person by another name, role or external id.
    ConflictingDuplicate,
    /// The account works with the other view of user management, which has its own way to do this.
    WrongUserManagementView,
    /// A contract would be without its manager; hand the contract over first.
    ContractManagerRequired,
    /// A group of the person gives this; remove them from the group, or take the subscription off it.
    HeldByGroup,
    /// There is no such group.
    GroupUnknown,
    /// The job could not be finished for a reason beside its people; what was done stays done.
    JobFailed,
    /// The export could not be finished, or whoever asked for it may not see it any more; there is no file.
    ExportFailed,
    /// The account has not so many cloud credits left, and may not overdraw; send it again when there are more.
    CreditsExhausted,
    /// More seats are held than there are to be; take some back first, or have the number hold from the next term on.
    SeatsHeld,
    /// Somebody decided about the request already; read it again.
    AlreadyDecided,
    /// The link was used, superseded by a newer one, or is too old; ask for another.
    LinkExpired,
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
    pub(super) const fn is_denial(self) -> bool {
        matches!(
            self,
            Self::RoleNotAssignable
                | Self::PlanRequired
                | Self::PrimaryAdminRequired
                | Self::ContractManagerRequired
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
