//! Making contracts, keeping them, renewing and ending them over GraphQL.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Date, Type};

use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::contracts::{
    Contract, ContractRef, CreateContract, RenewContract, Sale, TerminateContract, UpdateContract,
};
use crate::error::Result;
use crate::read::Scope;

/// The mutations of this file.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("createContract", create)
        .doc("Writes down a contract. It gives nothing until createSubscription says what was bought under it.")
        .guard(Permission::ContractsWrite)
        .weight(10);
    t.mutation("updateContract", update)
        .doc("Changes what is kept of a contract. Where its last day moves, the subscriptions that end with it go along; those that would outlive it end with it, and those that would not have begun are cancelled.")
        .guard(Permission::ContractsWrite)
        .weight(10);
    t.mutation("renewContract", renew)
        .doc("Adds a term to a contract, and to its subscriptions that would end with it, trials aside; seats that were to change with the next term change when it begins. A termination is taken back.")
        .guard(Permission::ContractsWrite)
        .weight(10);
    t.mutation("terminateContract", terminate)
        .doc("Has a contract end, with its term or on an earlier day, and its subscriptions with it. It is not renewed by itself any more. Nothing is deleted: seats are shown as lapsed from then on.")
        .guard(Permission::ContractsWrite)
        .weight(10);
}

/// A new contract.
#[derive(InputObject, Debug)]
struct CreateContractInput {
    /// What it is called on paper: one line of 1 to 100 characters; no other contract of the account has it (`ALREADY_EXISTS`).
    number: String,
    /// First day of the term; years 1 to 9999.
    starts_on: Date,
    /// Last day of the term; years 1 to 9999.
    ends_on: Date,
    /// Whether it goes on for another term when this one ends.
    #[graphql(default = false)]
    auto_renews: bool,
    /// By so many months a renewal moves the last day: 1 to 120.
    #[graphql(default = 12)]
    renewal_months: i32,
    /// Who bought it, at most 200 characters; null or blank: nothing is said.
    purchaser_name: Option<String>,
    /// Through whom it was bought, at most 200 characters; null or blank: nothing is said.
    reseller_name: Option<String>,
}

async fn create(scope: Scope, input: CreateContractInput) -> Result<Contract> {
    let change = CreateContract {
        number: input.number,
        starts_on: input.starts_on.0,
        ends_on: input.ends_on.0,
        auto_renews: input.auto_renews,
        renewal_months: input.renewal_months,
        purchaser_name: input.purchaser_name,
        reseller_name: input.reseller_name,
    };
    Ok(scope.run(Sale::own(change)).await?.into())
}

/// What is to be kept of a contract. What is left out or null stays as it is.
#[derive(InputObject, Debug)]
struct UpdateContractInput {
    /// The contract to change.
    contract_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused. Null: whatever it is.
    expected_version: Option<i32>,
    /// What it is called on paper: one line of 1 to 100 characters.
    number: Option<String>,
    /// First day of the term; years 1 to 9999.
    starts_on: Option<Date>,
    /// Last day of the term, today or later; years 1 to 9999.
    ends_on: Option<Date>,
    /// Whether it goes on for another term when this one ends.
    auto_renews: Option<bool>,
    /// By so many months a renewal moves the last day: 1 to 120.
    renewal_months: Option<i32>,
    /// Who bought it, at most 200 characters; blank: nothing any more.
    purchaser_name: Option<String>,
    /// Through whom it was bought, at most 200 characters; blank: nothing any more.
    reseller_name: Option<String>,
}

async fn update(scope: Scope, input: UpdateContractInput) -> Result<Contract> {
    let change = UpdateContract {
        contract: contract(&input.contract_id)?,
        expected_version: input.expected_version,
        number: input.number,
        starts_on: input.starts_on.map(|day| day.0),
        ends_on: input.ends_on.map(|day| day.0),
        auto_renews: input.auto_renews,
        renewal_months: input.renewal_months,
        purchaser_name: input.purchaser_name,
        reseller_name: input.reseller_name,
    };
    Ok(scope.run(Sale::own(change)).await?.into())
}

/// Which contract is renewed.
#[derive(InputObject, Debug)]
struct RenewContractInput {
    /// The contract to renew.
    contract_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused, so that nobody renews twice. Null: whatever it is.
    expected_version: Option<i32>,
    /// The new last day, after the present one and not before today; years 1 to 9999. Null: by `renewalMonths` later, or, where that would be over too, as long from today on.
    ends_on: Option<Date>,
}

async fn renew(scope: Scope, input: RenewContractInput) -> Result<Contract> {
    let change = RenewContract {
        contract: contract(&input.contract_id)?,
        expected_version: input.expected_version,
        ends_on: input.ends_on.map(|day| day.0),
    };
    Ok(scope.run(Sale::own(change)).await?.into())
}

/// Which contract ends.
#[derive(InputObject, Debug)]
struct TerminateContractInput {
    /// The contract that ends.
    contract_id: ID,
    /// The `version` that was read; when it is another by now, the call is refused. Null: whatever it is.
    expected_version: Option<i32>,
    /// Its last day: of its term, and today or later. Null: the last day of its term.
    on: Option<Date>,
}

async fn terminate(scope: Scope, input: TerminateContractInput) -> Result<Contract> {
    let change = TerminateContract {
        contract: contract(&input.contract_id)?,
        expected_version: input.expected_version,
        on: input.on.map(|day| day.0),
    };
    Ok(scope.run(Sale::own(change)).await?.into())
}

fn contract(given: &ID) -> Result<ContractRef> {
    require_id(Kind::Contract, given, "input.contractId").map(ContractRef::Id)
}
