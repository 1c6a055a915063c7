//! Lets others have their turn while introspection is executed.

use std::sync::Arc;

use async_graphql::{
    ServerResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};

/// An extension of the schema: fields the library itself resolves are never without an answer, so a task that resolves a hundred thousand of them
/// would not give its thread back before the last. With this each takes part of the task's budget, as reading from a socket does.
#[derive(Clone, Copy, Debug)]
pub struct Yielding;

impl ExtensionFactory for Yielding {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Yielding {
    async fn resolve(
        &self,
        context: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        tokio::task::consume_budget().await;
        next.run(context, info).await
    }
}
