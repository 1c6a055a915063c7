//! Handing over a contract.

use async_graphql::{ID, InputObject};
use entity::account::View;
use entity::ids::Kind;
use graphql::{Envelope, Payload, Type};

use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::contracts::{Contract, TransferContract};
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;

/// Which contract goes to whom.
#[derive(InputObject, Debug)]
struct TransferContractInput {
    /// The contract to hand over.
    contract_id: ID,
    /// Who manages it from now on: an active software coordinator or contract manager.
    to_user_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("transferContract", transfer)
        .doc("Classic view: somebody else manages the contract from now on. Who managed it is a software coordinator then, unless they manage another. Whose role changes signs in again.")
        .guard(Guard::from(Permission::ContractsTransfer).view(View::Classic).recent())
        .weight(10);
}

async fn transfer(scope: Scope, input: TransferContractInput) -> Result<Transferred> {
    let contract = require_id(Kind::Contract, &input.contract_id, "input.contractId")?;
    let to = require_id(Kind::User, &input.to_user_id, "input.toUserId")?;
    let done = scope.run(TransferContract::new(contract, to)).await?;
    Ok(Transferred {
        contract: done.contract.into(),
        manager: done.manager.into(),
        former: done.former.map(User::from),
    })
}

/// The contract, and the two it went between.
#[derive(Clone)]
struct Transferred {
    contract: Contract,
    manager: User,
    former: Option<User>,
}

impl Payload for Transferred {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child("contract", |done| done.contract.clone())
            .doc("The contract that was handed over.");
        t.child("manager", |done| done.manager.clone())
            .doc("Who manages it now.");
        t.child_opt("formerManager", |done| done.former.clone())
            .doc("Who managed it before, with the role they have now; null if nobody else did.");
    }
}
