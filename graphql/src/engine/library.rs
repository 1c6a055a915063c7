//! What async-graphql sees of a schema: roots it describes and never resolves, and an extension that stops it before it executes.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation};
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context as LibraryContext, ContextSelectionSet, ObjectType, OutputType, Positioned,
    Response, SchemaEnv, ServerError, ServerResult, SubscriptionType, ValidationResult, Value,
};
use futures::Stream;

use super::definition::definition;
use super::describe::Object;
use super::{cost, execute, validate};

/// Put into a request that the library is to answer itself.
pub struct Introspecting;

/// Stops the library before it executes, and mends what it says of a document.
pub struct Gate(pub Arc<OnceLock<SchemaEnv>>);

impl ExtensionFactory for Gate {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self(self.0.clone()))
    }
}

#[async_trait::async_trait]
impl Extension for Gate {
    async fn validation(
        &self,
        context: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        if context.data_opt::<Introspecting>().is_some() {
            // A part of a document that was validated as a whole.
            return Ok(validate::VALID);
        }
        match next.run(context).await {
            Ok(valid) => Ok(valid),
            Err(errors) => validate::mend(&context.schema_env.registry, errors),
        }
    }

    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        if context.data_opt::<Introspecting>().is_some() {
            return next.run(context, operation_name).await;
        }
        self.0.get_or_init(|| context.schema_env.clone());
        Response::new(Value::Null)
    }
}

/// A root as the library sees it: described, never resolved.
pub struct Root<T>(pub PhantomData<fn(T)>);

impl<T: Object> ContainerType for Root<T> {
    fn is_empty() -> bool {
        definition::<T>().fields.is_empty()
    }

    async fn resolve_field(&self, _: &LibraryContext<'_>) -> ServerResult<Option<Value>> {
        Ok(None)
    }
}

impl<T: Object> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        cost::register(registry);
        definition::<T>().register(registry);
        format!("{}!", T::NAME)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}

impl<T: Object> ObjectType for Root<T> {}

impl<T: Object> SubscriptionType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        definition::<T>().register(registry);
        format!("{}!", T::NAME)
    }

    fn is_empty() -> bool {
        definition::<T>().fields.is_empty()
    }

    fn create_field_stream<'a>(
        &'a self,
        _: &'a LibraryContext<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        None
    }
}

/// The interfaces that types implement. The library drops those that no field has for its type, and leaves `implements` of nothing behind.
pub struct Interfaces<Q, M, S>(pub PhantomData<fn(Q, M, S)>);

impl<Q: Object, M: Object, S: Object> OutputType for Interfaces<Q, M, S> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("Interfaces")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        execute::register_interfaces(
            registry,
            &[definition::<Q>(), definition::<M>(), definition::<S>()],
        );
        String::new()
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::Null)
    }
}
