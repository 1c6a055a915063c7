//! What a dry run found, as the import keeps it.

use std::collections::BTreeMap;

use entity::subscription;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::batch::{Came, RowResults};
use super::parse::{self, ParsedFile};
use crate::app::App;
use crate::error::{Error, Result};

/// What a dry run found, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Preview {
    pub encoding: String,
    pub delimiter: String,
    /// Header, and the field it is understood as.
    pub columns: Vec<(String, Option<String>)>,
    pub rows: i32,
    pub outcomes: BTreeMap<String, i32>,
    pub mails: i32,
    /// Subscription → seats wanted, seats free before.
    pub seats: Vec<(Uuid, i32, i32)>,
}

/// Subscription → seats that the rows want from it, whether or not there are so many.
pub fn seats_needed(results: &RowResults) -> BTreeMap<Uuid, i32> {
    let mut wanted: BTreeMap<Uuid, i32> = BTreeMap::new();
    for id in results.iter().flat_map(|result| &result.seats) {
        *wanted.entry(*id).or_default() += 1;
    }
    wanted
}

/// What a rehearsal came to. Seats are those free before it.
pub async fn preview(
    app: &App,
    account_id: Uuid,
    file: &ParsedFile,
    came: &Came,
    wanted: BTreeMap<Uuid, i32>,
) -> Result<Preview> {
    let subscriptions = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(account_id))
        .filter(subscription::Column::Id.is_in(wanted.keys().copied()))
        .all(app.reader())
        .await?;
    let seats = subscriptions.iter().map(|subscription| {
        let free = subscription.seats - subscription.seats_used;
        (
            subscription.id,
            wanted.get(&subscription.id).copied().unwrap_or_default(),
            free,
        )
    });
    Ok(Preview {
        encoding: file.form.encoding.to_owned(),
        delimiter: file.form.delimiter.to_string(),
        columns: file.columns.iter().map(column).collect(),
        rows: i32::try_from(file.rows.len()).map_err(Error::internal)?,
        outcomes: outcomes(&came.results),
        mails: i32::try_from(came.mails).map_err(Error::internal)?,
        seats: seats.collect(),
    })
}

fn column(column: &parse::Column) -> (String, Option<String>) {
    use parse::Field;
    let name = |field| match field {
        Field::GivenName => "GIVEN_NAME",
        Field::FamilyName => "FAMILY_NAME",
        Field::Email => "EMAIL",
        Field::Role => "ROLE",
        Field::Products => "PRODUCT",
        Field::ExternalId => "EXTERNAL_ID",
    };
    (
        column.header.clone(),
        column.mapped_to.map(|field| name(field).to_owned()),
    )
}

fn outcomes(results: &RowResults) -> BTreeMap<String, i32> {
    let mut outcomes = BTreeMap::new();
    for result in results {
        *outcomes.entry(result.outcome.to_value()).or_default() += 1;
    }
    outcomes
}
