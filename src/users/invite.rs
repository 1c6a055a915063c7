//! Inviting people, one or five thousand: the click, the pasted list and the CSV import are this one command.
//!
//! Each entry is judged by itself against what the account looks like now ([`Plans`]); then all that can be done is done in a handful of
//! statements: users, seats, invitations, mails. Seats come before mails, because the invitation names the products.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::account::View;
use entity::assignment;
use entity::ids::Kind;
use entity::user::{self, Origin, Status};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::User;
use super::invite_plan::{InvitePlan, refused_as_a_whole};
use super::invitee::{Added, InGroups, Invitee, Made, PersonOutcome};
use super::plans::Plans;
use crate::access::{Action, Actor};
use crate::accounts::Naming;
use crate::accounts::counters::Delta;
use crate::app::App;
use crate::assignments::by_group::{self, Remembered};
use crate::assignments::{AssignSeats, Assigned, Holder, SeatRequest, SeatSource, together};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::groups::{self, Joined, join};
use crate::invitations::{Dispatch, Invitation, dispatch};
use crate::platform::arrays::among;
use crate::users::lifecycle::ties;

/// How the seats are given.
#[derive(Clone, Debug, Default)]
pub struct SeatTerms {
    /// The components that are on in seats of a source, where they are not the product's defaults.
    pub components: HashMap<SeatSource, Vec<Uuid>>,
    /// The last day on which the seats are held.
    pub expires_on: Option<NaiveDate>,
    /// Whoever finds no seat waits for one.
    pub waits: bool,
}

/// Adds people to the account. Entries of one e-mail are one person, who is what the first of them says that could be done; the others add seats. Lists of
/// recipients hold each e-mail once; a file may tell of somebody on several lines.
#[derive(Clone, Debug)]
pub struct InviteUsers {
    pub entries: Vec<Invitee>,
    /// Whom the same file has told of before, and who came in by it.
    pub earlier: Vec<Invitee>,
    pub message: Option<String>,
    /// False: they are `STAGED` and invited later.
    pub send_now: bool,
    /// Who is there already gets the seats and nothing else, whatever has become of their invitation.
    pub only_new: bool,
    pub terms: SeatTerms,
    pub origin: Origin,
    pub seat_source: assignment::Source,
    /// The input that names the seats for everybody, where one does: what it names and is not there is a slip of the call.
    pub seats_at: Option<&'static str>,
    /// Change nothing unless every entry can be added with every seat it asks for.
    pub all_or_nothing: bool,
    /// The view of user management whose way to add people this is.
    pub view: View,
}

impl Command for InviteUsers {
    type Output = Vec<Added>;
    const NAME: &'static str = "users.invite";

    fn action(&self) -> Action {
        match self.view {
            View::Current => Action::ManageUsers,
            View::Classic => Action::ClassicAdd,
        }
    }

