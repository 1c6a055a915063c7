//! Subscriptions as clients see them.

use std::sync::Arc;

use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use entity::subscription;
use futures::FutureExt;
use uuid::Uuid;

use super::{SeatCounts, read};
use crate::accounts::Account;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{
    Connection, Date, Gid, Links, Listed, NoArgs, Object, Permission, Type, enum_leaf, group,
};
use crate::graphql::node::{Node, Versioned};
use crate::graphql::paging::{Given, Page};
use crate::products::Product;

/// State of a product subscription; seats can be assigned in ACTIVE and TRIAL only, and only in term.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductSubscriptionStatus {
    Active,
    Trial,
    PastDue,
    Expired,
    Cancelled,
}

enum_leaf!(ProductSubscriptionStatus);

/// A right to use a product.
#[derive(Clone, Debug)]
pub struct Subscription(pub Arc<subscription::Model>);

impl Subscription {
    /// Subscriptions by id, for rows that refer to them.
    pub async fn linked(scope: &Scope, ids: &[Option<Uuid>]) -> Result<Links<Self>> {
        let mut wanted: Vec<Uuid> = ids.iter().flatten().copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let found = Self::by_ids(scope, &wanted).await?;
        Ok(Links::by_key(ids.iter().copied(), found, |subscription| {
            subscription.0.id
        }))
    }
}

impl Object for Subscription {
    const NAME: &'static str = "ProductSubscription";
    const DOC: &'static str = "A right to use a product: a number of seats for a time.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |subscription| Gid(Kind::Subscription, subscription.0.id));
        t.value("version", |subscription| subscription.0.version);
        t.one("product", |ask, subscriptions, _: NoArgs| {
            Product::linked(
                ask.scope,
                subscriptions.iter().map(|subscription| subscription.0.product_id),
            )
            .boxed()
        });
        t.values("status", |ask, subscriptions| {
            let today = ask.scope.app().clock().now().date_naive();
            let statuses = subscriptions
                .iter()
                .map(|subscription| read::status(&subscription.0, today))
                .collect();
            std::future::ready(Ok(statuses)).boxed()
        });
        t.value("startsOn", |subscription| subscription.0.starts_on);
        t.value("endsOn", |subscription| subscription.0.ends_on)
            .doc("Last day of the term.");
        t.child("seats", |subscription| SeatCounts::of(&subscription.0));
    }
}

impl Listed for Subscription {
    const CONNECTION: &'static str = "ProductSubscriptionConnection";
    const EDGE: &'static str = "ProductSubscriptionEdge";
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

#[derive(InputObject, Debug)]
struct SubscriptionPageArgs {
    #[graphql(flatten)]
    page: Given,
    filter: Option<ProductSubscriptionFilter>,
}

impl SubscriptionPageArgs {
    fn page(&self, scope: &Scope) -> Result<Page> {
        Page::new(
            &self.page,
            scope.account_id()?,
            &format!("subscriptions {:?}", self.filter),
        )
    }
}

fn cut(page: &Page, mut subscriptions: Vec<Subscription>) -> Connection<Subscription> {
    subscriptions.sort_by_key(|subscription| subscription.0.id);
    page.cut(subscriptions, |subscription| ("", subscription.0.id))
}

/// `Account.subscriptions`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("subscriptions", |ask, accounts, args: SubscriptionPageArgs| {
        async move {
            let page = args.page(ask.scope)?;
            let found = Subscription::matching(ask.scope, &args.filter.unwrap_or_default()).await?;
            let page = cut(&page, found);
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .guard(Permission::ProductsRead);
}

/// `Product.subscriptions`.
pub fn on_product(t: &mut Type<Product>) {
    t.page("subscriptions", |ask, products, args: SubscriptionPageArgs| {
        async move {
            let page = args.page(ask.scope)?;
            let found = Subscription::matching(ask.scope, &args.filter.unwrap_or_default()).await?;
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
