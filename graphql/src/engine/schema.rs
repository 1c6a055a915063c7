//! The schema: async-graphql parses, validates and describes; operations are executed here.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::registry::Registry;
use async_graphql::{Request, Response, SDLExportOptions, SchemaEnv, ServerError, Value, Variables};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

use super::context::Context;
use super::definition::{Definition, definition};
use super::describe::Object;
use super::document::Document;
use super::execute::{self, Operation};
use super::library::{Gate, Interfaces, Introspecting, Root};
use super::rows::AnyRows;
use super::{coerce, cost, sdl, subscribe, undescribed, validate};
use crate::admission::Ticket;
use crate::wire::{Yielding, json_text};

/// A schema, ready to answer.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

pub struct Inner {
    library: Library,
    env: SchemaEnv,
    query: (Definition, AnyRows),
    mutation: (Definition, AnyRows),
    subscription: (Definition, AnyRows),
    sdl: String,
}

type Library = Box<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

impl Schema {
    /// Puts the schema together from its roots. A root without fields is left out.
    pub fn new<Q: Object + Default, M: Object + Default, S: Object + Default>() -> Self {
        let env = Arc::new(OnceLock::new());
        let library = async_graphql::Schema::build(
            Root::<Q>(PhantomData),
            Root::<M>(PhantomData),
            Root::<S>(PhantomData),
        )
        .register_output_type::<Interfaces<Q, M, S>>()
        .extension(Gate(env.clone()))
        .extension(Yielding)
        .finish();
        // The registry is shown to extensions only, and this one keeps it; nothing in it has to wait.
        let _ = library.execute(Request::new("{ __typename }")).now_or_never();
        let options = SDLExportOptions::new().include_specified_by();
        let sdl = library.sdl_with_options(options);
        let env = env.get().cloned();
        let env = env.unwrap_or_else(|| unreachable_env(&sdl));
        let sdl = sdl::described(&sdl, &env.registry);
        let library: Library = Box::new(move |request| {
            let library = library.clone();
            async move { library.execute(request).await }.boxed()
        });
        Self(Arc::new(Inner {
            library,
            env,
            query: (definition::<Q>(), AnyRows::of(vec![Q::default()])),
            mutation: (definition::<M>(), AnyRows::of(vec![M::default()])),
            subscription: (definition::<S>(), AnyRows::of(vec![S::default()])),
            sdl,
        }))
    }

    /// The schema in its definition language, as a file has it.
    pub fn sdl(&self) -> String {
        self.0.sdl.clone()
    }

    /// Every type, field, argument and enum value that clients are told nothing about, for example `User.name`.
    pub fn undescribed(&self) -> Vec<String> {
        undescribed::list(self.0.registry())
    }

    /// Answers a query or a mutation.
    pub async fn execute(&self, request: Request) -> Response {
        let prepared = self.prepare(request).await;
        let admitted = match prepared {
            Ok(operation) => operation.admitted().await.map_err(|error| vec![error]),
            Err(errors) => Err(errors),
        };
        match admitted {
            Ok(operation) => execute::run(&operation).await,
            Err(errors) => Response::from_errors(errors),
        }
    }

    /// Answers a subscription; dropping the stream ends it. A query or a mutation is answered once.
    pub fn execute_stream(&self, request: Request) -> BoxStream<'static, Response> {
        let schema = self.clone();
        subscribe::stream(async move { schema.prepare(request).await })
    }

    /// Makes a request ready: its document is valid, its variables are as declared, and it costs no more than it may.
    async fn prepare(&self, mut request: Request) -> Result<Operation, Vec<ServerError>> {
        let remembered = request.data.get(&TypeId::of::<Arc<Document>>());
        let remembered = remembered.and_then(|document| document.downcast_ref::<Arc<Document>>());
        let document = match remembered {
            Some(document) => document.clone(),
            None => {
                let parsed = request.parsed_query().map_err(|error| vec![error])?;
                Arc::new(Document::new(parsed.clone()))
            }
        };
        let name = request.operation_name.take();
        let chosen = choose(&document, name.as_deref()).map_err(|error| vec![error])?;
        if !document.is_valid() {
            self.validate(&document).await?;
            document.note_valid();
        }
        let variables = coerce::variables(self.0.registry(), chosen, std::mem::take(&mut request.variables))?;
        let context = request.data.get(&TypeId::of::<Context>());
        let context = context.and_then(|context| context.downcast_ref::<Context>());
        let ticket = request.data.get(&TypeId::of::<Ticket>());
        let ticket = ticket.and_then(|ticket| ticket.downcast_ref::<Ticket>());
        let mut operation = Operation {
            ticket: ticket.cloned(),
            schema: self.0.clone(),
            name,
            variables,
            context: context.cloned().unwrap_or_else(|| Context::new(())),
            document,
            cost: 0,
        };
        let env = operation.env();
        if let Some(chosen) = operation.chosen() {
            let (set, root) = (&chosen.selection_set, self.0.root(chosen.ty).0);
            let cost = cost::check(env, root, &set.node, set.pos);
            operation.cost = cost.map_err(|error| vec![error])?;
        }
        Ok(operation)
    }

    /// Whether a document fits the schema, whichever of its operations is asked.
    async fn validate(&self, document: &ExecutableDocument) -> Result<(), Vec<ServerError>> {
        let registry = self.0.registry();
        validate::before_the_library(registry, document).map_err(|error| vec![error])?;
        let mut request = Request::new("");
        // The library wants one to be chosen, and looks at all.
        let name = document.operations.iter().next().and_then(|(name, _)| name);
        request.operation_name = name.map(ToString::to_string);
        request.set_parsed_query(document.clone());
        let errors = (self.0.library)(request).await.errors;
        validate::beside_the_library(registry, document, errors)
    }
}

impl Inner {
    /// The type an operation starts at, and its one row.
    pub const fn root(&self, of: OperationType) -> &(Definition, AnyRows) {
        match of {
            OperationType::Query => &self.query,
            OperationType::Mutation => &self.mutation,
            OperationType::Subscription => &self.subscription,
        }
    }

    pub fn registry(&self) -> &Registry {
        &self.env.registry
    }

    /// Lets the library answer `__schema` and `__type`, which it knows best: the JSON of each, by response key.
    pub async fn introspect(
        &self,
        document: ExecutableDocument,
        variables: Variables,
    ) -> Result<BTreeMap<String, Vec<u8>>, Vec<ServerError>> {
        let mut request = Request::new("").variables(variables).data(Introspecting);
        request.set_parsed_query(document);
        let response = (self.library)(request).await;
        let members = match response.data {
            Value::Object(members) if response.errors.is_empty() => members,
            _ => return Err(response.errors),
        };
        // It may be a hundred thousand values.
        let written = tokio::task::spawn_blocking(move || {
            let members = members.iter();
            members
                .map(|(name, value)| (name.to_string(), json_text(value)))
                .collect()
        });
        let interrupted = |_| vec![ServerError::new("The introspection was interrupted.", None)];
        written.await.map_err(interrupted)
    }
}

pub fn choose<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        _ => None,
    };
    let chosen = chosen.map(|operation| &operation.node);
    chosen.ok_or_else(|| ServerError::new("The document has no such operation.", None))
}

/// The library runs its extensions for every request; should that change, nothing could be answered, and the process says so at its start.
fn unreachable_env(sdl: &str) -> SchemaEnv {
    #[expect(clippy::panic, reason = "a program without a schema cannot start")]
    {
        panic!("the library does not show its registry of {} bytes", sdl.len())
    }
}
