//! When the seats of a product will be taken, as clients see it.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Object, Type};

use crate::api::guard::Permission;
use crate::api::schema::Query;
use crate::api::usage::Decimal;
use crate::credits::Credits;
use crate::error::Result;
use crate::products::Product;
use crate::read::{ById, Scope};
use crate::subscriptions::forecast::Forecast;

impl Object for Forecast {
    const NAME: &'static str = "SeatForecast";
    const DOC: &'static str =
        "When the seats of a product will be taken if it goes on as it did, with the figures that rests on.";

    fn describe(t: &mut Type<Self>) {
        t.reference::<Product, _>("product", |forecast| forecast.product_id)
            .doc("Which product.");
        t.value("seats", |forecast| forecast.seats)
            .doc("Seats of its subscriptions that are in term today.");
        t.value("usedNow", |forecast| forecast.used_now)
            .doc("Seats of them that are held.");
        t.value("usedThen", |forecast| forecast.used_then)
            .doc("Seats of the same subscriptions that were held on `from`.");
        t.value("from", |forecast| forecast.from)
            .doc("The day that today is compared with: 90 days ago, or the first day from which on it is known what was held.");
        t.value("to", |forecast| forecast.to).doc("Today (UTC).");
        t.value("samples", |forecast| forecast.samples)
            .doc("How often another number was noted from `from` on; it is looked at once a day.");
        t.value("growthPerDay", |forecast| {
            forecast.growth_per_day.map(|parts| Decimal(Credits(parts)))
        })
        .doc("Seats a day, in the mean from `from` to `to`; below zero where they become fewer. Null if that is less than seven days.");
        t.value("fullOn", |forecast| forecast.full_on)
            .doc("The day on which the last seat is taken at that rate; today if it is. Null if it does not grow, or not so much that they are taken within ten years.");
    }
}

#[derive(InputObject, Debug)]
struct ForecastArgs {
    /// The product.
    product_id: ID,
}

/// `seatForecast`.
pub fn on_query(t: &mut Type<Query>) {
    t.one_opt("seatForecast", forecast)
        .doc("When the seats of a product will be taken if it goes on as in the last 90 days. Null if there is no such product.")
        .guard(Permission::ProductsRead)
        .weight(5);
}

async fn forecast(scope: Scope, args: ForecastArgs) -> Result<Option<Forecast>> {
    let Some(id) = Kind::Product.parse(&args.product_id) else {
        return Ok(None);
    };
    match Product::by_ids(&scope, &[id]).await?.is_empty() {
        true => Ok(None),
        false => Forecast::of_product(&scope, id).await.map(Some),
    }
}
