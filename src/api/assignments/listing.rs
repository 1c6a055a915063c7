//! Lists of seats as clients ask for them: of a user, of a product, of a subscription, of the account.

use async_graphql::{Enum, ID, InputObject};
use entity::ids::Kind;
use uuid::Uuid;

use super::AssignmentSource;
use crate::access::permit;
use crate::accounts::Account;
use crate::api::errors::filter_id;
use crate::api::guard::{Guard, Permission};
use crate::api::users::UserStatus;
use crate::api::{OrderDirection, PageArguments};
use crate::assignments::Assignment;
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::read::paging::Page;
use crate::subscriptions::Subscription;
use crate::users::User;
use crate::users::seats::{self, Filter, Of, OrderBy};
use graphql::{Connection, Rows, Type, Wants, group};

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct AssignmentFilter {
    /// Held by this user.
    pub user_id: Option<ID>,
    /// Taken from this subscription.
    pub subscription_id: Option<ID>,
    /// Of this product.
    pub product_id: Option<ID>,
    /// Given by one of these; at most 200.
    pub source: Option<Vec<AssignmentSource>>,
    /// Held by users of these statuses, at most 200; needs the permission `USERS_READ`.
    pub user_status: Option<Vec<UserStatus>>,
    /// Words in the holder's e-mail address or name, as `UserFilter.search` finds them; needs the permission `USERS_READ`.
    pub search: Option<String>,
}

impl AssignmentFilter {
    fn read(self) -> Result<Filter> {
        let AssignmentFilter {
            source, user_status, ..
        } = self;
        Ok(Filter {
            user_id: filter_id(Kind::User, self.user_id.as_ref(), "userId")?,
            subscription_id: filter_id(
                Kind::Subscription,
                self.subscription_id.as_ref(),
                "subscriptionId",
            )?,
            product_id: filter_id(Kind::Product, self.product_id.as_ref(), "productId")?,
            source: source.map(|all| all.into_iter().map(Into::into).collect()),
            user_status: user_status.map(|all| all.into_iter().map(Into::into).collect()),
            search: self.search,
            idle: None,
            unused: None,
        })
    }
}

/// Sort keys; the id is always the last key.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "OrderBy")]
pub enum AssignmentOrderField {
    /// When the seat was given.
    AssignedAt,
    /// The holder's name, as `DISPLAY_NAME` orders users; needs the permission `USERS_READ`.
    UserName,
}

/// Sort order.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct AssignmentOrder {
    /// What to sort by.
    pub field: AssignmentOrderField,
    /// Upwards by default.
    #[graphql(default_with = "OrderDirection::Asc")]
    pub direction: OrderDirection,
}

#[derive(InputObject, Debug)]
struct AssignmentPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which seats; null: all.
    filter: Option<AssignmentFilter>,
}

#[derive(InputObject, Debug)]
struct SeatPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which seats; null: all.
    filter: Option<AssignmentFilter>,
    /// How to sort; by default as they were given, the first one first.
    order_by: Option<AssignmentOrder>,
}

/// `User.assignments`.
pub fn on_user(t: &mut Type<User>) {
    t.page("assignments", of_users)
        .doc("The seats they hold, in the order they were given.")
        .guard(Guard::or_own(Permission::ProductsRead, |user: &User| user.0.id));
}

async fn of_users(
    scope: Scope,
    users: Rows<User>,
    args: AssignmentPageArgs,
) -> Result<Vec<Connection<Assignment>>> {
    let filter = opened(&scope, args.filter, OrderBy::AssignedAt)?;
    let list = format!("assignments of user {filter:?}");
    let page = Page::new(&args.page.into(), scope.account_id()?, &list)?;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let found = seats::of_users(&scope, &ids, &filter).await?;
    let of_users = group(ids.into_iter(), found, |seat| seat.0.user_id);
    let cut = |seats| page.cut(seats, |seat: &Assignment| ("", seat.0.id)).into();
    Ok(of_users.into_iter().map(cut).collect())
}

/// `Account.assignments`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("assignments", of_account)
        .doc("Every seat that somebody holds.")
        .guard(Permission::ProductsRead);
}

async fn of_account(
    scope: Scope,
    accounts: Rows<Account>,
    args: SeatPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<Assignment>>> {
    // Rows of other accounts than the session's are refused, so the one page is as good as one for each.
    let page = pages(&scope, &Of::Account, args, &wants).await?.pop();
    Ok(page.into_iter().cycle().take(accounts.len()).collect())
}

/// `Product.assignments`.
pub fn on_product(t: &mut Type<Product>) {
    t.page("assignments", of_products)
        .doc("Who holds seats of it in the viewer's account, whatever the subscription.")
        .guard(Permission::ProductsRead);
}

async fn of_products(
    scope: Scope,
    products: Rows<Product>,
    args: SeatPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<Assignment>>> {
    let ids = products.iter().map(|product| product.0.model.id).collect();
    pages(&scope, &Of::Products(ids), args, &wants).await
}

/// `ProductSubscription.assignments`.
pub fn on_subscription(t: &mut Type<Subscription>) {
    t.page("assignments", of_subscriptions)
        .doc("Who holds its seats.")
        .guard(Permission::ProductsRead);
}

async fn of_subscriptions(
    scope: Scope,
    subscriptions: Rows<Subscription>,
    args: SeatPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<Assignment>>> {
    let ids = subscriptions
        .iter()
        .map(|subscription| subscription.0.id)
        .collect();
    pages(&scope, &Of::Subscriptions(ids), args, &wants).await
}

async fn pages(
    scope: &Scope,
    of: &Of,
    args: SeatPageArgs,
    wants: &Wants,
) -> Result<Vec<Connection<Assignment>>> {
    let order = args.order_by.unwrap_or(AssignmentOrder {
        field: AssignmentOrderField::AssignedAt,
        direction: OrderDirection::Asc,
    });
    let filter = opened(scope, args.filter, order.field.into())?;
    let order = (order.field.into(), order.direction.into());
    let request = args.page.into();
    let pages = seats::pages(scope, of, &request, &filter, order, wants.field("totalCount")).await?;
    Ok(pages.into_iter().map(Into::into).collect())
}

/// What is asked for, if whoever asks may know: people are searched, and put in order, by whoever may read them.
fn opened(scope: &Scope, filter: Option<AssignmentFilter>, by: OrderBy) -> Result<Filter> {
    let filter = filter.unwrap_or_default().read()?;
    if filter.is_of_people() || by == OrderBy::UserName {
        permit(scope.actor(), Permission::UsersRead.action())?;
    }
    Ok(filter)
}
