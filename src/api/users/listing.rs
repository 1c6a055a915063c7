//! Lists of users as clients ask for them: how they are narrowed down and sorted.

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;

use super::{Role, UserOrigin, UserStatus};
use crate::access::permit;
use crate::accounts::Account;
use crate::api::errors::filter_id;
use crate::api::guard::Permission;
use crate::api::invitations::{DeliveryStatus, InvitationStatus};
use crate::api::{OrderDirection, PageArguments};
use crate::error::Result;
use crate::read::Scope;
use crate::users::ordering::OrderBy;
use crate::users::{User, filter, read};
use graphql::{Connection, Rows, Type, Wants};

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
    /// Free text over e-mail and name: at most 8 different words of at most 100 characters, all of which must stand there, in any order. Accents, case,
    /// width, kinds of apostrophes and dashes, and characters that cannot be seen make no difference.
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
    /// Users with a seat of this product, whatever the subscription; needs the permission `PRODUCTS_READ`.
    pub product_id: Option<ID>,
    /// Users with no seat of this product; needs the permission `PRODUCTS_READ`.
    pub without_product_id: Option<ID>,
    /// Users in this group.
    pub group_id: Option<ID>,
    /// Their latest invitation is in one of these states; at most 200. Who was never invited is in none.
    pub invitation_status: Option<Vec<InvitationStatus>>,
    /// Their invitation stands or has expired, and its mail became one of these; at most 200. `[BOUNCED, DELAYED]` finds whom no mail has reached.
    pub invitation_delivery: Option<Vec<DeliveryStatus>>,
    /// When they were added.
    pub created_at: Option<DateTimeRange>,
    /// When they last signed in; who never did is in no range.
    pub last_signed_in_at: Option<DateTimeRange>,
    /// They did not sign in at this moment or later; who never did is among them. Years 1 to 9999.
    pub not_signed_in_since: Option<DateTime<Utc>>,
}

impl UserFilter {
    /// What is asked for by somebody. Who holds a seat is read by whoever may read seats, however it is asked.
    pub fn for_reader(self, scope: &Scope) -> Result<filter::Filter> {
        let filter = self.read()?;
        if filter.asks_for_seats() {
            permit(scope.actor(), Permission::ProductsRead.action())?;
        }
        Ok(filter)
    }

    fn read(self) -> Result<filter::Filter> {
        let subscription = |id: Option<ID>, field| filter_id(Kind::Subscription, id.as_ref(), field);
        let range = |range: Option<DateTimeRange>| {
            let DateTimeRange { from, to } = range.unwrap_or_default();
            filter::TimeRange { from, to }
        };
        Ok(filter::Filter {
            search: self.search,
            email: self.email.map(|email| filter::TextFilter {
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
            product_id: filter_id(Kind::Product, self.product_id.as_ref(), "productId")?,
            without_product_id: filter_id(
                Kind::Product,
                self.without_product_id.as_ref(),
                "withoutProductId",
            )?,
            group_id: filter_id(Kind::Group, self.group_id.as_ref(), "groupId")?,
            holding: None,
            invitation: all(self.invitation_status),
            delivery: all(self.invitation_delivery),
            created_at: range(self.created_at),
            last_signed_in_at: range(self.last_signed_in_at),
            not_signed_in_since: self.not_signed_in_since,
        })
    }
}

fn all<A, B: From<A>>(given: Option<Vec<A>>) -> Option<Vec<B>> {
    given.map(|given| given.into_iter().map(B::from).collect())
}

/// Sort keys; the id is always the last key.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "OrderBy")]
pub enum UserOrderField {
    /// When they were added.
    CreatedAt,
    /// E-mail address, in lower case.
    Email,
    /// The name they are shown by, in the order of the account's language; who has none stands by their e-mail address.
    DisplayName,
    /// Given name, then family name, in the order of the account's language.
    GivenName,
    /// Family name, then given name, in the order of the account's language; who has none stands by what they have.
    FamilyName,
    /// Who never signed in comes before all others.
    LastSignedInAt,
    /// Role, in the alphabetical order of the names.
    Role,
    /// Status, in the alphabetical order of the names: ACTIVE, DISABLED, PENDING, STAGED.
    Status,
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
    let filter = args.filter.unwrap_or_default().for_reader(&scope)?;
    let order = args.order_by.unwrap_or_default();
    let order = (order.field.into(), order.direction.into());
    // Rows of other accounts than the session's are refused, so the one page is as good as one for each.
    let page: Connection<User> = read::page(&scope, &request, &filter, order, wants_total)
        .await?
        .into();
    Ok(vec![page; accounts.len()])
}
