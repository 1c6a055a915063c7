//! The way types were described before handlers were plain functions; goes away with the last file that is written so.

use std::sync::Arc;

use async_graphql::InputType;
use futures::future::BoxFuture;
use graphql::{Connection, Field, Interface, Leaf, Links, Object, Rows, Type, Wants};

use super::errors::Payload;
use crate::error::Result;
use crate::read::Scope;

/// For fields without arguments.
#[derive(async_graphql::InputObject, Debug)]
pub struct NoArgs {
    /// GraphQL has no empty input object; this one is never described.
    #[graphql(visible = false)]
    nothing: Option<bool>,
}

#[derive(Clone, Copy)]
pub struct Ask<'a> {
    pub scope: &'a Scope,
    wants: &'a Wants,
}

impl Ask<'_> {
    pub fn wants<C: Object>(&self, field: &str) -> bool {
        self.wants.field(field)
    }
}

/// An answer whose type brings `userErrors` itself.
#[derive(Clone)]
pub struct Old<P>(P);

impl<P: Payload> graphql::Payload for Old<P> {
    fn fields(t: &mut Type<Self>, _: &graphql::Envelope) {
        let mut own = Type::<P>::new(P::NAME, P::DOC);
        P::describe(&mut own);
        t.lift(own.without("userErrors"), |old| Some(&old.0), false);
    }

    fn refused() -> Option<Self> {
        Some(Self(P::refused(Vec::new())))
    }

    fn user_errors(&self) -> Vec<graphql::Dyn> {
        let errors = super::errors::UserError::each(&self.0.refusals());
        errors.into_iter().map(Into::into).collect()
    }
}

type Found<'a, O> = BoxFuture<'a, Result<O>>;

macro_rules! handler {
    ($find:ident) => {{
        let find = Arc::new($find);
        move |scope: Scope, rows: Rows<T>, args: A, wants: Wants| {
            let find = find.clone();
            async move {
                let ask = Ask {
                    scope: &scope,
                    wants: &wants,
                };
                find(ask, &rows, args).await
            }
        }
    }};
}

pub trait OldStyle<T> {
    fn old_one<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Links<C>> + Send + Sync + 'static,
    ) -> Field<'_, T>;

    fn old_one_opt<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Links<C>> + Send + Sync + 'static,
    ) -> Field<'_, T>;

    fn old_many<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Vec<Vec<C>>> + Send + Sync + 'static,
    ) -> Field<'_, T>;

    fn old_page<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Links<Connection<C>>> + Send + Sync + 'static,
    ) -> Field<'_, T>;

    fn old_values<L: Leaf + Send + Sync + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T]) -> Found<'a, Vec<L>> + Send + Sync + 'static,
    ) -> Field<'_, T>;

    fn old_any_opt<I: Interface + Into<graphql::Dyn> + Send, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Vec<Option<I>>> + Send + Sync + 'static,
    ) -> Field<'_, T>;

    fn old_mutation<P: Payload, I: InputType + 'static>(
        &mut self,
        name: &'static str,
        run: impl for<'a> Fn(Ask<'a>, I) -> Found<'a, P> + Send + Sync + 'static,
    ) -> graphql::MutationField<'_, T>;
}

impl<T: Send + Sync + 'static> OldStyle<T> for Type<T> {
    fn old_one<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Links<C>> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.one(name, handler!(find))
    }

    fn old_one_opt<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Links<C>> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.one_opt(name, handler!(find))
    }

    fn old_many<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Vec<Vec<C>>> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.many(name, handler!(find))
    }

    fn old_page<C: Object, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Links<Connection<C>>> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.page(name, handler!(find))
    }

    fn old_values<L: Leaf + Send + Sync + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T]) -> Found<'a, Vec<L>> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        let find = Arc::new(find);
        self.values(name, move |scope: Scope, rows: Rows<T>, wants: Wants| {
            let find = find.clone();
            async move {
                let ask = Ask {
                    scope: &scope,
                    wants: &wants,
                };
                find(ask, &rows).await
            }
        })
    }

    fn old_any_opt<I: Interface + Into<graphql::Dyn> + Send, A: InputType + 'static>(
        &mut self,
        name: &'static str,
        find: impl for<'a> Fn(Ask<'a>, &'a [T], A) -> Found<'a, Vec<Option<I>>> + Send + Sync + 'static,
    ) -> Field<'_, T> {
        self.any_opt::<I, _, _>(name, handler!(find))
    }

    fn old_mutation<P: Payload, I: InputType + 'static>(
        &mut self,
        name: &'static str,
        run: impl for<'a> Fn(Ask<'a>, I) -> Found<'a, P> + Send + Sync + 'static,
    ) -> graphql::MutationField<'_, T> {
        let run = Arc::new(run);
        let change = move |scope: Scope, input: I, wants: Wants| {
            let run = run.clone();
            async move {
                let ask = Ask {
                    scope: &scope,
                    wants: &wants,
                };
                run(ask, input).await.map(Old)
            }
        };
        self.mutation(name, change).payload(P::NAME)
    }
}
