//! Enabling: active again, with the seats they gave up where there still are some. What could not be given back is told, not lost in silence.

use std::collections::HashMap;

use entity::assignment;
use entity::disabled_seat;
use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::UserOutcome;
use super::named::{Named, UserPlan};
use super::take_out::let_in;
use crate::access::{Action, Actor, is_administrative, role_not_giveable};
use crate::assignments::by_group::{self, Remembered};
use crate::assignments::{AssignSeats, SeatRequest, SeatSource};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::products::Catalogue;
use crate::products::catalogue_holding;

/// Enables disabled users.
#[derive(Clone, Debug)]
pub struct EnableUsers {
    pub users: Vec<Uuid>,
    /// Enable none unless all can be enabled with every seat they held.
    pub all_or_nothing: bool,
}

impl Command for EnableUsers {
    /// One for each user, in order.
    type Output = Vec<UserOutcome>;
    const NAME: &'static str = "users.enable";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<UserOutcome>> {
        let actor = work.actor().clone();
        let named = Named::judged(work, &self.users, |user, _| match user.status {
            Status::Disabled => check_return(&actor, user).into(),
            _ => UserPlan::Leave,
        })
        .await?;
        if self.all_or_nothing {
            named.insist()?;
        }
        let returning: Vec<user::Model> = named.to_change().into_iter().cloned().collect();
        if returning.is_empty() {
            return Ok(named.outcomes(|_| UserOutcome::Unchanged));
        }
        let_in(work, &returning).await?;
        let mut shortfalls = take_back(work, &returning).await?;
        if self.all_or_nothing && !shortfalls.is_empty() {
            let by_user = returning.iter().filter_map(|user| shortfalls.remove(&user.id));
            return Err(Error::Refused(by_user.flatten().collect()));
        }
        Ok(named.outcomes(|id| UserOutcome::Applied {
            released_seats: 0,
            shortfalls: shortfalls.remove(&id).unwrap_or_default(),
        }))
    }
}

/// Whoever is enabled has their role again, so whoever enables them must be able to give it.
fn check_return(actor: &Actor, user: &user::Model) -> Result<(), Refusal> {
    let reason = role_not_giveable(actor, user.role).filter(|_| is_administrative(user.role));
    reason.map_or(Ok(()), |reason| {
        Err(Refusal::new(Code::RoleNotAssignable, reason))
    })
}

/// Takes the seats back through the one command that gives seats; answers whom it could not give which.
async fn take_back(work: &mut Work, returning: &[user::Model]) -> Result<HashMap<Uuid, Vec<Refusal>>> {
    let account_id = work.account_id()?;
    let ids = || returning.iter().map(|user| user.id);
    let mut held = disabled_seat::Entity::find()
        .filter(disabled_seat::Column::AccountId.eq(account_id))
        .filter(disabled_seat::Column::UserId.is_in(ids()))
        .all(work.reader())
        .await?;
    // Where seats are short, whoever was named first gets theirs.
    held.sort_by_key(|seat| (ids().position(|id| id == seat.user_id), seat.id));
    let mut shortfalls: HashMap<Uuid, Vec<Refusal>> = HashMap::new();
    if held.is_empty() {
        by_group::give(
            work,
            account_id,
            &ids().collect::<Vec<_>>(),
            Vec::new(),
            &Remembered::new(),
        )
        .await?;
        return Ok(shortfalls);
    }
    // What would have ended meanwhile has.
    let today = work.now().date_naive();
    held.retain(|seat| seat.expires_on.is_none_or(|day| day >= today));
    let told = disabled_seat::Entity::delete_many()
        .filter(disabled_seat::Column::AccountId.eq(account_id))
        .filter(disabled_seat::Column::UserId.is_in(ids()));
    work.delete(told).await?;
    let (of_groups, held): (Vec<_>, Vec<_>) = held
        .into_iter()
        .partition(|seat| seat.source == assignment::Source::Group);
    let request = |seat: &disabled_seat::Model| SeatRequest {
        user_id: seat.user_id,
        source: SeatSource::Product(seat.product_id),
        components: Some(seat.components.0.clone()),
        expires_on: seat.expires_on,
    };
    let command = AssignSeats {
        requests: held.iter().map(request).collect(),
        source: assignment::Source::Manual,
        waits: false,
        newcomers: Vec::new(),
    };
    let outcomes = match held.is_empty() {
        true => Vec::new(),
        false => work.run(command).await?,
    };
    // What their groups give now: it may be something else than it was, and whoever finds no seat of it waits.
    let remembered = of_groups
        .into_iter()
        .map(|seat| ((seat.user_id, seat.product_id), seat.components.0));
    by_group::give(
        work,
        account_id,
        &ids().collect::<Vec<_>>(),
        Vec::new(),
        &remembered.collect(),
    )
    .await?;
    let is_there = |known: &Catalogue| known.has(held.iter().map(|seat| seat.product_id));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    for (seat, outcome) in held.iter().zip(outcomes) {
        let Some(refusal) = outcome.refusal() else {
            continue;
        };
        let product = catalogue.by_id(seat.product_id);
        let product = product
            .map(|product| product.0.model.name.as_str())
            .unwrap_or_default();
        shortfalls.entry(seat.user_id).or_default().push(Refusal {
            message: format!("{product} could not be given back: {}", refusal.message),
            ..refusal.clone()
        });
    }
    Ok(shortfalls)
}
