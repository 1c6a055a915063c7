//! Users as clients see them.

mod lifecycle;
mod mutations;
mod payloads;

use crate::api::old::OldStyle as _;
use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::user;
use futures::FutureExt;
use uuid::Uuid;

pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::Linked;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::old::NoArgs;
use crate::api::{OrderDirection, PageArguments};
use crate::users::{User, read};
use graphql::{Links, Object, Type, enum_leaf};

/// Role of a user in the account.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "user::Role")]
pub enum Role {
    /// Exactly one per account; changes hands only by a hand-over.
    PrimaryAdmin,
    SecondaryAdmin,
    /// Premium plan only.
    SsoAdmin,
    /// Classic view only; one per contract.
    ContractManager,
    /// Classic view only.
    SoftwareCoordinator,
    User,
}

/// Life cycle of a user. A removed user is no longer listed; its history stays.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// Known, not invited yet.
    Staged,
    /// Invited; may hold seats, cannot sign in yet.
    Pending,
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
    Invitation,
    CsvImport,
    SsoJit,
    Api,
    Migration,
}

enum_leaf!(Role, UserStatus, UserOrigin);

impl Object for User {
    const NAME: &'static str = "User";
    const DOC: &'static str = "A member of one account. The same person in two accounts is two users.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |user| Gid(Kind::User, user.0.id));
        t.value("version", |user| user.0.version);
        t.old_one("account", |ask, users, _: NoArgs| {
            async move {
                let ids: Vec<_> = users.iter().map(|user| Some(user.0.account_id)).collect();
                Account::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.text("email", |user| &user.0.email);
        t.value("emailVerified", |user| user.0.email_verified);
        t.text_opt("givenName", |user| user.0.given_name.as_deref());
        t.text_opt("familyName", |user| user.0.family_name.as_deref());
        t.value("displayName", Self::display_name);
        t.text_opt("locale", |user| user.0.locale.as_deref());
        t.value("role", |user| Role::from(user.0.role));
        t.value("status", |user| UserStatus::from(user.0.status));
        t.value("origin", |user| UserOrigin::from(user.0.origin));
        t.text_opt("externalId", |user| user.0.external_id.as_deref())
            .doc("The customer's own number for the person.");
        t.value("createdAt", |user| user.0.created_at);
        t.value("lastSignedInAt", |user| user.0.last_signed_in_at)
            .guard(Guard::or_own(Permission::UsersRead, |user: &Self| user.0.id));
        t.value("disabledAt", |user| user.0.disabled_at);
        crate::api::invitations::on_user(t);
        crate::api::assignments::on_user(t);
        crate::api::users::lifecycle::on_user(t);
        crate::api::identity_providers::on_user(t);
    }
}

/// String comparison. All given operators must hold. Comparison is case-insensitive and Unicode-normalised (NFKC).
#[derive(InputObject, Clone, Debug, Default)]
pub struct StringFilter {
    pub eq: Option<String>,
    #[graphql(name = "in")]
    pub one_of: Option<Vec<String>>,
    pub contains: Option<String>,
    pub starts_with: Option<String>,
}

/// Half-open time range: from <= value < to.
#[derive(InputObject, Clone, Copy, Debug, Default)]
pub struct DateTimeRange {
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct UserFilter {
    /// Free text over e-mail and name.
    pub search: Option<String>,
    pub email: Option<StringFilter>,
    pub role: Option<Vec<Role>>,
    pub status: Option<Vec<UserStatus>>,
    pub origin: Option<Vec<UserOrigin>>,
    pub subscription_id: Option<ID>,
    /// Users with no seat in this subscription.
    pub not_in_subscription_id: Option<ID>,
    pub created_at: Option<DateTimeRange>,
    pub last_signed_in_at: Option<DateTimeRange>,
}

impl UserFilter {
    fn read(self) -> read::Filter {
        // What is no id of a subscription names none.
        let subscription = |id: Option<ID>| id.map(|id| Kind::Subscription.parse(&id).unwrap_or(Uuid::nil()));
        let range = |range: Option<DateTimeRange>| {
            let DateTimeRange { from, to } = range.unwrap_or_default();
            read::TimeRange { from, to }
        };
        read::Filter {
            search: self.search,
            email: self.email.map(|email| read::TextFilter {
                eq: email.eq,
                one_of: email.one_of,
                contains: email.contains,
                starts_with: email.starts_with,
            }),
            role: all(self.role),
            status: all(self.status),
            origin: all(self.origin),
            subscription_id: subscription(self.subscription_id),
            not_in_subscription_id: subscription(self.not_in_subscription_id),
            created_at: range(self.created_at),
            last_signed_in_at: range(self.last_signed_in_at),
        }
    }
}

fn all<A, B: From<A>>(given: Option<Vec<A>>) -> Option<Vec<B>> {
    given.map(|given| given.into_iter().map(B::from).collect())
}

/// Sort keys; the id is always the last key.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "read::OrderBy")]
pub enum UserOrderField {
    CreatedAt,
    Email,
    DisplayName,
    /// Who never signed in comes before all others.
    LastSignedInAt,
    Role,
}

/// Sort order.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct UserOrder {
    pub field: UserOrderField,
    #[graphql(default_with = "OrderDirection::Asc")]
    pub direction: OrderDirection,
}

impl Default for UserOrder {
    fn default() -> Self {
        Self {
            field: UserOrderField::CreatedAt,
            direction: OrderDirection::Asc,
        }
    }
}

#[derive(InputObject, Debug)]
struct UserPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    filter: Option<UserFilter>,
    order_by: Option<UserOrder>,
}

/// `Account.users`.
pub fn on_account(t: &mut Type<Account>) {
    t.old_page("users", |ask, accounts, args: UserPageArgs| {
        async move {
            let request = args.page.into();
            let wants_total = ask.wants::<graphql::Connection<User>>("totalCount");
            let filter = args.filter.unwrap_or_default().read();
            let order = args.order_by.unwrap_or_default();
            let order = (order.field.into(), order.direction.into());
            // A reader sees one account, his own: there is one page at most.
            let mut pages = Vec::with_capacity(accounts.len());
            for account in accounts {
                let counted = wants_total.then_some(&*account.0);
                pages.push(
                    read::page(ask.scope, &request, &filter, order, counted)
                        .await?
                        .into(),
                );
            }
            Ok(Links::all(pages))
        }
        .boxed()
    })
    .guard(Permission::UsersRead);
}
