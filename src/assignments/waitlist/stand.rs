//! Standing in line.

use std::collections::{HashMap, HashSet};

use entity::assignment::Source;
use entity::ids::Kind;
use entity::lists::Uuids;
use entity::waitlist_entry::{self, Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// The lines of an account while a batch is being planned: who stands where already, and who comes behind.
pub struct Line {
    account_id: Uuid,
    /// By user and product, with what asked for the seat.
    known: HashMap<(Uuid, Uuid), (Uuid, Source)>,
    /// Places that groups gave, and that are held by hand from now.
    by_hand: Vec<Uuid>,
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
            by_hand: Vec::new(),
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
        user_id: Uuid,
        product_id: Uuid,
        components: Option<Vec<Uuid>>,
    ) -> (Uuid, bool) {
        if let Some((known, source)) = self.known.get_mut(&(user_id, product_id)) {
            if *source == Source::Group && self.source != Source::Group {
                *source = self.source;
                self.by_hand.push(*known);
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
        };
        let id = entry.id;
        self.known.insert((user_id, product_id), (id, self.source));
        self.new.push(entry);
        (id, true)
    }

    /// Writes who came, and who has asked for what only groups had them wait for.
    pub async fn write(self, work: &mut Work) -> Result<()> {
        if !self.by_hand.is_empty() {
            hold(work, self.account_id, &self.by_hand, self.source).await?;
        }
        for entry in &self.new {
            work.touch(Kind::WaitlistEntry.text(entry.id));
        }
        let rows = self.new.into_iter().map(IntoActiveModel::into_active_model);
        work.insert(rows.collect()).await
    }
}

/// Has places held by something else than before.
pub(super) async fn hold(work: &mut Work, account_id: Uuid, entries: &[Uuid], source: Source) -> Result<()> {
    let by = work.actor().member().map(|member| member.user_id);
    let update = Entity::update_many()
        .col_expr(Column::Source, Expr::value(source))
        .col_expr(Column::RequestedBy, Expr::value(by))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, entries));
    work.update(update).await?;
    for id in entries {
        work.touch(Kind::WaitlistEntry.text(*id));
    }
    Ok(())
}
