//! Contracts as clients see them.

mod mutations;
mod transfer;

use async_graphql::{Enum, InputObject};
use entity::account::View;
use entity::ids::Kind;
use graphql::{Connection, Links, Object, Rows, Type, Wants, enum_leaf};
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::contracts::{Contract, Status, managers, page, status};
use crate::error::Result;
use crate::read::{ById, Scope};
use crate::users::User;

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<crate::api::Mutation>) {
    transfer::on_mutation(t);
    mutations::on_mutation(t);
}

/// How a contract stands on a day (UTC).
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Status")]
pub enum ContractStatus {
    /// Its term runs.
    Active,
    /// Its first day is to come.
    Upcoming,
    /// Its last day is over.
    Expired,
    /// It was ended, and its last day is over.
    Terminated,
}

enum_leaf!(ContractStatus);

impl Object for Contract {
    const NAME: &'static str = "Contract";
    const DOC: &'static str = "An agreement that subscriptions are bought under.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("version", |contract| contract.0.version)
            .doc("Grows with every change.");
        t.values("status", statuses).doc("How it stands today (UTC).");
        t.value("id", |contract| Gid(Kind::Contract, contract.0.id))
            .doc("Global id, opaque.");
        t.text("number", |contract| &contract.0.number)
            .doc("What it is called on paper; no two contracts of an account have the same.");
        t.value("startsOn", |contract| contract.0.starts_on)
            .doc("First day of the term.");
        t.value("endsOn", |contract| contract.0.ends_on)
            .doc("Last day of the term.");
        t.value("autoRenews", |contract| contract.0.auto_renews)
            .doc("Whether it goes on for another term when this one ends: on its last day it is renewed by itself.");
        t.value("renewalMonths", |contract| contract.0.renewal_months)
            .doc("By so many months a renewal moves its last day.");
        t.value("nextTermOn", |contract| contract.0.next_term_on)
            .doc("The first day of the next term, where it was renewed for it already; once that has begun, of the running one. Null if it never was renewed.");
        t.value("terminatedAt", |contract| contract.0.terminated_at)
            .doc("When somebody said that it ends; null if nobody did, or it was renewed since.");
        t.text_opt("purchaserName", |contract| contract.0.purchaser_name.as_deref())
            .doc("Who bought it; null if nobody said.");
        t.text_opt("resellerName", |contract| contract.0.reseller_name.as_deref())
            .doc("Through whom it was bought; null if nobody said.");
        t.one_opt("manager", manager)
            .doc("Classic view: who manages it. Null in the current view.");
        crate::api::subscriptions::on_contract(t);
    }
}

async fn statuses(scope: Scope, contracts: Rows<Contract>) -> Result<Vec<ContractStatus>> {
    let today = scope.app().clock().now().date_naive();
    let of_one = |contract: &Contract| status(&contract.0, today).into();
    Ok(contracts.iter().map(of_one).collect())
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

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct ContractFilter {
    /// In one of these states today; at most 200.
    pub status: Option<Vec<ContractStatus>>,
}

#[derive(InputObject, Debug)]
struct ContractPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which contracts; null: all.
    filter: Option<ContractFilter>,
}

/// `Account.contracts`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("contracts", of_account)
        .doc("The account's contracts, those that are over too, in the order they were made.")
        .guard(Permission::ContractsRead);
}

async fn of_account(scope: Scope, args: ContractPageArgs, wants: Wants) -> Result<Connection<Contract>> {
    let statuses: Option<Vec<Status>> = args
        .filter
        .and_then(|filter| filter.status)
        .map(|all| all.into_iter().map(Status::from).collect());
    let wants_total = wants.field("totalCount");
    let found = page(&scope, &args.page.into(), statuses.as_deref(), wants_total).await?;
    Ok(found.into())
}
