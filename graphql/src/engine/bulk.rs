//! Mutations about many things at once: `results` in the order of the input, and their `summary`.

use super::definition::{Made, Of, TypeDef};
use super::describe::{Object, Type};
use super::interface::{Dyn, InterfaceDef};
use super::mutation::{Envelope, Payload};

/// What a bulk mutation does when some items are wrong.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkErrorPolicy {
    /// Change nothing unless every item can be applied (one transaction).
    RejectAll,
    /// Apply the items that can be applied, report the others.
    SkipFailed,
}

/// Outcome of one item.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkItemStatus {
    /// It was changed.
    Applied,
    /// It was so already.
    Unchanged,
    /// It was not changed; its `userErrors` say why.
    Failed,
}

crate::enum_leaf!(BulkErrorPolicy, BulkItemStatus);

/// The answer of a call about many things at once: `results`, in the order of the input, and their `summary`. `X` brings further fields.
#[derive(Clone)]
pub struct Bulk<R, X = ()> {
    pub results: Vec<BulkResult<R>>,
    pub more: Option<X>,
    /// Items of the input that were blank or came again, and have no result.
    left_out: usize,
}

/// How it ended for one item. `R` brings what is particular to it, and names the type.
#[derive(Clone)]
pub struct BulkResult<R> {
    index: i32,
    status: BulkItemStatus,
    user_errors: Vec<Dyn>,
    own: R,
}

impl<R> Bulk<R> {
    /// The outcomes in the order of the input: status, why it failed, and what is particular to the item.
    pub fn of<U: Into<Dyn>>(outcomes: impl IntoIterator<Item = (BulkItemStatus, Vec<U>, R)>) -> Self {
        let result = |(place, (status, errors, own)): (usize, (_, Vec<U>, R))| BulkResult {
            index: i32::try_from(place).unwrap_or(i32::MAX),
            status,
            user_errors: errors.into_iter().map(Into::into).collect(),
            own,
        };
        Self {
            results: outcomes.into_iter().enumerate().map(result).collect(),
            more: None,
            left_out: 0,
        }
    }

    /// Nothing was done within the call.
    pub fn none() -> Self {
        Self {
            results: Vec::new(),
            more: None,
            left_out: 0,
        }
    }

    /// So many items of the input are not among the outcomes, because they were blank or came again.
    pub fn leaving_out(self, left_out: usize) -> Self {
        Self { left_out, ..self }
    }

    /// With further fields.
    pub fn with<X>(self, more: X) -> Bulk<R, X> {
        Bulk {
            results: self.results,
            more: Some(more),
            left_out: self.left_out,
        }
    }
}

impl<R: Object, X: Payload> Payload for Bulk<R, X> {
    fn fields(t: &mut Type<Self>, envelope: &Envelope) {
        let mut more = Type::<X>::new("", "");
        X::fields(&mut more, envelope);
        t.lift(more, |bulk| bulk.more.as_ref(), true);
        let user_errors = envelope.user_errors;
        let made = Made::new(move || result_type::<R>(user_errors));
        let of = Of::Made(made.clone());
        t.children_of(
            "results",
            of,
            move || made.definition(),
            |bulk| bulk.results.clone(),
        )
        .doc("One for each item, in the order of the input; empty if the call was refused as a whole.");
        t.child("summary", |bulk| BulkSummary {
            left_out: i32::try_from(bulk.left_out).unwrap_or(i32::MAX),
            ..BulkSummary::of(bulk.results.iter().map(|result| result.status))
        })
        .doc("How many items ended how.");
    }

    fn refused() -> Option<Self> {
        Some(Self {
            results: Vec::new(),
            more: None,
            left_out: 0,
        })
    }
}

fn result_type<R: Object>(user_errors: InterfaceDef) -> TypeDef {
    let mut t = Type::<BulkResult<R>>::new(R::NAME, R::DOC);
    t.value("index", |result| result.index)
        .doc("Place of the item in the input, from 0.");
    let mut own = Type::<R>::new(R::NAME, R::DOC);
    R::describe(&mut own);
    t.lift(own, |result| Some(&result.own), false);
    t.value("status", |result| result.status)
        .doc("How it ended for the item.");
    t.dyn_children("userErrors", user_errors, |result| result.user_errors.clone())
        .doc("Why the item failed; empty otherwise.");
    t.def
}

/// Totals over results[].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkSummary {
    applied: i32,
    unchanged: i32,
    failed: i32,
    left_out: i32,
}

impl BulkSummary {
    pub fn of(statuses: impl Iterator<Item = BulkItemStatus>) -> Self {
        let mut summary = Self::default();
        for status in statuses {
            match status {
                BulkItemStatus::Applied => summary.applied += 1,
                BulkItemStatus::Unchanged => summary.unchanged += 1,
                BulkItemStatus::Failed => summary.failed += 1,
            }
        }
        summary
    }
}

impl Object for BulkSummary {
    const NAME: &'static str = "BulkSummary";
    const DOC: &'static str = "Totals over results[]; applied + unchanged + failed = total.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |summary| {
            summary.applied + summary.unchanged + summary.failed
        })
        .doc("Items of the input, less those that were left out.");
        t.value("applied", |summary| summary.applied)
            .doc("Items that were changed.");
        t.value("unchanged", |summary| summary.unchanged)
            .doc("Items that were so already.");
        t.value("failed", |summary| summary.failed)
            .doc("Items that could not be changed.");
        t.value("leftOut", |summary| summary.left_out).doc(
            "Items beside `total` that were left out, because they were blank or the same as an earlier one.",
        );
    }
}
