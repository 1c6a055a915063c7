//! Refusals as clients see them: `userErrors`, one interface with a type for each kind that carries data.

use entity::ids::Kind;
use graphql::{Fault, Refuse};

use crate::api::accounts::{AccountView, Plan};
use crate::api::usage::Decimal;
use crate::credits::Credits;
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::subscriptions::Subscription;
use graphql::{Object, Type, enum_leaf, interface};

enum_leaf!(Code);

interface! {
    /// A problem that the caller can fix. New implementations and codes may be added at any time: clients must fall back on `message` and `code`.
    UserError {
        "message": "String!" => "Human-readable; not for matching.",
        "code": "UserErrorCode!" => "For matching.",
        "field": "[String!]" => "Path to the offending input value, for example [\"input\", \"emails\", \"3\"]; null when no single value is at fault.",
    } = Generic(GenericUserError) | SeatLimit(SeatLimitError) | SeatsHeld(SeatsHeldError) | Quota(QuotaError) | Plan(PlanRequiredError) | View(WrongViewError)
        | CreditLimit(CreditLimitError)
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        match refusal.detail {
            Detail::None => Self::Generic(GenericUserError(refusal)),
            Detail::Seats { .. } => Self::SeatLimit(SeatLimitError(refusal)),
            Detail::Held { .. } => Self::SeatsHeld(SeatsHeldError(refusal)),
            Detail::Quota { .. } => Self::Quota(QuotaError(refusal)),
            Detail::Plan(_) => Self::Plan(PlanRequiredError(refusal)),
            Detail::View(_) => Self::View(WrongViewError(refusal)),
            Detail::Credits { .. } => Self::CreditLimit(CreditLimitError(refusal)),
        }
    }
}

impl UserError {
    /// What clients are told of these refusals.
    pub fn each(refusals: &[Refusal]) -> Vec<Self> {
        refusals.iter().cloned().map(Self::from).collect()
    }
}

impl Refuse for Error {
    type UserError = UserError;

    fn refuse(self) -> Result<Vec<UserError>, Fault> {
        match self {
            Self::Refused(refusals) => Ok(refusals.into_iter().map(UserError::from).collect()),
            error => Err(error.into()),
        }
    }
}

/// The fields every kind has.
fn common<T: Object + AsRef<Refusal>>(t: &mut Type<T>) {
    t.implements::<UserError>();
    t.text("message", |error| &error.as_ref().message)
        .doc("Human-readable; not for matching.");
    t.value("code", |error| error.as_ref().code).doc("For matching.");
    t.value("field", |error| error.as_ref().field.clone())
        .doc("Path to the offending input value; null when no single value is at fault.");
}

macro_rules! kind {
    ($(#[doc = $doc:literal])+ $name:ident, $more:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub struct $name(Refusal);

        impl AsRef<Refusal> for $name {
            fn as_ref(&self) -> &Refusal {
                &self.0
            }
        }

        impl Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),+).trim_ascii();

            fn describe(t: &mut Type<Self>) {
                common(t);
                let more: fn(&mut Type<Self>) = $more;
                more(t);
            }
        }
    };
}

kind! {
    /// A user error with nothing more to tell.
    GenericUserError, |_| ()
}

kind! {
    /// Not enough free seats. The counts were read under the lock that refused the change.
    SeatLimitError, |t| {
        t.link::<Subscription, _>("subscription", |error| match error.0.detail {
            Detail::Seats { subscription, .. } => subscription,
            _ => uuid::Uuid::nil(),
        })
        .doc("The one that has not enough seats.");
        t.value("requested", |error| match error.0.detail {
            Detail::Seats { requested, .. } => requested,
            _ => 0,
        })
        .doc("Seats that the call needed.");
        t.value("available", |error| match error.0.detail {
            Detail::Seats { available, .. } => available,
            _ => 0,
        })
        .doc("Seats that were free.");
    }
}

kind! {
    /// Not enough cloud credits. The figures were read under the lock that refused the change; they are named otherwise than those of seats, which are whole numbers, so that a client can ask for both.
    CreditLimitError, |t| {
        t.value("requestedCredits", |error| match error.0.detail {
            Detail::Credits { requested, .. } => Decimal(Credits(requested)),
            _ => Decimal(Credits(0)),
        })
        .doc("Credits that were needed.");
        t.value("availableCredits", |error| match error.0.detail {
            Detail::Credits { available, .. } => Decimal(Credits(available)),
            _ => Decimal(Credits(0)),
        })
        .doc("Credits that were left, what the same call had taken before taken off.");
    }
}

kind! {
    /// More seats are held than there are to be. The counts were read under the lock that refused the change.
    SeatsHeldError, |t| {
        t.link::<Subscription, _>("subscription", |error| match error.0.detail {
            Detail::Held { subscription, .. } => subscription,
            _ => uuid::Uuid::nil(),
        })
        .doc("The one whose seats are held.");
        t.value("requested", |error| match error.0.detail {
            Detail::Held { requested, .. } => requested,
            _ => 0,
        })
        .doc("How many seats there were to be.");
        t.value("used", |error| match error.0.detail {
            Detail::Held { held, .. } => held,
            _ => 0,
        })
        .doc("How many seats are held.");
    }
}

kind! {
    /// A limit was hit; the same call may succeed after `retryAfterSeconds`.
    QuotaError, |t| {
        t.value("limit", |error| match error.0.detail {
            Detail::Quota { limit, .. } => limit,
            _ => 0,
        })
        .doc("How many are allowed; `message` says of what.");
        t.value("retryAfterSeconds", |error| match error.0.detail {
            Detail::Quota { retry_after_seconds, .. } => retry_after_seconds,
            _ => None,
        })
        .doc("In how many seconds the call may succeed; null where waiting does not help.");
    }
}

kind! {
    /// The account's plan does not include the feature.
    PlanRequiredError, |t| {
        t.value("requiredPlan", |error| Plan::from(match error.0.detail {
            Detail::Plan(plan) => plan,
            _ => entity::account::Plan::Premium,
        }))
        .doc("The plan that has it.");
    }
}

kind! {
    /// The account works with another view of user management.
    WrongViewError, |t| {
        t.value("requiredView", |error| AccountView::from(match error.0.detail {
            Detail::View(view) => view,
            _ => entity::account::View::Current,
        }))
        .doc("The view that has it; `Account.view` is the one the account works with.");
    }
}

/// The id a client gave where one of `kind` is meant; anything else names nothing that could be found.
pub fn require_id(kind: Kind, given: &async_graphql::ID, field: &str) -> Result<uuid::Uuid> {
    kind.parse(given).ok_or_else(|| {
        Refusal::new(Code::NotFound, "There is no such object.")
            .at(field)
            .into()
    })
}

/// The id by which a list is narrowed. What is no id of `kind` is no condition: everybody is without a seat in what does not exist.
pub fn filter_id(kind: Kind, given: Option<&async_graphql::ID>, field: &str) -> Result<Option<uuid::Uuid>> {
    let read = |given: &async_graphql::ID| {
        let wrong = || {
            Error::BadInput(format!(
                "`filter.{field}` is no id of the kind that belongs there."
            ))
        };
        kind.parse(given).ok_or_else(wrong)
    };
    given.map(read).transpose()
}
