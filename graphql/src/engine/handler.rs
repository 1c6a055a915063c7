//! Handlers: plain `async fn`s with owned arguments, taken by what they ask for.
//!
//! The first argument is the application's value of the request. Then may follow, each at most once and in this order: the rows
//! ([`Rows`]), the field's arguments (an input object), and what is selected of the answer ([`Wants`]). A handler that does not take the rows
//! answers once for all of them.

use async_graphql::InputType;
use async_graphql::registry::Registry;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::args::{self, Arguments};
use super::context::FromContext;
use super::describe::no_args;
use super::relation::Same;
use super::rows::Rows;
use super::select::{Selected, Wants};
use crate::Fault;

/// Finds what belongs to rows of `T`. `M` tells the ways to write a handler apart and is found by the compiler.
pub trait Handler<T, M>: Send + Sync + 'static {
    type Output: Send + 'static;

    fn arguments(registry: &mut Registry) -> Arguments;

    fn call(&self, selected: &Selected<'_>, rows: Rows<T>)
    -> BoxFuture<'static, Result<Self::Output, Fault>>;
}

/// What a handler that opens something is given.
pub fn opening<S: FromContext, A: InputType>(selected: &Selected<'_>) -> Result<(S, A), Fault> {
    Ok((S::from_context(selected.env.context)?, args::parse(selected)?))
}

/// Tells handlers apart that differ in what they take.
pub struct Takes<const WHAT: u8>;

macro_rules! handler {
    ($what:literal, ($($takes:ty),*), [$($args:ident)?], $output:ident, |$selected:ident, $rows:ident| ($($given:expr),*)) => {
        impl<F, Fut, S, T, $($args,)? O, E> Handler<T, (Takes<$what>, S, $($args,)? O, E)> for F
        where
            F: Fn(S, $($takes),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Result<O, E>> + Send + 'static,
            S: FromContext,
            T: Send + Sync + 'static,
            $($args: InputType + Send + 'static,)?
            O: Send + 'static,
            E: Into<Fault> + Send + 'static,
        {
            type Output = output!($output O);

            fn arguments(_registry: &mut Registry) -> Arguments {
                arguments!(_registry $($args)?)
            }

            fn call(&self, $selected: &Selected<'_>, $rows: Rows<T>) -> BoxFuture<'static, Result<Self::Output, Fault>> {
                let called = (|| Ok::<_, Fault>(self(S::from_context($selected.env.context)?, $($given),*)))();
                async move { called?.await.map(wrap!($output)).map_err(Into::into) }.boxed()
            }
        }
    };
}

macro_rules! output {
    (each $output:ident) => { $output };
    (same $output:ident) => { Same<$output> };
}

macro_rules! wrap {
    (each) => {
        std::convert::identity
    };
    (same) => {
        Same
    };
}

macro_rules! arguments {
    ($registry:ident) => {
        no_args($registry)
    };
    ($registry:ident $args:ident) => {
        args::describe::<$args>($registry)
    };
}

handler!(0, (), [], same, |selected, _rows| ());
handler!(1, (A), [A], same, |selected, _rows| (args::parse(selected)?));
handler!(2, (Wants), [], same, |selected, _rows| (selected.wants()));
handler!(3, (A, Wants), [A], same, |selected, _rows| (
    args::parse(selected)?,
    selected.wants()
));
handler!(4, (Rows<T>), [], each, |selected, rows| (rows));
handler!(5, (Rows<T>, A), [A], each, |selected, rows| (
    rows,
    args::parse(selected)?
));
handler!(6, (Rows<T>, Wants), [], each, |selected, rows| (
    rows,
    selected.wants()
));
handler!(7, (Rows<T>, A, Wants), [A], each, |selected, rows| (
    rows,
    args::parse(selected)?,
    selected.wants()
));
