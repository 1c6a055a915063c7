//! Standing and roles over GraphQL: inputs become commands.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use super::payloads::{
    DisableUsersPayload, EnableUsersPayload, RemoveUsersPayload, TransferPrimaryAdminPayload, UserResults,
};
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, check_length};
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api::users::Role;
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
use crate::users::lifecycle::{ChangeUserRole, DisableUsers, EnableUsers, HandOverPrimary, RemoveUsers};
use graphql::Type;

/// Users one call may name.
const MOST_NAMED: usize = crate::limits::NAMED_AT_ONCE;

/// Users, by id.
#[derive(InputObject, Debug)]
struct UserIdsInput {
    /// At most 100.
    user_ids: Vec<ID>,
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

impl UserIdsInput {
    /// What is no id of a user names none: it is answered as not found, like one of another account.
    fn ids(&self) -> Result<Vec<Uuid>> {
        check_length(self.user_ids.len(), MOST_NAMED, "input.userIds")?;
        let id = |given: &ID| Kind::User.parse(given).unwrap_or(Uuid::nil());
        Ok(self.user_ids.iter().map(id).collect())
    }

    fn is_all_or_nothing(&self) -> bool {
        self.on_error == BulkErrorPolicy::RejectAll
    }
}

/// Who gets which role.
#[derive(InputObject, Debug)]
struct ChangeUserRoleInput {
    user_id: ID,
    /// `PRIMARY_ADMIN` is refused here: see transferPrimaryAdmin.
    role: Role,
}

/// Who becomes the primary administrator, and what the present one becomes.
#[derive(InputObject, Debug)]
struct TransferPrimaryAdminInput {
    to_user_id: ID,
    /// What the present primary administrator becomes; anything but `SECONDARY_ADMIN` only they can choose.
    #[graphql(default_with = "Role::SecondaryAdmin")]
    demote_self_to: Role,
}

/// The mutations of this room.
pub fn on_mutation(t: &mut Type<Mutation>) {
    on_standing(t);
    t.mutation("changeUserRole", change_role)
        .doc("The user signs in again, with the new rights.")
        .guard(Guard::from(Permission::RolesWrite).recent())
        .weight(10);
    t.old_mutation(
        "transferPrimaryAdmin",
        |ask, input: TransferPrimaryAdminInput| {
            async move {
                let to = require_id(Kind::User, &input.to_user_id, "input.toUserId")?;
                let command = HandOverPrimary::new(to, input.demote_self_to.into());
                let handed_over = ask.scope.app().run(ask.scope.actor(), command).await?;
                Ok(TransferPrimaryAdminPayload::of(handed_over))
            }
            .boxed()
        },
    )
    .doc("To an active secondary administrator. A secondary administrator may do this too, also for themselves. Both sign in again.")
    .guard(Guard::from(Permission::PrimaryAdminTransfer).recent())
    .weight(10);
}

async fn change_role(scope: Scope, input: ChangeUserRoleInput) -> Result<User> {
    let command = ChangeUserRole {
        user_id: require_id(Kind::User, &input.user_id, "input.userId")?,
        role: input.role.into(),
    };
    Ok(scope.run(command).await?.into())
}

fn on_standing(t: &mut Type<Mutation>) {
    t.old_mutation("removeUsers", |ask, input: UserIdsInput| {
        async move {
            let command = RemoveUsers {
                users: input.ids()?,
                all_or_nothing: input.is_all_or_nothing(),
            };
            let outcomes = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(RemoveUsersPayload(UserResults::of_removed(
                &input.user_ids,
                outcomes,
            )))
        }
        .boxed()
    })
    .doc("Their seats are free, their sessions over, their invitations dead. The e-mail can be added again.")
    .guard(Permission::UsersWrite)
    .weight(50);
    t.old_mutation("disableUsers", |ask, input: UserIdsInput| {
        async move {
            let command = DisableUsers {
                users: input.ids()?,
                all_or_nothing: input.is_all_or_nothing(),
            };
            let outcomes = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(DisableUsersPayload(UserResults::of(&input.user_ids, outcomes)))
        }
        .boxed()
    })
    .doc("Their seats are free and their sessions over, at once.")
    .guard(Permission::UsersWrite)
    .weight(50);
    t.old_mutation("enableUsers", |ask, input: UserIdsInput| {
        async move {
            let command = EnableUsers {
                users: input.ids()?,
                all_or_nothing: input.is_all_or_nothing(),
            };
            let outcomes = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(EnableUsersPayload(UserResults::of(&input.user_ids, outcomes)))
        }
        .boxed()
    })
    .doc("They get back the seats they held where some are left; a result's userErrors name those that are not.")
    .guard(Permission::UsersWrite)
    .weight(50);
}
