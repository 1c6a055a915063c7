//! Refusals as clients see them: `userErrors`, one interface with a type for each kind that carries data.

use entity::ids::Kind;
use futures::FutureExt;

use crate::api::Linked;
use crate::api::accounts::Plan;
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::graphql::batch::{Links, NoArgs, Object, Type, enum_leaf, interface};
use crate::subscriptions::Subscription;

enum_leaf!(Code);

interface! {
    /// A problem that the caller can fix. New implementations and codes may be added at any time: clients must fall back on `message` and `code`.
    UserError {
        "message": "String!" => "Human-readable; not for matching.",
        "code": "UserErrorCode!" => "",
        "field": "[String!]" => "Path to the offending input value, for example [\"input\", \"emails\", \"3\"]; null when no single value is at fault.",
    } = Generic(GenericUserError) | SeatLimit(SeatLimitError) | Quota(QuotaError) | Plan(PlanRequiredError)
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        match refusal.detail {
            Detail::None => Self::Generic(GenericUserError(refusal)),
            Detail::Seats { .. } => Self::SeatLimit(SeatLimitError(refusal)),
            Detail::Quota { .. } => Self::Quota(QuotaError(refusal)),
            Detail::Plan(_) => Self::Plan(PlanRequiredError(refusal)),
        }
    }
}

impl UserError {
    /// What clients are told of these refusals.
    pub fn each(refusals: &[Refusal]) -> Vec<Self> {
        refusals.iter().cloned().map(Self::from).collect()
    }
}

/// What a mutation answers.
pub trait Payload: Object {
    /// The payload of a call that changed nothing.
    fn refused(refusals: Vec<Refusal>) -> Self;
}

/// What can be mended goes into the payload, the rest stays an error.
pub fn answer<P: Payload>(result: Result<P>) -> Result<Links<P>> {
    match result {
        Ok(payload) => Ok(Links::all(vec![payload])),
        Err(Error::Refused(refusals)) => Ok(Links::all(vec![P::refused(refusals)])),
        Err(error) => Err(error),
    }
}

/// The fields every kind has.
fn common<T: Object + AsRef<Refusal>>(t: &mut Type<T>) {
    t.implements::<UserError>();
    t.text("message", |error| &error.as_ref().message)
        .doc("Human-readable; not for matching.");
    t.value("code", |error| error.as_ref().code);
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
        t.one("subscription", |ask, errors, _: NoArgs| async move {
            let ids = errors.iter().map(|error| match error.0.detail {
                Detail::Seats { subscription, .. } => Some(subscription),
                _ => None,
            });
            let ids: Vec<_> = ids.collect();
            Subscription::linked(ask.scope, &ids).await
        }.boxed());
        t.value("requested", |error| match error.0.detail {
            Detail::Seats { requested, .. } => requested,
            _ => 0,
        });
        t.value("available", |error| match error.0.detail {
            Detail::Seats { available, .. } => available,
            _ => 0,
        });
    }
}

kind! {
    /// A limit was hit; the same call may succeed after `retryAfterSeconds`.
    QuotaError, |t| {
        t.value("limit", |error| match error.0.detail {
            Detail::Quota { limit, .. } => limit,
            _ => 0,
        });
        t.value("retryAfterSeconds", |error| match error.0.detail {
            Detail::Quota { retry_after_seconds, .. } => retry_after_seconds,
            _ => None,
        });
    }
}

kind! {
    /// The account's plan does not include the feature.
    PlanRequiredError, |t| {
        t.value("requiredPlan", |error| Plan::from(match error.0.detail {
            Detail::Plan(plan) => plan,
            _ => entity::account::Plan::Premium,
        }));
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
