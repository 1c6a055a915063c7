//! What seats are of: products, their components, and the contracts they are bought under. Few, however many people there are.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::lists::Uuids;
use entity::{contract, subscription};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Result;
use crate::exports::lines::{Cell, Lines};
use crate::platform::db::Snapshot;
use crate::products::{Catalogue, catalogue_holding};

/// Everything the account has bought.
pub struct Offer {
    catalogue: Arc<Catalogue>,
    /// Codes of components.
    components: HashMap<Uuid, String>,
    /// Products that were bought, in the order of their codes: places in it are the order of seats.
    products: Vec<Uuid>,
    places: HashMap<Uuid, usize>,
    /// Numbers of contracts, by subscription.
    contracts: HashMap<Uuid, String>,
}

/// A seat, as far as a line tells of it.
#[derive(Clone, Debug)]
pub struct Seat {
    pub user_id: Uuid,
    pub product_id: Uuid,
    pub subscription_id: Uuid,
    pub assigned_at: DateTime<Utc>,
    /// Blank where nobody asks for them.
    pub components: Uuids,
}

impl Offer {
    pub async fn of(app: &App, at: &Snapshot, account_id: Uuid) -> Result<Self> {
        let bought: Vec<(Uuid, Uuid, Uuid)> = subscription::Entity::find()
            .select_only()
            .columns([
                subscription::Column::Id,
                subscription::Column::ProductId,
                subscription::Column::ContractId,
            ])
            .filter(subscription::Column::AccountId.eq(account_id))
            .into_tuple()
            .all(at)
            .await?;
        let numbers: Vec<(Uuid, String)> = contract::Entity::find()
            .select_only()
            .columns([contract::Column::Id, contract::Column::Number])
            .filter(contract::Column::AccountId.eq(account_id))
            .into_tuple()
            .all(at)
            .await?;
        let numbers: HashMap<Uuid, String> = numbers.into_iter().collect();
        let is_there = |known: &Catalogue| known.has(bought.iter().map(|(_, product, _)| *product));
        let catalogue = catalogue_holding(app, is_there).await?;
        let mut products: Vec<Uuid> = bought.iter().map(|(_, product, _)| *product).collect();
        products.sort_by_key(|id| (code(&catalogue, *id).to_owned(), *id));
        products.dedup();
        let components = catalogue.all().iter().flat_map(|product| &product.0.components);
        Ok(Self {
            components: components.map(|part| (part.0.id, part.0.code.clone())).collect(),
            places: products
                .iter()
                .enumerate()
                .map(|(place, id)| (*id, place))
                .collect(),
            contracts: bought
                .iter()
                .map(|(id, _, contract)| (*id, numbers.get(contract).cloned().unwrap_or_default()))
                .collect(),
            products,
            catalogue,
        })
    }

    /// Products that were bought, in the order of their codes.
    pub fn products(&self) -> &[Uuid] {
        &self.products
    }

    /// Where a product stands among them.
    pub fn place(&self, product_id: Uuid) -> usize {
        self.places.get(&product_id).copied().unwrap_or(usize::MAX)
    }

    pub fn code(&self, product_id: Uuid) -> &str {
        code(&self.catalogue, product_id)
    }

    /// The columns of a seat.
    pub const COLUMNS: [&str; 5] = ["product", "product_name", "contract", "components", "assigned_at"];

    pub fn write(&self, seat: &Seat, lines: &mut Lines) -> Result<()> {
        let product = self.catalogue.by_id(seat.product_id);
        lines.cell(Cell::Text(self.code(seat.product_id)))?;
        lines.cell(Cell::text(product.map(|product| product.0.model.name.as_str())))?;
        lines.cell(Cell::text(
            self.contracts.get(&seat.subscription_id).map(String::as_str),
        ))?;
        let on = seat.components.0.iter();
        let on: Vec<&str> = on
            .filter_map(|id| self.components.get(id))
            .map(String::as_str)
            .collect();
        lines.cell(Cell::List(&on))?;
        lines.cell(Cell::Moment(seat.assigned_at))
    }

    /// The cells of somebody who has no seat.
    pub fn write_none(lines: &mut Lines) -> Result<()> {
        for _ in Self::COLUMNS {
            lines.cell(Cell::Blank)?;
        }
        Ok(())
    }
}

fn code(catalogue: &Catalogue, product_id: Uuid) -> &str {
    catalogue
        .by_id(product_id)
        .map_or("", |product| product.0.model.code.as_str())
}
