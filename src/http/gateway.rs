//! The application's side of the transports: who is asking, and what the schema answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response};
use axum::http::HeaderMap;
use futures::stream::BoxStream;
use graphql::Fault;
use graphql::admission::Party;
use graphql::wire::{Admitted, Application, Introspection};

use crate::access::Actor;
use crate::api::Schema;
use crate::read::Scope;
use crate::sessions::Sessions;

/// Authenticates callers and executes what they send.
#[derive(Clone)]
pub struct Gateway {
    sessions: Sessions,
    schema: Schema,
    allowed_origins: Arc<[String]>,
    introspection: Introspection,
}

impl Gateway {
    pub fn new(sessions: Sessions, schema: Schema, introspection: Introspection) -> Self {
        let allowed_origins = sessions.settings().origins().into();
        Self {
            sessions,
            schema,
            allowed_origins,
            introspection,
        }
    }

    fn admitted(&self, actor: Actor) -> Admitted {
        let is_signed_in = !matches!(actor, Actor::Anonymous(_));
        let party = Party(actor.account_id().map_or(0, |id| id.as_u128()));
        let scope = Scope::new(self.sessions.app().clone(), actor);
        Admitted {
            attach: Arc::new(move |request: Request| request.data(graphql::Context::new(scope.clone()))),
            is_signed_in,
            party,
            expires_at: None,
            ended: None,
        }
    }
}

impl Application for Gateway {
    async fn admit(&self, headers: &HeaderMap, peer: Option<SocketAddr>) -> Result<Admitted, Fault> {
        let actor = self.sessions.admit(headers, peer.map(|peer| peer.ip())).await?;
        Ok(self.admitted(actor))
    }

    async fn admit_socket(
        &self,
        payload: serde_json::Value,
        headers: &HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<Option<Admitted>, Fault> {
        let origin = self.sessions.origin(headers, peer.map(|peer| peer.ip()));
        let actor = self.sessions.admit_payload(&payload, origin).await?;
        if matches!(actor, Actor::Anonymous(_)) {
            // A socket is for subscriptions, and none of them is for strangers.
            return Ok(None);
        }
        let ended = self.sessions.end_of(&actor).map(|ended| ended as _);
        let expires_at = self
            .sessions
            .lapses_at(&payload)
            .map(|at| std::time::SystemTime::from(at) + LEEWAY);
        Ok(Some(Admitted {
            ended,
            expires_at,
            ..self.admitted(actor)
        }))
    }

    fn execute(&self, request: Request) -> impl Future<Output = Response> + Send {
        self.schema.execute(request)
    }

    async fn away(&self) {
        self.sessions.app().away().await;
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        self.schema.execute_stream(request)
    }

    fn sdl(&self) -> String {
        self.schema.sdl()
    }

    fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins
    }

    fn introspection(&self) -> Introspection {
        self.introspection
    }
}

/// A socket outlives its token by as much as clocks may differ.
const LEEWAY: Duration = Duration::from_secs(5);
