//! Inviting people, one or five thousand: the click, the pasted list and the CSV import are this one command.
//!
//! Each entry is judged by itself against what the account looks like now ([`judge`]); then all that can be done is done in a handful of
//! statements: users, seats, invitations, mails. Seats come before mails, because the invitation names the products.

use std::collections::HashMap;

use entity::ids::Kind;
use entity::invitation::{self, Status as InvitationStatus};
use entity::user::{self, Origin, Status};
use entity::{account, assignment};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::invite_plan::{InvitePlan, judge, refuse_foreign, refused_as_a_whole};
use super::invitee::{Added, Invitee, PersonOutcome};
use crate::access::Action;
use crate::accounts::counters::Delta;
use crate::assignments::{AssignSeats, Assigned, SeatRequest, together};
use crate::command::{Command, Work};
use crate::directory::domains::owned_by_others;
use crate::error::{Error, Refusal, Result};
use crate::invitations::rules::{State, state};
use crate::invitations::{Dispatch, dispatch};
use crate::person::Findable;
use crate::platform::arrays::among_texts;
use crate::platform::constants::Constants;
use crate::users::lifecycle::ties;

/// Adds people to the account. E-mails must differ: the callers take duplicates out, each in its own way.
#[derive(Clone, Debug)]
pub struct InviteUsers {
    pub entries: Vec<Invitee>,
    pub message: Option<String>,
    /// False: they are `STAGED` and invited later.
    pub send_now: bool,
    pub origin: Origin,
    pub seat_source: assignment::Source,
    /// Change nothing unless every entry can be added with every seat it asks for.
    pub all_or_nothing: bool,
}

impl Command for InviteUsers {
    type Output = Vec<Added>;
    const NAME: &'static str = "users.invite";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Added>> {
        let plans = self.plan_all(work).await?;
        if self.all_or_nothing && plans.iter().any(|plan| matches!(plan, InvitePlan::Refuse(_))) {
            // What is left behind is nothing: no used-up key, and no word of a success in the audit log.
            work.take_back();
            return Ok(refused_as_a_whole(plans));
        }
        let people = self.add(work, plans).await?;
        let seats = self.assign(work, &people).await?;
        if self.all_or_nothing {
            let refusals = self.missing_seats(&seats);
            if !refusals.is_empty() {
                return Err(Error::Refused(refusals));
            }
        }
        self.invite(work, &people, &seats).await?;
        Ok(people
            .into_iter()
            .zip(seats)
            .map(|(person, seats)| Added { person, seats })
            .collect())
    }
}

