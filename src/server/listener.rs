//! Connections: how long their requests may take to arrive and their answers to be taken, and how they end with the server.
//!
//! `axum::serve` sets no time to anything, so that a request line that never ends stays open for ever, and with it a server told to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use super::pace::Paced;

/// For request line and headers together; also how long a connection may be idle between two requests.
const HEAD_TIME: Duration = Duration::from_secs(15);
const LARGEST_HEAD: usize = 32 * 1024;
const MOST_HEADERS: usize = 64;
/// A client that takes nothing of an answer for this long is given up.
const TAKING_TIME: Duration = Duration::from_secs(20);
/// What is open when the server is told to stop has this long to come to its end. Longer than an operation may take.
pub const GRACE: Duration = Duration::from_secs(15);
/// When no file descriptor is left, somebody must first give one back.
const PAUSE: Duration = Duration::from_millis(200);

/// Answers until told to stop; requests in hand are answered first, for [`GRACE`] at most.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let stopped = stop.clone();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = told(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, router.clone(), stopped.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            },
        }
    }
    // Nobody is to wait in a queue that nobody serves.
    drop(listener);
    let ending = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ending).await.is_err() {
        tracing::warn!(open = connections.len(), "connections were cut off");
    }
    connections.shutdown().await;
}

/// Waits for the stop. Whoever could say so is gone: that is one, too.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Serves one connection to its end; told to stop, to the end of the request in hand.
async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, mut stop: watch::Receiver<bool>) {
    // Answers are written whole: waiting for more to send with them only delays them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(TAKING_TIME));
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = &mut served => Some(ended),
        () = told(&mut stop) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    // What went wrong is the client's affair: it left, or was too slow.
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection broke off");
    }
}

async fn answer(
    router: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(|body| Body::new(Paced::new(Body::new(body))));
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}
