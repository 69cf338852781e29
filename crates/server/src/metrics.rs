//! What the service counts about itself, in Prometheus' text format. A label never holds a tenant, a name or a user.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::state::Service;

/// Upper bounds of the durations that are told apart, in seconds: from a look into the database to a large export.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 300.0];

const REQUESTS: &str = "idscore_http_requests_total";
const DURATION: &str = "idscore_http_request_duration_seconds";
const IN_FLIGHT: &str = "idscore_http_requests_in_flight";
const THROTTLED: &str = "idscore_http_requests_throttled_total";
const UPLOADS: &str = "idscore_uploads_total";
const KEPT: &str = "idscore_assessments_kept_total";
const BUILD: &str = "idscore_build_info";

/// Who may read `/metrics`.
#[derive(Debug, Clone, Default)]
pub enum MetricsAccess {
    /// Whoever reaches the service.
    #[default]
    Open,
    /// Whoever sends this text as a bearer token.
    Token(String),
    /// Nobody.
    Closed,
}

/// The numbers of one service. Each has a recorder of its own, so that several may live in one process.
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
}

/// How an upload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadOutcome {
    /// It was kept.
    Kept,
    /// Something is wrong with the export or the request.
    Refused,
    /// It has too many bytes.
    TooLarge,
    /// Others are being read.
    Busy,
    /// The service failed.
    Failed,
}

impl UploadOutcome {
    const ALL: [Self; 5] = [Self::Kept, Self::Refused, Self::TooLarge, Self::Busy, Self::Failed];

    const fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Refused => "refused",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let builder = PrometheusBuilder::new();
        // Only an empty list of bounds is refused; without them durations would be summaries.
        let builder = builder.set_buckets(&SECONDS).unwrap_or_default();
        let recorder = builder.build_recorder();
        with_local_recorder(&recorder, || {
            describe_counter!(REQUESTS, "Requests that were answered, by route, method and status.");
            describe_histogram!(DURATION, "How long they took, by route and method.");
            describe_gauge!(IN_FLIGHT, "Requests that are being answered.");
            describe_counter!(THROTTLED, "Requests that were refused because their token or address asked too often.");
            describe_counter!(UPLOADS, "Uploads of exports, by how they ended.");
            describe_counter!(KEPT, "Assessments that this process kept from uploads.");
            describe_gauge!(BUILD, "The version that runs; always 1.");
            gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
            gauge!(IN_FLIGHT).set(0.0);
            // What has not happened yet is zero and not unknown.
            counter!(THROTTLED).absolute(0);
            counter!(KEPT).absolute(0);
            for outcome in UploadOutcome::ALL {
                counter!(UPLOADS, "outcome" => outcome.word()).absolute(0);
            }
        });
        Self { recorder }
    }

    fn record(&self, what: impl FnOnce()) {
        with_local_recorder(&self.recorder, what);
    }

    pub(crate) fn throttled(&self) {
        self.record(|| counter!(THROTTLED).increment(1));
    }

    pub(crate) fn uploaded(&self, outcome: UploadOutcome) {
        self.record(|| {
            counter!(UPLOADS, "outcome" => outcome.word()).increment(1);
            if outcome == UploadOutcome::Kept {
                counter!(KEPT).increment(1);
            }
        });
    }

    /// Folds measured durations into their buckets: else they would pile up where nobody reads them.
    pub(crate) fn fold(&self) {
        self.recorder.handle().run_upkeep();
    }
}

/// A request that is being answered; it is not any more when this goes away, also where the client has gone.
struct InFlight(Arc<Metrics>);

impl InFlight {
    fn begun(metrics: Arc<Metrics>) -> Self {
        metrics.record(|| gauge!(IN_FLIGHT).increment(1.0));
        Self(metrics)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.record(|| gauge!(IN_FLIGHT).decrement(1.0));
    }
}

/// Counts a request under the template of its route.
pub(crate) async fn measure(State(service): State<Service>, request: Request, next: Next) -> Response {
    let metrics = service.metrics.clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let flight = InFlight::begun(metrics.clone());
    let begun = Instant::now();
    let response = next.run(request).await;
    let seconds = begun.elapsed().as_secs_f64();
    drop(flight);
    let status = response.status().as_u16().to_string();
    metrics.record(|| {
        counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status).increment(1);
        histogram!(DURATION, "route" => route, "method" => method).record(seconds);
    });
    response
}

/// A client may invent methods, but no labels.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// `GET /metrics`
pub(crate) async fn show(State(service): State<Service>, headers: HeaderMap) -> Result<Response, Failure> {
    let allowed = match &service.metrics_access {
        MetricsAccess::Open => true,
        MetricsAccess::Closed => false,
        MetricsAccess::Token(token) => {
            let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            let sent =
                sent.and_then(|sent| sent.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            // How long it takes to compare digests tells nothing about the token.
            sent.is_some_and(|(_, sent)| Sha256::digest(sent.trim()) == Sha256::digest(token))
        }
    };
    if !allowed {
        return Err(Failure::InvalidToken);
    }
    let text = service.metrics.recorder.handle().render();
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
