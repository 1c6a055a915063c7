//! Giving seats, one or thousands, with a fixed number of statements.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::lists::Uuids;
use entity::user::Status;
use entity::{assignment, subscription};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::change::{Moved, customise, limit};
use super::holding;
use super::people::{Held, Holder, People};
use super::place::{confirm, place};
use super::read::Seat;
use super::request::{Assigned, SeatRequest, SeatSource};
use super::waitlist::{self, Line};
use super::{full, rules};
use crate::access::{Action, Actor};
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
    /// Whoever finds no seat waits for one.
    pub waits: bool,
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

/// A subscription, and whether somebody waits for its product.
#[derive(FromQueryResult)]
struct Bought {
    #[sea_orm(nested)]
    subscription: subscription::Model,
    is_waited_for: bool,
}

const IS_WAITED_FOR: &str = "EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.account_id = subscriptions.account_id AND w.product_id = subscriptions.product_id)";

impl Command for AssignSeats {
    type Output = Vec<Assigned>;
    const NAME: &'static str = "seats.assign";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(mut self, work: &mut Work) -> Result<Vec<Assigned>> {
        let newcomers = std::mem::take(&mut self.newcomers);
        let account_id = work.account_id()?;
        let subscriptions = self.subscriptions(work, account_id).await?;
        let users: HashSet<Uuid> = self.requests.iter().map(|request| request.user_id).collect();
        let mut line = match self.waits {
            true => Some(Line::look(work, account_id, &users, self.source).await?),
            false => None,
        };
        let mut snapshot = Snapshot {
            people: People::look(work, account_id, users, newcomers).await?,
            subscriptions,
            parts: HashSet::new(),
        };
        let is_there = |known: &Catalogue| self.is_known(known, &snapshot);
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        snapshot.parts = self.parts(&catalogue, &snapshot);
        let Plan {
            outcomes,
            rows,
            by_hand,
            changed,
            moved,
        } = self.plan(work, &catalogue, &snapshot, line.as_mut())?;
        let holders = &snapshot.people.holders;
        if !by_hand.is_empty() {
            let by = work.actor().member().map(|member| member.user_id);
            holding::hold(work, account_id, &by_hand, self.source, by).await?;
        }
        customise(work, &changed).await?;
        limit(work, &moved).await?;
        full::tell(work, &catalogue, &snapshot.subscriptions, &rows).await?;
        place(work, account_id, holders, &rows).await?;
        // Whom an identity provider brought in reads of their products in the mail that welcomes them.
        if !matches!(work.actor(), Actor::Sso { .. }) {
            confirm(work, account_id, &catalogue, holders, &rows).await?;
        }
        if let Some(line) = line {
            line.write(work).await?;
        }
        Ok(outcomes)
    }
}

impl AssignSeats {
    /// The subscriptions that are asked for.
    async fn subscriptions(&self, work: &mut Work, account_id: Uuid) -> Result<Vec<subscription::Model>> {
        let mut bought = self.bought(work, account_id).await?;
        if bought.iter().any(|one| one.is_waited_for) {
            // Whoever waits comes first: a term may have begun since, or this very command has freed seats.
            waitlist::give(work, account_id).await?;
            bought = self.bought(work, account_id).await?;
        }
        Ok(bought.into_iter().map(|one| one.subscription).collect())
    }

    async fn bought(&self, work: &Work, account_id: Uuid) -> Result<Vec<Bought>> {
        let (mut named, mut products) = (HashSet::new(), HashSet::new());
        for request in &self.requests {
            match request.source {
                SeatSource::Subscription(id) => named.insert(id),
                SeatSource::Product(id) => products.insert(id),
            };
        }
        let one_of = |column, ids: HashSet<Uuid>| among(work.backend(), column, &Vec::from_iter(ids));
        let named = one_of(subscription::Column::Id, named);
        let mut wanted = Condition::any()
            .add(named.clone())
            .add(one_of(subscription::Column::ProductId, products));
        if self.waits {
            // Nobody waits for one subscription while another of its product has a seat.
            let products = Query::select()
                .column(subscription::Column::ProductId)
                .from(subscription::Entity)
                .and_where(subscription::Column::AccountId.eq(account_id))
                .and_where(named)
                .take();
            wanted = wanted.add(subscription::Column::ProductId.into_expr().in_subquery(products));
        }
        Ok(subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(wanted)
            .expr_as(Expr::cust(IS_WAITED_FOR), "is_waited_for")
            .into_model()
            .all(work.reader())
            .await?)
    }

