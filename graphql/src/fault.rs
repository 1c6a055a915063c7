//! Why a field, or a whole operation, has no answer.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};

/// An error of an answer: a stable code and a text for clients, and a cause for the log that no client ever sees.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `extensions.code`, one of the transports' closed list.
    pub code: &'static str,
    /// For people. Never internal text.
    pub message: String,
    /// What else stands in `extensions`.
    pub extensions: Vec<(&'static str, Value)>,
    /// What happened inside; logged where the fault becomes an error of an answer.
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Fault {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            extensions: Vec::new(),
            cause: None,
        }
    }

    /// An argument no correct client would send.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new("BAD_USER_INPUT", message)
    }

    /// A defect of ours: clients read "Internal error", the log the cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new("INTERNAL", "Internal error").caused_by(cause)
    }

    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(Arc::from(cause.into()));
        self
    }

    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((name, value.into()));
        self
    }

    /// The error of an answer; its path is for whoever knows it to add.
    pub fn server_error(&self, pos: Pos) -> ServerError {
        if let Some(cause) = &self.cause {
            tracing::error!(%cause, code = self.code, "a field could not be resolved");
        }
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        for (name, value) in &self.extensions {
            extensions.set(*name, value.clone());
        }
        let mut answer = ServerError::new(&self.message, Some(pos));
        answer.extensions = Some(extensions);
        answer
    }
}
