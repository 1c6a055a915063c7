//! A server with a small schema, and an application that admits by what the `Authorization` header says.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_graphql::{
    Context, ErrorExtensions, InputValueError, InputValueResult, Object, Request, Response, Scalar,
    ScalarType, Schema, SimpleObject, Subscription, Value,
};
use futures::{FutureExt, Stream, StreamExt, stream, stream::BoxStream};
use graphql::{
    Fault,
    admission::Party,
    wire::{self, Admitted, Application, Introspection, Yielding},
};
use muster::error::Error;
use tokio::sync::Notify;

/// JSON with spaces and a number that a second serialization would change.
pub const WRITTEN: &str = r#"{ "b" : 1.50, "a" : [ ] }"#;
pub const ORIGIN: &str = "https://muster.example";
/// What a resolver fails with and no client may see.
pub const SECRET: &str = "sqlx error at 10.0.0.1";

pub struct Query;

struct Even;

#[Scalar]
impl ScalarType for Even {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) if number.as_i64().is_some_and(|number| number % 2 == 0) => Ok(Self),
            _ => Err(InputValueError::custom("not even")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

struct Written;

#[Scalar]
impl ScalarType for Written {
    fn parse(_: Value) -> InputValueResult<Self> {
        Ok(Self)
    }

    fn to_value(&self) -> Value {
        wire::written(WRITTEN.to_owned())
    }
}

#[derive(SimpleObject)]
#[graphql(complex)]
struct Branch {
    name: String,
}

#[async_graphql::ComplexObject]
impl Branch {
    async fn branch(&self) -> Branch {
        Branch { name: "leaf".into() }
    }

    async fn broken(&self) -> async_graphql::Result<i32> {
        Err(SECRET.into())
    }
}

fn for_alice(ctx: &Context<'_>) -> async_graphql::Result<i32> {
    match ctx.data_opt::<&'static str>() {
        Some(&"alice") => Ok(1),
        _ => {
            Err(async_graphql::Error::new("Sign in first.")
                .extend_with(|_, e| e.set("code", "UNAUTHENTICATED")))
        }
    }
}

#[Object]
impl Query {
    async fn hello(&self, #[graphql(default)] name: Option<String>) -> String {
        name.unwrap_or_else(|| "world".into())
    }

