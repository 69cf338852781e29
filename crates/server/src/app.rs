//! The service as one tower of layers, and running it.

use std::future::Future;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{Request, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use idscore_store::History;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::accept;
use crate::access_log;
use crate::api;
use crate::background::Background;
use crate::dashboard;
use crate::deadlines;
use crate::docs;
use crate::document::document;
use crate::failure::{self, Failure};
use crate::forwarded;
use crate::lengths::option_too_long;
use crate::metrics;
use crate::state::Service;
use crate::throttle;
use crate::tls::Tls;

/// Nothing is loaded from anywhere, nothing runs, nothing frames us.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'";
/// The most bytes of a body; uploads of exports have a limit of their own.
pub(crate) const MAX_BODY: usize = 1 << 20;
/// For what is written at the end.
const LAST_WRITE: Duration = Duration::from_secs(1);
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// Every path of the API with its methods.
fn routes() -> Vec<api::Route> {
    let mut routes: Vec<api::Route> = vec![
        ("/healthz".to_owned(), get(|| async { "ok\n" })),
        ("/readyz".to_owned(), get(ready)),
        ("/metrics".to_owned(), get(metrics::show)),
        ("/api/v1/openapi.json".to_owned(), get(openapi)),
        ("/api/v1/docs".to_owned(), get(docs::moved)),
        ("/api/v1/docs/".to_owned(), get(docs::page)),
        ("/api/v1/docs/{file}".to_owned(), get(docs::file)),
    ];
    routes.extend(api::routes());
    routes
}

/// Every path of the API, as the OpenAPI document names it.
#[must_use]
pub fn paths() -> Vec<String> {
    routes().into_iter().chain(api::upload_routes()).map(|(path, _)| path).collect()
}

/// Every route with every layer.
pub fn router(service: Service) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let unless_said = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let limited = |methods: MethodRouter<Service>| methods.layer(RequestBodyLimitLayer::new(MAX_BODY));
    let routes = routes().into_iter().map(|(path, methods)| (path, limited(methods)));
    let all = routes.chain(api::upload_routes());
    let all = all.fold(Router::new(), |router, (path, methods)| router.route(&path, methods));
    let all = all.method_not_allowed_fallback(|| async { Failure::method_not_allowed() });
    let all = if service.web.pages { all.merge(dashboard::router()) } else { all };
    all.fallback(dashboard::no_such_page)
        .layer(CatchPanicLayer::custom(failure::broken))
        .layer(from_fn(refuse_long_options))
        .layer(from_fn_with_state(service.clone(), deadlines::bound))
        .layer(from_fn_with_state(service.clone(), throttle::at_the_door))
        .layer(from_fn(name_request))
        .layer(from_fn_with_state(service.clone(), metrics::measure))
        .layer(from_fn_with_state(service.clone(), forwarded::settle))
        .layer(from_fn_with_state(service.clone(), access_log::note))
        // Pages say themselves what they need.
        .layer(unless_said(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(unless_said(REFERRER_POLICY, "no-referrer"))
        .layer(unless_said(CACHE_CONTROL, "no-store"))
        .with_state(service)
}

/// Answers requests, over TLS where there is a certificate, until `stop` is done; requests that were begun are answered
/// within [`crate::Limits::drain`].
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    service: Service,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let (metrics, history) = (service.metrics.clone(), service.archive.history.clone());
    let beside = Background::start("metrics and last uses", {
        let history = history.clone();
        move || {
            let (metrics, history) = (metrics.clone(), history.clone());
            async move {
                let mut often = tokio::time::interval(Duration::from_secs(5));
                loop {
                    often.tick().await;
                    metrics.fold();
                    write_uses(&history).await;
                }
            }
        }
    });
    accept::serve(listener, tls, &service, router(service.clone()), stop).await;
    drop(beside);
    // Whoever holds up the database holds up no end.
    let _ = timeout(LAST_WRITE, write_uses(&history)).await;
}

/// A use that can't be written now is written later; nobody's request fails for it.
async fn write_uses(history: &History) {
    if let Err(error) = history.write_uses().await {
        tracing::warn!(%error, "when tokens and sessions were last used is not written yet");
    }
}

/// Refuses a query of which an option is longer than any that is meant.
async fn refuse_long_options(request: Request<axum::body::Body>, next: Next) -> Response {
    match request.uri().query().and_then(option_too_long) {
        Some(said) => Failure::Bad(said).into_response(),
        None => next.run(request).await,
    }
}

/// Gives every request an id, in the answer and in errors.
async fn name_request(mut request: Request<axum::body::Body>, next: Next) -> Response {
    let id = uuid::Uuid::now_v7().to_string();
    let client = request.headers().get(CLIENT_REQUEST_ID).cloned();
    let value = HeaderValue::from_str(&id).ok();
    if let Some(value) = &value {
        request.headers_mut().insert(REQUEST_ID, value.clone());
    }
    let response = next.run(request).await;
    let mut response = Failure::complete(response, &id, client.as_ref().and_then(|client| client.to_str().ok())).await;
    if let Some(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if let Some(client) = client {
        response.headers_mut().insert(CLIENT_REQUEST_ID, client);
    }
    response
}

async fn openapi() -> Json<serde_json::Value> {
    Json(document())
}

async fn ready(State(service): State<Service>) -> Response {
    let found = service.not_ready().await;
    if found.is_empty() {
        return "ready\n".into_response();
    }
    let reasons: String = found.iter().map(|one| format!("{}\n", one.reason())).collect();
    tracing::warn!(reasons = reasons.trim_end(), "the service is not ready");
    (StatusCode::SERVICE_UNAVAILABLE, reasons).into_response()
}
