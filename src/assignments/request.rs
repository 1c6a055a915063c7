//! A seat that is asked for, and what became of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::read::Seat;
use crate::error::Refusal;

/// What to take a seat from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum SeatSource {
    Subscription(Uuid),
    /// Any in-term subscription of the product, the one that ends last first.
    Product(Uuid),
}

/// A seat for somebody.
#[derive(Clone, Debug)]
pub struct SeatRequest {
    pub user_id: Uuid,
    pub source: SeatSource,
    /// The components that are on; `None`: the defaults of the product, or what is on already. Of other products they may name some, too: a product of which they
    /// name none is not customised.
    pub components: Option<Vec<Uuid>>,
    /// The last day on which the seat is held; `None`: no end for a new seat, and that of now for one that is held.
    pub expires_on: Option<NaiveDate>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Assigned {
    New(Seat),
    /// The user has the product already, and other components are on from now, or it ends on another day: no seat, no mail.
    Changed(Seat),
    /// The user has the product already, as it was asked for: no seat, no mail.
    Unchanged(Seat),
    /// No seat is left, and the user waits for one.
    Waiting {
        entry: Uuid,
        /// They did not before.
        is_new: bool,
    },
    Refused(Refusal),
}

impl Assigned {
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The subscription of a seat that was given just now.
    pub fn subscription(&self) -> Option<Uuid> {
        match self {
            Self::New(seat) => Some(seat.subscription_id),
            _ => None,
        }
    }

    /// A seat that was given just now.
    pub fn given(&self) -> Option<Uuid> {
        match self {
            Self::New(seat) => Some(seat.id),
            _ => None,
        }
    }

    /// A place in a line that was taken just now.
    pub fn stood(&self) -> Option<Uuid> {
        match self {
            Self::Waiting { entry, is_new: true } => Some(*entry),
            _ => None,
        }
    }

    /// A seat that was held, with other components on from now.
    pub fn customised(&self) -> Option<Uuid> {
        match self {
            Self::Changed(seat) => Some(seat.id),
            _ => None,
        }
    }

    /// The product of a seat that the user has now.
    pub fn product(&self) -> Option<Uuid> {
        match self {
            Self::New(seat) | Self::Changed(seat) | Self::Unchanged(seat) => Some(seat.product_id),
            Self::Waiting { .. } | Self::Refused(_) => None,
        }
    }

    /// The product of a seat that was given just now.
    pub fn new_product(&self) -> Option<Uuid> {
        match self {
            Self::New(seat) => Some(seat.product_id),
            _ => None,
        }
    }
}
