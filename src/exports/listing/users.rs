//! Everybody of the account, removed ones aside: as lists on the screen show them, and as an import reads them again.

use chrono::{DateTime, Utc};
use entity::assignment;
use entity::export::ColumnSet;
use entity::invitation;
use entity::lists::Uuids;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::offer::{Offer, Seat};
use super::people::Person;
use super::{Listing, People, names};
use crate::error::Result;
use crate::exports::lines::{Cell, Lines};
use crate::exports::request::Request;
use crate::invitations::rules::{State, state_of};
use crate::platform::db::Snapshot;
use crate::read::Scope;

/// What comes behind the columns that name somebody.
const COLUMNS: [&str; 5] = [
    "role",
    "status",
    "invitation_status",
    "invitation_expires_at",
    "last_active_at",
];
/// Before the code of a product that has a column of its own: a product may be called like any other column.
const SEAT: &str = "seat_";

pub struct Users {
    account_id: Uuid,
    people: People,
    now: DateTime<Utc>,
    /// Where seats are told of.
    offer: Option<Offer>,
    columns: Vec<ColumnSet>,
}

/// The latest invitation of somebody.
struct Invited {
    state: State,
    expires_at: DateTime<Utc>,
}

impl Users {
    pub async fn of(scope: &Scope, at: &Snapshot, request: &Request) -> Result<Self> {
        let account_id = scope.account_id()?;
        let offer = match request.columns.is_empty() {
            true => None,
            false => Some(Offer::of(scope.app(), at, account_id).await?),
        };
        Ok(Self {
            account_id,
            people: People::of(scope, request).await?,
            now: scope.app().clock().now(),
            offer,
            columns: request.columns.clone(),
        })
    }

    fn has(&self, set: ColumnSet) -> bool {
        self.columns.contains(&set)
    }

    /// The latest invitations of a batch, in the order of its people.
    async fn invitations(&self, at: &Snapshot, batch: &[Person]) -> Result<Vec<Option<Invited>>> {
        let found: Vec<(Uuid, invitation::Status, DateTime<Utc>)> = invitation::Entity::find()
            .select_only()
            .columns([
                invitation::Column::UserId,
                invitation::Column::Status,
                invitation::Column::ExpiresAt,
            ])
            .filter(invitation::Column::AccountId.eq(self.account_id))
            .filter(self.people.of_batch(at, invitation::Column::UserId, batch))
            .order_by_asc(invitation::Column::UserId)
            .order_by_asc(invitation::Column::Id)
            .into_tuple()
            .all(at)
            .await?;
        let mut found = found.into_iter().peekable();
        let latest = |person: &Person| {
            let mut latest = None;
            // Those of people who were removed stand between them.
            while let Some((user_id, status, expires_at)) = found.next_if(|(id, ..)| *id <= person.id) {
                if user_id == person.id {
                    latest = Some((status, expires_at));
                }
            }
            latest.map(|(status, expires_at)| Invited {
                state: state_of(status, expires_at, self.now),
                expires_at,
            })
        };
        Ok(batch.iter().map(latest).collect())
    }

    /// The seats of a batch, by their people and then by product.
    async fn seats(&self, at: &Snapshot, offer: &Offer, batch: &[Person]) -> Result<Vec<Seat>> {
        let query = assignment::Entity::find()
            .select_only()
            .columns([
                assignment::Column::UserId,
                assignment::Column::ProductId,
                assignment::Column::SubscriptionId,
                assignment::Column::AssignedAt,
            ])
            .filter(assignment::Column::AccountId.eq(self.account_id))
            .filter(self.people.of_batch(at, assignment::Column::UserId, batch));
        let mut seats: Vec<Seat> = if self.has(ColumnSet::SubscriptionRows) {
            let query = query.column(assignment::Column::Components);
            let rows: Vec<(Uuid, Uuid, Uuid, DateTime<Utc>, Uuids)> = query.into_tuple().all(at).await?;
            rows.into_iter().map(Seat::from).collect()
        } else {
            let rows: Vec<(Uuid, Uuid, Uuid, DateTime<Utc>)> = query.into_tuple().all(at).await?;
            let seat =
                |(user, product, subscription, at)| (user, product, subscription, at, Uuids::default());
            rows.into_iter().map(seat).map(Seat::from).collect()
        };
        seats.sort_unstable_by_key(|seat| (seat.user_id, offer.place(seat.product_id)));
        Ok(seats)
    }

