//! The ledger of credits.

use async_graphql::{Enum, ID, InputObject};
use entity::credit_entry;
use entity::ids::Kind;
use graphql::{Connection, Links, Object, Rows, Type, Wants, enum_leaf};

use super::CloudCredits;
use crate::api::PageArguments;
use crate::api::errors::filter_id;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::usage::Decimal;
use crate::api::users::DateTimeRange;
use crate::credits::Credits;
use crate::credits::read::{self, CreditEntry, Filter};
use crate::error::Result;
use crate::products::Product;
use crate::read::{ById, Scope};
use crate::users::User;

/// Why the balance changed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "credit_entry::Kind")]
pub enum CreditEntryKind {
    /// The seller granted credits.
    Grant,
    /// Somebody's use of a product consumed them.
    Consumption,
    /// What was left of a grant lapsed.
    Expiry,
    /// The seller mended something, upwards or downwards.
    Adjustment,
}

enum_leaf!(CreditEntryKind);

impl Object for CreditEntry {
    const NAME: &'static str = "CreditEntry";
    const DOC: &'static str = "One entry of the append-only credit ledger. What one call consumes for the same person, product and day is one entry.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |entry| Gid(Kind::CreditEntry, entry.0.id))
            .doc("Global id, opaque.");
        t.value("kind", |entry| CreditEntryKind::from(entry.0.kind))
            .doc("Why the balance changed.");
        t.value("amount", |entry| Decimal(Credits(entry.0.amount)))
            .doc("What the balance changed by: below 0 if credits went.");
        t.value("balanceAfter", |entry| Decimal(Credits(entry.0.balance_after)))
            .doc("The balance after it: the sum of all entries up to this one.");
        t.value("occurredAt", |entry| entry.0.occurred_at)
            .doc("When it was booked.");
        t.one_opt("user", users)
            .doc("Whose use consumed them; null for other kinds, and of who was removed.");
        t.link::<Product, _>("product", |entry| entry.0.product_id)
            .doc("What they were consumed by; null for other kinds.");
        t.value("usedOn", |entry| entry.0.used_on)
            .doc("The day of the use that consumed them; null for other kinds.");
        t.value("expiresOn", |entry| entry.0.expires_on)
            .doc("The last day (UTC) on which what was added is good, or was that lapsed; null if it does not lapse, and for consumption.");
        t.text_opt("reference", |entry| entry.0.reference.as_deref())
            .doc("What the seller knows it by, such as the number of an order; null if nothing was said.");
        t.text_opt("note", |entry| entry.0.note.as_deref())
            .doc("What the seller says about it; null if nothing.");
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
struct CreditEntryFilter {
    /// One of these kinds; at most 200.
    kind: Option<Vec<CreditEntryKind>>,
    /// Consumed by this person.
    user_id: Option<ID>,
    /// Consumed by this product.
    product_id: Option<ID>,
    /// When it was booked.
    occurred_at: Option<DateTimeRange>,
}

#[derive(InputObject, Debug)]
struct LedgerArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Only entries for which this holds; null: all.
    filter: Option<CreditEntryFilter>,
}

/// `CloudCredits.ledger`.
pub fn on_credits(t: &mut Type<CloudCredits>) {
    t.page("ledger", page)
        .doc("All that was ever booked, the last entry first.");
}

async fn users(scope: Scope, entries: Rows<CreditEntry>) -> Result<Links<User>> {
    let wanted: Vec<_> = entries.iter().map(|entry| entry.0.user_id).collect();
    let ids: Vec<_> = wanted.iter().flatten().copied().collect();
    let mut found = User::by_ids(&scope, &ids).await?;
    found.retain(User::is_listed);
    Ok(Links::by_key(wanted.into_iter(), found, |user: &User| user.0.id))
}

async fn page(scope: Scope, args: LedgerArgs, wants: Wants) -> Result<Connection<CreditEntry>> {
    let given = args.filter.unwrap_or_default();
    let DateTimeRange { from, to } = given.occurred_at.unwrap_or_default();
    let kinds = |kinds: Vec<CreditEntryKind>| kinds.into_iter().map(credit_entry::Kind::from).collect();
    let filter = Filter {
        kinds: given.kind.map(kinds),
        user_id: filter_id(Kind::User, given.user_id.as_ref(), "userId")?,
        product_id: filter_id(Kind::Product, given.product_id.as_ref(), "productId")?,
        occurred_at: (from, to),
    };
    let page = read::page(&scope, &args.page.into(), &filter, wants.field("totalCount")).await?;
    Ok(page.into())
}
