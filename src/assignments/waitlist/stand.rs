//! Standing in line.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use entity::assignment::Source;
use entity::ids::Kind;
use entity::lists::Uuids;
use entity::waitlist_entry::{self, Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::assignments::SeatRequest;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// Until which day, and with which components.
type AskedFor = (Option<NaiveDate>, Option<Vec<Uuid>>);

/// The lines of an account while a batch is being planned: who stands where already, and who comes behind.
pub struct Line {
    account_id: Uuid,
    /// By user and product, with what asked for the seat.
    known: HashMap<(Uuid, Uuid), (Uuid, Source)>,
    /// Places that groups gave, and that are held by hand from now; by the last day and the components that are asked for.
    by_hand: BTreeMap<AskedFor, Vec<Uuid>>,
    last: i64,
    source: Source,
    new: Vec<waitlist_entry::Model>,
}

impl Line {
    /// Looks where these users stand.
    pub async fn look(work: &Work, account_id: Uuid, users: &HashSet<Uuid>, source: Source) -> Result<Self> {
        let users: Vec<Uuid> = users.iter().copied().collect();
        let of_account = || Entity::find().filter(Column::AccountId.eq(account_id));
        let known = of_account()
            .filter(among(work.backend(), Column::UserId, &users))
            .all(work.reader())
            .await?;
        let last = of_account()
            .select_only()
            .column(Column::Rank)
            .order_by_desc(Column::Rank)
            .limit(1)
            .into_tuple::<i64>()
            .one(work.reader())
            .await?;
        let place =
            |entry: waitlist_entry::Model| ((entry.user_id, entry.product_id), (entry.id, entry.source));
        Ok(Self {
            by_hand: BTreeMap::new(),
            account_id,
            known: known.into_iter().map(place).collect(),
            last: last.unwrap_or_default(),
            source,
            new: Vec::new(),
        })
    }

    /// The place of a user, at the end of the line if they stood in none; and whether they came just now.
    pub fn stand(
        &mut self,
        work: &Work,
        request: &SeatRequest,
        product_id: Uuid,
        components: Option<Vec<Uuid>>,
    ) -> (Uuid, bool) {
        let user_id = request.user_id;
        if let Some((known, source)) = self.known.get_mut(&(user_id, product_id)) {
            if *source == Source::Group && self.source != Source::Group {
                *source = self.source;
                let asked = (request.expires_on, components);
                self.by_hand.entry(asked).or_default().push(*known);
            }
            return (*known, false);
        }
        self.last += 1;
        let entry = waitlist_entry::Model {
            account_id: self.account_id,
            id: work.new_id(),
            user_id,
            product_id,
            rank: self.last,
            components: components.map(Uuids),
            source: self.source,
            requested_by: work.actor().member().map(|member| member.user_id),
            created_at: work.now(),
            expires_on: request.expires_on,
        };
        let id = entry.id;
        self.known.insert((user_id, product_id), (id, self.source));
        self.new.push(entry);
        (id, true)
    }

    /// Writes who came, and who has asked for what only groups had them wait for.
    pub async fn write(self, work: &mut Work) -> Result<()> {
        // A call asks for one last day and one set of components for everybody.
        for ((expires_on, components), entries) in self.by_hand {
            let held = (self.source, expires_on, components.map(Uuids));
            hold(work, self.account_id, &entries, held).await?;
        }
        for entry in &self.new {
            work.touch(Kind::WaitlistEntry.text(entry.id));
        }
        let rows = self.new.into_iter().map(IntoActiveModel::into_active_model);
        work.insert(rows.collect()).await
    }
}

/// What holds a place, until which day, and with which components.
pub(super) type Held = (Source, Option<NaiveDate>, Option<Uuids>);

/// Has places held by something else than before.
pub(super) async fn hold(work: &mut Work, account_id: Uuid, entries: &[Uuid], held: Held) -> Result<()> {
    let by = work.actor().member().map(|member| member.user_id);
    let (source, expires_on, components) = held;
    let mut update = Entity::update_many()
        .col_expr(Column::Source, Expr::value(source))
        .col_expr(Column::RequestedBy, Expr::value(by))
        .col_expr(Column::ExpiresOn, Expr::value(expires_on))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, entries));
    if components.is_some() {
        update = update.col_expr(Column::Components, Expr::value(components));
    }
    work.update(update).await?;
    for id in entries {
        work.touch(Kind::WaitlistEntry.text(*id));
    }
    Ok(())
}
