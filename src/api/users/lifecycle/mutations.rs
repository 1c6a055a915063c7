//! Standing and roles over GraphQL: inputs become commands.

use async_graphql::{ID, InputObject};
use entity::account::View;
use entity::ids::Kind;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, named};
use crate::api::errors::{UserError, require_id};
use crate::api::guard::{Guard, Permission};
use crate::api::ids::GivenId;
use crate::api::users::Role;
use crate::error::Result;
use crate::read::{ById, Scope};
use crate::users::User;
use crate::users::lifecycle::{
    ChangeUserRole, DisableUsers, EnableUsers, HandOverPrimary, HandedOver, RemoveUsers, UserOutcome,
};
use graphql::{Bulk, Envelope, Links, Object, Payload, Rows, Type};

/// Users one call may name.
const MOST_NAMED: usize = crate::limits::NAMED_AT_ONCE;

/// Users, by id.
#[derive(InputObject, Debug)]
struct UserIdsInput {
    /// The users, 1 to 100.
    user_ids: Vec<ID>,
    /// What happens when some cannot be changed; by default the others are.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

impl UserIdsInput {
    fn ids(&self) -> Result<Vec<Uuid>> {
        named(Kind::User, &self.user_ids, MOST_NAMED, "input.userIds")
    }

    fn is_all_or_nothing(&self) -> bool {
        self.on_error == BulkErrorPolicy::RejectAll
    }
}

/// Who gets which role.
#[derive(InputObject, Debug)]
struct ChangeUserRoleInput {
    /// The user whose role changes; nobody changes their own.
    user_id: ID,
    /// What they become. `PRIMARY_ADMIN` is refused here: see transferPrimaryAdmin.
    role: Role,
}

/// Who becomes the primary administrator, and what the present one becomes.
#[derive(InputObject, Debug)]
struct TransferPrimaryAdminInput {
    /// Who becomes the primary administrator: an active secondary administrator.
    to_user_id: ID,
    /// What the present primary administrator becomes, `SECONDARY_ADMIN` by default; anything but `SECONDARY_ADMIN` only they can choose.
    #[graphql(default_with = "Role::SecondaryAdmin")]
    demote_self_to: Role,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("removeUsers", remove)
        .doc("Their seats are free, their sessions over, their invitations dead. The e-mail can be added again.")
        .guard(Permission::UsersWrite)
        .weight(50);
    t.mutation("disableUsers", disable)
        .doc("Their seats are free and their sessions over, at once.")
        .guard(Permission::UsersWrite)
        .weight(50);
    t.mutation("enableUsers", enable)
        .doc("They get back the seats they held where some are left; a result's userErrors name those that are not.")
        .guard(Permission::UsersWrite)
        .weight(50);
    t.mutation("changeUserRole", change_role)
        .doc("The user signs in again, with the new rights.")
        .guard(Guard::from(Permission::RolesWrite).recent())
        .weight(10);
    t.mutation("transferPrimaryAdmin", transfer)
        .doc("To an active secondary administrator. A secondary administrator may do this too, also for themselves. Both sign in again.")
        .guard(Guard::from(Permission::PrimaryAdminTransfer).view(View::Current).recent())
        .weight(10);
}

async fn remove(scope: Scope, input: UserIdsInput) -> Result<Bulk<UserBulkResult>> {
    let command = RemoveUsers {
        users: input.ids()?,
        all_or_nothing: input.is_all_or_nothing(),
    };
    Ok(answer(&input, scope.run(command).await?))
}

async fn disable(scope: Scope, input: UserIdsInput) -> Result<Bulk<UserBulkResult>> {
    let command = DisableUsers {
        users: input.ids()?,
        all_or_nothing: input.is_all_or_nothing(),
    };
    Ok(answer(&input, scope.run(command).await?))
}

async fn enable(scope: Scope, input: UserIdsInput) -> Result<Bulk<UserBulkResult>> {
    let command = EnableUsers {
        users: input.ids()?,
        all_or_nothing: input.is_all_or_nothing(),
    };
    Ok(answer(&input, scope.run(command).await?))
}

async fn change_role(scope: Scope, input: ChangeUserRoleInput) -> Result<User> {
    let command = ChangeUserRole {
        user_id: require_id(Kind::User, &input.user_id, "input.userId")?,
        role: input.role.into(),
    };
    Ok(scope.run(command).await?.into())
}

async fn transfer(scope: Scope, input: TransferPrimaryAdminInput) -> Result<Transferred> {
    let to = require_id(Kind::User, &input.to_user_id, "input.toUserId")?;
    let HandedOver { primary, former } = scope
        .run(HandOverPrimary::new(to, input.demote_self_to.into()))
        .await?;
    Ok(Transferred {
        primary: primary.into(),
        former: former.into(),
    })
}

/// The two whose roles changed.
#[derive(Clone)]
struct Transferred {
    primary: User,
    former: User,
}

impl Payload for Transferred {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.link::<Account, _>("account", |done| done.primary.0.account_id)
            .doc("The account, whose primary administrator is another now.");
        t.child("newPrimaryAdmin", |done| done.primary.clone())
            .doc("Who is the primary administrator now.");
        t.child("formerPrimaryAdmin", |done| done.former.clone())
            .doc("Who was it before, with the role they have now.");
    }
}

/// What is particular to one user.
#[derive(Clone)]
pub struct UserBulkResult {
    given: String,
    released_seats: i32,
}

impl UserBulkResult {
    pub fn new(given: String, released_seats: i32) -> Self {
        Self {
            given,
            released_seats,
        }
    }
}

/// How it ended for each user that was named.
fn answer(input: &UserIdsInput, outcomes: Vec<UserOutcome>) -> Bulk<UserBulkResult> {
    let results = input.user_ids.iter().zip(outcomes).map(|(given, outcome)| {
        let (status, released_seats, refusals) = match outcome {
            UserOutcome::Applied {
                released_seats,
                shortfalls,
            } => (BulkItemStatus::Applied, released_seats, shortfalls),
            UserOutcome::Unchanged => (BulkItemStatus::Unchanged, 0, Vec::new()),
            UserOutcome::Refused(refusal) => (BulkItemStatus::Failed, 0, vec![refusal]),
        };
        let own = UserBulkResult::new(given.to_string(), released_seats);
        (status, UserError::each(&refusals), own)
    });
    Bulk::of(results)
}

impl Object for UserBulkResult {
    const NAME: &'static str = "UserBulkResult";
    const DOC: &'static str = "Outcome for one user. Of an enabled user, the userErrors name the seats that could not be given back.";

    fn describe(t: &mut Type<Self>) {
        t.value("userId", |result| GivenId(result.given.clone()))
            .doc("As it was given.");
        t.one_opt("user", listed)
            .doc("As they are now; null when they were removed, and of an id that names nobody.");
        t.value("releasedSeats", |result| result.released_seats)
            .doc("Seats they held that are free now; 0 if nothing was changed.");
    }
}

/// Of those who were removed nothing is shown any more.
async fn listed(scope: Scope, results: Rows<UserBulkResult>) -> Result<Links<User>> {
    let wanted: Vec<_> = results
        .iter()
        .map(|result| Kind::User.parse(&result.given))
        .collect();
    let ids: Vec<Uuid> = wanted.iter().flatten().copied().collect();
    let mut found = User::by_ids(&scope, &ids).await?;
    found.retain(User::is_listed);
    Ok(Links::by_key(wanted.into_iter(), found, |user: &User| user.0.id))
}
