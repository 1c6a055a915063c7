//! Giving seats, one or thousands, with a fixed number of statements.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::lists::Uuids;
use entity::user::Status;
use entity::{assignment, subscription, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{full, refusals, rules};
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::arrays::among;
use crate::products::Catalogue;
use crate::products::catalogue_holding;

/// What to take a seat from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeatSource {
    Subscription(Uuid),
    /// Any in-term subscription of the product, the one that ends last first.
    Product(Uuid),
}

/// A seat for somebody.
#[derive(Clone, Debug)]
pub struct SeatRequest {
    pub user_id: Uuid,
    pub source: SeatSource,
    /// The components that are on; `None`: the product's defaults.
    pub components: Option<Vec<Uuid>>,
}

/// A seat that somebody has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    pub assignment_id: Uuid,
    pub subscription_id: Uuid,
    pub product_id: Uuid,
    pub since: DateTime<Utc>,
}

impl From<assignment::Model> for Held {
    fn from(seat: assignment::Model) -> Self {
        Self {
            assignment_id: seat.id,
            subscription_id: seat.subscription_id,
            product_id: seat.product_id,
            since: seat.assigned_at,
        }
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Assigned {
    New {
        assignment_id: Uuid,
        subscription_id: Uuid,
        product_id: Uuid,
    },
    /// The user has the product already: no seat, no mail.
    Unchanged(Held),
    Refused(Refusal),
}

impl Assigned {
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The subscription of a seat that was given just now.
    pub fn subscription(&self) -> Option<Uuid> {
        match self {
            Self::New { subscription_id, .. } => Some(*subscription_id),
            _ => None,
        }
    }

    /// The product of a seat that was given just now.
    pub fn new_product(&self) -> Option<Uuid> {
        match self {
            Self::New { product_id, .. } => Some(*product_id),
            _ => None,
        }
    }
}

/// Gives seats, in order, for as long as there are some.
#[derive(Clone, Debug)]
pub struct AssignSeats {
    pub requests: Vec<SeatRequest>,
    pub source: assignment::Source,
    /// Give none unless all can be given.
    pub all_or_nothing: bool,
}

/// What the account looks like, as far as the requests need.
struct Snapshot {
    users: HashMap<Uuid, user::Model>,
    subscriptions: Vec<subscription::Model>,
    /// (user, product) → seat.
    held: HashMap<(Uuid, Uuid), Held>,
}

impl Command for AssignSeats {
    type Output = Vec<Assigned>;
    const NAME: &'static str = "seats.assign";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Assigned>> {
        let snapshot = self.snapshot(work).await?;
        let is_there = |known: &Catalogue| self.is_known(known, &snapshot);
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        let (outcomes, rows) = self.plan(work, &catalogue, &snapshot)?;
        if self.all_or_nothing {
            let refusals = self.refusals(&outcomes);
            if !refusals.is_empty() {
                return Err(Error::Refused(refusals));
            }
        }
        count(work, &snapshot, &rows).await?;
        for row in &rows {
            work.touch(Kind::Assignment.text(*row.id.as_ref()));
        }
        full::tell(work, &catalogue, &snapshot.subscriptions, &rows).await?;
        work.insert(rows).await?;
        // Whom an identity provider brought in reads of their products in the mail that welcomes them.
        if self.source != assignment::Source::SsoJit {
            confirm(work, &catalogue, &snapshot, &self.requests, &outcomes).await?;
        }
        Ok(outcomes)
    }
}

impl AssignSeats {
    /// Why nothing is done.
    fn refusals(&self, outcomes: &[Assigned]) -> Vec<Refusal> {
        let asked = self.requests.iter().zip(outcomes);
        let asked: Vec<_> = asked
            .map(|(request, outcome)| (request.source, outcome))
            .collect();
        refusals::together(&asked, refusals::at_fault)
    }

    async fn snapshot(&self, work: &Work) -> Result<Snapshot> {
        let account_id = work.account_id()?;
        let ids: HashSet<Uuid> = self.requests.iter().map(|request| request.user_id).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let users = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(among(work.backend(), user::Column::Id, &ids))
            .all(work.reader())
            .await?;
        // An account has dozens of subscriptions; all of them at once is one cheap statement.
        let subscriptions = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .all(work.reader())
            .await?;
        let held = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(account_id))
            .filter(among(work.backend(), assignment::Column::UserId, &ids))
            .all(work.reader())
            .await?;
        Ok(Snapshot {
            users: users.into_iter().map(|user| (user.id, user)).collect(),
            subscriptions,
            held: held
                .into_iter()
                .map(|seat| ((seat.user_id, seat.product_id), Held::from(seat)))
                .collect(),
        })
    }

    /// Whether the catalogue has what the account has bought, and the parts that are asked for.
    fn is_known(&self, catalogue: &Catalogue, snapshot: &Snapshot) -> bool {
        let bought = snapshot.subscriptions.iter();
        let parts = self
            .requests
            .iter()
            .filter_map(|request| request.components.as_ref());
        catalogue.has(bought.map(|subscription| subscription.product_id))
            && parts.flatten().all(|id| catalogue.component(*id).is_some())
    }

