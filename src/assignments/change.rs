//! Changing seats that are held, when they are asked for again otherwise.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::assignment;
use entity::ids::Kind;
use entity::lists::Uuids;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// Last day → seats that are to be held until its end, each with whether its version has grown already.
pub type Moved = BTreeMap<NaiveDate, Vec<(Uuid, bool)>>;

/// Switches components of seats that are held on and off.
pub async fn customise(work: &mut Work, changed: &BTreeMap<Vec<Uuid>, Vec<Uuid>>) -> Result<()> {
    let account_id = work.account_id()?;
    // One statement for each set of components; a call names one for everybody.
    for (components, seats) in changed {
        let update = assignment::Entity::update_many()
            .col_expr(
                assignment::Column::Components,
                Expr::value(Uuids(components.clone())),
            )
            .col_expr(
                assignment::Column::Version,
                Expr::col(assignment::Column::Version).add(1),
            )
            .filter(assignment::Column::AccountId.eq(account_id))
            .filter(among(work.backend(), assignment::Column::Id, seats));
        work.update(update).await?;
        for id in seats {
            work.touch(Kind::Assignment.text(*id));
        }
    }
    Ok(())
}

/// Has seats that are held end on another day: of that their users are to be told anew.
pub async fn limit(work: &mut Work, moved: &Moved) -> Result<()> {
    let account_id = work.account_id()?;
    // Two statements at the most for each day; a call names one for everybody.
    for (day, seats) in moved {
        for has_grown in [true, false] {
            let seats: Vec<Uuid> = seats
                .iter()
                .filter(|(_, grown)| *grown == has_grown)
                .map(|(id, _)| *id)
                .collect();
            if seats.is_empty() {
                continue;
            }
            let mut update = assignment::Entity::update_many()
                .col_expr(assignment::Column::ExpiresOn, Expr::value(*day))
                .filter(assignment::Column::AccountId.eq(account_id))
                .filter(among(work.backend(), assignment::Column::Id, &seats));
            if !has_grown {
                let grown = Expr::col(assignment::Column::Version).add(1);
                update = update.col_expr(assignment::Column::Version, grown);
            }
            work.update(update).await?;
            for id in seats {
                work.touch(Kind::Assignment.text(id));
            }
        }
    }
    Ok(())
}