    fn parts(&self, catalogue: &Catalogue, snapshot: &Snapshot) -> HashSet<Uuid> {
        let bought = snapshot
            .subscriptions
            .iter()
            .map(|subscription| subscription.product_id);
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
    fn plan(
        &self,
        work: &Work,
        catalogue: &Catalogue,
        snapshot: &Snapshot,
        mut line: Option<&mut Line>,
    ) -> Result<Plan> {
        let account_id = work.account_id()?;
        let assigned_by = work.actor().member().map(|member| member.user_id);
        let mut stock = rules::Stock::new(&snapshot.subscriptions, work.now().date_naive());
        let mut held = snapshot.people.seats.clone();
        let (mut outcomes, mut rows) = (Vec::with_capacity(self.requests.len()), Vec::new());
        let is_of_group = self.source == assignment::Source::Group;
        let waits = match (line.is_some(), is_of_group) {
            (false, _) => Waits::Never,
            (true, false) => Waits::ForSeats,
            (true, true) => Waits::ForTerms,
        };
        let mut by_hand = Vec::new();
        // What only groups gave until now.
        let mut held_by = |seat: Seat| {
            if is_of_group || seat.source != assignment::Source::Group {
                return seat;
            }
            by_hand.push(seat.id);
            Seat {
                version: seat.version + 1,
                source: self.source,
                assigned_by,
                ..seat
            }
        };
        let mut changed: BTreeMap<Vec<Uuid>, Vec<Uuid>> = BTreeMap::new();
        let mut moved: Moved = BTreeMap::new();
        for request in &self.requests {
            let planned = plan_one(request, catalogue, snapshot, &held, &mut stock, waits);
            outcomes.push(match planned {
                Err(NoSeat::Refused(refusal)) => Assigned::Refused(refusal),
                Err(NoSeat::Left(short)) => match line.as_deref_mut() {
                    Some(line) => short.waits(work, request, line),
                    None => Assigned::Refused(short.refusal),
                },
                Ok(Planned::Held(seat)) => {
                    let seat = held_by(seat);
                    if let Some(held) = held.get_mut(&(request.user_id, seat.product_id)) {
                        held.seat = seat;
                    }
                    Assigned::Unchanged(seat)
                }
                Ok(Planned::Changed(before, components)) => {
                    let seat = held_by(before.seat);
                    let seat = Seat {
                        version: seat.version + 1,
                        expires_on: request.expires_on.or(seat.expires_on),
                        ..seat
                    };
                    if !before.has_on(&components) {
                        changed.entry(components.clone()).or_default().push(seat.id);
                    }
                    if let Some(day) = seat
                        .expires_on
                        .filter(|_| seat.expires_on != before.seat.expires_on)
                    {
                        let is_counted = !before.has_on(&components);
                        moved.entry(day).or_default().push((seat.id, is_counted));
                    }
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
                        expires_on: request.expires_on,
                        expiry_told_for: None,
                        reclaim_told_at: None,
                        waited_as: None,
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
            by_hand,
            changed,
            moved,
        })
    }
}

/// What becomes of each request, and what is written for it.
struct Plan {
    outcomes: Vec<Assigned>,
    rows: Vec<assignment::Model>,
    /// Seats that groups gave, and that are held by hand from now.
    by_hand: Vec<Uuid>,
    /// Components → seats that are to have these on.
    changed: BTreeMap<Vec<Uuid>, Vec<Uuid>>,
    moved: Moved,
}

/// What whoever gets no seat waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Never,
    ForSeats,
    /// As members of groups do: also for a subscription whose term has not begun, or that is bought anew.
    ForTerms,
}

impl Waits {
    fn is_for(self, refusal: &Refusal) -> bool {
        match self {
            Self::Never => false,
            Self::ForSeats => refusal.code == Code::SeatsExhausted,
            Self::ForTerms => matches!(refusal.code, Code::SeatsExhausted | Code::SubscriptionInactive),
        }
    }
}

/// Why a request gets no seat.
enum NoSeat {
    Refused(Refusal),
    /// It could have one if there were one. Boxed, because it is rare and plans are handed about by value.
    Left(Box<Short>),
}

struct Short {
    refusal: Refusal,
    product_id: Uuid,
    components: Option<Vec<Uuid>>,
}

impl Short {
    fn waits(self, work: &Work, request: &SeatRequest, line: &mut Line) -> Assigned {
        let (entry, is_new) = line.stand(work, request, self.product_id, self.components);
        Assigned::Waiting { entry, is_new }
    }
}

impl From<Refusal> for NoSeat {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

enum Planned<'a> {
    Held(Seat),
    Changed(Held, Vec<Uuid>),
    New(&'a subscription::Model, Vec<Uuid>),
}

fn plan_one<'a>(
    request: &SeatRequest,
    catalogue: &Catalogue,
    snapshot: &Snapshot,
    held: &HashMap<(Uuid, Uuid), Held>,
    stock: &mut rules::Stock<'a>,
    waits: Waits,
) -> Result<Planned<'a>, NoSeat> {
    let user = snapshot
        .people
        .holders
        .get(&request.user_id)
        .filter(|user| user.status != Status::Removed);
    let user = user.ok_or_else(|| Refusal::new(Code::NotFound, "There is no such user."))?;
    if user.status == Status::Disabled {
        let text = "This person is disabled and can hold no seat.";
        return Err(Refusal::new(Code::UserDisabled, text).into());
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
        let ends_otherwise = request.expires_on.is_some() && request.expires_on != held.seat.expires_on;
        let on = asked.filter(|on| !held.has_on(on));
        return Ok(match on {
            None if !ends_otherwise => Planned::Held(held.seat),
            on => Planned::Changed(held.clone(), on.unwrap_or_else(|| held.components.clone())),
        });
    }
    let (product_id, name) = (product.0.model.id, &product.0.model.name);
    let mut taken = stock.take(request.source, name);
    if taken.as_ref().is_err_and(|refusal| waits.is_for(refusal)) {
        taken = stock.take(SeatSource::Product(product_id), name);
    }
    match taken {
        Ok(taken) => Ok(Planned::New(
            taken,
            asked.unwrap_or_else(|| rules::defaults(product)),
        )),
        Err(refusal) if waits.is_for(&refusal) => Err(NoSeat::Left(Box::new(Short {
            refusal,
            product_id,
            components: asked,
        }))),
        Err(refusal) => Err(refusal.into()),
    }
}
