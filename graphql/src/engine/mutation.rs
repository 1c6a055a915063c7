//! Mutations: the engine owns the envelope. A handler takes its input and answers what it changed; payload type, `userErrors` and the form of
//! bulk answers are made here.

use std::sync::{Arc, OnceLock};

use async_graphql::InputType;
use futures::FutureExt;
use futures::future::BoxFuture;

use async_graphql::registry::Registry;

use super::args::{Arguments, Sent, describe_input, parse_input};
use super::context::FromContext;
use super::definition::{List, Made, Of, Read, TypeDef, keep};
use super::describe::{Field, Object, Type};
use super::guard::{Guard, Refused};
use super::handler::Takes;
use super::interface::{Dyn, Interface, InterfaceDef};
use super::relation::{Found, Links};
use super::select::{Selected, Wants};
use crate::Fault;

/// An application's error, sorted into what the caller can mend and what they cannot.
pub trait Refuse: Send + 'static {
    /// The interface of `userErrors`.
    type UserError: Interface + Into<Dyn>;

    /// What can be mended goes into the payload, the rest stays an error.
    fn refuse(self) -> Result<Vec<Self::UserError>, Fault>;
}

/// Makes a change. `M` tells the ways to write one apart and is found by the compiler.
///
/// A change is an `async fn` of the application's value of the request and the input; after them it may take the input as it was sent
/// ([`Sent`]) and what is selected of the payload ([`Wants`]).
pub trait Change<M>: Send + Sync + 'static {
    type Input: InputType;
    type Payload: Payload;
    type UserError: Interface;

    fn call(&self, selected: &Selected<'_>) -> BoxFuture<'static, Result<Self::Payload, Refused>>;
}

macro_rules! change {
    ($what:literal, ($($takes:ty),*), |$selected:ident| ($($given:expr),*)) => {
        impl<F, Fut, S, I, P, E> Change<(Takes<$what>, S, I, P, E)> for F
        where
            F: Fn(S, I, $($takes),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<P, E>> + Send + 'static,
            S: FromContext,
            I: InputType + Send + 'static,
            P: Payload,
            E: Refuse,
        {
            type Input = I;
            type Payload = P;
            type UserError = E::UserError;

            fn call(&self, $selected: &Selected<'_>) -> BoxFuture<'static, Result<P, Refused>> {
                let called = (|| {
                    Ok::<_, Fault>(self(S::from_context($selected.env.context)?, parse_input($selected)?, $($given),*))
                })();
                async move { called?.await.map_err(refused) }.boxed()
            }
        }
    };
}

change!(0, (), |selected| ());
change!(1, (Sent), |selected| (Sent::of(selected)));
change!(2, (Wants), |selected| (selected.wants()));
change!(3, (Sent, Wants), |selected| (
    Sent::of(selected),
    selected.wants()
));

fn refused<E: Refuse>(error: E) -> Refused {
    match error.refuse() {
        Ok(errors) => Refused::UserErrors(errors.into_iter().map(Into::into).collect()),
        Err(fault) => Refused::Fault(fault),
    }
}

/// What a mutation answers beside its `userErrors`: an object (one field, named after its type), a struct whose fields become the payload's, or
/// a [`Bulk`].
pub trait Payload: Clone + Send + Sync + 'static {
    fn fields(t: &mut Type<Self>, envelope: &Envelope);

    /// What stands in the payload of a refused call; `None`: nulls.
    fn refused() -> Option<Self> {
        None
    }

    /// What was refused beside what it answers all the same.
    fn user_errors(&self) -> Vec<Dyn> {
        Vec::new()
    }
}

/// What a payload is told of the mutation it belongs to.
pub struct Envelope {
    /// What the field of a single object is called, if not after its type.
    pub entity: Option<&'static str>,
    pub user_errors: InterfaceDef,
}

impl<C: Object> Payload for C {
    fn fields(t: &mut Type<Self>, envelope: &Envelope) {
        let name = envelope.entity.unwrap_or_else(|| keep(lower_first(C::NAME)));
        t.child(name, Clone::clone)
            .doc("As it is now; null if the call was refused.");
    }
}

impl Payload for () {
    fn fields(_: &mut Type<Self>, _: &Envelope) {}
}

/// The payload of a mutation.
#[derive(Clone)]
struct Answer<P> {
    value: Option<P>,
    user_errors: Vec<Dyn>,
}

/// A mutation just described, to say more of it.
pub struct MutationField<'t, T> {
    field: Field<'t, T>,
    named: Arc<Named>,
}

#[derive(Default)]
struct Named {
    entity: OnceLock<&'static str>,
    payload: OnceLock<&'static str>,
}

