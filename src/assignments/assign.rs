//! Giving seats, one or thousands, with a fixed number of statements.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::ids::Kind;
use entity::lists::Uuids;
use entity::user::Status;
use entity::{assignment, subscription};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::people::{Held, Holder, People};
use super::read::Seat;
use super::request::{Assigned, SeatRequest, SeatSource};
use super::{SEATS, full, rules};
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::platform::arrays::among;
use crate::products::Catalogue;
use crate::products::catalogue_holding;

/// Gives seats, in order, for as long as there are some.
#[derive(Clone, Debug)]
pub struct AssignSeats {
    pub requests: Vec<SeatRequest>,
    pub source: assignment::Source,
    /// Those of the users whom the caller has made just now, and who hold nothing.
    pub newcomers: Vec<Holder>,
}

/// What the account looks like, as far as the requests need.
struct Snapshot {
    people: People,
    subscriptions: Vec<subscription::Model>,
    /// The components of all products that are asked for.
    parts: HashSet<Uuid>,
}

impl Command for AssignSeats {
    type Output = Vec<Assigned>;
    const NAME: &'static str = "seats.assign";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(mut self, work: &mut Work) -> Result<Vec<Assigned>> {
        let newcomers = std::mem::take(&mut self.newcomers);
        let mut snapshot = self.snapshot(work, newcomers).await?;
        let is_there = |known: &Catalogue| self.is_known(known, &snapshot);
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        snapshot.parts = self.parts(&catalogue, &snapshot);
        let Plan {
            outcomes,
            rows,
            changed,
        } = self.plan(work, &catalogue, &snapshot)?;
        count(work, &snapshot, &rows).await?;
        for row in &rows {
            work.touch(Kind::Assignment.text(row.id));
        }
        customise(work, &changed).await?;
        full::tell(work, &catalogue, &snapshot.subscriptions, &rows).await?;
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
        work.insert(rows.collect()).await?;
        // Whom an identity provider brought in reads of their products in the mail that welcomes them.
        if self.source != assignment::Source::SsoJit {
            confirm(work, &catalogue, &snapshot, &self.requests, &outcomes).await?;
        }
        Ok(outcomes)
    }
}

impl AssignSeats {
    async fn snapshot(&self, work: &Work, newcomers: Vec<Holder>) -> Result<Snapshot> {
        let account_id = work.account_id()?;
        let users: HashSet<Uuid> = self.requests.iter().map(|request| request.user_id).collect();
        let people = People::look(work, account_id, users, newcomers).await?;
        let (mut named, mut products) = (HashSet::new(), HashSet::new());
        for request in &self.requests {
            match request.source {
                SeatSource::Subscription(id) => named.insert(id),
                SeatSource::Product(id) => products.insert(id),
            };
        }
        let one_of = |column, ids: HashSet<Uuid>| among(work.backend(), column, &Vec::from_iter(ids));
        let wanted = Condition::any()
            .add(one_of(subscription::Column::Id, named))
            .add(one_of(subscription::Column::ProductId, products));
        let subscriptions = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(wanted)
            .all(work.reader())
            .await?;
        Ok(Snapshot {
            people,
            subscriptions,
            parts: HashSet::new(),
        })
    }