    async fn who(&self, ctx: &Context<'_>) -> &'static str {
        ctx.data_opt::<&'static str>().copied().unwrap_or("nobody")
    }

    async fn written(&self) -> Written {
        Written
    }

    async fn even(&self, number: Even) -> bool {
        let _ = number;
        true
    }

    async fn branch(&self) -> Branch {
        Branch { name: "root".into() }
    }

    async fn maybe_branch(&self) -> Option<Branch> {
        Some(Branch { name: "root".into() })
    }

    async fn maybe_broken(&self) -> Option<async_graphql::Result<i32>> {
        Some(Err(SECRET.into()))
    }

    async fn broken(&self) -> async_graphql::Result<i32> {
        Err(SECRET.into())
    }

    async fn forbidden(&self) -> async_graphql::Result<i32> {
        Err(async_graphql::Error::new("You may not do this.").extend_with(|_, e| e.set("code", "FORBIDDEN")))
    }

    async fn for_alice(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        for_alice(ctx)
    }

    async fn maybe_for_alice(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<i32>> {
        Some(for_alice(ctx))
    }

    async fn panics(&self) -> i32 {
        "no number".parse().expect(SECRET)
    }

    #[graphql(complexity = 100_000)]
    async fn costly(&self) -> i32 {
        1
    }

    async fn large(&self, kibibytes: usize) -> String {
        "x".repeat(kibibytes * 1024)
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_mins(1)).await;
        1
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    /// Takes a while in many steps, as a transaction does; counts as open meanwhile.
    async fn hold(&self, ctx: &Context<'_>) -> bool {
        let open = ctx.data_unchecked::<Open>().0.clone();
        open.fetch_add(1, Ordering::SeqCst);
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        open.fetch_sub(1, Ordering::SeqCst);
        true
    }

    async fn slow(&self) -> i32 {
        tokio::time::sleep(Duration::from_mins(1)).await;
        1
    }

    async fn count(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Arc<AtomicUsize>>()
            .fetch_add(1, Ordering::SeqCst)
            + 1
    }
}

pub struct Feed;

/// Counts itself while it is there.
struct Listening(Arc<AtomicUsize>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[Subscription]
impl Feed {
    async fn upto(&self, last: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=last)
    }

    async fn forever(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> {
        let listeners = ctx.data_unchecked::<Listeners>().0.clone();
        listeners.fetch_add(1, Ordering::SeqCst);
        let listening = Listening(listeners);
        stream::once(std::future::ready(1))
            .chain(stream::pending())
            .map(move |number| {
                let _ = &listening;
                number
            })
    }

    async fn refused(&self) -> async_graphql::Result<BoxStream<'static, i32>> {
        Err(SECRET.into())
    }

    async fn panicking(&self) -> impl Stream<Item = i32> {
        stream::iter(1..3).map(|number| {
            assert!(
                number < 2,
                "a stream that panics, as this test wants it: {SECRET}"
            );
            number
        })
    }

    async fn flood(&self, ctx: &Context<'_>) -> impl Stream<Item = String> {
        let sent = ctx.data_unchecked::<Sent>().0.clone();
        stream::repeat_with(move || {
            sent.fetch_add(1, Ordering::SeqCst);
            "x".repeat(64 * 1024)
        })
    }
}

#[derive(Clone, Default)]
pub struct Listeners(pub Arc<AtomicUsize>);
#[derive(Clone, Default)]
pub struct Open(pub Arc<AtomicUsize>);
#[derive(Clone, Default)]
pub struct Sent(pub Arc<AtomicUsize>);

#[derive(Clone)]
pub struct TestApplication {
    schema: Schema<Query, Mutation, Feed>,
    origins: Arc<[String; 2]>,
    introspection: Introspection,
    /// Ends the sessions of sockets opened with `Bearer ending`.
    pub end: Arc<Notify>,
    pub mutations: Arc<AtomicUsize>,
    pub listeners: Listeners,
    pub sent: Sent,
    pub open: Open,
}

impl TestApplication {
    fn decide(&self, authorization: &str) -> Result<Admitted, Error> {
        let who = match authorization {
            "" => "nobody",
            "Bearer alice" => "alice",
            "Bearer short" | "Bearer ending" => "guest",
            "Bearer unknown" => return Err(Error::Unauthenticated),
            "Bearer stale" => return Err(Error::AccessTokenExpired),
            "Bearer lapsed" => return Err(Error::SessionExpired),
            "Bearer foreign" => return Err(Error::Forbidden),
            "Bearer eager" => {
                return Err(Error::RateLimited {
                    retry_after_seconds: 7,
                });
            }
            "Bearer unlucky" => return Err(Error::Unavailable(SECRET.into())),
            _ => return Err(Error::internal(SECRET)),
        };
        let end = self.end.clone();
        Ok(Admitted {
            attach: Arc::new(move |request| request.data(who)),
            is_signed_in: who != "nobody",
            party: Party::default(),
            expires_at: (authorization == "Bearer short")
                .then(|| SystemTime::now() + Duration::from_millis(300)),
            ended: (authorization == "Bearer ending").then(|| async move { end.notified().await }.boxed()),
        })
    }
}

impl Application for TestApplication {
    async fn admit(&self, headers: &::http::HeaderMap, peer: Option<SocketAddr>) -> Result<Admitted, Fault> {
        assert!(peer.is_some_and(|peer| peer.ip().is_loopback()));
        let authorization = headers.get("authorization");
        let authorization = authorization.map_or("", |value| value.to_str().unwrap_or("?"));
        self.decide(authorization).map_err(Fault::from)
    }

    async fn admit_socket(
        &self,
        payload: serde_json::Value,
        _headers: &::http::HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<Option<Admitted>, Fault> {
        assert!(peer.is_some_and(|peer| peer.ip().is_loopback()));
        if payload["Authorization"] == "Bearer undecided" {
            std::future::pending::<()>().await;
        }
        let authorization = payload["Authorization"].as_str().unwrap_or("");
        if authorization == "Nothing" {
            return Ok(None);
        }
        self.decide(authorization).map(Some).map_err(Fault::from)
    }

    async fn execute(&self, request: Request) -> Response {
        self.schema.execute(request).await
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request)
    }

    fn sdl(&self) -> String {
        self.schema.sdl()
    }

    fn allowed_origins(&self) -> &[String] {
        self.origins.as_slice()
    }

    fn introspection(&self) -> Introspection {
        self.introspection
    }
}

/// A running server; it ends with the test's runtime.
pub struct Server {
    pub address: SocketAddr,
    pub application: TestApplication,
}

impl Server {
    /// Everybody may introspect.
    pub async fn start() -> Self {
        Self::start_for(Introspection::Everybody).await
    }

    /// With introspection for some only.
    pub async fn start_for(introspection: Introspection) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let origins = Arc::new([ORIGIN.to_owned(), format!("http://{address}")]);
        let mutations = Arc::<AtomicUsize>::default();
        let (listeners, sent, open) = (Listeners::default(), Sent::default(), Open::default());
        let schema = Schema::build(Query, Mutation, Feed)
            .data(mutations.clone())
            .data(listeners.clone())
            .data(sent.clone())
            .data(open.clone())
            .limit_complexity(5_000)
            .extension(Yielding)
            .finish();
        let application = TestApplication {
            schema,
            origins,
            introspection,
            end: Arc::default(),
            mutations,
            listeners,
            sent,
            open,
        };
        let service = wire::routes(application.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { address, application }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Waits until the condition holds, for at most two seconds.
pub async fn eventually(condition: impl Fn() -> bool) {
    for _ in 0..200 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never happened");
}

/// Runs a server for clients from elsewhere, such as the audits under `tests/npm`.
#[tokio::test]
#[ignore = "serves until it is stopped"]
async fn serve_for_other_clients() {
    let server = Server::start().await;
    println!("{}", server.url("/graphql"));
    std::future::pending::<()>().await;
}
