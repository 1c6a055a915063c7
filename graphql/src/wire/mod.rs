//! How GraphQL travels: requests and answers over HTTP, operations over a WebSocket, and the page to try them on.
//!
//! This module knows the protocols and nothing of the product. What it needs of the application it asks through an [`Application`]:
//! who is calling, and what the schema answers. It guards three rules whatever the schema does: no document is executed
//! before it is known to be small, no internal text reaches a client, and nobody speaks from a foreign web page.
//!
//! - [`routes`] is the face; `http` (with `reply`) and `websocket` are the two transports.
//! - `envelope` reads a request, `tokens` and `limits` (with `extent` and `introspection`) measure its document, `documents` remembers parsed ones.
//! - `yielding` keeps a long introspection and a long answer from holding up other requests.
//! - `answer` (with `fit`), `nulls` (with `types`) and `json` turn what the schema answered into what a client may see; `fault` is the closed list of codes.

mod answer;
pub mod bounds;
mod documents;
mod envelope;
mod extent;
mod fault;
mod fit;
mod graphiql;
mod http;
mod introspection;
mod json;
mod limits;
mod media;
mod nulls;
mod operation;
mod origin;
mod reply;
mod tokens;
mod types;
mod websocket;
mod yielding;

pub use self::http::came_too_slowly;
pub use introspection::Introspection;
pub(crate) use json::json_text;
pub use json::written;
pub use yielding::Yielding;

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use async_graphql::{Request, Response};
use axum::Router;
use futures::{future::BoxFuture, stream::BoxStream};

use crate::admission::{Admission, Party};

/// What a transport needs of the application.
pub trait Application: Clone + Send + Sync + 'static {
    /// Who is asking, from the headers of an HTTP request.
    fn admit(
        &self,
        headers: &::http::HeaderMap,
        peer: Option<SocketAddr>,
    ) -> impl Future<Output = Result<Admitted, crate::Fault>> + Send;

    /// Who is asking, from the payload of `connection_init` (`null` when there is none) and the headers of the upgrade. `None`: they say nothing of who they are,
    /// and strangers have no socket.
    fn admit_socket(
        &self,
        payload: serde_json::Value,
        headers: &::http::HeaderMap,
        peer: Option<SocketAddr>,
    ) -> impl Future<Output = Result<Option<Admitted>, crate::Fault>> + Send;

    /// Answers a query or a mutation.
    fn execute(&self, request: Request) -> impl Future<Output = Response> + Send;

    /// Comes back when what operations stand on has been away for too long: whatever is under way is given up then.
    fn away(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }

    /// Answers a subscription; dropping the stream ends it.
    fn subscribe(&self, request: Request) -> BoxStream<'static, Response>;

    /// The schema in its definition language; asked once.
    fn sdl(&self) -> String;

    /// Origins whose pages may open a socket or send cookies, for example `https://muster.example`.
    fn allowed_origins(&self) -> &[String];

    /// Who may introspect; asked once.
    fn introspection(&self) -> Introspection;
}

/// Somebody who may ask.
pub struct Admitted {
    /// Called for each operation: puts who asks into the request.
    pub attach: Arc<dyn Fn(Request) -> Request + Send + Sync>,
    /// Whether they have shown who they are.
    pub is_signed_in: bool,
    /// With whom they share what may be asked at once.
    pub party: Party,
    /// When a socket must be closed because the token it was opened with has lapsed; `None`: never.
    pub expires_at: Option<SystemTime>,
    /// Resolves when the session has ended (signed out, disabled, removed): a socket is closed then.
    pub ended: Option<BoxFuture<'static, ()>>,
}

/// `/graphql` over HTTP and WebSocket, and GraphiQL with its assets unless introspection is off.
pub fn routes<A: Application>(application: A) -> Router {
    let introspection = application.introspection();
    let reader = Reader {
        types: Arc::new(types::Types::read(&application.sdl())),
        documents: documents::Documents::default(),
        introspection,
    };
    let routes = http::routes(Wire {
        application,
        reader: Arc::new(reader),
        admission: Admission::default(),
    });
    match introspection {
        Introspection::Off => routes,
        Introspection::SignedIn | Introspection::Everybody => routes.merge(graphiql::routes()),
    }
}

/// What both transports share.
#[derive(Clone)]
struct Wire<A> {
    application: A,
    reader: Arc<Reader>,
    admission: Admission,
}

/// What is needed to read a document.
#[derive(Default)]
struct Reader {
    types: Arc<types::Types>,
    documents: documents::Documents,
    introspection: Introspection,
}
