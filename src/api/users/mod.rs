//! Users as clients see them.

mod classic;
mod lifecycle;
mod listing;
mod mutations;
mod results;
mod sending;

use async_graphql::Enum;
use entity::ids::Kind;
use entity::user;

pub use lifecycle::UserBulkResult;
pub use listing::{DateTimeRange, UserFilter, UserOrder, on_account};
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::users::User;
use graphql::{Object, Type, enum_leaf};

/// Role of a user in the account.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "user::Role")]
pub enum Role {
    /// Exactly one per account; changes hands only by a hand-over.
    PrimaryAdmin,
    /// Manages people, products and roles, and can take over the primary role.
    SecondaryAdmin,
    /// Manages people, products and single sign-on. Premium plan only.
    SsoAdmin,
    /// Classic view only; one per contract.
    ContractManager,
    /// Classic view only.
    SoftwareCoordinator,
    /// Uses the products that are assigned to them; manages nobody.
    User,
}

/// Life cycle of a user. A removed user is no longer listed; its history stays.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// Known, not invited yet.
    Staged,
    /// Invited; may hold seats, cannot sign in yet.
    Pending,
    /// Can sign in.
    Active,
    /// Cannot sign in; keeps data; its seats are released.
    Disabled,
}

impl From<UserStatus> for user::Status {
    fn from(status: UserStatus) -> Self {
        match status {
            UserStatus::Staged => Self::Staged,
            UserStatus::Pending => Self::Pending,
            UserStatus::Active => Self::Active,
            UserStatus::Disabled => Self::Disabled,
        }
    }
}

impl From<user::Status> for UserStatus {
    fn from(status: user::Status) -> Self {
        match status {
            user::Status::Staged => Self::Staged,
            user::Status::Pending => Self::Pending,
            user::Status::Active => Self::Active,
            // A tombstone is read only where history leads to it.
            user::Status::Disabled | user::Status::Removed => Self::Disabled,
        }
    }
}

/// How a user came to be.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "user::Origin")]
pub enum UserOrigin {
    /// Invited by an administrator.
    Invitation,
    /// Added by the import of a file.
    CsvImport,
    /// Provisioned at their first sign-in by single sign-on.
    SsoJit,
    /// Added by a script with an API token, or by the operator along with the account.
    Api,
    /// Taken over from an earlier system.
    Migration,
}

enum_leaf!(Role, UserStatus, UserOrigin);

impl Object for User {
    const NAME: &'static str = "User";
    const DOC: &'static str = "A member of one account. The same person in two accounts is two users.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |user| Gid(Kind::User, user.0.id))
            .doc("Global id: what it is and which, opaque.");
        t.value("version", |user| user.0.version)
            .doc("Grows with every change of the user; `updateUser` takes it back as `expectedVersion`.");
        t.reference::<Account, _>("account", |user| user.0.account_id)
            .doc("The account they are a member of.");
        t.text("email", |user| &user.0.email)
            .doc("Their e-mail address as it was given; no two listed users of an account have the same.");
        t.value("emailVerified", |user| user.0.email_verified)
            .doc("Whether they have shown that mail to the address reaches them.");
        t.text_opt("givenName", |user| user.0.given_name.as_deref())
            .doc("Given name; null if it is not known.");
        t.text_opt("familyName", |user| user.0.family_name.as_deref())
            .doc("Family name; null if it is not known.");
        t.value("displayName", Self::display_name)
            .doc("Given and family name as far as they are known, otherwise the e-mail address.");
        t.text_opt("locale", |user| user.0.locale.as_deref())
            .doc("Language tag of the person, like de or pt-BR; null if it is not known.");
        t.value("role", |user| Role::from(user.0.role))
            .doc("What they are in the account; `Account.roles` says what each role may do.");
        t.value("status", |user| UserStatus::from(user.0.status))
            .doc("Where they are in their life cycle.");
        t.value("origin", |user| UserOrigin::from(user.0.origin))
            .doc("How they came into the account.");
        t.text_opt("externalId", |user| user.0.external_id.as_deref())
            .doc("The customer's own number for the person, at most 255 characters; null if they have none.");
        t.value("createdAt", |user| user.0.created_at)
            .doc("When they were added to the account.");
        t.value("lastSignedInAt", |user| user.0.last_signed_in_at)
            .doc("When they last signed in to this account; null if they never did.")
            .guard(Guard::or_own(Permission::UsersRead, |user: &Self| user.0.id));
        t.value("disabledAt", |user| user.0.disabled_at)
            .doc("Since when they are disabled; null if they are not.");
        crate::api::invitations::on_user(t);
        crate::api::assignments::on_user(t);
        crate::api::groups::on_user(t);
        crate::api::sessions::on_user(t);
        crate::api::users::lifecycle::on_user(t);
        crate::api::identity_providers::on_user(t);
        crate::api::usage::on_user(t);
        crate::api::credits::on_user(t);
    }
}
