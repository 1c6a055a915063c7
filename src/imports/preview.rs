//! What a dry run found, as the import keeps it.

use std::collections::{BTreeMap, HashMap};

use entity::import::Sources;
use entity::{assignment, import, subscription};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parse::{self, ParsedFile};
use super::people::{Came, RowResults};
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::arrays::among;

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
    /// Subscription → seats that would be free again.
    #[serde(default)]
    pub freed: BTreeMap<Uuid, i32>,
    /// What would be switched off in seats that are held, by component.
    #[serde(default)]
    pub switched_off: Vec<SwitchedOff>,
}

/// A component that some have on and would not have any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    pub component: Uuid,
    pub count: i32,
    /// The first of those who have it, in the order of the file.
    pub users: Vec<Uuid>,
}

/// People a preview names for a component.
pub const NAMED: u16 = 20;

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
    import: &import::Model,
    file: &ParsedFile,
    came: &Came,
    wanted: BTreeMap<Uuid, i32>,
) -> Result<Preview> {
    let mut freed: BTreeMap<Uuid, i32> = BTreeMap::new();
    for seat in came.results.iter().flat_map(|result| &result.effects.freed) {
        *freed.entry(seat.subscription_id).or_default() += 1;
    }
    let subscriptions = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(import.account_id))
        .filter(subscription::Column::Id.is_in(wanted.keys().chain(freed.keys()).copied()))
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
        freed,
        switched_off: switched_off(app, import, &came.results).await?,
    })
}

/// Looks at the seats that the rehearsal customised as they are without it.
async fn switched_off(app: &App, import: &import::Model, results: &RowResults) -> Result<Vec<SwitchedOff>> {
    let seats = results
        .iter()
        .flat_map(|result| &result.effects.customised)
        .copied();
    let seats: Vec<Uuid> = seats.collect();
    let Some(Sources(sources)) = import.sources.as_ref().filter(|_| !seats.is_empty()) else {
        return Ok(Vec::new());
    };
    let held = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(import.account_id))
        .filter(among(app.reader().backend(), assignment::Column::Id, &seats))
        .all(app.reader())
        .await?;
    let held: HashMap<Uuid, assignment::Model> = held.into_iter().map(|seat| (seat.id, seat)).collect();
    let stays_on = |seat: &assignment::Model, component: &Uuid| {
        let mut sources = sources
            .iter()
            .filter(|source| source.product_id == seat.product_id);
        sources.any(|source| {
            source
                .components
                .as_ref()
                .is_some_and(|on| on.contains(component))
        })
    };
    let mut off: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    // In the order of the file.
    for seat in seats.iter().filter_map(|id| held.get(id)) {
        for component in seat.components.0.iter().filter(|id| !stays_on(seat, id)) {
            off.entry(*component).or_default().push(seat.user_id);
        }
    }
    let told = off.into_iter().map(|(component, mut users)| {
        let count = i32::try_from(users.len()).unwrap_or(i32::MAX);
        users.truncate(NAMED.into());
        SwitchedOff {
            component,
            count,
            users,
        }
    });
    Ok(told.collect())
}

fn column(column: &parse::Column) -> (String, Option<String>) {
    (
        column.header.clone(),
        column.mapped_to.map(|field| field.name().to_owned()),
    )
}

fn outcomes(results: &RowResults) -> BTreeMap<String, i32> {
    let mut outcomes = BTreeMap::new();
    for result in results {
        *outcomes.entry(result.outcome.to_value()).or_default() += 1;
    }
    outcomes
}