    /// Decides everything in memory.
    fn plan(
        &self,
        work: &Work,
        catalogue: &Catalogue,
        snapshot: &Snapshot,
    ) -> Result<(Vec<Assigned>, Vec<assignment::ActiveModel>)> {
        let account_id = work.account_id()?;
        let assigned_by = work.actor().member().map(|member| member.user_id);
        let mut stock = rules::Stock::new(&snapshot.subscriptions, work.now().date_naive());
        let mut held = snapshot.held.clone();
        let (mut outcomes, mut rows) = (Vec::with_capacity(self.requests.len()), Vec::new());
        for request in &self.requests {
            let planned = plan_one(request, catalogue, snapshot, &held, &mut stock);
            outcomes.push(match planned {
                Err(refusal) => Assigned::Refused(refusal),
                Ok(Planned::Held(held)) => Assigned::Unchanged(held),
                Ok(Planned::New(subscription, components)) => {
                    let (assignment_id, product_id) = (work.new_id(), subscription.product_id);
                    let seat = Held {
                        assignment_id,
                        subscription_id: subscription.id,
                        product_id,
                        since: work.now(),
                    };
                    held.insert((request.user_id, product_id), seat);
                    rows.push(assignment::ActiveModel {
                        account_id: Set(account_id),
                        id: Set(assignment_id),
                        version: Set(1),
                        user_id: Set(request.user_id),
                        subscription_id: Set(subscription.id),
                        product_id: Set(product_id),
                        components: Set(Uuids(components)),
                        source: Set(self.source),
                        assigned_by: Set(assigned_by),
                        assigned_at: Set(work.now()),
                    });
                    Assigned::New {
                        assignment_id,
                        subscription_id: subscription.id,
                        product_id,
                    }
                }
            });
        }
        Ok((outcomes, rows))
    }
}

enum Planned<'a> {
    Held(Held),
    New(&'a subscription::Model, Vec<Uuid>),
}

fn plan_one<'a>(
    request: &SeatRequest,
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    held: &HashMap<(Uuid, Uuid), Held>,
    stock: &mut rules::Stock<'a>,
) -> Result<Planned<'a>, Refusal> {
    let user = snapshot
        .users
        .get(&request.user_id)
        .filter(|user| user.status != Status::Removed);
    let user = user.ok_or_else(|| Refusal::new(Code::NotFound, "There is no such user."))?;
    if user.status == Status::Disabled {
        return Err(Refusal::new(
            Code::UserDisabled,
            "This person is disabled and can hold no seat.",
        ));
    }
    let product_id = match request.source {
        SeatSource::Product(id) => Some(id),
        SeatSource::Subscription(id) => snapshot
            .subscriptions
            .iter()
            .find(|known| known.id == id)
            .map(|known| known.product_id),
    };
    if let Some(seat) = product_id.and_then(|id| held.get(&(request.user_id, id))) {
        return Ok(Planned::Held(*seat));
    }
    let product = product_id.and_then(|id| catalogue.by_id(id));
    let product = product.ok_or_else(rules::unknown_source)?;
    let components = rules::components(product, request.components.as_deref())?;
    Ok(Planned::New(stock.take(request.source)?, components))
}

/// Takes the seats where they are sold. The guard cannot fail under the account's lock; that it is there anyway is the point of it.
async fn count(work: &Work, snapshot: &Snapshot, rows: &[assignment::ActiveModel]) -> Result<()> {
    let mut wanted: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    for row in rows {
        let user = snapshot.users.get(row.user_id.as_ref());
        let is_reserved = user.is_some_and(|user| user.status != Status::Active);
        let (seats, reserved) = wanted.entry(*row.subscription_id.as_ref()).or_default();
        *seats += 1;
        *reserved += i32::from(is_reserved);
    }
    for (id, (seats, reserved)) in wanted {
        let used = Expr::col(subscription::Column::SeatsUsed);
        let taken = subscription::Entity::update_many()
            .col_expr(subscription::Column::SeatsUsed, used.clone().add(seats))
            .col_expr(
                subscription::Column::SeatsReserved,
                Expr::col(subscription::Column::SeatsReserved).add(reserved),
            )
            .filter(subscription::Column::AccountId.eq(work.account_id()?))
            .filter(subscription::Column::Id.eq(id))
            .filter(used.add(seats).lte(Expr::col(subscription::Column::Seats)));
        if work.update(taken).await? != 1 {
            return Err(rules::exhausted(id, seats, 0).into());
        }
    }
    Ok(())
}

/// Tells active users what they were given, in one mail each. Who has not accepted yet reads it in their invitation, and again on accepting.
async fn confirm(
    work: &mut Work,
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    requests: &[SeatRequest],
    outcomes: &[Assigned],
) -> Result<()> {
    let mut given: BTreeMap<Uuid, (Uuid, Vec<String>)> = BTreeMap::new();
    for (request, outcome) in requests.iter().zip(outcomes) {
        let Assigned::New {
            assignment_id,
            product_id,
            ..
        } = outcome
        else {
            continue;
        };
        let name = catalogue
            .by_id(*product_id)
            .map(|product| product.0.model.name.clone());
        given
            .entry(request.user_id)
            .or_insert((*assignment_id, Vec::new()))
            .1
            .extend(name);
    }
    let account_id = work.account_id()?;
    let active = given.into_iter().filter_map(|(user_id, given)| {
        let user = snapshot
            .users
            .get(&user_id)
            .filter(|user| user.status == Status::Active)?;
        Some((user, given))
    });
    let active: Vec<_> = active.collect();
    if active.is_empty() {
        return Ok(());
    }
    let account_name = super::account_name(work, account_id).await?;
    let mail = |(user, (first, products)): (&user::Model, (Uuid, Vec<String>))| Mail {
        key: format!("products:{first}"),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter: Letter::ProductConfirmation {
            account_name: account_name.clone(),
            products,
        },
    };
    outbox::write(work, account_id, active.into_iter().map(mail).collect()).await
}
