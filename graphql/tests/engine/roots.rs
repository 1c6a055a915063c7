//! The roots of `schema.graphql`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use async_graphql::registry::MetaDirectiveInvocation;
use async_graphql::{Enum, InputObject, MaybeUndefined};
use graphql::{Context, Fault, FromContext, Guard, Leaf, Object, Refuse, Type, enum_leaf, interface};

use crate::items::{Item, Thing, exists, thing};
use crate::page::{PageArgs, page};

/// What is known of a request: how far its counter is.
#[derive(Clone, Default)]
pub struct Session(Arc<AtomicI32>);

impl FromContext for Session {}

/// Refuses everybody.
#[derive(Clone, Copy)]
pub struct Nobody;

impl<T> Guard<T> for Nobody {
    fn directive(&self) -> Option<MetaDirectiveInvocation> {
        None
    }

    fn may_refuse(&self) -> bool {
        true
    }

    fn shows(&self, _: &Context) -> Result<(), Fault> {
        Err(Fault::new("FORBIDDEN", "You may not do this."))
    }
}

#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    Red,
    Green,
    Blue,
}

enum_leaf!(Color);

impl Color {
    pub const ALL: [Self; 3] = [Self::Red, Self::Green, Self::Blue];
}

#[derive(Clone, Copy, Default)]
pub struct Query;

#[derive(InputObject)]
struct NumberArgs {
    #[graphql(default = 1)]
    n: i32,
}

#[derive(InputObject)]
struct CountArgs {
    #[graphql(default = 3)]
    count: i32,
}

#[derive(InputObject)]
struct NumbersArgs {
    #[graphql(default_with = "vec![1, 2, 0]")]
    ns: Vec<i32>,
}

#[derive(InputObject)]
struct EchoArgs {
    #[graphql(default_with = "Some(\"d\".to_owned())")]
    text: Option<String>,
    number: MaybeUndefined<i32>,
    #[graphql(default = true)]
    flag: bool,
    list: MaybeUndefined<Vec<Option<i32>>>,
    input: MaybeUndefined<EchoInput>,
}

#[derive(InputObject)]
struct EchoInput {
    #[graphql(default_with = "Some(7)")]
    a: Option<i32>,
    b: MaybeUndefined<String>,
    c: MaybeUndefined<Vec<Color>>,
    d: MaybeUndefined<Box<EchoInput>>,
    #[graphql(default_with = "Color::Red")]
    e: Color,
}

impl Object for Query {
    const NAME: &'static str = "Query";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.one_opt("item", item);
        t.one("itemSure", item);
        t.many("items", items);
        t.any_opt::<Thing, _, _>("thing", async |_: Session, args: NumberArgs| {
            Ok::<_, Fault>(thing(args.n))
        });
        t.any_many_opt::<Thing, _, _>("things", things);
        t.page("all", async |_: Session, args: PageArgs| page(1, 7, &args));
        t.values("echo", async |_: Session, args: EchoArgs| {
            Ok::<_, Fault>(echo(&args))
        });
        t.value("guarded", |_| None::<i32>).guard(Nobody);
        t.values("broken", broken);
        t.values("brokenSure", broken_sure);
    }
}

async fn item(_: Session, args: NumberArgs) -> Result<Option<Item>, Fault> {
    Ok(exists(args.n).then_some(Item(args.n)))
}

async fn items(_: Session, args: CountArgs) -> Result<Vec<Item>, Fault> {
    match args.count {
        0..=5 => Ok((1..=args.count).map(Item).collect()),
        _ => Err(Fault::bad_input("at most 5")),
    }
}

async fn things(_: Session, args: NumbersArgs) -> Result<Vec<Option<Thing>>, Fault> {
    match args.ns.len() {
        0..=5 => Ok(args.ns.into_iter().map(thing).collect()),
        _ => Err(Fault::bad_input("at most 5")),
    }
}

async fn broken(_: Session) -> Result<Option<i32>, Fault> {
    Err(Fault::internal("broken"))
}

async fn broken_sure(_: Session) -> Result<i32, Fault> {
    panic!("broken for sure")
}

fn text<L: Leaf>(value: &L) -> String {
    let mut out = Vec::new();
    value.write(&mut out);
    String::from_utf8(out).unwrap()
}

fn maybe<V>(value: &MaybeUndefined<V>, text: impl Fn(&V) -> String) -> String {
    match value {
        MaybeUndefined::Undefined => "-".into(),
        MaybeUndefined::Null => "null".into(),
        MaybeUndefined::Value(value) => text(value),
    }
}

fn echo(args: &EchoArgs) -> String {
    format!(
        "text={};number={};flag={};list={};input={}",
        text(&args.text),
        maybe(&args.number, text),
        args.flag,
        maybe(&args.list, text),
        maybe(&args.input, echo_input)
    )
}

fn echo_input(input: &EchoInput) -> String {
    let bare = |colors: &Vec<Color>| text(colors).replace('"', "");
    format!(
        "{{a={},b={},c={},d={},e={}}}",
        text(&input.a),
        maybe(&input.b, text),
        maybe(&input.c, bare),
        maybe(&input.d, |input| echo_input(input)),
        text(&input.e).replace('"', "")
    )
}

#[derive(Clone, Copy, Default)]
pub struct Mutation;

#[derive(InputObject)]
struct BumpInput {
    #[graphql(default = 1)]
    by: i32,
}

enum Failure {
    Negative,
    Fault(Fault),
}

interface! {
    /// Why.
    UserError { "message": "String!" => "", "code": "String!" => "", "field": "[String!]" => "" } = Generic(GenericUserError)
}

#[derive(Clone)]
pub struct GenericUserError;

impl Object for GenericUserError {
    const NAME: &'static str = "GenericUserError";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.implements::<UserError>();
        t.text("message", |_| "by must not be negative");
        t.text("code", |_| "INVALID");
        t.value("field", |_| Some(vec!["input".to_owned(), "by".to_owned()]));
    }
}

impl Refuse for Failure {
    type UserError = UserError;

    fn refuse(self) -> Result<Vec<UserError>, Fault> {
        match self {
            Self::Negative => Ok(vec![UserError::Generic(GenericUserError)]),
            Self::Fault(fault) => Err(fault),
        }
    }
}

#[derive(Clone)]
struct Counter(i32);

impl Object for Counter {
    const NAME: &'static str = "Counter";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |counter| counter.0);
        t.child_opt("item", |counter| exists(counter.0).then_some(Item(counter.0)));
    }
}

async fn bump(session: Session, input: BumpInput) -> Result<Counter, Failure> {
    match input.by {
        99 => panic!("ninety-nine"),
        98 => Err(Failure::Fault(Fault::new("FORBIDDEN", "You may not do this."))),
        ..0 => Err(Failure::Negative),
        by => Ok(Counter(session.0.fetch_add(by, Ordering::SeqCst) + by)),
    }
}

impl Object for Mutation {
    const NAME: &'static str = "Mutation";
    const DOC: &'static str = "";

    fn describe(t: &mut Type<Self>) {
        t.mutation("bump", bump);
    }
}

#[derive(Clone, Copy, Default)]
pub struct Subscription;

impl Object for Subscription {
    const NAME: &'static str = "Subscription";
    const DOC: &'static str = "";

    fn describe(_: &mut Type<Self>) {}
}
