//! Lists of invitations as clients ask for them.

use async_graphql::{Enum, InputObject};

use super::{DeliveryStatus, InvitationStatus};
use crate::accounts::Account;
use crate::api::guard::Permission;
use crate::api::users::DateTimeRange;
use crate::api::{OrderDirection, PageArguments};
use crate::error::Result;
use crate::invitations::Invitation;
use crate::invitations::listing::{self, OrderBy};
use crate::read::Scope;
use graphql::{Connection, Type, Wants};

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct InvitationFilter {
    /// In one of these states; at most 200.
    pub status: Option<Vec<InvitationStatus>>,
    /// The mail with the latest link became one of these; at most 200.
    pub delivery: Option<Vec<DeliveryStatus>>,
    /// When it was made.
    pub created_at: Option<DateTimeRange>,
    /// Until when its latest link is good.
    pub expires_at: Option<DateTimeRange>,
}

impl InvitationFilter {
    pub fn read(self) -> listing::Filter {
        let between = |range: Option<DateTimeRange>| {
            let DateTimeRange { from, to } = range.unwrap_or_default();
            (from, to)
        };
        listing::Filter {
            states: self
                .status
                .map(|given| given.into_iter().map(Into::into).collect()),
            delivery: self
                .delivery
                .map(|given| given.into_iter().map(Into::into).collect()),
            created_at: between(self.created_at),
            expires_at: between(self.expires_at),
        }
    }
}

/// Sort keys; the id is always the last key.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "OrderBy")]
pub enum InvitationOrderField {
    /// When it was made.
    CreatedAt,
    /// Until when its latest link is good.
    ExpiresAt,
}

/// Sort order.
#[derive(InputObject, Clone, Copy, Debug)]
struct InvitationOrder {
    /// What to sort by.
    field: InvitationOrderField,
    /// Upwards by default.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

#[derive(InputObject, Debug)]
struct InvitationPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Only invitations for which this holds; null: all.
    filter: Option<InvitationFilter>,
    /// How to sort; by default as they were made, the latest first.
    order_by: Option<InvitationOrder>,
}

/// `Account.invitations`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("invitations", invitations)
        .doc("Every invitation of the account, those that were accepted or withdrawn too.")
        .guard(Permission::UsersRead);
}

async fn invitations(scope: Scope, args: InvitationPageArgs, wants: Wants) -> Result<Connection<Invitation>> {
    let order = args.order_by.unwrap_or(InvitationOrder {
        field: InvitationOrderField::CreatedAt,
        direction: OrderDirection::Desc,
    });
    let order = (order.field.into(), order.direction.into());
    let (request, filter) = (args.page.into(), args.filter.unwrap_or_default().read());
    let page = listing::page(&scope, &request, &filter, order, wants.field("totalCount")).await?;
    Ok(page.into())
}