impl InviteUsers {
    /// Looks at everybody with a handful of statements, however many there are.
    async fn plan_all(&self, work: &Work) -> Result<Vec<InvitePlan>> {
        let account_id = work.account_id()?;
        let account = account::Entity::find_by_id(account_id).one(work.reader()).await?;
        let account = account.ok_or_else(|| Error::internal("a member without an account"))?;
        let known = self.known_users(work, account_id).await?;
        let pending: Vec<Uuid> = known
            .values()
            .filter(|user| user.status == Status::Pending)
            .map(|user| user.id)
            .collect();
        let invitations = pending_invitations(work, account_id, &pending).await?;
        let domains = self.entries.iter().map(|entry| entry.email.domain());
        let foreign = owned_by_others(work, account_id, domains).await?;
        let mut taken = self.taken_external_ids(work, account_id).await?;
        let mut plans = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            let known = known.get(entry.email.key());
            let is_open = known
                .and_then(|user| invitations.get(&user.id))
                .is_some_and(|invitation| state(invitation, work.now()) == State::Pending);
            let plan = judge(
                entry,
                work.actor(),
                &account,
                known,
                is_open,
                &taken,
                self.send_now,
            );
            let plan = refuse_foreign(plan, entry, &foreign);
            if let (InvitePlan::Add, Some(external_id)) = (&plan, &entry.external_id) {
                taken.insert(external_id.clone(), entry.email.key().to_owned());
            }
            plans.push(plan);
        }
        Ok(plans)
    }

    async fn known_users(&self, work: &Work, account_id: Uuid) -> Result<HashMap<String, user::Model>> {
        let found = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(among_texts(
                work.backend(),
                user::Column::EmailKey,
                self.entries.iter().map(|entry| entry.email.key()),
            ))
            .filter(user::Column::Status.ne_constant(Status::Removed))
            .all(work.reader())
            .await?;
        Ok(found
            .into_iter()
            .map(|user| (user.email_key.clone(), user))
            .collect())
    }

    /// External ids that somebody has already, with whom.
    async fn taken_external_ids(&self, work: &Work, account_id: Uuid) -> Result<HashMap<String, String>> {
        let wanted: Vec<&str> = self
            .entries
            .iter()
            .filter_map(|entry| entry.external_id.as_deref())
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let found = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(among_texts(
                work.backend(),
                user::Column::ExternalId,
                wanted.into_iter(),
            ))
            .filter(user::Column::Status.ne_constant(Status::Removed))
            .all(work.reader())
            .await?;
        let owned = |user: user::Model| user.external_id.map(|external_id| (external_id, user.email_key));
        Ok(found.into_iter().filter_map(owned).collect())
    }

    /// Writes the users and answers who everybody is.
    async fn add(&self, work: &mut Work, plans: Vec<InvitePlan>) -> Result<Vec<PersonOutcome>> {
        let account_id = work.account_id()?;
        let status = if self.send_now {
            Status::Pending
        } else {
            Status::Staged
        };
        let (mut rows, mut staged, mut delta) = (Vec::new(), Vec::new(), Delta::default());
        let mut people = Vec::with_capacity(plans.len());
        for (entry, plan) in self.entries.iter().zip(plans) {
            people.push(match plan {
                InvitePlan::Add => {
                    let row = self.row(work, account_id, entry, status);
                    let user_id = *row.id.as_ref();
                    rows.push(row);
                    delta.gains(status, entry.role);
                    if self.send_now {
                        PersonOutcome::Invited { user_id }
                    } else {
                        PersonOutcome::Staged { user_id }
                    }
                }
                InvitePlan::InviteStaged(user_id, role) => {
                    staged.push(user_id);
                    delta.loses(Status::Staged, role);
                    delta.gains(Status::Pending, role);
                    PersonOutcome::Invited { user_id }
                }
                InvitePlan::Reinvite(user_id) => PersonOutcome::Reinvited { user_id },
                InvitePlan::Leave(user_id) => PersonOutcome::Unchanged { user_id },
                InvitePlan::Refuse(refusal) => PersonOutcome::Refused(refusal),
            });
        }
        ties::unlink_removed(work, account_id, rows.iter().map(|row| row.email_key.as_ref())).await?;
        work.insert(rows).await?;
        if !staged.is_empty() {
            let update = user::Entity::update_many()
                .col_expr(user::Column::Status, Expr::value(Status::Pending))
                .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
                .filter(user::Column::AccountId.eq(account_id))
                .filter(user::Column::Id.is_in(staged));
            work.update(update).await?;
        }
        delta.write(work, account_id).await?;
        for person in &people {
            if let PersonOutcome::Invited { user_id }
            | PersonOutcome::Staged { user_id }
            | PersonOutcome::Reinvited { user_id } = person
            {
                work.touch(Kind::User.text(*user_id));
            }
        }
        Ok(people)
    }

    fn row(&self, work: &Work, account_id: Uuid, entry: &Invitee, status: Status) -> user::ActiveModel {
        let email = entry.email.as_typed();
        let Findable {
            sort_name,
            search_text,
        } = Findable::of(
            entry.given_name.as_deref(),
            entry.family_name.as_deref(),
            email,
            entry.email.key(),
        );
        user::ActiveModel {
            account_id: Set(account_id),
            id: Set(work.new_id()),
            identity_id: Set(None),
            version: Set(1),
            email: Set(email.to_owned()),
            email_key: Set(entry.email.key().to_owned()),
            email_verified: Set(false),
            given_name: Set(entry.given_name.clone()),
            family_name: Set(entry.family_name.clone()),
            search_text: Set(search_text),
            sort_name: Set(sort_name),
            role: Set(entry.role),
            status: Set(status),
            origin: Set(self.origin),
            locale: Set(entry.locale.clone()),
            external_id: Set(entry.external_id.clone()),
            created_at: Set(work.now()),
            last_signed_in_at: Set(None),
            disabled_at: Set(None),
            removed_at: Set(None),
        }
    }

    /// Takes the seats that were asked for; answers for each entry what became of each.
    async fn assign(&self, work: &mut Work, people: &[PersonOutcome]) -> Result<Vec<Vec<Assigned>>> {
        let mut requests = Vec::new();
        for (entry, person) in self.entries.iter().zip(people) {
            let Some(user_id) = person.user_id() else { continue };
            requests.extend(entry.seats.iter().map(|source| SeatRequest {
                user_id,
                source: *source,
                components: None,
            }));
        }
        if requests.is_empty() {
            return Ok(people.iter().map(|_| Vec::new()).collect());
        }
        let command = AssignSeats {
            requests,
            source: self.seat_source,
            all_or_nothing: false,
        };
        let mut outcomes = work.run(command).await?.into_iter();
        let of_person = |(entry, person): (&Invitee, &PersonOutcome)| match person.user_id() {
            Some(_) => outcomes.by_ref().take(entry.seats.len()).collect(),
            None => Vec::new(),
        };
        Ok(self.entries.iter().zip(people).map(of_person).collect())
    }

    /// Why nobody is added when everybody has to get every seat.
    fn missing_seats(&self, seats: &[Vec<Assigned>]) -> Vec<Refusal> {
        let asked = self.entries.iter().zip(seats);
        let asked: Vec<_> = asked
            .flat_map(|(entry, seats)| entry.seats.iter().copied().zip(seats))
            .collect();
        together(&asked, |refusal, _| refusal.at("input.subscriptionIds"))
    }

    /// Makes the invitations, or renews them, and writes the mails.
    async fn invite(&self, work: &mut Work, people: &[PersonOutcome], seats: &[Vec<Assigned>]) -> Result<()> {
        let (mut fresh, mut renewed) = (Vec::new(), Vec::new());
        for (person, seats) in people.iter().zip(seats) {
            let products: Vec<Uuid> = seats.iter().filter_map(Assigned::new_product).collect();
            match person {
                PersonOutcome::Invited { user_id } if self.send_now => fresh.push((*user_id, products)),
                PersonOutcome::Reinvited { user_id } => renewed.push((*user_id, products)),
                _ => {}
            }
        }
        dispatch(
            work,
            Dispatch {
                fresh,
                renewed,
                message: self.message.clone(),
            },
        )
        .await
    }
}

async fn pending_invitations(
    work: &Work,
    account_id: Uuid,
    users: &[Uuid],
) -> Result<HashMap<Uuid, invitation::Model>> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let found = invitation::Entity::find()
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(invitation::Column::UserId.is_in(users.iter().copied()))
        .filter(invitation::Column::Status.eq_constant(InvitationStatus::Pending))
        .all(work.reader())
        .await?;
    Ok(found
        .into_iter()
        .map(|invitation| (invitation.user_id, invitation))
        .collect())
}
