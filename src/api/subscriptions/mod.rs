//! Subscriptions as clients see them.

mod forecast;
mod mutations;

use async_graphql::{Enum, ID, InputObject};
use chrono::NaiveDate;
use entity::ids::Kind;
use entity::subscription::State;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::errors::filter_id;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::contracts::Contract;
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::read::paging::Page;
use crate::subscriptions::watch::SeatsChanged;
use crate::subscriptions::{SeatCounts, Subscription, read, rules};
use graphql::{Connection, Date, Object, Rows, Type, enum_leaf, group};

pub use forecast::on_query;
pub use mutations::on_mutation;

/// State of a product subscription; seats can be assigned in ACTIVE and TRIAL only, and only in term.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "read::Status")]
pub enum ProductSubscriptionStatus {
    /// Paid for; seats can be assigned.
    Active,
    /// On trial; seats can be assigned.
    Trial,
    /// A payment is late; seats held stay, none can be assigned.
    PastDue,
    /// Its last day is over.
    Expired,
    /// It was ended before its time.
    Cancelled,
}

enum_leaf!(ProductSubscriptionStatus);

impl Object for Subscription {
    const NAME: &'static str = "ProductSubscription";
    const DOC: &'static str = "A right to use a product: a number of seats for a time.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |subscription| Gid(Kind::Subscription, subscription.0.id))
            .doc("Global id.");
        t.value("version", |subscription| subscription.0.version)
            .doc("Grows with every change.");
        t.reference::<Product, _>("product", |subscription| subscription.0.product_id)
            .doc("What it is a right to use.");
        t.reference::<Contract, _>("contract", |subscription| subscription.0.contract_id)
            .doc("What it was bought under.")
            .guard(Permission::ContractsRead);
        t.values("status", statuses).doc("Where it stands today (UTC).");
        t.value("isTrial", |subscription| subscription.0.state == State::Trial)
            .doc("Whether it is not paid for yet; a trial ends on its last day, whatever its contract does.");
        t.value("startsOn", |subscription| subscription.0.starts_on)
            .doc("First day of the term.");
        t.value("endsOn", |subscription| subscription.0.ends_on)
            .doc("Last day of the term.");
        t.values("graceEndsOn", grace_ends)
            .doc("Once its time is over: the last day on which access goes on for whoever holds a seat (`AccountSettings.graceDays` after its own last one). Null before that, and of what was cancelled before it began.");
        t.value("nextSeats", |subscription| subscription.0.next_seats)
            .doc("How many seats it has from its next term on; null: as many as now. Where more are held by then, it keeps as many as are held.");
        t.value("nextTermOn", |subscription| subscription.0.next_term_on)
            .doc("When `nextSeats` holds; null until it is renewed.");
        t.child("seats", |subscription| SeatCounts::of(&subscription.0))
            .doc("How many seats it has, and how many of them are used.")
            .guard(Permission::ProductsRead);
        crate::api::assignments::on_subscription(t);
    }
}

async fn statuses(scope: Scope, subscriptions: Rows<Subscription>) -> Result<Vec<ProductSubscriptionStatus>> {
    let today = scope.app().clock().now().date_naive();
    let status = |subscription: &Subscription| read::status(&subscription.0, today).into();
    Ok(subscriptions.iter().map(status).collect())
}

async fn grace_ends(scope: Scope, subscriptions: Rows<Subscription>) -> Result<Vec<Option<NaiveDate>>> {
    let today = scope.app().clock().now().date_naive();
    let days = Account::own(&scope)
        .await?
        .map_or(0, |account| account.0.grace_days);
    let of_one = |subscription: &Subscription| rules::grace_ends_on(&subscription.0, days, today);
    Ok(subscriptions.iter().map(of_one).collect())
}

impl Object for SeatCounts {
    const NAME: &'static str = "SeatCounts";
    const DOC: &'static str = "total = used + available, always.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |seats| seats.total)
            .doc("Seats that were bought.");
        t.value("used", |seats| seats.used)
            .doc("Seats that users hold, `pending` among them.");
        t.value("pending", |seats| seats.pending)
            .doc("Part of `used` held by users who have not accepted their invitation yet.");
        t.value("available", |seats| seats.available())
            .doc("Seats that nobody holds.");
    }
}