    fn parts(&self, catalogue: &Catalogue, snapshot: &Snapshot) -> HashSet<Uuid> {
        let bought = snapshot.subscriptions.iter().map(|subscription| subscription.product_id);
        let named = self.requests.iter().filter_map(|request| match request.source {
            SeatSource::Product(id) => Some(id),
            SeatSource::Subscription(_) => None,
        });
        let products: HashSet<Uuid> = bought.chain(named).collect();
        let products = products.into_iter().filter_map(|id| catalogue.by_id(id));
        let parts = products.flat_map(|product| &product.0.components);
        parts.map(|part| part.0.id).collect()
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
    fn plan(&self, work: &Work, catalogue: &Catalogue, snapshot: &Snapshot) -> Result<Plan> {
        let account_id = work.account_id()?;
        let assigned_by = work.actor().member().map(|member| member.user_id);
        let mut stock = rules::Stock::new(&snapshot.subscriptions, work.now().date_naive());
        let mut held = snapshot.people.seats.clone();
        let (mut outcomes, mut rows) = (Vec::with_capacity(self.requests.len()), Vec::new());
        let mut changed: BTreeMap<Vec<Uuid>, Vec<Uuid>> = BTreeMap::new();
        for request in &self.requests {
            let planned = plan_one(request, catalogue, snapshot, &held, &mut stock);
            outcomes.push(match planned {
                Err(refusal) => Assigned::Refused(refusal),
                Ok(Planned::Held(seat)) => Assigned::Unchanged(seat),
                Ok(Planned::Changed(seat, components)) => {
                    let seat = Seat {
                        version: seat.version + 1,
                        ..seat
                    };
                    changed.entry(components.clone()).or_default().push(seat.id);
                    held.insert((request.user_id, seat.product_id), Held { seat, components });
                    Assigned::Changed(seat)
                }
                Ok(Planned::New(subscription, components)) => {
                    let held_components = components.clone();
                    let row = assignment::Model {
                        account_id,
                        id: work.new_id(),
                        version: 1,
                        user_id: request.user_id,
                        subscription_id: subscription.id,
                        product_id: subscription.product_id,
                        components: Uuids(components),
                        source: self.source,
                        assigned_by,
                        assigned_at: work.now(),
                    };
                    let seat = Seat::from(&row);
                    let components = held_components;
                    held.insert((request.user_id, seat.product_id), Held { seat, components });
                    rows.push(row);
                    Assigned::New(seat)
                }
            });
        }
        Ok(Plan {
            outcomes,
            rows,
            changed,
        })
    }
}

/// What becomes of each request, and what is written for it.
struct Plan {
    outcomes: Vec<Assigned>,
    rows: Vec<assignment::Model>,
    /// Components → seats that are to have these on.
    changed: BTreeMap<Vec<Uuid>, Vec<Uuid>>,
}

enum Planned<'a> {
    Held(Seat),
    Changed(Seat, Vec<Uuid>),
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
        .people
        .holders
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
    let product = product_id.and_then(|id| catalogue.by_id(id));
    let product = product.ok_or_else(rules::unknown_source)?;
    let asked = match &request.components {
        Some(asked) => rules::named(product, asked, &snapshot.parts)?,
        None => None,
    };
    if let Some(on) = &asked {
        rules::check(product, on)?;
    }
    if let Some(held) = held.get(&(request.user_id, product.0.model.id)) {
        return Ok(match asked {
            Some(on) if !held.has_on(&on) => Planned::Changed(held.seat, on),
            _ => Planned::Held(held.seat),
        });
    }
    let taken = stock.take(request.source, &product.0.model.name)?;
    Ok(Planned::New(taken, asked.unwrap_or_else(|| rules::defaults(product))))
}

/// Switches components of seats that are held on and off.
pub(super) async fn customise(work: &mut Work, changed: &BTreeMap<Vec<Uuid>, Vec<Uuid>>) -> Result<()> {
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

/// Takes the seats where they are sold. The guard cannot fail under the account's lock; that it is there anyway is the point of it.
async fn count(work: &Work, snapshot: &Snapshot, rows: &[assignment::Model]) -> Result<()> {
    let mut wanted: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    for row in rows {
        let user = snapshot.people.holders.get(&row.user_id);
        let is_reserved = user.is_some_and(|user| user.status != Status::Active);
        let (seats, reserved) = wanted.entry(row.subscription_id).or_default();
        *seats += 1;
        *reserved += i32::from(is_reserved);
    }
    let account_id = work.account_id()?;
    for (id, (seats, reserved)) in wanted {
        // Nobody reads it: the lock keeps what was planned from failing.
        let refusal = rules::exhausted(id, "the product", seats, 0);
        work.count(&SEATS, account_id, id, vec![seats, reserved], Some(refusal))
            .await?;
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
        let Assigned::New(seat) = outcome else {
            continue;
        };
        let name = catalogue
            .by_id(seat.product_id)
            .map(|product| product.0.model.name.clone());
        given
            .entry(request.user_id)
            .or_insert((seat.id, Vec::new()))
            .1
            .extend(name);
    }
    let account_id = work.account_id()?;
    let active = given.into_iter().filter_map(|(user_id, given)| {
        let holders = &snapshot.people.holders;
        let user = holders
            .get(&user_id)
            .filter(|user| user.status == Status::Active)?;
        Some((user, given))
    });
    let active: Vec<_> = active.collect();
    if active.is_empty() {
        return Ok(());
    }
    let account_name = work.account(account_id).await?.name;
    let mail = |(user, (first, products)): (&Holder, (Uuid, Vec<String>))| Mail {
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
