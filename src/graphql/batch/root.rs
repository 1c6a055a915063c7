//! Where async-graphql hands over: its roots are ours, and so is all below them.

use std::borrow::Cow;
use std::pin::Pin;

use async_graphql::parser::types::{Field, OperationType};
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Response, ServerResult,
    SubscriptionType, Value,
};
use futures::Stream;

use super::access::{self, Guard, Permission};
use super::column::{Column, resolve};
use super::object::{Object, Read, definition, register};
use super::select::{Env, Selected};
use super::write::Writer;
use crate::graphql::fault;
use graphql::wire::written;

/// A root of the schema: `Query` or `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Root<T>(pub T);

impl<T: Object> ContainerType for Root<T> {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let env = Env::of(context)?;
        let field = &context.item.node;
        // Validation has made sure that the field exists.
        let Some(described) = definition::<T>().field(field.name.node.as_str()) else {
            return Ok(None);
        };
        let key = field.response_key().node.as_str();
        let pos = context.item.pos;
        let selected = Selected {
            env,
            key,
            field,
            pos,
            below: vec![&field.selection_set.node],
        };
        let mut writer = Writer::new(key);
        let rows = [self.0.clone()];
        let is_attempt = context.query_env.operation.node.ty == OperationType::Mutation;
        let admitted = match described.guard.admits(env.scope) {
            // Turned away before the door, an attempt is remembered all the same.
            Err(error) if is_attempt => {
                let (app, actor) = (env.scope.app(), env.scope.actor());
                Err(app.refused(actor, described.name, error).await)
            }
            other => other,
        };
        let found = match (&described.read, admitted) {
            (_, Err(error)) => Err(error),
            (Read::All(find), Ok(())) => find(&selected, &rows).await,
            (Read::Row(write), Ok(())) => {
                write(&self.0, &mut writer.out);
                return Ok(Some(raw(writer.out)));
            }
        };
        let written = match found {
            Ok(column) => writer.value(described.is_nullable, |writer| column.write(0, writer)),
            Err(error) => {
                let error = fault::server_error(error, pos);
                writer.value(described.is_nullable, |writer| Err(writer.fail(error)))
            }
        };
        for error in writer.errors {
            context.add_error(error);
        }
        // A non-null root that failed leaves no key; the transport makes `data` null of that.
        Ok(Some(if written.is_ok() {
            raw(writer.out)
        } else {
            Value::Null
        }))
    }
}

impl<T: Object> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        access::register(registry);
        register::<T>(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        async_graphql::resolver_utils::resolve_container(context, self).await
    }
}

impl<T: Object> ObjectType for Root<T> {}

/// An object handed to async-graphql from outside the roots: an event of a subscription.
#[derive(Clone, Debug)]
pub struct Entry<T>(pub T);

impl<T: Object> OutputType for Entry<T> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register::<T>(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let context = context.with_field(field);
        let env = Env::of(&context)?;
        let sets = [&field.node.selection_set.node];
        let objects = resolve(env, vec![self.0.clone()], &sets).await;
        let mut writer = Writer::new(field.node.response_key().node.as_str());
        let written = objects.write(0, &mut writer);
        let mut errors = writer.errors.into_iter();
        match (written, errors.next()) {
            (Err(_), Some(error)) => Err(error),
            (_, first) => {
                first
                    .into_iter()
                    .chain(errors)
                    .for_each(|error| context.add_error(error));
                Ok(raw(writer.out))
            }
        }
    }
}

/// The subscription root: async-graphql's, with what its derive cannot say, who may watch.
#[derive(Clone, Copy, Debug)]
pub struct Guarded<T>(pub T);

impl<T: Watched> SubscriptionType for Guarded<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::create_type_info(registry);
        if let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(&*T::type_name()) {
            for (field, permission) in T::GUARDS {
                let directive = Guard::<T>::from(*permission).directive();
                if let Some(field) = fields.get_mut(*field) {
                    field.directive_invocations.extend(directive);
                }
            }
        }
        name
    }

    fn create_field_stream<'a>(
        &'a self,
        context: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        let guard = T::GUARDS
            .iter()
            .find(|(field, _)| context.item.node.name.node == *field);
        let admitted = guard.map(|(_, permission)| {
            let env = Env::of(context)?;
            let pos = context.item.pos;
            Guard::<T>::from(*permission)
                .admits(env.scope)
                .map_err(|error| fault::server_error(error, pos))
        });
        match admitted {
            Some(Err(error)) => {
                let refused = Response::from_errors(vec![context.set_error_path(error)]);
                Some(Box::pin(futures::stream::once(std::future::ready(refused))))
            }
            _ => self.0.create_field_stream(context),
        }
    }
}

/// A subscription root, and which permission each of its fields needs.
pub trait Watched: SubscriptionType {
    const GUARDS: &'static [(&'static str, Permission)];
}

fn raw(json: Vec<u8>) -> Value {
    // Everything written is UTF-8: strings come from strings, the rest is ASCII.
    written(String::from_utf8(json).unwrap_or_else(|_| "null".to_owned()))
}
