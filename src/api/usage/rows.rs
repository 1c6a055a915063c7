//! The lists of a report: who used what, and whose seats were not used.

use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use graphql::{Connection, Object, Rows, Type, Wants};

use super::on_used;
use super::report::UsageReport;
use crate::access::permit;
use crate::api::errors::filter_id;
use crate::api::guard::Permission;
use crate::api::{OrderDirection, PageArguments};
use crate::assignments::Assignment;
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::read::paging::Direction;
use crate::usage::read::Used;
use crate::users::User;
use crate::users::seats::{self, Of, Unused};
use crate::users::used::{self, Filter, OrderBy};

/// The lists of a report.
pub fn on_report(t: &mut Type<UsageReport>) {
    t.page("rows", of_report)
        .doc("A row for each person and each product they used; whoever was removed has none.")
        .weight(20);
    t.page("inactiveSeats", inactive)
        .doc("Seats that were not used in the period, in the order they were given: of active people who had them before it began. Those of the last so many days are the ones that `reclaimableSeats` lists of active people, where use was recorded all the while.")
        .guard(Permission::ProductsRead)
        .weight(20);
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
struct UsageRowFilter {
    /// Of this person.
    user_id: Option<ID>,
    /// Of this product.
    product_id: Option<ID>,
    /// Words in the person's e-mail address or name, as `UserFilter.search` finds them; needs the permission `USERS_READ`.
    search: Option<String>,
}

/// Sort keys; person and product are the last keys.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "OrderBy")]
enum UsageOrderField {
    /// The person's name, as `DISPLAY_NAME` orders users. Costs least: a page is read without summing up what is not on it.
    UserName,
    /// On how many days it was used.
    DaysUsed,
    /// How often it was launched.
    Sessions,
    /// Minutes altogether.
    Minutes,
    /// Cloud credits spent.
    CreditsConsumed,
    /// The last day it was used.
    LastUsedOn,
}

/// Sort order.
#[derive(InputObject, Clone, Copy, Debug)]
struct UsageOrder {
    /// What to sort by.
    field: UsageOrderField,
    /// Downwards by default.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

#[derive(InputObject, Debug)]
struct RowPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which rows; null: all.
    filter: Option<UsageRowFilter>,
    /// How to sort; by default by name, upwards.
    order_by: Option<UsageOrder>,
}

async fn of_report(
    scope: Scope,
    reports: Rows<UsageReport>,
    args: RowPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<UsageRow>>> {
    let given = args.filter.unwrap_or_default();
    if given.search.is_some() {
        permit(scope.actor(), Permission::UsersRead.action())?;
    }
    let filter = Filter {
        user_id: filter_id(Kind::User, given.user_id.as_ref(), "userId")?,
        product_id: filter_id(Kind::Product, given.product_id.as_ref(), "productId")?,
        search: given.search,
    };
    let order = match args.order_by {
        Some(order) => (order.field.into(), order.direction.into()),
        None => (OrderBy::UserName, Direction::Asc),
    };
    let request = args.page.into();
    let is_counted = wants.field("totalCount");
    let mut pages = Vec::with_capacity(reports.len());
    // There is one: an account's own, which is the reader's.
    for report in reports.iter() {
        let report = &report.0.report;
        let page = used::page(&scope, &request, report, &filter, order, is_counted).await?;
        pages.push(page.map(UsageRow).into());
    }
    Ok(pages)
}

/// A row of a report.
#[derive(Clone, Debug)]
pub struct UsageRow(Used);

impl Object for UsageRow {
    const NAME: &'static str = "UsageRow";
    const DOC: &'static str = "What one person used of one product in the period.";

    fn describe(t: &mut Type<Self>) {
        t.reference::<User, _>("user", |row| row.0.user_id)
            .doc("Who used it.");
        t.reference::<Product, _>("product", |row| row.0.product_id)
            .doc("What they used.");
        on_used(t, |row| &row.0);
    }
}

#[derive(InputObject, Debug)]
struct SeatArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

async fn inactive(
    scope: Scope,
    reports: Rows<UsageReport>,
    args: SeatArgs,
    wants: Wants,
) -> Result<Vec<Connection<Assignment>>> {
    let request = args.page.into();
    let mut all = Vec::with_capacity(reports.len());
    for report in reports.iter() {
        let filter = seats::Filter {
            unused: Some(Unused {
                period: report.0.report.period,
                products: report.0.report.products.clone(),
            }),
            ..seats::Filter::default()
        };
        let order = (seats::OrderBy::AssignedAt, Direction::Asc);
        let is_counted = wants.field("totalCount");
        let pages = seats::pages(&scope, &Of::Account, &request, &filter, order, is_counted).await?;
        all.extend(pages.into_iter().map(Connection::from));
    }
    Ok(all)
}