impl Object for SeatsChanged {
    const NAME: &'static str = "SeatsChangedEvent";
    const DOC: &'static str = "The seats of a product at a moment.";

    fn describe(t: &mut Type<Self>) {
        t.reference::<Product, _>("product", |changed| changed.product_id)
            .doc("Which product.");
        t.child("seats", |changed| changed.seats)
            .doc("Seats of all its in-term subscriptions in the viewer's account.");
        t.value("occurredAt", |changed| changed.at)
            .doc("When they were counted.");
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct ProductSubscriptionFilter {
    /// Of this product.
    pub product_id: Option<ID>,
    /// Of this contract.
    pub contract_id: Option<ID>,
    /// In one of these states today; at most 200.
    pub status: Option<Vec<ProductSubscriptionStatus>>,
    /// True: with a seat that nobody holds; false: with none.
    pub has_available_seats: Option<bool>,
    /// With a last day before this one; years 1 to 9999.
    pub ends_before: Option<Date>,
}

impl ProductSubscriptionFilter {
    fn read(self) -> Result<read::Filter> {
        Ok(read::Filter {
            product_id: filter_id(Kind::Product, self.product_id.as_ref(), "productId")?,
            contract_id: filter_id(Kind::Contract, self.contract_id.as_ref(), "contractId")?,
            status: self
                .status
                .map(|all| all.into_iter().map(read::Status::from).collect()),
            has_available_seats: self.has_available_seats,
            ends_before: self.ends_before.map(|day| day.0),
        })
    }
}

#[derive(InputObject, Debug)]
struct SubscriptionPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which subscriptions; null: all.
    filter: Option<ProductSubscriptionFilter>,
}

impl SubscriptionPageArgs {
    fn page(&self, scope: &Scope) -> Result<Page> {
        Page::new(
            &self.page.clone().into(),
            scope.account_id()?,
            &format!("subscriptions {:?}", self.filter),
        )
    }
}

fn cut(page: &Page, mut subscriptions: Vec<Subscription>) -> Connection<Subscription> {
    subscriptions.sort_by_key(|subscription| subscription.0.id);
    page.cut(subscriptions, |subscription| ("", subscription.0.id))
        .into()
}

/// `Account.subscriptions`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("subscriptions", of_account)
        .doc("The account's subscriptions, those that are over too, in the order they were made.")
        .guard(Permission::ProductsRead);
}

async fn of_account(scope: Scope, args: SubscriptionPageArgs) -> Result<Connection<Subscription>> {
    let page = args.page(&scope)?;
    let found = Subscription::matching(&scope, &args.filter.unwrap_or_default().read()?).await?;
    Ok(cut(&page, found))
}

/// `Product.subscriptions`.
pub fn on_product(t: &mut Type<Product>) {
    t.page("subscriptions", of_products)
        .doc("The account's subscriptions of this product, in the order they were made.")
        .guard(Permission::ProductsRead);
}

async fn of_products(
    scope: Scope,
    products: Rows<Product>,
    args: SubscriptionPageArgs,
) -> Result<Vec<Connection<Subscription>>> {
    let page = args.page(&scope)?;
    let found = Subscription::matching(&scope, &args.filter.unwrap_or_default().read()?).await?;
    let ids = products.iter().map(|product| product.0.model.id);
    let of_products = group(ids, found, |subscription| subscription.0.product_id);
    Ok(of_products.into_iter().map(|found| cut(&page, found)).collect())
}

/// `Contract.subscriptions`.
pub fn on_contract(t: &mut Type<Contract>) {
    t.page("subscriptions", of_contracts)
        .doc("What was bought under it, what is over too, in the order they were made. Whoever may see contracts may see it.");
}

async fn of_contracts(
    scope: Scope,
    contracts: Rows<Contract>,
    args: SubscriptionPageArgs,
) -> Result<Vec<Connection<Subscription>>> {
    let page = args.page(&scope)?;
    let found = Subscription::matching(&scope, &args.filter.unwrap_or_default().read()?).await?;
    let ids = contracts.iter().map(|contract| contract.0.id);
    let of_contracts = group(ids, found, |subscription| subscription.0.contract_id);
    Ok(of_contracts.into_iter().map(|found| cut(&page, found)).collect())
}
