//! What an application knows of a request: one value, which the engine carries without knowing its type.

use std::any::Any;
use std::sync::Arc;

use crate::Fault;

/// The application's value of a request. It is put into the request by `Request::data`.
#[derive(Clone)]
pub struct Context(Arc<dyn Any + Send + Sync>);

impl Context {
    pub fn new(value: impl Any + Send + Sync) -> Self {
        Self(Arc::new(value))
    }

    pub fn get<V: Any>(&self) -> Option<&V> {
        self.0.downcast_ref()
    }
}

/// A value that handlers take as their first argument. An application implements it for its own type.
pub trait FromContext: Clone + Send + Sync + 'static {
    fn from_context(context: &Context) -> Result<Self, Fault> {
        let value = context.get::<Self>().cloned();
        value.ok_or_else(|| Fault::internal("a request without the application's value"))
    }
}
