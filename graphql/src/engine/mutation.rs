//! Mutations: the engine owns the envelope. A handler takes its input and answers what it changed; payload type and `userErrors` are made here, the
//! form of bulk answers in `bulk`.

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
use super::relation::Links;
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
