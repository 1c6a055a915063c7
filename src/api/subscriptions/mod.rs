//! Subscriptions as clients see them.

use crate::api::old::OldStyle as _;
use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::Linked;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::old::NoArgs;
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::read::paging::Page;
use crate::subscriptions::{SeatCounts, Subscription, read};
use graphql::{Connection, Date, Links, Object, Type, enum_leaf, group};

/// State of a product subscription; seats can be assigned in ACTIVE and TRIAL only, and only in term.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "read::Status")]
pub enum ProductSubscriptionStatus {
    Active,
    Trial,
    PastDue,
    Expired,
    Cancelled,
}

enum_leaf!(ProductSubscriptionStatus);

impl Object for Subscription {
    const NAME: &'static str = "ProductSubscription";
    const DOC: &'static str = "A right to use a product: a number of seats for a time.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |subscription| Gid(Kind::Subscription, subscription.0.id));
        t.value("version", |subscription| subscription.0.version);
        t.old_one("product", |ask, subscriptions, _: NoArgs| {
            async move {
                let ids: Vec<_> = subscriptions
                    .iter()
                    .map(|subscription| Some(subscription.0.product_id))
                    .collect();
                Product::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.old_values("status", |ask, subscriptions| {
            let today = ask.scope.app().clock().now().date_naive();
            let statuses: Vec<ProductSubscriptionStatus> = subscriptions
                .iter()
                .map(|subscription| read::status(&subscription.0, today).into())
                .collect();
            std::future::ready(Ok(statuses)).boxed()
        });
        t.value("startsOn", |subscription| subscription.0.starts_on);
        t.value("endsOn", |subscription| subscription.0.ends_on)
            .doc("Last day of the term.");
        t.child("seats", |subscription| SeatCounts::of(&subscription.0))
            .guard(Permission::ProductsRead);
    }
}

impl Object for SeatCounts {
    const NAME: &'static str = "SeatCounts";
    const DOC: &'static str = "total = used + available, always.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |seats| seats.total);
        t.value("used", |seats| seats.used);
        t.value("pending", |seats| seats.pending)
            .doc("Part of `used` held by users who have not accepted their invitation yet.");
        t.value("available", |seats| seats.available());
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct ProductSubscriptionFilter {
    pub product_id: Option<ID>,
    pub contract_id: Option<ID>,
    pub status: Option<Vec<ProductSubscriptionStatus>>,
    pub has_available_seats: Option<bool>,
    pub ends_before: Option<Date>,
}

impl From<ProductSubscriptionFilter> for read::Filter {
    fn from(filter: ProductSubscriptionFilter) -> Self {
        // What is no id of the kind names nothing.
        let id = |kind: Kind, given: Option<ID>| given.map(|id| kind.parse(&id).unwrap_or(Uuid::nil()));
        Self {
            product_id: id(Kind::Product, filter.product_id),
            contract_id: id(Kind::Contract, filter.contract_id),
            status: filter
                .status
                .map(|all| all.into_iter().map(read::Status::from).collect()),
            has_available_seats: filter.has_available_seats,
            ends_before: filter.ends_before.map(|day| day.0),
        }
    }
}

#[derive(InputObject, Debug)]
struct SubscriptionPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
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
    t.old_page("subscriptions", |ask, accounts, args: SubscriptionPageArgs| {
        async move {
            let page = args.page(ask.scope)?;
            let found = Subscription::matching(ask.scope, &args.filter.unwrap_or_default().into()).await?;
            let page = cut(&page, found);
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .guard(Permission::ProductsRead);
}

/// `Product.subscriptions`.
pub fn on_product(t: &mut Type<Product>) {
    t.old_page("subscriptions", |ask, products, args: SubscriptionPageArgs| {
        async move {
            let page = args.page(ask.scope)?;
            let found = Subscription::matching(ask.scope, &args.filter.unwrap_or_default().into()).await?;
            let of_products = group(
                products.iter().map(|product| product.0.model.id),
                found,
                |subscription| subscription.0.product_id,
            );
            Ok(Links::all(
                of_products.into_iter().map(|found| cut(&page, found)).collect(),
            ))
        }
        .boxed()
    })
    .guard(Permission::ProductsRead);
}