    fn write(
        &self,
        person: &Person,
        invited: Option<&Invited>,
        seats: &[Seat],
        lines: &mut Lines,
    ) -> Result<()> {
        let Some(offer) = &self.offer else {
            write_person(person, invited, lines)?;
            return lines.end();
        };
        if self.has(ColumnSet::SubscriptionRows) {
            for seat in seats {
                write_person(person, invited, lines)?;
                offer.write(seat, lines)?;
                lines.end()?;
            }
            // Whoever has no seat is listed all the same.
            if seats.is_empty() {
                write_person(person, invited, lines)?;
                Offer::write_none(lines)?;
                lines.end()?;
            }
            return Ok(());
        }
        write_person(person, invited, lines)?;
        if self.has(ColumnSet::Products) {
            let codes: Vec<&str> = seats.iter().map(|seat| offer.code(seat.product_id)).collect();
            lines.cell(Cell::List(&codes))?;
        }
        if self.has(ColumnSet::Subscriptions) {
            let mut seats = seats.iter().peekable();
            for product in offer.products() {
                let held = seats.next_if(|seat| seat.product_id == *product);
                lines.cell(held.map_or(Cell::Blank, |seat| Cell::Day(seat.assigned_at.date_naive())))?;
            }
        }
        lines.end()
    }
}

fn write_person(person: &Person, invited: Option<&Invited>, lines: &mut Lines) -> Result<()> {
    person.write(lines)?;
    lines.cell(Cell::Text(&person.role.to_value()))?;
    person.write_status(lines)?;
    lines.cell(Cell::text(invited.map(|invited| invited.state.name())))?;
    lines.cell(Cell::moment(invited.map(|invited| invited.expires_at)))?;
    lines.cell(Cell::moment(person.last_signed_in_at))
}

#[async_trait::async_trait]
impl Listing for Users {
    fn columns(&self) -> Vec<String> {
        let mut columns = names(&Person::NAMED);
        columns.extend(names(&COLUMNS));
        let Some(offer) = &self.offer else {
            return columns;
        };
        if self.has(ColumnSet::Products) {
            columns.push("products".to_owned());
        }
        if self.has(ColumnSet::Subscriptions) {
            let of_product = |id: &Uuid| format!("{SEAT}{}", offer.code(*id));
            columns.extend(offer.products().iter().map(of_product));
        }
        if self.has(ColumnSet::SubscriptionRows) {
            columns.extend(names(&Offer::COLUMNS));
        }
        columns
    }

    async fn count(&self, at: &Snapshot) -> Result<u64> {
        self.people.count(at).await
    }

    async fn next(&mut self, at: &Snapshot, lines: &mut Lines) -> Result<u64> {
        let batch = self.people.next(at).await?;
        if batch.is_empty() {
            return Ok(0);
        }
        let invited = self.invitations(at, &batch).await?;
        let seats = match &self.offer {
            Some(offer) => self.seats(at, offer, &batch).await?,
            None => Vec::new(),
        };
        let mut rest = seats.as_slice();
        for (person, invited) in batch.iter().zip(&invited) {
            let begin = rest.partition_point(|seat| seat.user_id < person.id);
            let length = rest[begin..]
                .iter()
                .take_while(|seat| seat.user_id == person.id)
                .count();
            let (own, others) = rest[begin..].split_at(length);
            self.write(person, invited.as_ref(), own, lines)?;
            rest = others;
        }
        Ok(batch.len() as u64)
    }
}

impl From<(Uuid, Uuid, Uuid, DateTime<Utc>, Uuids)> for Seat {
    fn from(
        (user_id, product_id, subscription_id, assigned_at, components): (
            Uuid,
            Uuid,
            Uuid,
            DateTime<Utc>,
            Uuids,
        ),
    ) -> Self {
        Self {
            user_id,
            product_id,
            subscription_id,
            assigned_at,
            components,
        }
    }
}
