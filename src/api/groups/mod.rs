//! Groups as clients see them.

mod members;
mod mutations;

use async_graphql::{Enum, InputObject};
use entity::group;
use entity::ids::Kind;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::users::{UserFilter, UserOrder};
use crate::error::Result;
use crate::groups::Group;
use crate::groups::read::{self, Filter};
use crate::read::paging::Page;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;
use crate::users::{User, in_groups};
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf, group};
pub use mutations::on_mutation;

/// Who keeps the list of members.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "group::Source")]
pub enum GroupSource {
    /// Whoever may manage groups here, files of people, and the sign-in of somebody new.
    Manual,
}

enum_leaf!(GroupSource);

impl Object for Group {
    const NAME: &'static str = "Group";
    const DOC: &'static str = "A named set of users. Every member gets a seat of each of its subscriptions, and gives it back on leaving.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |group| Gid(Kind::Group, group.0.id))
            .doc("Global id, opaque.");
        t.value("version", |group| group.0.version)
            .doc("Grows when the group is called or described otherwise, or gives something else; not when members come and go.");
        t.text("name", |group| &group.0.name)
            .doc("What it is called; no two groups of an account have the same name, whatever the case and the accents.");
        t.text_opt("description", |group| group.0.description.as_deref())
            .doc("What it is for; null if nobody said.");
        t.value("source", |group| GroupSource::from(group.0.source))
            .doc("Who keeps the list of members.");
        t.value("memberCount", |group| group.0.member_count)
            .doc("How many are in it, disabled ones too; at most 5,000.");
        t.value("createdAt", |group| group.0.created_at)
            .doc("When it was made.");
        t.page("members", members_of)
            .doc("Who is in it, disabled ones too.")
            .guard(Permission::UsersRead);
        t.many("subscriptions", subscriptions)
            .doc("What every member gets a seat of, at most 20; in the order in which they were named.")
            .guard(Permission::ProductsRead);
    }
}

#[derive(InputObject, Debug)]
struct MemberPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Only members for whom this holds; null: all.
    filter: Option<UserFilter>,
    /// How to sort; by default as they were added to the account, the first one first.
    order_by: Option<UserOrder>,
}

async fn members_of(
    scope: Scope,
    groups: Rows<Group>,
    args: MemberPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<User>>> {
    let filter = args.filter.unwrap_or_default().for_reader(&scope)?;
    let order = args.order_by.unwrap_or_default();
    let order = (order.field.into(), order.direction.into());
    let ids: Vec<Uuid> = groups.iter().map(|group| group.0.id).collect();
    let request = args.page.into();
    let pages = in_groups::pages(&scope, &ids, &request, &filter, order, wants.field("totalCount")).await?;
    Ok(pages.into_iter().map(Into::into).collect())
}

async fn subscriptions(scope: Scope, groups: Rows<Group>) -> Result<Vec<Vec<Subscription>>> {
    let ids: Vec<Uuid> = groups.iter().map(|group| group.0.id).collect();
    let given = read::subscriptions_of(&scope, &ids).await?;
    let named: Vec<Uuid> = given.iter().map(|(_, subscription)| *subscription).collect();
    let found = Subscription::by_ids(&scope, &named).await?;
    let of = |group: &Uuid| {
        let of_group = given.iter().filter(|(id, _)| id == group);
        of_group
            .filter_map(|(_, id)| found.iter().find(|subscription| subscription.0.id == *id))
            .cloned()
            .collect()
    };
    Ok(ids.iter().map(of).collect())
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct GroupFilter {
    /// A part of the name, at most 100 characters; case, accents and width make no difference.
    pub search: Option<String>,
    /// The list of members is kept by one of these; at most 200.
    pub source: Option<Vec<GroupSource>>,
}

impl From<GroupFilter> for Filter {
    fn from(given: GroupFilter) -> Self {
        Self {
            search: given.search,
            source: given.source.map(|all| all.into_iter().map(Into::into).collect()),
        }
    }
}

#[derive(InputObject, Debug)]
struct GroupPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which groups; null: all.
    filter: Option<GroupFilter>,
}

/// `Account.groups`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("groups", of_account)
        .doc("The account's groups, by name; at most 500.")
        .guard(Permission::UsersRead);
}

async fn of_account(
    scope: Scope,
    accounts: Rows<Account>,
    args: GroupPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<Group>>> {
    let filter = args.filter.unwrap_or_default().into();
    let found = read::page(&scope, &args.page.into(), &filter, wants.field("totalCount")).await?;
    // Rows of other accounts than the session's are refused, so the one page is as good as one for each.
    Ok(vec![found.into(); accounts.len()])
}

#[derive(InputObject, Debug)]
struct UserGroupPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `User.groups`.
pub fn on_user(t: &mut Type<User>) {
    t.page("groups", of_users)
        .doc("The groups they are in, by name.")
        .guard(Guard::or_own(Permission::UsersRead, |user: &User| user.0.id));
}

async fn of_users(
    scope: Scope,
    users: Rows<User>,
    args: UserGroupPageArgs,
) -> Result<Vec<Connection<Group>>> {
    let page = Page::new(&args.page.into(), scope.account_id()?, "groups of user")?;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let found = read::of_users(&scope, &ids).await?;
    let of_users = group(ids.into_iter(), found, |(user, _)| *user);
    let cut = |found: Vec<(Uuid, Group)>| {
        let groups = found.into_iter().map(|(_, group)| group).collect();
        page.cut(groups, |group: &Group| (group.0.name_key.as_str(), group.0.id))
            .into()
    };
    Ok(of_users.into_iter().map(cut).collect())
}
