//! Usage as clients see it: recording it, and reports.

mod decimal;
mod record;
mod report;
mod rows;

use async_graphql::{Enum, InputObject};
use graphql::{Date, Object, Rows, Type};
use uuid::Uuid;

pub use decimal::Decimal;
pub use record::on_mutation;
pub use report::on_account;

use crate::api::guard::{Guard, Permission};
use crate::assignments::Assignment;
use crate::credits::Credits;
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::usage::read::{self, Sums, Used};
use crate::usage::{Granularity, Period, last};
use crate::users::User;
use crate::users::seats::{Unused, count_unused};

/// Width of a point.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Granularity")]
pub enum UsageGranularity {
    /// A day.
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    /// A month of the calendar.
    Month,
}

/// Days from one to another, at most 400.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct UsagePeriodInput {
    /// The first day.
    pub from: Date,
    /// The last day. Today (UTC) or later: everything recorded so far, also of a day that has begun elsewhere.
    pub to: Date,
}

impl UsagePeriodInput {
    pub fn read(self, scope: &Scope) -> Result<Period> {
        let today = scope.app().clock().now().date_naive();
        Period::new(self.from.0, self.to.0, today)
    }
}

#[derive(InputObject, Debug)]
struct PeriodArgs {
    /// The days that count.
    period: UsagePeriodInput,
}

/// A number as clients can hold it; the largest of these stands for any beyond.
fn number(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// `User.usage`.
pub fn on_user(t: &mut Type<User>) {
    t.many("usage", of_users)
        .at_most(100)
        .doc("What they used in a period, a product each, the one of the smallest id first; of more than 100 products the first 100.")
        .guard(Guard::or_own(Permission::UsageRead, |user: &User| user.0.id).premium())
        .weight(5);
}

async fn of_users(scope: Scope, users: Rows<User>, args: PeriodArgs) -> Result<Vec<Vec<ProductUsage>>> {
    let period = args.period.read(&scope)?;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let mut found = read::of_users(&scope, period, &ids, None).await?;
    found.sort_by_key(|used| used.product_id);
    let mut of_users = graphql::group(ids.into_iter(), found, |used| used.user_id);
    for used in &mut of_users {
        used.truncate(100);
    }
    let of_one = |used: Vec<Used>| used.into_iter().map(ProductUsage).collect();
    Ok(of_users.into_iter().map(of_one).collect())
}

/// What somebody used of one product.
#[derive(Clone, Debug)]
pub struct ProductUsage(Used);

impl Object for ProductUsage {
    const NAME: &'static str = "ProductUsage";
    const DOC: &'static str = "What somebody used of one product in a period.";

    fn describe(t: &mut Type<Self>) {
        t.reference::<Product, _>("product", |used| used.0.product_id)
            .doc("Which product.");
        on_used(t, |used| &used.0);
    }
}

/// What is told of the use of one product by one person.
fn on_used<T: Object>(t: &mut Type<T>, used: fn(&T) -> &Used) {
    t.value("daysUsed", move |row| number(used(row).days))
        .doc("On how many days.");
    t.value("sessions", move |row| number(used(row).launches))
        .doc("How often it was launched.");
    t.value("minutes", move |row| number(used(row).minutes))
        .doc("Minutes altogether.");
    t.value("creditsConsumed", move |row| Decimal(Credits(used(row).credits)))
        .doc("Cloud credits spent.");
    t.value("lastUsedOn", move |row| used(row).last_day)
        .doc("The last day of the period on which it was used.");
}

/// `Product.usage`.
pub fn on_product(t: &mut Type<Product>) {
    t.one("usage", of_products)
        .doc("What the viewer's account used of it in a period.")
        .guard(Guard::from(Permission::UsageRead).premium())
        .weight(20);
}

async fn of_products(scope: Scope, products: Rows<Product>, args: PeriodArgs) -> Result<Vec<UsageSummary>> {
    let period = args.period.read(&scope)?;
    let ids: Vec<Uuid> = products.iter().map(|product| product.0.model.id).collect();
    let unused = Unused {
        period,
        products: Some(ids.clone()),
    };
    let (sums, inactive) = futures::try_join!(
        read::of_products(&scope, period, &ids),
        count_unused(&scope, &unused, true)
    )?;
    let of_one = |id: &Uuid| UsageSummary {
        sums: sums.get(id).copied().unwrap_or_default(),
        inactive: inactive.get(&Some(*id)).copied().unwrap_or_default(),
    };
    Ok(ids.iter().map(of_one).collect())
}

/// Totals of a report, or of a product.
#[derive(Clone, Copy, Debug)]
pub struct UsageSummary {
    sums: Sums,
    inactive: i64,
}

impl Object for UsageSummary {
    const NAME: &'static str = "UsageSummary";
    const DOC: &'static str =
        "What was used in a period, and by how many. People who were removed since count as well.";

    fn describe(t: &mut Type<Self>) {
        t.value("activeUsers", |summary| number(summary.sums.active_users))
            .doc("How many people used something, each counted once.");
        t.value("inactiveAssignedUsers", |summary| number(summary.inactive))
            .doc("How many active people hold a seat that they had before the period began and did not use in it, each counted once; `UsageReport.inactiveSeats` lists the seats.");
        t.value("sessions", |summary| number(summary.sums.launches))
            .doc("How often products were launched; 2,147,483,647 stands for any more.");
        t.value("hours", |summary| number(summary.sums.minutes / 60))
            .doc("Hours used, rounded down.");
        t.value("creditsConsumed", |summary| {
            Decimal(Credits(summary.sums.credits))
        })
        .doc("Cloud credits spent.");
    }
}

/// `Assignment.lastUsedOn`.
pub fn on_assignment(t: &mut Type<Assignment>) {
    t.values("lastUsedOn", last_used)
        .doc("The last day on which the holder used the product, with this seat or before; null if no use is known.")
        .guard(Guard::or_own(Permission::UsageRead, |seat: &Assignment| seat.0.user_id).premium());
}

async fn last_used(scope: Scope, seats: Rows<Assignment>) -> Result<Vec<Option<chrono::NaiveDate>>> {
    let mut users: Vec<Uuid> = seats.iter().map(|seat| seat.0.user_id).collect();
    users.sort_unstable();
    users.dedup();
    let days = last::of_users(&scope, &users).await?;
    let of_seat = |seat: &Assignment| days.get(&(seat.0.user_id, seat.0.product_id)).copied();
    Ok(seats.iter().map(of_seat).collect())
}
