//! Standing in line.

use std::collections::{HashMap, HashSet};

use entity::assignment::Source;
use entity::ids::Kind;
use entity::lists::Uuids;
use entity::waitlist_entry::{self, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::assignments::SeatRequest;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// The lines of an account while a batch is being planned: who stands where already, and who comes behind.
pub struct Line {
    account_id: Uuid,
    /// By user and product.
    known: HashMap<(Uuid, Uuid), Uuid>,
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
        let place = |entry: waitlist_entry::Model| ((entry.user_id, entry.product_id), entry.id);
        Ok(Self {
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
        if let Some(known) = self.known.get(&(user_id, product_id)) {
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
        self.known.insert((user_id, product_id), id);
        self.new.push(entry);
        (id, true)
    }

    /// Writes who came.
    pub async fn write(self, work: &mut Work) -> Result<()> {
        for entry in &self.new {
            work.touch(Kind::WaitlistEntry.text(entry.id));
        }
        let rows = self.new.into_iter().map(IntoActiveModel::into_active_model);
        work.insert(rows.collect()).await
    }
}
