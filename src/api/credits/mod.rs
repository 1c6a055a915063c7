//! Cloud credits as clients see them: how the account stands, its ledger, and what somebody consumed themselves.

mod ledger;
mod settings;

use std::sync::Arc;

use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::credit_book;
use graphql::{Object, Rows, Type};
use uuid::Uuid;

pub use settings::on_mutation;

use crate::accounts::Account;
use crate::api::guard::{Guard, Permission};
use crate::api::usage::{Decimal, UsagePeriodInput};
use crate::credits::{Credits, read};
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::usage::read::{Used, of_users};
use crate::users::User;

/// `Account.cloudCredits`.
pub fn on_account(t: &mut Type<Account>) {
    t.one_opt("cloudCredits", credits)
        .doc("Consumable credits of the account; null where none are kept, because its seller never granted any.")
        .guard(Permission::UsageRead)
        .weight(5);
}

async fn credits(scope: Scope) -> Result<Option<CloudCredits>> {
    Ok(read::book(&scope).await?.map(CloudCredits::from))
}

/// How the account's credits stand.
#[derive(Clone, Debug)]
pub struct CloudCredits(Arc<credit_book::Model>);

impl From<credit_book::Model> for CloudCredits {
    fn from(book: credit_book::Model) -> Self {
        Self(Arc::new(book))
    }
}

impl Object for CloudCredits {
    const NAME: &'static str = "CloudCredits";
    const DOC: &'static str = "Consumable credits of the account: what was granted and adjusted, less what was consumed and has lapsed. What lapses at midnight (UTC) is booked within about an hour, and in any case before anything else is.";

    fn describe(t: &mut Type<Self>) {
        t.value("balance", |credits| Decimal(Credits(credits.0.balance)))
            .doc("How many are left; below 0 if more was consumed than there was, which only an account may that has `overdraftAllowed`.");
        t.value("granted", |credits| Decimal(Credits(credits.0.granted)))
            .doc("How many were ever granted.");
        t.value("consumed", |credits| Decimal(Credits(credits.0.consumed)))
            .doc("How many were ever consumed.");
        t.value("expired", |credits| Decimal(Credits(credits.0.expired)))
            .doc("How many ever lapsed before anybody consumed them.");
        t.value("adjusted", |credits| Decimal(Credits(credits.0.adjusted)))
            .doc("What adjustments ever added, less what they took: below 0 if they took more.");
        t.value("overdraftAllowed", |credits| credits.0.allows_overdraft)
            .doc("Whether credits can be consumed that are not there. Its seller says so.");
        t.value("noticePercents", |credits| credits.0.notice_percents.0.clone())
            .doc("At which percentages of what there was when credits were last added the administrators are told that so many are gone, upwards.");
        t.one_opt("nextExpiry", next_expiry)
            .doc("What lapses next if nobody consumes it; null if nothing does.");
        ledger::on_credits(t);
    }
}

async fn next_expiry(scope: Scope) -> Result<Option<CreditExpiry>> {
    let found = read::next_expiry(&scope).await?;
    Ok(found.map(|(amount, expires_on)| CreditExpiry { amount, expires_on }))
}

/// Credits that lapse together.
#[derive(Clone, Copy, Debug)]
pub struct CreditExpiry {
    amount: Credits,
    expires_on: NaiveDate,
}

impl Object for CreditExpiry {
    const NAME: &'static str = "CreditExpiry";
    const DOC: &'static str = "Credits that lapse next.";

    fn describe(t: &mut Type<Self>) {
        t.value("amount", |expiry| Decimal(expiry.amount))
            .doc("How many are left of those that have this last day.");
        t.value("expiresOn", |expiry| expiry.expires_on)
            .doc("The last day (UTC) on which they are good.");
    }
}

#[derive(InputObject, Debug)]
struct ConsumedArgs {
    /// The days that count, by the day of the use.
    period: UsagePeriodInput,
}

/// `User.creditsConsumed`.
pub fn on_user(t: &mut Type<User>) {
    t.one("creditsConsumed", consumed)
        .doc("Cloud credits that their use of products consumed in a period.")
        .guard(Guard::or_own(Permission::UsageRead, |user: &User| user.0.id))
        .weight(5);
}

async fn consumed(scope: Scope, users: Rows<User>, args: ConsumedArgs) -> Result<Vec<UserCredits>> {
    let period = args.period.read(&scope)?;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let mut found = of_users(&scope, period, &ids, None).await?;
    found.retain(|used| used.credits > 0);
    found.sort_by_key(|used| used.product_id);
    let of_users = graphql::group(ids.into_iter(), found, |used| used.user_id);
    Ok(of_users.into_iter().map(UserCredits).collect())
}

/// What one person consumed, a product each.
#[derive(Clone, Debug)]
pub struct UserCredits(Vec<Used>);

impl Object for UserCredits {
    const NAME: &'static str = "UserCredits";
    const DOC: &'static str = "Cloud credits that one person consumed in a period.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |consumed| {
            Decimal(Credits(consumed.0.iter().map(|used| used.credits).sum()))
        })
        .doc("By all products.");
        t.children("products", |consumed| {
            let first = consumed.0.iter().take(100).cloned();
            first.map(ProductCredits).collect()
        })
        .at_most(100)
        .doc("By which product how many, the one of the smallest id first; of more than 100 products the first 100.");
    }
}

/// What one person consumed by one product.
#[derive(Clone, Debug)]
pub struct ProductCredits(Used);

impl Object for ProductCredits {
    const NAME: &'static str = "ProductCredits";
    const DOC: &'static str = "Cloud credits that one person consumed by one product in a period.";

    fn describe(t: &mut Type<Self>) {
        t.reference::<Product, _>("product", |used| used.0.product_id)
            .doc("Which product.");
        t.value("consumed", |used| Decimal(Credits(used.0.credits)))
            .doc("How many.");
        t.value("lastUsedOn", |used| used.0.last_day)
            .doc("The last day of the period on which it was used.");
    }
}
