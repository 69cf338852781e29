//! Deadlines: what a connection is doing, how long it may go on with that, and how long a request may be answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Method, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::failure::Failure;
use crate::forwarded::Origin;
use crate::limits::Limits;
use crate::pace::{Arrival, PacedBody};
use crate::paths::{FIRST_RUN, SNAPSHOTS, UPLOAD};
use crate::state::Service;

/// What a connection is doing now; or what one request is doing that came through a proxy.
#[derive(Debug)]
pub(crate) struct Activity {
    /// Requests without an answer.
    handling: AtomicUsize,
    /// Of those, the ones whose body is waited for.
    arriving: AtomicUsize,
    /// Answers that are not sent to their end.
    answering: AtomicUsize,
    /// The client takes no more bytes now.
    stuck: AtomicBool,
    /// Bytes that it took.
    taken: AtomicU64,
    /// No request has come yet.
    fresh: AtomicBool,
    /// The first bytes of a request have come.
    heard: AtomicBool,
    /// One connection carries several requests, so that its bytes say nothing about heads.
    multiplexed: AtomicBool,
    changed: Notify,
    evicted: watch::Sender<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Head,
    Handling,
    Answering,
    Idle,
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            handling: AtomicUsize::new(0),
            arriving: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            stuck: AtomicBool::new(false),
            taken: AtomicU64::new(0),
            fresh: AtomicBool::new(true),
            heard: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            changed: Notify::new(),
            evicted: watch::Sender::new(false),
        })
    }

    /// The connection speaks HTTP/2.
    pub(crate) fn multiplex(&self) {
        self.multiplexed.store(true, Relaxed);
    }

    fn phase(&self) -> Phase {
        if self.handling.load(Relaxed) > 0 {
            Phase::Handling
        } else if self.answering.load(Relaxed) > 0 || self.stuck.load(Relaxed) {
            Phase::Answering
        } else if self.fresh.load(Relaxed) || (self.heard.load(Relaxed) && !self.multiplexed.load(Relaxed)) {
            Phase::Head
        } else {
            Phase::Idle
        }
    }

    /// Whether no request is under way.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self.phase(), Phase::Head | Phase::Idle)
    }

    /// Whether it is the client's turn: ending it now takes nothing from anyone who does their part.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.handling.load(Relaxed) <= self.arriving.load(Relaxed)
    }

    /// Ends it, to make room for others.
    pub(crate) fn evict(&self) {
        self.evicted.send_replace(true);
    }

    pub(crate) async fn evicted(&self) {
        // The sender is `self`.
        let _ = self.evicted.subscribe().wait_for(|evicted| *evicted).await;
    }

    /// Bytes came from the client.
    pub(crate) fn hears(&self) {
        if self.handling.load(Relaxed) == 0 && !self.heard.swap(true, Relaxed) {
            self.changed.notify_one();
        }
    }

    /// The client took so many bytes.
    pub(crate) fn gives(&self, bytes: usize) {
        self.stuck.store(false, Relaxed);
        self.taken.fetch_add(bytes as u64, Relaxed);
    }

    /// The client takes none now.
    pub(crate) fn sticks(&self) {
        self.stuck.store(true, Relaxed);
    }

    pub(crate) fn body_waits(&self, waits: bool) {
        if waits {
            self.arriving.fetch_add(1, Relaxed);
        } else {
            self.arriving.fetch_sub(1, Relaxed);
        }
    }

    /// Until the connection has done one thing for longer than it may.
    pub(crate) async fn overdue(&self, limits: &Limits) {
        loop {
            let (phase, taken) = (self.phase(), self.taken.load(Relaxed));
            let allowed = match phase {
                // Its handler has deadlines of its own.
                Phase::Handling => Duration::MAX,
                Phase::Answering => limits.pace,
                Phase::Head => limits.head,
                Phase::Idle => limits.idle,
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = sleep(allowed) => {
                    let paced = phase == Phase::Answering && limits.keeps_pace(self.taken.load(Relaxed) - taken);
                    if self.phase() == phase && !paced {
                        return;
                    }
                }
            }
        }
    }
}

/// A request of a connection, until its answer is sent.
#[derive(Debug)]
pub(crate) struct Underway {
    activity: Arc<Activity>,
    answered: bool,
}

impl Underway {
    pub(crate) fn begin(activity: &Arc<Activity>) -> Self {
        activity.handling.fetch_add(1, Relaxed);
        activity.fresh.store(false, Relaxed);
        activity.heard.store(false, Relaxed);
        activity.changed.notify_one();
        Self { activity: activity.clone(), answered: false }
    }

    pub(crate) fn answered(mut self) -> Self {
        self.answered = true;
        self.activity.answering.fetch_add(1, Relaxed);
        self.activity.handling.fetch_sub(1, Relaxed);
        self.activity.changed.notify_one();
        self
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let of = if self.answered { &self.activity.answering } else { &self.activity.handling };
        of.fetch_sub(1, Relaxed);
        self.activity.changed.notify_one();
    }
}

/// Bounds how long a request may take: its body by a least rate, its handler by a deadline.
pub(crate) async fn bound(State(service): State<Service>, request: Request, next: Next) -> Response {
    let limits = service.limits;
    let origin = request.extensions().get::<Origin>().copied().unwrap_or_default();
    let of_connection = request.extensions().get::<Arc<Activity>>().filter(|_| !origin.proxied).cloned();
    let activity = of_connection.unwrap_or_else(Activity::new);
    // Those who come through proxies share requests as others share connections.
    let place = if origin.proxied { service.proxied.admit(origin.address, &activity) } else { None };
    if origin.proxied && place.is_none() {
        return Failure::Crowded.into_response();
    }
    let _underway = place.is_some().then(|| Underway::begin(&activity));
    let allowed = if is_upload(&request) { limits.upload } else { limits.handler };
    let closes = request.version() <= Version::HTTP_11;
    let arrival = Arc::<Arrival>::default();
    let request =
        request.map(|body| Body::new(PacedBody::new(body, limits, Arc::clone(&activity), Arc::clone(&arrival))));
    let failure = tokio::select! {
        response = next.run(request) => {
            if !arrival.is_late() {
                return response;
            }
            Failure::Late
        }
        () = overdue(&arrival, allowed) => Failure::Overdue,
        () = activity.evicted() => Failure::Crowded,
    };
    let mut response = failure.into_response();
    if closes {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What receives a whole export and judges it.
fn is_upload(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    request.method() == Method::POST && [FIRST_RUN, UPLOAD, SNAPSHOTS].contains(&path)
}

/// Until a handler has worked for so long; the time in which it waits for the client's bytes is not its own.
async fn overdue(arrival: &Arrival, allowed: Duration) {
    let begun = Instant::now();
    loop {
        let end = begun + allowed + arrival.waited();
        if Instant::now() >= end {
            return;
        }
        sleep_until(end).await;
    }
}
