//! What can go wrong beneath, told apart as far as callers must.

use std::error::Error as StdError;

use sea_orm::{DbErr, RuntimeErr};

/// Trouble of a part we stand on.
///
/// Does not implement `Display`, on purpose: its text is the operator's, and whatever can be displayed reaches a client sooner or later.
#[derive(Debug)]
pub enum Error {
    /// Others hold what is needed for longer than we wait.
    Busy(Box<dyn StdError + Send + Sync>),
    /// A part does not answer; the same call may succeed later.
    Unavailable(Box<dyn StdError + Send + Sync>),
    /// A defect of ours or of our surroundings.
    Internal(Box<dyn StdError + Send + Sync>),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// What went wrong, for the operator.
    pub fn cause(&self) -> &(dyn StdError + Send + Sync) {
        match self {
            Self::Busy(cause) | Self::Unavailable(cause) | Self::Internal(cause) => cause.as_ref(),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let kind = match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Trouble::Away,
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                trouble(cause)
            }
            _ => Trouble::Defect,
        };
        kind.with(error)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        trouble(&error).with(error)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Busy,
    Away,
    Defect,
}

impl Trouble {
    fn with(self, error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        match self {
            Self::Busy => Error::Busy(error.into()),
            Self::Away => Error::Unavailable(error.into()),
            Self::Defect => Error::Internal(error.into()),
        }
    }
}

fn trouble(error: &sqlx::Error) -> Trouble {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Trouble::Away,
        sqlx::Error::Database(answer) => answer.code().map_or(Trouble::Defect, |code| of_code(&code)),
        _ => Trouble::Defect,
    }
}

/// By what the server itself said: SQLSTATE of PostgreSQL (its appendix A), result codes of SQLite.
fn of_code(code: &str) -> Trouble {
    match code {
        // lock_not_available; SQLITE_BUSY with its extended codes, SQLITE_LOCKED
        "55P03" | "5" | "261" | "517" | "773" | "6" | "262" => Trouble::Busy,
        // Of PostgreSQL: query_canceled (a time limit); the server shuts down, crashed or starts; it ended an idle transaction or session; a standby that does
        // not take writes, as after a failover. Of SQLite: SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN.
        "57014" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" | "25006" | "10" | "13"
        | "14" => Trouble::Away,
        // connection exceptions; insufficient resources (53300: too many connections); system errors
        code if code.len() == 5
            && (code.starts_with("08") || code.starts_with("53") || code.starts_with("58")) =>
        {
            Trouble::Away
        }
        _ => Trouble::Defect,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_of_itself_is_told_from_what_we_did_wrong() {
        for code in [
            "57P01", "57P02", "57P03", "53300", "53200", "08006", "08001", "57014", "25P03", "14",
        ] {
            assert_eq!(of_code(code), Trouble::Away, "{code}");
        }
        for code in ["55P03", "5", "517"] {
            assert_eq!(of_code(code), Trouble::Busy, "{code}");
        }
        // A unique key taken, a wrong statement, a deadlock: none of them goes away by itself.
        for code in ["23505", "42601", "40P01", "2067", "1", "08"] {
            assert_eq!(of_code(code), Trouble::Defect, "{code}");
        }
    }

    #[test]
    fn a_pool_without_a_connection_is_away() {
        let error = Error::from(DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout));
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        assert!(matches!(
            Error::from(DbErr::RecordNotFound("x".into())),
            Error::Internal(_)
        ));
    }
}
