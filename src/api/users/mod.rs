//! Users as clients see them.

mod lifecycle;
mod mutations;
mod results;

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::user;

pub use mutations::on_mutation;

use crate::access::permit;
use crate::accounts::Account;
use crate::api::errors::filter_id;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::{OrderDirection, PageArguments};
use crate::error::Result;
use crate::read::Scope;
use crate::users::filter::{Filter, TextFilter, TimeRange};
use crate::users::{User, read};
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf};

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
        crate::api::users::lifecycle::on_user(t);
        crate::api::identity_providers::on_user(t);
    }
}

/// String comparison. All given operators must hold. Comparison is case-insensitive and Unicode-normalised (NFKC).
#[derive(InputObject, Clone, Debug, Default)]
pub struct StringFilter {
    /// Is this whole text; at most 254 characters.
    pub eq: Option<String>,
    /// Is one of these whole texts; at most 200, each of at most 254 characters.
    #[graphql(name = "in")]
    pub one_of: Option<Vec<String>>,
    /// Has this text somewhere in it; at most 254 characters.
    pub contains: Option<String>,
    /// Begins with this text; at most 254 characters.
    pub starts_with: Option<String>,
}

/// Half-open time range: from <= value < to.
#[derive(InputObject, Clone, Copy, Debug, Default)]
pub struct DateTimeRange {
    /// The first moment that is in it; null: no beginning. Years 1 to 9999.
    pub from: Option<DateTime<Utc>>,
    /// The first moment that is not in it any more; null: no end. Years 1 to 9999.
    pub to: Option<DateTime<Utc>>,
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct UserFilter {
    /// Free text over e-mail and name: at most 8 different words of at most 100 characters, all of which must stand there, in any order.
    pub search: Option<String>,
    /// Their e-mail address.
    pub email: Option<StringFilter>,
    /// Their role is one of these; at most 200.
    pub role: Option<Vec<Role>>,
    /// Their status is one of these; at most 200.
    pub status: Option<Vec<UserStatus>>,
    /// How they came into the account is one of these; at most 200.
    pub origin: Option<Vec<UserOrigin>>,
    /// Users with a seat in this subscription; needs the permission `PRODUCTS_READ`.
    pub subscription_id: Option<ID>,
    /// Users with no seat in this subscription; needs the permission `PRODUCTS_READ`.
    pub not_in_subscription_id: Option<ID>,
    /// When they were added.
    pub created_at: Option<DateTimeRange>,
    /// When they last signed in; who never did is in no range.
    pub last_signed_in_at: Option<DateTimeRange>,
}

impl UserFilter {
    fn read(self) -> Result<Filter> {
        let subscription = |id: Option<ID>, field| filter_id(Kind::Subscription, id.as_ref(), field);
        let range = |range: Option<DateTimeRange>| {
            let DateTimeRange { from, to } = range.unwrap_or_default();
            TimeRange { from, to }
        };
        Ok(Filter {
            search: self.search,
            email: self.email.map(|email| TextFilter {
                eq: email.eq,
                one_of: email.one_of,
                contains: email.contains,
                starts_with: email.starts_with,
            }),
            role: all(self.role),
            status: all(self.status),
            origin: all(self.origin),
            subscription_id: subscription(self.subscription_id, "subscriptionId")?,
            not_in_subscription_id: subscription(self.not_in_subscription_id, "notInSubscriptionId")?,
            created_at: range(self.created_at),
            last_signed_in_at: range(self.last_signed_in_at),
        })
    }
}

fn all<A, B: From<A>>(given: Option<Vec<A>>) -> Option<Vec<B>> {
    given.map(|given| given.into_iter().map(B::from).collect())
}

/// Sort keys; the id is always the last key.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "read::OrderBy")]
pub enum UserOrderField {
    /// When they were added.
    CreatedAt,
    /// E-mail address, in lower case.
    Email,
    /// The name they are shown by.
    DisplayName,
    /// Who never signed in comes before all others.
    LastSignedInAt,
    /// Role, in the alphabetical order of the names.
    Role,
}

/// Sort order.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct UserOrder {
    /// What to sort by.
    pub field: UserOrderField,
    /// Upwards by default.
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
    /// Only users for whom this holds; null: all.
    filter: Option<UserFilter>,
    /// How to sort; by default as they were added, the first one first.
    order_by: Option<UserOrder>,
}

/// `Account.users`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("users", users)
        .doc("The users of the account, removed ones aside.")
        .guard(Permission::UsersRead);
}

async fn users(
    scope: Scope,
    accounts: Rows<Account>,
    args: UserPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<User>>> {
    let request = args.page.into();
    let wants_total = wants.field("totalCount");
    let filter = args.filter.unwrap_or_default().read()?;
    if filter.subscription_id.is_some() || filter.not_in_subscription_id.is_some() {
        // Who holds a seat is read by whoever may read seats, however it is asked.
        permit(scope.actor(), Permission::ProductsRead.action())?;
    }
    let order = args.order_by.unwrap_or_default();
    let order = (order.field.into(), order.direction.into());
    // Rows of other accounts than the session's are refused, so the one page is as good as one for each.
    let page: Connection<User> = read::page(&scope, &request, &filter, order, wants_total)
        .await?
        .into();
    Ok(vec![page; accounts.len()])
}
