//! Making and changing subscriptions over GraphQL.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Date, Sent, Type};

use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::contracts::{ContractRef, CreateSubscription, Sale, SubscriptionRef, UpdateSubscription};
use crate::error::{Error, Result};
use crate::idempotency::Once;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("createSubscription", create)
        .doc("Books seats of a product under a contract, within its term. Whoever waits for the product is served, if it begins today.")
        .guard(Permission::ContractsWrite)
        .weight(10)
        .answers("subscription");
    t.mutation("updateSubscription", update)
        .doc("Changes the seats of a subscription, now or with the next term, its last day, or a trial into what is paid for. Fewer seats than are held are refused (`SEATS_HELD`, with figures); whoever waits is served.")
        .guard(Permission::ContractsWrite)
        .weight(10)
        .answers("subscription");
}

/// A new subscription.
#[derive(InputObject, Debug)]
struct CreateSubscriptionInput {
    /// What it is bought under; the contract is not over.
    contract_id: ID,
    /// What it is a right to use.
    product_id: ID,
    /// How many seats: 1 to 1,000,000.
    seats: i32,
    /// First day, within the contract's term. Null: today, or the contract's first day if that is later.
    starts_on: Option<Date>,
    /// Last day, within the contract's term. Null: the contract's last day.
    ends_on: Option<Date>,
    /// Whether it is a trial: it ends on its last day, and is not renewed with its contract, unless updateSubscription says that it is paid for.
    #[graphql(default = false)]
    is_trial: bool,
    /// Makes the call safe to repeat for 24 hours: 1 to 200 bytes; the same key with another input is refused. Null: no key.
    idempotency_key: Option<String>,
}

async fn create(scope: Scope, input: CreateSubscriptionInput, sent: Sent) -> Result<Subscription> {
    let contract = require_id(Kind::Contract, &input.contract_id, "input.contractId")?;
    let change = CreateSubscription {
        contract: ContractRef::Id(contract),
        product_id: require_id(Kind::Product, &input.product_id, "input.productId")?,
        seats: input.seats,
        starts_on: input.starts_on.map(|day| day.0),
        ends_on: input.ends_on.map(|day| day.0),
        is_trial: input.is_trial,
    };
    let once = Once::sent(input.idempotency_key, sent.hash(), Sale::own(change));
    let made = scope.run(once).await?;
    let found = Subscription::by_ids(&scope, &[made.output.0]).await?.pop();
    found.ok_or_else(|| Error::internal("a subscription that was made is gone"))
}

/// What is to hold for a subscription. What is left out or null stays as it is.
#[derive(InputObject, Debug)]
struct UpdateSubscriptionInput {
    /// The subscription to change.
    subscription_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused. Null: whatever it is.
    expected_version: Option<i32>,
    /// How many seats: 1 to 1,000,000.
    seats: Option<i32>,
    /// Whether `seats` holds from the next term on, and not from now: from the first day of a term that it was renewed for already and that has not begun, else of the one that the next renewal adds. May be
    /// fewer than are held; where more are held on that day, it keeps as many as are held, and the administrators are told. As many as now: nothing is to change.
    #[graphql(default = false)]
    at_next_term: bool,
    /// Last day, today or later, within the contract's term.
    ends_on: Option<Date>,
    /// False: a trial is paid for from now on. True is refused of what is paid for.
    is_trial: Option<bool>,
}

async fn update(scope: Scope, input: UpdateSubscriptionInput) -> Result<Subscription> {
    let id = require_id(Kind::Subscription, &input.subscription_id, "input.subscriptionId")?;
    let change = UpdateSubscription {
        subscription: SubscriptionRef::Id(id),
        expected_version: input.expected_version,
        seats: input.seats,
        at_next_term: input.at_next_term,
        ends_on: input.ends_on.map(|day| day.0),
        is_trial: input.is_trial,
    };
    scope.run(Sale::own(change)).await?;
    // As it is with the seats that went to whoever waited.
    let found = Subscription::by_ids(&scope, &[id]).await?.pop();
    found.ok_or_else(|| Error::internal("a subscription is gone"))
}
