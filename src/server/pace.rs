//! Bodies that have to arrive: a client that sends a byte now and then would otherwise hold its connection, and what waits for the body, for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::{Body, Bytes};
use http_body::Frame;
use tokio::time::{Duration, Instant, Sleep, sleep_until};

/// Before the speed counts.
const HEAD_START: Duration = Duration::from_secs(10);
/// Bytes a second on the average, after the head start.
const LEAST_SPEED: u64 = 16 * 1024;
/// For the whole body, however fast. The largest, a file of 6 MiB, needs 20 KiB a second.
const MOST_TIME: Duration = Duration::from_mins(5);

/// A body that fails, with [`io::ErrorKind::TimedOut`], when it arrives more slowly than anything an honest client uses.
pub struct Paced {
    inner: Body,
    /// When it was first waited for.
    began: Option<Instant>,
    received: u64,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    pub const fn new(inner: Body) -> Self {
        Self {
            inner,
            began: None,
            received: 0,
            alarm: None,
        }
    }

    /// When the next piece must have come.
    fn due(&mut self) -> Instant {
        let began = *self.began.get_or_insert_with(Instant::now);
        let allowed = HEAD_START + Duration::from_secs(self.received / LEAST_SPEED);
        began + allowed.min(MOST_TIME)
    }
}

impl http_body::Body for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(context) {
            if let Some(Ok(data)) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref)) {
                let length = data.map_or(0, Bytes::len);
                this.received = this
                    .received
                    .saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let due = this.due();
        let alarm = this.alarm.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        ready!(alarm.as_mut().poll(context));
        let too_slow = io::Error::new(io::ErrorKind::TimedOut, "the body arrives too slowly");
        Poll::Ready(Some(Err(too_slow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.inner.size_hint()
    }
}
