//! The pace of clients: bodies that have to arrive at a least rate, and the bytes that go over a connection.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::deadlines::{Activity, Underway};
use crate::limits::Limits;

/// How a body arrives.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    late: AtomicBool,
    wait: Mutex<Wait>,
}

#[derive(Debug, Default)]
struct Wait {
    done: Duration,
    since: Option<Instant>,
}

impl Arrival {
    /// Whether the body came too slowly.
    pub(crate) fn is_late(&self) -> bool {
        self.late.load(Relaxed)
    }

    /// How long the client was waited for until now.
    pub(crate) fn waited(&self) -> Duration {
        let wait = self.wait.lock().unwrap_or_else(PoisonError::into_inner);
        wait.done.saturating_add(wait.since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn wait(&self, waits: bool) {
        let mut wait = self.wait.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = wait.since.take() {
            wait.done = wait.done.saturating_add(since.elapsed());
        }
        wait.since = waits.then(Instant::now);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the body arrives too slowly")]
struct TooSlow;

/// A body that fails when it arrives too slowly. Only time in which it is waited for counts.
pub(crate) struct PacedBody {
    body: Body,
    limits: Limits,
    activity: Arc<Activity>,
    arrival: Arc<Arrival>,
    /// When the client must have sent enough, while it is waited for.
    due: Option<Pin<Box<Sleep>>>,
    /// What came since the measure began, and how long it was waited for until then.
    bytes: u64,
    measured_from: Duration,
}

impl PacedBody {
    pub(crate) fn new(body: Body, limits: Limits, activity: Arc<Activity>, arrival: Arc<Arrival>) -> Self {
        Self { body, limits, activity, arrival, due: None, bytes: 0, measured_from: Duration::ZERO }
    }

    fn stop_waiting(&mut self) {
        if self.due.take().is_some() {
            self.arrival.wait(false);
            self.activity.body_waits(false);
        }
    }

    /// When the measure ends if nothing more comes.
    fn due(&self) -> Instant {
        let waited = self.arrival.waited().saturating_sub(self.measured_from);
        Instant::now() + self.limits.pace.saturating_sub(waited)
    }
}

impl http_body::Body for PacedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.arrival.is_late() {
            return Poll::Ready(Some(Err(axum::Error::new(TooSlow))));
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.stop_waiting();
            if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref) {
                self.bytes = self.bytes.saturating_add(data.len() as u64);
            }
            return Poll::Ready(frame);
        }
        if self.due.is_none() {
            self.due = Some(Box::pin(sleep_until(self.due())));
            self.arrival.wait(true);
            self.activity.body_waits(true);
        }
        while let Some(due) = &mut self.due {
            ready!(due.as_mut().poll(context));
            if !self.limits.keeps_pace(self.bytes) {
                self.stop_waiting();
                self.arrival.late.store(true, Relaxed);
                return Poll::Ready(Some(Err(axum::Error::new(TooSlow))));
            }
            self.bytes = 0;
            self.measured_from = self.arrival.waited();
            self.due = Some(Box::pin(sleep_until(self.due())));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

impl Drop for PacedBody {
    fn drop(&mut self) {
        self.stop_waiting();
    }
}

/// The body of an answer, whose request is under way until all of it is gone.
pub(crate) struct AnswerBody {
    body: Body,
    _underway: Underway,
}

impl AnswerBody {
    pub(crate) fn new(body: Body, underway: Underway) -> Self {
        Self { body, _underway: underway.answered() }
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}

/// A connection whose bytes are noted.
pub(crate) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Watched<S> {
    pub(crate) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn note(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.activity.gives(*bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.activity.sticks(),
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.activity.hears();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
