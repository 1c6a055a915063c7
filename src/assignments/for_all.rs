//! The same seats for everybody of a list: what is wrong with them is wrong for all, and is told before anybody is looked at.

use std::collections::HashSet;

use entity::import::Source;
use entity::subscription;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{SeatSource, rules};
use crate::command::Work;
use crate::error::{Code, Refusal, Result};
use crate::products::{Catalogue, Product, catalogue_holding};

impl From<&Source> for SeatSource {
    fn from(source: &Source) -> Self {
        source
            .subscription_id
            .map_or(Self::Product(source.product_id), Self::Subscription)
    }
}

/// Judges sources, each of another product, and shares out the components that are to be on among the products they belong to. A product of which none is
/// named is given as usual. What has ended gives no seat, and takes back what it gave.
pub async fn for_all(
    work: &Work,
    sources: &[SeatSource],
    components: Option<&[Uuid]>,
    are_to_be_given: bool,
) -> Result<Vec<Source>> {
    let bought = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(work.account_id()?))
        .all(work.reader())
        .await?;
    let is_there = |known: &Catalogue| {
        let mut parts = components.unwrap_or_default().iter();
        known.has(bought.iter().map(|subscription| subscription.product_id))
            && parts.all(|id| known.component(*id).is_some())
    };
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let mut stock = rules::Stock::new(&bought, work.now().date_naive());
    let mut products: Vec<&Product> = Vec::with_capacity(sources.len());
    for (place, source) in sources.iter().enumerate() {
        let at = |refusal: Refusal| refusal.at(&format!("input.sources.{place}"));
        let product = of_source(*source, &bought, &catalogue).ok_or_else(|| at(rules::unknown_source()))?;
        if products
            .iter()
            .any(|other| other.0.model.id == product.0.model.id)
        {
            let text = format!("{} is given by an earlier source already.", product.0.model.name);
            return Err(at(Refusal::new(Code::DuplicateInput, text)).into());
        }
        match stock.take(*source, &product.0.model.name) {
            // Who is short of a seat is told for each: there may be more when it is their turn.
            Err(refusal) if are_to_be_given && refusal.code != Code::SeatsExhausted => {
                return Err(at(refusal).into());
            }
            _ => {}
        }
        products.push(product);
    }
    let parts = share_out(&products, components).map_err(|refusal| refusal.at("input.componentIds"))?;
    let sources = sources.iter().zip(products).zip(parts);
    let source = |((source, product), components): ((&SeatSource, &Product), _)| Source {
        product_id: product.0.model.id,
        subscription_id: match source {
            SeatSource::Subscription(id) => Some(*id),
            SeatSource::Product(_) => None,
        },
        components,
    };
    Ok(sources.map(source).collect())
}

fn of_source<'a>(
    source: SeatSource,
    bought: &[subscription::Model],
    catalogue: &'a Catalogue,
) -> Option<&'a Product> {
    let mut bought = bought.iter();
    let found = bought.find(|subscription| match source {
        SeatSource::Subscription(id) => subscription.id == id,
        SeatSource::Product(id) => subscription.product_id == id,
    });
    catalogue.by_id(found?.product_id)
}

/// For each product the components that are on, if any of them is named.
fn share_out(products: &[&Product], asked: Option<&[Uuid]>) -> Result<Vec<Option<Vec<Uuid>>>, Refusal> {
    let Some(asked) = asked else {
        return Ok(vec![None; products.len()]);
    };
    let parts = products.iter().flat_map(|product| &product.0.components);
    let known: HashSet<Uuid> = parts.map(|part| part.0.id).collect();
    let of_product = |product: &&Product| {
        let on = rules::named(product, asked, &known)?;
        on.as_deref().map(|on| rules::check(product, on)).transpose()?;
        Ok(on)
    };
    products.iter().map(of_product).collect()
}
