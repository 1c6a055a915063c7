//! `Account.usageReport`.

use std::sync::Arc;

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use graphql::{Object, Rows, Type};

use super::{Decimal, UsageGranularity, UsagePeriodInput, UsageSummary, number, rows};
use crate::accounts::Account;
use crate::api::bulk::named;
use crate::api::guard::{Guard, Permission};
use crate::credits::Credits;
use crate::error::Result;
use crate::limits;
use crate::products::Product;
use crate::read::Scope;
use crate::usage::Granularity;
use crate::usage::read::{self, Point};
use crate::users::seats::{Unused, count_unused};
use crate::users::used::Report;

/// What a report is of.
#[derive(InputObject, Debug)]
struct UsageReportInput {
    /// The days that count.
    period: UsagePeriodInput,
    /// Width of the points of `series`.
    #[graphql(default_with = "UsageGranularity::Month")]
    granularity: UsageGranularity,
    /// Of these products, 1 to 100; null: of all.
    product_ids: Option<Vec<ID>>,
}

#[derive(InputObject, Debug)]
struct ReportArgs {
    /// What the report is of.
    input: UsageReportInput,
}

/// `Account.usageReport`.
pub fn on_account(t: &mut Type<Account>) {
    t.one("usageReport", report)
        .doc("What was used of products in a period.")
        .guard(Guard::from(Permission::UsageRead).premium())
        .weight(20);
}

async fn report(scope: Scope, args: ReportArgs) -> Result<Option<UsageReport>> {
    let ReportArgs { input } = args;
    let product_ids = input.product_ids.as_deref();
    let products = product_ids
        .map(|ids| named(Kind::Product, ids, limits::REPORT_PRODUCTS, "input.productIds"))
        .transpose()?;
    let report = Report {
        period: input.period.read(&scope)?,
        products,
    };
    Ok(Some(UsageReport(Arc::new(Asked {
        report,
        granularity: input.granularity.into(),
    }))))
}

/// What a report is of; each of its parts is read when it is asked for.
#[derive(Clone, Debug)]
pub struct UsageReport(pub(super) Arc<Asked>);

#[derive(Debug)]
pub(super) struct Asked {
    pub report: Report,
    granularity: Granularity,
}

impl Object for UsageReport {
    const NAME: &'static str = "UsageReport";
    const DOC: &'static str = "What was used of products in a period.";

    fn describe(t: &mut Type<Self>) {
        t.value("from", |report| report.0.report.period.from)
            .doc("The first day that counts.");
        t.value("to", |report| report.0.report.period.to)
            .doc("The last day that counts.");
        t.values("asOf", as_of)
            .doc("When something was last recorded, of whatever day; null if nothing was.");
        t.one("summary", summary).doc("Totals of the period.").weight(20);
        t.many("series", series)
            .at_most(2_000)
            .doc("A point for each interval and each product that was used in it, in order. Where the period begins or ends within an interval, only its own days count. A report of more than 2,000 points is refused (`BAD_USER_INPUT`).");
        rows::on_report(t);
    }
}

async fn as_of(scope: Scope) -> Result<Option<DateTime<Utc>>> {
    read::as_of(&scope).await
}

async fn summary(scope: Scope, reports: Rows<UsageReport>) -> Result<Vec<UsageSummary>> {
    let mut summaries = Vec::with_capacity(reports.len());
    // There is one: an account's own, which is the reader's.
    for report in reports.iter() {
        let Report { period, products } = report.0.report.clone();
        let unused = Unused {
            period,
            products: products.clone(),
        };
        let (sums, inactive) = futures::try_join!(
            read::summary(&scope, period, products.as_deref()),
            count_unused(&scope, &unused, false)
        )?;
        let inactive = inactive.get(&None).copied().unwrap_or_default();
        summaries.push(UsageSummary { sums, inactive });
    }
    Ok(summaries)
}

async fn series(scope: Scope, reports: Rows<UsageReport>) -> Result<Vec<Vec<UsagePoint>>> {
    let mut all = Vec::with_capacity(reports.len());
    for report in reports.iter() {
        let Asked { report, granularity } = report.0.as_ref();
        let products = report.products.as_deref();
        let points = read::series(&scope, report.period, *granularity, products).await?;
        all.push(points.into_iter().map(UsagePoint).collect());
    }
    Ok(all)
}

/// A point of a series.
#[derive(Clone, Debug)]
pub struct UsagePoint(Point);

impl Object for UsagePoint {
    const NAME: &'static str = "UsagePoint";
    const DOC: &'static str = "What was used of one product in one interval.";

    fn describe(t: &mut Type<Self>) {
        t.value("startsOn", |point| point.0.starts_on)
            .doc("The first day of the interval that is in the period.");
        t.reference::<Product, _>("product", |point| point.0.product_id)
            .doc("Which product.");
        t.value("activeUsers", |point| number(point.0.active_users))
            .doc("How many people used it, each counted once in the interval.");
        t.value("sessions", |point| number(point.0.launches))
            .doc("How often it was launched.");
        t.value("hours", |point| number(point.0.minutes / 60))
            .doc("Hours used, rounded down.");
        t.value("creditsConsumed", |point| Decimal(Credits(point.0.credits)))
            .doc("Cloud credits spent.");
    }
}
