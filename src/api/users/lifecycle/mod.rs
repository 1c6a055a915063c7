//! What a reader may do with a user, as hints for buttons. The very rules that judge the commands make them.

mod mutations;

use std::collections::HashSet;
use std::sync::Arc;

use entity::user::{self, Status};
use uuid::Uuid;

use crate::accounts::roles::ROLES;
use crate::users::lifecycle::rules::{check_leaving, check_role};
use crate::users::lifecycle::ties;
pub use mutations::{UserBulkResult, on_mutation};

use crate::access::{Action, Member, role_may};
use crate::api::users::Role;
use crate::enforcement::break_glass_users;
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
use graphql::{Object, Rows, Type};

/// What the reader may do with one user.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each button")]
pub struct UserActions {
    can_edit: bool,
    can_disable: bool,
    can_remove: bool,
    can_resend_invitation: bool,
    assignable_roles: Arc<[Role]>,
}

impl UserActions {
    fn of(member: &Member, user: &user::Model, keeps_password: bool, is_managed: bool) -> Self {
        let manages = role_may(member.role, Action::ManageUsers) && user.status != Status::Removed;
        let may_leave = manages && check_leaving(member, user, keeps_password).is_ok();
        let may_change = role_may(member.role, Action::ChangeRoles) && user.status != Status::Removed;
        let assignable = ROLES.into_iter().filter(|role| {
            may_change && *role != user.role && check_role(member, user, *role, keeps_password).is_ok()
        });
        Self {
            can_edit: manages && !is_managed,
            can_disable: may_leave && user.status == Status::Active,
            can_remove: may_leave,
            can_resend_invitation: manages && user.status == Status::Pending,
            assignable_roles: assignable.map(Role::from).collect(),
        }
    }
}

impl Object for UserActions {
    const NAME: &'static str = "UserActions";
    const DOC: &'static str = "Hints for user interfaces.";

    fn describe(t: &mut Type<Self>) {
        t.value("canEdit", |actions| actions.can_edit)
            .doc("Whether updateUser would change their names.");
        t.value("canDisable", |actions| actions.can_disable)
            .doc("Whether disableUsers would disable them.");
        t.value("canRemove", |actions| actions.can_remove)
            .doc("Whether removeUsers would remove them.");
        t.value("canResendInvitation", |actions| actions.can_resend_invitation)
            .doc("Whether resendInvitations would send their invitation again, its rate limit aside.");
        t.value("assignableRoles", |actions| actions.assignable_roles.to_vec())
            .doc("Roles changeUserRole would give, beside the one the user has.");
    }
}

/// `User.isManagedByIdp` and `User.viewerActions`.
pub fn on_user(t: &mut Type<User>) {
    t.values("isManagedByIdp", is_managed_by_idp)
        .doc("True when name and e-mail come from the identity provider and cannot be edited here: the user was provisioned by single sign-on and is linked still.");
    t.one("viewerActions", viewer_actions).doc(
        "What the viewer may do with this user now; drives buttons, never replaces the server's own checks.",
    );
}

async fn is_managed_by_idp(scope: Scope, users: Rows<User>) -> Result<Vec<bool>> {
    let managed = managed(&scope, &users).await?;
    Ok(users.iter().map(|user| managed.contains(&user.0.id)).collect())
}

async fn viewer_actions(scope: Scope, users: Rows<User>) -> Result<Vec<UserActions>> {
    let member = scope.member()?;
    let managed = managed(&scope, &users).await?;
    let keepers = break_glass_users(scope.db(), member.account_id).await?;
    let actions = users.iter().map(|user| {
        let id = user.0.id;
        UserActions::of(member, &user.0, keepers.contains(&id), managed.contains(&id))
    });
    Ok(actions.collect())
}

async fn managed(scope: &Scope, users: &[User]) -> Result<HashSet<Uuid>> {
    let users = users.iter().map(|user| user.0.as_ref());
    ties::managed(scope.db(), scope.account_id()?, users).await
}
