//! Inviting people who are known already: those who were added to be invited later.

use std::collections::{HashMap, HashSet};

use entity::account::View;
use entity::assignment;
use entity::user::{self, Origin, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::filter::Filter;
use super::invite::{InviteUsers, SeatTerms};
use super::invitee::{Invitee, PersonOutcome};
use super::search::Search;
use crate::access::Action;
use crate::assignments::SeatSource;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::limits::NAMED_AT_ONCE;
use crate::person::EmailAddress;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::beyond;

/// Sends their invitations to people who were not invited yet, with the products they have been given meanwhile.
#[derive(Clone, Debug)]
pub struct SendInvitations {
    pub whom: Whom,
    pub message: Option<String>,
}

/// Who is meant.
#[derive(Clone, Debug)]
pub enum Whom {
    Named(Vec<Uuid>),
    /// The first hundred, in the order in which they were added, of those who match and are not invited yet.
    Matching(Box<Filter>),
}

/// How it ended.
#[derive(Debug)]
pub struct Sent {
    /// Of each user whether they were invited now, or why not.
    pub each: Vec<(Uuid, Result<bool, Refusal>)>,
    /// How many more match.
    pub more: i32,
}

impl Command for SendInvitations {
    type Output = Sent;
    const NAME: &'static str = "users.send_invitations";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Sent> {
        let (users, more) = self.whom.look(work).await?;
        let mut seats = held(work, &users).await?;
        let entries = users.iter().map(|user| invitee(user, seats.remove(&user.id)));
        let command = InviteUsers {
            entries: entries.collect::<Result<_, _>>()?,
            earlier: Vec::new(),
            message: self.message,
            send_now: true,
            only_new: false,
            terms: SeatTerms::default(),
            seats_at: None,
            view: View::Current,
            origin: Origin::Invitation,
            // They have all of them already: what holds them stays as it is.
            seat_source: assignment::Source::Group,
            all_or_nothing: false,
        };
        let added = match command.entries.is_empty() {
            true => Vec::new(),
            false => work.run(command).await?,
        };
        let ended = added.into_iter().map(|added| match added.person {
            PersonOutcome::Refused(refusal) => Err(refusal),
            PersonOutcome::Unchanged { .. } => Ok(false),
            _ => Ok(true),
        });
        let mut ended: HashMap<Uuid, Result<bool, Refusal>> =
            users.iter().map(|user| user.id).zip(ended).collect();
        let missing = || Err(Refusal::new(Code::NotFound, "There is no such user."));
        let ids = self.whom.named(&users).into_iter();
        let each = ids.map(|id| (id, ended.remove(&id).unwrap_or_else(missing)));
        Ok(Sent {
            each: each.collect(),
            more,
        })
    }
}

impl Whom {
    /// Those who are there, and how many more match.
    async fn look(&self, work: &Work) -> Result<(Vec<user::Model>, i32)> {
        let (account_id, backend) = (work.account_id()?, work.backend());
        let everybody = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(user::Column::Status.ne_constant(Status::Removed));
        let filter = match self {
            Self::Named(ids) => {
                let named = everybody.filter(among(backend, user::Column::Id, ids));
                return Ok((named.all(work.reader()).await?, 0));
            }
            Self::Matching(filter) => filter,
        };
        let mut matches = filter.condition(account_id, backend, work.now())?;
        if let Some(search) = filter.search.as_deref().map(Search::new).transpose()? {
            matches = matches.add(search.decides_either_way(backend));
        }
        let staged = everybody
            .filter(matches)
            .filter(user::Column::Status.eq_constant(Status::Staged));
        let first = staged
            .clone()
            .order_by_asc(user::Column::Id)
            .limit(NAMED_AT_ONCE as u64);
        let users = first.all(work.reader()).await?;
        let more = beyond(work.reader(), staged, users.len(), NAMED_AT_ONCE).await?;
        Ok((users, more))
    }

    /// Everybody who is told of, each once.
    fn named(&self, found: &[user::Model]) -> Vec<Uuid> {
        let mut ids = match self {
            Self::Named(ids) => ids.clone(),
            Self::Matching(_) => found.iter().map(|user| user.id).collect(),
        };
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids
    }
}

/// The products of which each has a seat: their mail names them.
async fn held(work: &Work, users: &[user::Model]) -> Result<HashMap<Uuid, Vec<SeatSource>>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let seats: Vec<(Uuid, Uuid)> = assignment::Entity::find()
        .select_only()
        .columns([assignment::Column::UserId, assignment::Column::ProductId])
        .filter(assignment::Column::AccountId.eq(work.account_id()?))
        .filter(among(work.backend(), assignment::Column::UserId, &ids))
        .order_by_asc(assignment::Column::Id)
        .into_tuple()
        .all(work.reader())
        .await?;
    let mut held: HashMap<Uuid, Vec<SeatSource>> = HashMap::new();
    for (user_id, product_id) in seats {
        held.entry(user_id)
            .or_default()
            .push(SeatSource::Product(product_id));
    }
    Ok(held)
}

fn invitee(user: &user::Model, seats: Option<Vec<SeatSource>>) -> Result<Invitee, Refusal> {
    Ok(Invitee {
        email: EmailAddress::parse(&user.email)?,
        given_name: None,
        family_name: None,
        role: user.role,
        external_id: None,
        locale: None,
        seats: seats.unwrap_or_default(),
        groups: Vec::new(),
        known_as: None,
        told: None,
    })
}
