//! GraphQL over HTTP: `POST /graphql` with a JSON body, and nothing else.
//!
//! `GET` does not execute anything: it opens a socket or shows GraphiQL. A body of any other type than JSON is refused, because a
//! browser would send it to us from a foreign page without asking first; several operations in one body are refused, because they would
//! multiply every limit.

use std::{io, net::SocketAddr, panic::AssertUnwindSafe, time::Duration};

use async_graphql::{Response as Executed, ServerError, parser::types::OperationType};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, FromRequestParts, Request, State, WebSocketUpgrade},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::{FutureExt, StreamExt};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ALLOW, CONTENT_LENGTH, UPGRADE},
    request::Parts,
};

use super::{
    Application, Wire,
    answer::Answer,
    envelope::Envelope,
    fault::{Fault, RequestId, not_admitted},
    graphiql,
    introspection::Introspection,
    media::{self, Media},
    operation::Operation,
    origin,
    reply::{Refusal, respond, respond_by},
    websocket,
};

pub(super) const LARGEST_BODY: usize = 320 * 1024;
/// How much of a body that is too large is read and thrown away, so that the client gets to see the answer.
const LARGEST_DISCARDED: usize = 32 * 1024 * 1024;
/// Longest time a query or a mutation may take.
pub(super) const OPERATION_TIME: Duration = Duration::from_secs(10);

pub(super) fn routes<A: Application>(wire: Wire<A>) -> Router {
    Router::new().route("/graphql", any(handle::<A>)).with_state(wire)
}

async fn handle<A: Application>(State(wire): State<Wire<A>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let request_id = RequestId::of(&parts.headers);
    if parts.method == Method::POST {
        return post(&wire, &parts, body, &request_id)
            .await
            .unwrap_or_else(IntoResponse::into_response);
    }
    if parts.method == Method::GET && wants_socket(&parts.headers) {
        return socket(wire, &mut parts)
            .await
            .unwrap_or_else(IntoResponse::into_response);
    }
    if parts.method == Method::GET
        && wire.reader.introspection != Introspection::Off
        && media::wants_html(&parts.headers)
    {
        return graphiql::page();
    }
    let mut refusal =
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Send operations with POST.").into_response();
    refusal
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("POST"));
    refusal
}

async fn post<A: Application>(
    wire: &Wire<A>,
    parts: &Parts,
    body: Body,
    request_id: &RequestId,
) -> Result<Response, Refusal> {
    let headers = &parts.headers;
    let media = Media::accepted(headers).ok_or_else(|| {
        let message = "Answers are application/graphql-response+json or application/json.";
        Refusal::new(StatusCode::NOT_ACCEPTABLE, message)
    })?;
    let refuse = |status, message: &str| Refusal::new(status, message).in_form(media);
    if !media::is_json(headers) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The content type must be application/json in UTF-8.",
        ));
    }
    if !origin::may_send_cookies(headers, wire.application.allowed_origins()) {
        return Err(Refusal::foreign_page().in_form(media));
    }
    let body = read(headers, body)
        .await
        .map_err(|refusal| refusal.in_form(media))?;
    let envelope = Envelope::read(&body).map_err(|unreadable| Refusal::from(unreadable).in_form(media))?;
    let admitted = wire
        .application
        .admit(headers, peer(parts))
        .await
        .map_err(|error| Refusal::of(not_admitted(&error, request_id)).in_form(media))?;

    let operation = match Operation::prepare(&wire.reader, envelope, admitted.is_signed_in) {
        Ok(operation) if operation.kind == OperationType::Subscription => {
            let message = "Subscriptions need a WebSocket with the subprotocol graphql-transport-ws.";
            return Ok(respond(
                &Answer::refusal(Fault::ValidationFailed.error(message, None)),
                media,
            ));
        }
        Ok(operation) => operation,
        Err(error) => return Ok(respond(&Answer::refusal(error), media)),
    };
    let ticket = wire.admission.ticket(admitted.party);
    let request = (admitted.attach)(operation.request).data(ticket.clone());
    let mut executed = execute(&wire.application, request, operation.kind).await;
    let own_headers = std::mem::take(&mut executed.http_headers);
    let answer = Answer::of(executed, &operation.question, request_id);
    let mut response = respond_by(&answer, media, Some(ticket));
    response.headers_mut().extend(own_headers);
    Ok(response)
}

/// Executes a query or a mutation, and gives up on it after a while. A panic is an answer like any other defect.
pub(super) async fn execute<A: Application>(
    application: &A,
    request: async_graphql::Request,
    kind: OperationType,
) -> Executed {
    let executed = AssertUnwindSafe(application.execute(request)).catch_unwind();
    let given_up = |why: &str| Executed::from_errors(vec![unfinished(kind, why)]);
    tokio::select! {
        biased;
        executed = executed => executed.unwrap_or_else(|_| panicked()),
        () = tokio::time::sleep(OPERATION_TIME) => {
            given_up(&format!("The operation took longer than {} s.", OPERATION_TIME.as_secs()))
        }
        () = application.away() => given_up("Temporarily unavailable. Try again."),
    }
}

/// The end of an operation whose code panicked; where is in the log already.
pub(super) fn panicked() -> Executed {
    Executed::from_errors(vec![Fault::Internal.error("an operation panicked", None)])
}

/// What was begun is given up with the operation. Only a change whose end was on its way to the database may have come about all the same.
fn unfinished(kind: OperationType, why: &str) -> ServerError {
    let is_change = kind == OperationType::Mutation;
    let message = if is_change {
        format!("{why} It may have taken effect: look before you repeat it.")
    } else {
        why.to_owned()
    };
    let mut error = Fault::Unavailable.error(message, None);
    if let Some(extensions) = &mut error.extensions {
        extensions.set("mayHaveTakenEffect", is_change);
    }
    error
}

async fn socket<A: Application>(wire: Wire<A>, parts: &mut Parts) -> Result<Response, Refusal> {
    if !origin::may_open_socket(&parts.headers, wire.application.allowed_origins()) {
        return Err(Refusal::foreign_page());
    }
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &())
        .await
        .map_err(|rejection| Refusal::new(rejection.status(), "This is no WebSocket handshake."))?;
    let caller = websocket::Caller {
        headers: parts.headers.clone(),
        peer: peer(parts),
    };
    websocket::open(upgrade, wire, caller).ok_or_else(|| {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "The subprotocol must be graphql-transport-ws.",
        )
    })
}

fn wants_socket(headers: &HeaderMap) -> bool {
    headers
        .get(UPGRADE)
        .is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn peer(parts: &Parts) -> Option<SocketAddr> {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0)
}

/// The whole body, however it is cut into pieces on the way; more than the limit is never held.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut length = 0;
    let mut kept = Vec::with_capacity(declared.unwrap_or(0).min(LARGEST_BODY));
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| match came_too_slowly(&error) {
            true => Refusal::new(StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time."),
            false => Refusal::new(StatusCode::BAD_REQUEST, "The body broke off."),
        })?;
        length += piece.len();
        if length <= LARGEST_BODY {
            kept.extend_from_slice(&piece);
        } else if length > LARGEST_DISCARDED {
            break;
        }
    }
    if length > LARGEST_BODY {
        let message = format!("The body is larger than {} KiB.", LARGEST_BODY / 1024);
        return Err(Refusal::too_large(message));
    }
    Ok(kept.into())
}

/// Whether a body failed because whoever waited for it has given it up, which is said by [`io::ErrorKind::TimedOut`], and not because it broke off.
pub fn came_too_slowly(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
    })
}
