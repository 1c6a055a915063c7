//! Contracts as clients see them.

mod transfer;

use async_graphql::InputObject;
use entity::account::View;
use entity::ids::Kind;
use graphql::{Connection, Links, Object, Rows, Type, Wants};
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::contracts::{Contract, managers, page};
use crate::error::Result;
use crate::read::{ById, Scope};
use crate::users::User;
pub use transfer::on_mutation;

impl Object for Contract {
    const NAME: &'static str = "Contract";
    const DOC: &'static str = "An agreement that subscriptions are bought under.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |contract| Gid(Kind::Contract, contract.0.id))
            .doc("Global id, opaque.");
        t.text("number", |contract| &contract.0.number)
            .doc("What it is called on paper; no two contracts of an account have the same.");
        t.value("startsOn", |contract| contract.0.starts_on)
            .doc("First day of the term.");
        t.value("endsOn", |contract| contract.0.ends_on)
            .doc("Last day of the term.");
        t.value("autoRenews", |contract| contract.0.auto_renews)
            .doc("Whether it goes on for another term when this one ends.");
        t.text_opt("purchaserName", |contract| contract.0.purchaser_name.as_deref())
            .doc("Who bought it; null if nobody said.");
        t.text_opt("resellerName", |contract| contract.0.reseller_name.as_deref())
            .doc("Through whom it was bought; null if nobody said.");
        t.one_opt("manager", manager)
            .doc("Classic view: who manages it. Null in the current view.");
    }
}

async fn manager(scope: Scope, contracts: Rows<Contract>) -> Result<Links<User>> {
    if scope
        .actor()
        .member()
        .is_none_or(|member| member.view != View::Classic)
    {
        return Ok(Links::each(contracts.iter().map(|_| None).collect()));
    }
    let ids: Vec<Uuid> = contracts.iter().map(|contract| contract.0.id).collect();
    let managers = managers::of_contracts(&scope, &ids).await?;
    let users: Vec<Uuid> = managers.values().copied().collect();
    let found = User::by_ids(&scope, &users).await?;
    let wanted = ids.iter().map(|id| managers.get(id).copied());
    Ok(Links::by_key(wanted, found, |user: &User| user.0.id))
}

#[derive(InputObject, Debug)]
struct ContractPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Account.contracts`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("contracts", of_account)
        .doc("The account's contracts, those that are over too, in the order they were made.")
        .guard(Permission::ContractsRead);
}

async fn of_account(scope: Scope, args: ContractPageArgs, wants: Wants) -> Result<Connection<Contract>> {
    let found = page(&scope, &args.page.into(), wants.field("totalCount")).await?;
    Ok(found.into())
}
