//! Requests for products as clients see them: one's own, and those that wait for a decision.

mod mutations;

use async_graphql::{Enum, ID, InputObject};
use entity::access_request;
use entity::ids::Kind;

use crate::access_requests::AccessRequest;
use crate::access_requests::read::{Filter, requestable};
use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::accounts::Viewer;
use crate::api::errors::filter_id;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::Result;
use crate::products::Product;
use crate::read::Scope;
use crate::read::paging::Page;
use crate::users::User;
use graphql::{Connection, Object, Type, Wants, enum_leaf};
pub use mutations::on_mutation;

/// Where a request for a product stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "access_request::Status")]
pub enum AccessRequestStatus {
    /// Nobody has decided yet.
    Open,
    /// Whoever asked got a seat, or waits for one.
    Approved,
    /// Whoever asked did not get it; they may ask again.
    Declined,
}

enum_leaf!(AccessRequestStatus);

impl Object for AccessRequest {
    const NAME: &'static str = "AccessRequest";
    const DOC: &'static str = "Somebody asks for a product they do not have.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |request| Gid(Kind::AccessRequest, request.0.id))
            .doc("Global id, opaque.");
        t.reference::<User, _>("user", |request| request.0.user_id)
            .doc("Who asks.");
        t.reference::<Product, _>("product", |request| request.0.product_id)
            .doc("What for.");
        t.value("status", |request| AccessRequestStatus::from(request.0.status))
            .doc("Where it stands.");
        t.text_opt("note", |request| request.0.note.as_deref())
            .doc("What they say about it; null if nothing.");
        t.text_opt("answer", |request| request.0.answer.as_deref())
            .doc("What whoever decided says; null if nothing.");
        t.value("createdAt", |request| request.0.created_at)
            .doc("When they asked.");
        t.value("decidedAt", |request| request.0.decided_at)
            .doc("When it was decided; null while it is open. 90 days after it the request is deleted, unless the operator says otherwise.");
        t.reference::<User, _>("decidedBy", |request| request.0.decided_by)
            .doc("Who decided; null while it is open.")
            .guard(Permission::UsersRead);
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
struct AccessRequestFilter {
    /// In one of these states, at most 200; null: in any.
    status: Option<Vec<AccessRequestStatus>>,
    /// For this product; null: for any.
    product_id: Option<ID>,
}

impl AccessRequestFilter {
    fn read(self) -> Result<Filter> {
        Ok(Filter {
            status: self
                .status
                .map(|all| all.into_iter().map(access_request::Status::from).collect()),
            product_id: filter_id(Kind::Product, self.product_id.as_ref(), "productId")?,
        })
    }
}

#[derive(InputObject, Debug)]
struct AccessRequestPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which of them; null: all.
    filter: Option<AccessRequestFilter>,
}

/// `Account.accessRequests`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("accessRequests", of_account)
        .doc("What people of the account ask for, and what they asked for in the last 90 days; the latest first.")
        .guard(Permission::AssignmentsWrite);
}

async fn of_account(
    scope: Scope,
    args: AccessRequestPageArgs,
    wants: Wants,
) -> Result<Connection<AccessRequest>> {
    let filter = args.filter.unwrap_or_default().read()?;
    let page = AccessRequest::page(&scope, &args.page.into(), &filter, wants.field("totalCount")).await?;
    Ok(page.into())
}

#[derive(InputObject, Debug)]
struct OwnPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Viewer.accessRequests` and what the viewer can ask for.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.page("accessRequests", own)
        .doc("What the viewer asked for in this account, the latest first.");
    t.page("requestableProducts", products)
        .doc("Products that the account has in term and the viewer has no seat of, by name.");
}

async fn own(scope: Scope, args: OwnPageArgs, wants: Wants) -> Result<Connection<AccessRequest>> {
    let page = AccessRequest::own(&scope, &args.page.into(), wants.field("totalCount")).await?;
    Ok(page.into())
}

async fn products(scope: Scope, args: OwnPageArgs) -> Result<Connection<Product>> {
    let page = Page::new(&args.page.into(), scope.account_id()?, "requestable products")?;
    let cut = page.cut(requestable(&scope).await?, |product: &Product| {
        (product.0.model.name.as_str(), product.0.model.id)
    });
    Ok(cut.into())
}
