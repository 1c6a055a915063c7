//! Who may read a field. The engine asks; the application answers.

use std::marker::PhantomData;

use async_graphql::registry::MetaDirectiveInvocation;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::context::Context;
use super::interface::Dyn;
use super::rows::AnyRows;
use crate::Fault;

/// Who may read a field of `T`, and who may call a mutation.
///
/// Where a guard may refuse, the field is nullable in the schema, so that a refusal costs no more than the field.
pub trait Guard<T>: Send + Sync + 'static {
    /// How the schema tells of it.
    fn directive(&self) -> Option<MetaDirectiveInvocation>;

    /// Whether somebody signed in may be refused.
    fn may_refuse(&self) -> bool;

    /// Whether the field is answered, for every row.
    fn shows(&self, context: &Context) -> Result<(), Fault>;

    /// Where it is not: the rows for which it is answered all the same.
    fn own(&self, _context: &Context, rows: &[T]) -> Vec<bool> {
        vec![false; rows.len()]
    }

    /// As [`shows`](Self::shows), for a field of a root.
    fn admits(&self, context: &Context) -> Result<(), Fault> {
        self.shows(context)
    }

    /// Whether a mutation is run.
    fn attempt<'a>(
        &'a self,
        context: &'a Context,
        _mutation: &'static str,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        let admitted = self.admits(context).map_err(Refused::Fault);
        std::future::ready(admitted).boxed()
    }
}

/// Why a mutation did not do its work.
pub enum Refused {
    /// Something the caller can mend: it goes to `userErrors`.
    UserErrors(Vec<Dyn>),
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A guard of whichever type of rows.
pub trait AnyGuard: Send + Sync {
    fn directive(&self) -> Option<MetaDirectiveInvocation>;
    fn may_refuse(&self) -> bool;
    fn shows(&self, context: &Context) -> Result<(), Fault>;
    fn own(&self, context: &Context, rows: &AnyRows) -> Vec<bool>;
    fn admits(&self, context: &Context) -> Result<(), Fault>;
    fn attempt<'a>(
        &'a self,
        context: &'a Context,
        mutation: &'static str,
    ) -> BoxFuture<'a, Result<(), Refused>>;
}

pub struct Erased<T, G>(pub G, pub PhantomData<fn(T)>);

impl<T: Send + Sync + 'static, G: Guard<T>> AnyGuard for Erased<T, G> {
    fn directive(&self) -> Option<MetaDirectiveInvocation> {
        self.0.directive()
    }

    fn may_refuse(&self) -> bool {
        self.0.may_refuse()
    }

    fn shows(&self, context: &Context) -> Result<(), Fault> {
        self.0.shows(context)
    }

    fn own(&self, context: &Context, rows: &AnyRows) -> Vec<bool> {
        self.0.own(context, &rows.typed::<T>())
    }

    fn admits(&self, context: &Context) -> Result<(), Fault> {
        self.0.admits(context)
    }

    fn attempt<'a>(
        &'a self,
        context: &'a Context,
        mutation: &'static str,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        self.0.attempt(context, mutation)
    }
}
