//! Why a socket is closed, and the words the protocol has for it.

use std::time::Duration;

use axum::extract::ws::CloseFrame;
use tokio_tungstenite::tungstenite;

use super::{LAST_CHANCE, PATIENCE};

/// RFC 6455, section 5.5: a control frame has 125 bytes, two of them are the code. A longer reason would be an illegal frame.
const LONGEST_REASON: usize = 123;

#[derive(Debug)]
pub enum Close {
    /// The client is not there any more, or does not take anything.
    Gone,
    /// The client is not admitted, or no longer: its session has ended.
    Forbidden,
    /// It asked before it was admitted, or said nothing of who it is.
    Unauthorized,
    InitialisationTimeout,
    TooManyInitialisations,
    InvalidMessage,
    /// There is an operation of this id already.
    Duplicate(String),
    MessageTooLarge,
    /// It does not take what it asked for.
    TooSlow,
    /// We cannot tell at the moment who it is.
    TryAgainLater,
    InternalError,
}

impl Close {
    /// The end of a socket whose client the application did not admit.
    pub fn not_admitted(error: &crate::Fault) -> Self {
        if let Some(cause) = &error.cause {
            tracing::error!(error = %cause, "a socket could not be admitted");
        }
        match error.code {
            "UNAVAILABLE" | "RATE_LIMITED" => Self::TryAgainLater,
            "INTERNAL" => Self::InternalError,
            _ => Self::Forbidden,
        }
    }

    /// The end of a socket that could not be read from.
    pub fn after(error: axum::Error) -> Self {
        match error.into_inner().downcast_ref() {
            Some(tungstenite::Error::Capacity(_)) => Self::MessageTooLarge,
            _ => Self::Gone,
        }
    }

    /// How long to wait until the client has taken the reason.
    pub const fn patience(&self) -> Duration {
        match self {
            // It has been waited for already.
            Self::TooSlow => LAST_CHANCE,
            _ => PATIENCE,
        }
    }

    /// What the client is told; `None` when there is nobody to tell.
    pub fn frame(&self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::MessageTooLarge => (1009, "Message too large"),
            Self::TooSlow => (4410, "Client too slow"),
            Self::TryAgainLater => (1013, "Try again later"),
            Self::InvalidMessage => (4400, "Invalid message received"),
            Self::Unauthorized => (4401, "Unauthorized"),
            Self::Forbidden => (4403, "Forbidden"),
            Self::InitialisationTimeout => (4408, "Connection initialisation timeout"),
            Self::Duplicate(id) => {
                let reason = format!("Subscriber for {id} already exists");
                let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
                return Some(CloseFrame {
                    code: 4409,
                    reason: reason.into(),
                });
            }
            Self::TooManyInitialisations => (4429, "Too many initialisation requests"),
            Self::InternalError => (4500, "Internal server error"),
        };
        Some(CloseFrame {
            code,
            reason: reason.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_its_frame_and_is_never_cut_within_a_character() {
        let frame = Close::Duplicate("ü".repeat(200)).frame().unwrap();
        assert_eq!(frame.code, 4409);
        assert!(frame.reason.len() <= 123 && frame.reason.starts_with("Subscriber for ü"));
    }
}