impl<T: Send + Sync + 'static> Type<T> {
    /// A change: its one argument is called `input`, and what can be mended is answered in the payload. The payload is nullable, so that a mutation that
    /// fails takes no other's answer with it.
    pub fn mutation<M, H: Change<M>>(&mut self, name: &'static str, run: H) -> MutationField<'_, T> {
        let named = Arc::new(Named::default());
        let made = {
            let named = named.clone();
            Made::new(move || payload::<H::Payload>(name, &named, H::UserError::definition()))
        };
        let answer = |made: &Made, value, user_errors| {
            let answer: Answer<H::Payload> = Answer { value, user_errors };
            Links::all(vec![answer]).found(made.definition())
        };
        let read = {
            let made = made.clone();
            Read::All(Box::new(move |selected: &Selected<'_>, _| {
                let (made, running) = (made.clone(), run.call(selected));
                async move {
                    match running.await {
                        Ok(value) => {
                            let errors = value.user_errors();
                            Ok(answer(&made, Some(value), errors))
                        }
                        Err(Refused::UserErrors(errors)) => Ok(answer(&made, H::Payload::refused(), errors)),
                        Err(Refused::Fault(fault)) => Err(fault),
                    }
                }
                .boxed()
            }))
        };
        let of = Of::Made(made.clone());
        let arguments: fn(&mut Registry) -> Arguments = describe_input::<H::Input>;
        let field = self.push(name, of, true, List::No, arguments, read);
        field.def.refuse = Some(Box::new(move |errors| {
            answer(&made, H::Payload::refused(), errors)
        }));
        MutationField { field, named }
    }
}

impl<T: Send + Sync + 'static> MutationField<'_, T> {
    pub fn doc(mut self, doc: &'static str) -> Self {
        self.field = self.field.doc(doc);
        self
    }

    /// Who may call it.
    pub fn guard(mut self, guard: impl Guard<T>) -> Self {
        self.field = self.field.guard(guard);
        self
    }

    /// What the call costs by itself.
    pub fn weight(mut self, weight: u16) -> Self {
        self.field = self.field.weight(weight);
        self
    }

    /// What the payload's field is called, if not after its type.
    pub fn answers(self, entity: &'static str) -> Self {
        let _ = self.named.entity.set(entity);
        self
    }

    /// What the payload is called, if not after the mutation.
    pub fn payload(self, name: &'static str) -> Self {
        let _ = self.named.payload.set(name);
        self
    }
}

fn payload<P: Payload>(mutation: &'static str, named: &Named, user_errors: InterfaceDef) -> TypeDef {
    let by_mutation = || keep(format!("{}Payload", upper_first(mutation)));
    let name = named.payload.get().copied().unwrap_or_else(by_mutation);
    let mut t = Type::<Answer<P>>::new(name, keep(format!("Answer of `{mutation}`.")));
    let envelope = Envelope {
        entity: named.entity.get().copied(),
        user_errors,
    };
    let mut inner = Type::<P>::new("", "");
    P::fields(&mut inner, &envelope);
    t.lift(inner, |answer| answer.value.as_ref(), P::refused().is_none());
    t.dyn_children("userErrors", user_errors, |answer| answer.user_errors.clone())
        .doc("Why nothing was changed, if it was refused; empty otherwise.");
    t.def
}

impl<O: Clone + Send + Sync + 'static> Type<O> {
    /// Takes over the fields of something its rows hold, or may hold.
    pub fn lift<I: Clone + Send + Sync + 'static>(
        &mut self,
        inner: Type<I>,
        get: impl Fn(&O) -> Option<&I> + Clone + Send + Sync + 'static,
        may_lack: bool,
    ) {
        use super::rows::AnyRows;
        for mut field in inner.def.fields {
            let get = get.clone();
            field.is_nullable |= may_lack;
            field.read = match field.read {
                Read::Row(write) => Read::Row(Box::new(move |rows, row, out| {
                    match rows.row::<O>(row).and_then(&get) {
                        Some(held) => write(&AnyRows::of(vec![held.clone()]), 0, out),
                        None => out.extend_from_slice(b"null"),
                    }
                })),
                Read::All(find) => Read::All(Box::new(move |selected, rows| {
                    let mut held = Vec::new();
                    let place = |outer: &O| {
                        held.push(get(outer)?.clone());
                        Some(held.len() - 1)
                    };
                    let of = rows.typed::<O>().iter().map(place).collect();
                    let found = find(selected, AnyRows::of(held));
                    async move { Ok(Found::Placed(Box::new(found.await?), of)) }.boxed()
                })),
                stream @ Read::Stream(_) => stream,
            };
            self.def.fields.push(field);
        }
    }
}

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
        }
    }

    /// With further fields.
    pub fn with<X>(self, more: X) -> Bulk<R, X> {
        Bulk {
            results: self.results,
            more: Some(more),
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
        t.child("summary", |bulk| {
            BulkSummary::of(bulk.results.iter().map(|result| result.status))
        })
        .doc("How many items ended how.");
    }

    fn refused() -> Option<Self> {
        Some(Self {
            results: Vec::new(),
            more: None,
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
        .doc("Items of the input.");
        t.value("applied", |summary| summary.applied)
            .doc("Items that were changed.");
        t.value("unchanged", |summary| summary.unchanged)
            .doc("Items that were so already.");
        t.value("failed", |summary| summary.failed)
            .doc("Items that could not be changed.");
    }
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}