    /// What the relay takes decides whom mail can be sent to.
    async fn prepare(&mut self, app: &App, _: &Actor) -> Result<()> {
        if self.send_now && self.entries.iter().any(|entry| entry.email.needs_utf8()) {
            app.mailer().learn().await;
        }
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Added>> {
        let Plans {
            each: plans,
            again,
            kept,
            removed,
        } = Plans::of(work, &self.entries, &self.earlier, self.send_now, self.only_new).await?;
        if self.all_or_nothing && plans.iter().any(|plan| matches!(plan, InvitePlan::Refuse(_))) {
            // What is left behind is nothing: no used-up key, and no word of a success in the audit log.
            work.take_back();
            return Ok(refused_as_a_whole(plans));
        }
        ties::unlink_removed(work, work.account_id()?, removed).await?;
        let (people, new) = self.add(work, plans).await?;
        let seats = self.assign(work, &people, &new).await?;
        if let Some(refusal) = self.unknown_source(&seats) {
            return Err(refusal.into());
        }
        if self.all_or_nothing {
            let refusals = self.missing_seats(&seats);
            if !refusals.is_empty() {
                return Err(Error::Refused(refusals));
            }
        }
        let groups = self.join(work, &people, &new).await?;
        let mut invitations = self.invite(work, &people, &seats, &groups, &new).await?;
        let mut made = |person: &PersonOutcome| {
            let user_id = person.user_id()?;
            Some(Made {
                user: new.get(&user_id)?.clone(),
                invitation: invitations.remove(&user_id),
            })
        };
        let came = people.into_iter().zip(seats).zip(groups);
        let added = came.zip(again.into_iter().zip(kept));
        let added = added.map(|(((person, seats), groups), (again, kept))| Added {
            made: made(&person),
            person,
            seats,
            groups,
            again,
            kept,
        });
        Ok(added.collect())
    }
}

/// Those who are new, by their ids.
type New = HashMap<Uuid, User>;

impl InviteUsers {
    /// Writes the users and answers who everybody is.
    async fn add(&self, work: &mut Work, plans: Vec<InvitePlan>) -> Result<(Vec<PersonOutcome>, New)> {
        let account_id = work.account_id()?;
        let account = work.account(account_id).await?;
        let naming = Naming::of(work, &account).await?;
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
                    let row = self.row(work, account_id, &naming, entry, status);
                    let user_id = row.id;
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
                InvitePlan::Join(first) => joined(people.get(first))?,
                InvitePlan::Refuse(refusal) => PersonOutcome::Refused(refusal),
            });
        }
        let models = rows.iter().cloned().map(IntoActiveModel::into_active_model);
        work.insert(models.collect()).await?;
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
        let new = rows.into_iter().map(|row| (row.id, User::from(row)));
        Ok((people, new.collect()))
    }

    fn row(
        &self,
        work: &Work,
        account_id: Uuid,
        naming: &Naming,
        entry: &Invitee,
        status: Status,
    ) -> user::Model {
        let email = entry.email.as_typed();
        let findable = naming.findable(
            entry.given_name.as_deref(),
            entry.family_name.as_deref(),
            email,
            entry.email.key(),
        );
        user::Model {
            account_id,
            id: work.new_id(),
            identity_id: None,
            version: 1,
            email: email.to_owned(),
            email_key: entry.email.key().to_owned(),
            email_verified: false,
            given_name: entry.given_name.clone(),
            family_name: entry.family_name.clone(),
            given_key: findable.given_key,
            family_key: findable.family_key,
            search_text: findable.search_text,
            role: entry.role,
            status,
            origin: self.origin,
            locale: entry.locale.clone(),
            external_id: entry.external_id.clone(),
            created_at: work.now(),
            last_signed_in_at: None,
            disabled_at: None,
            removed_at: None,
        }
    }

    /// Takes the seats that were asked for; answers for each entry what became of each.
    async fn assign(
        &self,
        work: &mut Work,
        people: &[PersonOutcome],
        new: &New,
    ) -> Result<Vec<Vec<Assigned>>> {
        let mut requests = Vec::new();
        for (entry, person) in self.entries.iter().zip(people) {
            let Some(user_id) = person.user_id() else { continue };
            requests.extend(entry.seats.iter().map(|source| SeatRequest {
                user_id,
                source: *source,
                components: self.terms.components.get(source).cloned(),
                expires_on: self.terms.expires_on,
            }));
        }
        if requests.is_empty() {
            return Ok(people.iter().map(|_| Vec::new()).collect());
        }
        let command = AssignSeats {
            requests,
            source: self.seat_source,
            waits: self.terms.waits,
            newcomers: new.values().map(|user| Holder::from(&*user.0)).collect(),
        };
        let mut outcomes = work.run(command).await?.into_iter();
        let of_person = |(entry, person): (&Invitee, &PersonOutcome)| match person.user_id() {
            Some(_) => outcomes.by_ref().take(entry.seats.len()).collect(),
            None => Vec::new(),
        };
        Ok(self.entries.iter().zip(people).map(of_person).collect())
    }

    /// Puts people into the groups that their entries name, and gives them what those give; answers what came of it for each entry.
    async fn join(&self, work: &mut Work, people: &[PersonOutcome], new: &New) -> Result<Vec<InGroups>> {
        let mut came: Vec<InGroups> = people.iter().map(|_| InGroups::default()).collect();
        let (mut pairs, mut places) = (Vec::new(), Vec::new());
        for (place, (entry, person)) in self.entries.iter().zip(people).enumerate() {
            let Some(user_id) = person.user_id() else { continue };
            pairs.extend(entry.groups.iter().map(|group| (*group, user_id)));
            places.extend(entry.groups.iter().map(|_| place));
        }
        if pairs.is_empty() {
            return Ok(came);
        }
        let account_id = work.account_id()?;
        let mut named: Vec<Uuid> = Vec::new();
        for (group, _) in &pairs {
            if !named.contains(group) {
                named.push(*group);
            }
        }
        groups::named(work, account_id, &named, "input.groupIds").await?;
        let joined = join(work, account_id, &pairs).await?;
        // What somebody is given stands with the entry that brought them into a group.
        let mut first: HashMap<Uuid, usize> = HashMap::new();
        for ((joined, (group, user_id)), place) in joined.into_iter().zip(&pairs).zip(places) {
            match joined {
                Joined::New(id) => {
                    work.touch(Kind::Group.text(*group));
                    came[place].joined.push(id);
                    first.entry(*user_id).or_insert(place);
                }
                Joined::Already => {}
                Joined::Refused(refusal) => came[place].refusals.push(refusal),
            }
        }
        if self.all_or_nothing && self.seats_at.is_some() {
            let mut refusals = came.iter().flat_map(|one| &one.refusals);
            if let Some(refusal) = refusals.next() {
                return Err(refusal.clone().at("input.groupIds").into());
            }
        }
        let users: Vec<Uuid> = first.keys().copied().collect();
        let newcomers = new.values().map(|user| Holder::from(&*user.0));
        // Who has been given something just now is looked at again.
        let newcomers = newcomers.filter(|_| self.entries.iter().all(|entry| entry.seats.is_empty()));
        let given = by_group::give(work, account_id, &users, newcomers.collect(), &Remembered::new()).await?;
        for (wish, outcome) in given {
            if let Some(place) = first.get(&wish.user_id) {
                came[*place].seats.push((wish.subscription_id, outcome));
            }
        }
        Ok(came)
    }

    /// What is named for everybody and is not there is a slip of the call and not of one of its entries: nobody is added by halves.
    fn unknown_source(&self, seats: &[Vec<Assigned>]) -> Option<Refusal> {
        let field = self.seats_at?;
        let mut refusals = seats.iter().flatten().filter_map(Assigned::refusal);
        let refusal = refusals.find(|refusal| refusal.code == Code::NotFound)?;
        Some(Refusal {
            message: format!("{} Nobody was invited.", refusal.message),
            ..refusal.clone().at(field)
        })
    }

    /// Why nobody is added when everybody has to get every seat.
    fn missing_seats(&self, seats: &[Vec<Assigned>]) -> Vec<Refusal> {
        let asked = self.entries.iter().zip(seats);
        let asked: Vec<_> = asked
            .flat_map(|(entry, seats)| entry.seats.iter().copied().zip(seats))
            .collect();
        let located = |refusal: Refusal, _| match self.seats_at {
            Some(field) => refusal.at(field),
            None => refusal,
        };
        together(&asked, located)
    }

    /// Makes the invitations, or renews them, and writes the mails. Answers the invitations that are new, by user.
    async fn invite(
        &self,
        work: &mut Work,
        people: &[PersonOutcome],
        seats: &[Vec<Assigned>],
        groups: &[InGroups],
        new: &New,
    ) -> Result<HashMap<Uuid, Invitation>> {
        let is_staged = |person: &PersonOutcome| match person {
            PersonOutcome::Invited { user_id } if !new.contains_key(user_id) => Some(*user_id),
            _ => None,
        };
        let staged = staged(work, people.iter().filter_map(is_staged).collect()).await?;
        let (mut fresh, mut renewed) = (Vec::new(), Vec::new());
        let mut given: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
        for ((person, seats), groups) in people.iter().zip(seats).zip(groups) {
            // A mail names what was asked for with it, also what they were given before they were invited.
            let of_groups = groups.seats.iter().map(|(_, seat)| seat);
            let products = seats.iter().chain(of_groups).filter_map(Assigned::product);
            if let Some(user_id) = person.user_id() {
                let given = given.entry(user_id).or_default();
                for product in products {
                    if !given.contains(&product) {
                        given.push(product);
                    }
                }
            }
        }
        for person in people {
            let products = person
                .user_id()
                .and_then(|user_id| given.get(&user_id))
                .cloned()
                .unwrap_or_default();
            match person {
                PersonOutcome::Invited { user_id } if self.send_now => {
                    let user = new.get(user_id).or_else(|| staged.get(user_id));
                    fresh.extend(user.map(|user| (user.0.clone(), products)));
                }
                PersonOutcome::Reinvited { user_id } => renewed.push((*user_id, products)),
                _ => {}
            }
        }
        let sent = Dispatch {
            fresh,
            renewed,
            message: self.message.clone(),
            not_before: None,
        };
        let made = dispatch(work, sent).await?.into_iter();
        Ok(made
            .map(|invitation| (invitation.user_id, invitation.into()))
            .collect())
    }
}

/// Somebody whom an earlier entry brought in.
fn joined(first: Option<&PersonOutcome>) -> Result<PersonOutcome> {
    let user_id = first.and_then(PersonOutcome::user_id);
    let user_id = user_id.ok_or_else(|| Error::internal("an entry joins one that was refused"))?;
    Ok(PersonOutcome::Unchanged { user_id })
}

/// Those who were known and not invited before.
async fn staged(work: &Work, users: Vec<Uuid>) -> Result<New> {
    if users.is_empty() {
        return Ok(New::new());
    }
    let found = user::Entity::find()
        .filter(user::Column::AccountId.eq(work.account_id()?))
        .filter(among(work.backend(), user::Column::Id, &users))
        .all(work.reader())
        .await?;
    Ok(found.into_iter().map(|user| (user.id, user.into())).collect())
}
