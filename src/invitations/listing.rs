//! Lists of an account's invitations, and doing something with those that match.

use chrono::{DateTime, Utc};
use entity::invitation::{Column, Delivery, Entity, Model, Status};
use entity::rows::Row;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::read::{Invitation, is_in};
use super::rules::State;
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::limits::NAMED_AT_ONCE;
use crate::platform::constants::Constants;
use crate::read::paging::{Direction, Page, PageRequest, Slice, Sorted, time_key};
use crate::read::{Scope, beyond, count, terms};

/// Half-open: from <= value < to.
pub type Between = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Conditions; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub states: Option<Vec<State>>,
    /// What has become of the mail with the latest link.
    pub delivery: Option<Vec<Delivery>>,
    pub created_at: Between,
    pub expires_at: Between,
}

/// What a list is ordered by; the id is always the last key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    CreatedAt,
    ExpiresAt,
}

impl Filter {
    fn condition(&self, account_id: Uuid, now: DateTime<Utc>) -> Result<Condition> {
        let mut all = Condition::all().add(Column::AccountId.eq(account_id));
        if let Some(states) = &self.states {
            let is = |state: &State| is_in(*state, now);
            let nothing = Condition::any().add(Expr::value(false));
            all = all.add(
                terms::alternatives(states)?
                    .iter()
                    .map(is)
                    .fold(nothing, Condition::add),
            );
        }
        if let Some(delivery) = &self.delivery {
            let delivery = terms::alternatives(delivery)?.iter().copied();
            all = all.add(Column::DeliveryStatus.is_in(delivery));
        }
        all = all.add(within(Column::CreatedAt, self.created_at)?);
        Ok(all.add(within(Column::ExpiresAt, self.expires_at)?))
    }
}

fn within(column: Column, (from, to): Between) -> Result<Condition> {
    let from = from.map(terms::time).transpose()?;
    let to = to.map(terms::time).transpose()?;
    Ok(Condition::all()
        .add_option(from.map(|from| column.gte(from)))
        .add_option(to.map(|to| column.lt(to))))
}

/// A page of the account's invitations, and the total if it is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    (by, direction): (OrderBy, Direction),
    is_counted: bool,
) -> Result<Slice<Invitation>> {
    let account_id = scope.account_id()?;
    let list = format!("invitations {filter:?} {by:?} {direction:?}");
    let page = Page::new(request, account_id, &list)?;
    let listed = Entity::find().filter(filter.condition(account_id, scope.app().clock().now())?);
    let total = match is_counted {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let narrowed = match by {
        // Ids are time-ordered: by creation is by id.
        OrderBy::CreatedAt => page.narrow(listed, Column::Id, direction),
        OrderBy::ExpiresAt => {
            let sorted = Sorted::Time(Column::ExpiresAt.into_expr());
            page.narrow_sorted(listed, sorted, Column::Id, direction)?
        }
    };
    let rows = narrowed.into_model::<Row<Model>>().all(scope.db()).await?;
    let rows: Vec<Invitation> = rows.into_iter().map(|Row(model)| model.into()).collect();
    Ok(page.close_keyed(rows, total, |invitation| {
        let key = match by {
            OrderBy::CreatedAt => Vec::new(),
            OrderBy::ExpiresAt => time_key(invitation.0.expires_at),
        };
        (key, invitation.0.id)
    }))
}

/// Does with a hundred of the standing invitations that match what a call does with those it names: those of whose mail nothing new is known for longest, so that
/// whoever calls again comes to the others.
#[derive(Debug)]
pub struct Matching<C> {
    pub filter: Filter,
    pub command: fn(Vec<Uuid>) -> C,
}

/// What came of the invitations that matched.
#[derive(Debug)]
pub struct Matched<T> {
    pub ids: Vec<Uuid>,
    pub output: T,
    /// How many more match.
    pub more: i32,
}

impl<C: Command> Command for Matching<C> {
    type Output = Matched<C::Output>;
    const NAME: &'static str = C::NAME;
    /// The command within leaves the row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let matches = self.filter.condition(work.account_id()?, work.now())?;
        let standing = Entity::find()
            .filter(matches)
            .filter(Column::Status.eq_constant(Status::Pending));
        let ids: Vec<Uuid> = standing
            .clone()
            .select_only()
            .column(Column::Id)
            .order_by_asc(Column::DeliveryAt)
            .order_by_asc(Column::Id)
            .limit(NAMED_AT_ONCE as u64)
            .into_tuple()
            .all(work.reader())
            .await?;
        let more = beyond(work.reader(), standing, ids.len(), NAMED_AT_ONCE).await?;
        let output = work.run((self.command)(ids.clone())).await?;
        Ok(Matched { ids, output, more })
    }
}
