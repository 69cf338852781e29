//! The dashboard: pages rendered on the server, for people who are signed in.
//!
//! One file per page here and one template each in `templates/`. A handler reads the request, asks the history, builds a
//! plain struct and renders it: no SQL and no arithmetic of scores. `visitor` says who asks and what they may see,
//! `frame` is what stands around every page, `form` lets in only what this site sent, `failure` are the small pages of
//! what goes wrong, `assets` the style sheet and scripts, `chart` a chart with its table, `shown` what templates need beside words.

mod access;
mod assets;
mod chart;
mod failure;
mod form;
mod frame;
mod hygiene;
mod licences;
mod overview;
mod settings;
mod shown;
mod sign_in;
mod theme;
mod upload;
mod visitor;

pub(crate) use failure::no_such_page;
pub use sign_in::new_link;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
};
use axum::http::{HeaderMap, Request, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::app::MAX_BODY;
use crate::state::Service;

/// Our own files only; nothing inline, no frame, and no script that makes markup from text.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Every page.
fn pages() -> Router<Service> {
    Router::new()
        .route("/", get(sign_in::start))
        .route("/sign-in", get(sign_in::page))
        .route("/sign-in/link", post(sign_in::another_link))
        .route("/sign-in/{secret}", get(sign_in::by_link))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/first-run", get(upload::first))
        .route("/settings", get(settings::page))
        .route("/settings/audit", get(settings::audit))
        .route("/settings/tenants/{tenant}", post(settings::change_tenant))
        .route("/settings/tenants/{tenant}/tokens", post(settings::make_token))
        .route("/settings/tenants/{tenant}/tokens/{token}/revoke", post(settings::revoke_token))
        .route("/settings/sessions/{session}/end", post(settings::end_session))
        .route("/switch", get(frame::switch))
        .route("/theme", post(theme::choose))
        .route("/tenants/{tenant}/overview", get(overview::page))
        .route("/tenants/{tenant}/access", get(access::page))
        .route("/tenants/{tenant}/licences", get(licences::page))
        .route("/tenants/{tenant}/hygiene", get(hygiene::page))
        .route("/tenants/{tenant}/upload", get(upload::page))
}

/// Forms that bring a file: they bound themselves what they read.
fn uploads() -> Router<Service> {
    Router::new().route("/first-run", post(upload::send_first)).route("/tenants/{tenant}/upload", post(upload::send))
}

/// Every page with what holds for all of them, and the files that they load.
pub(crate) fn router(service: &Service) -> Router<Service> {
    pages()
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .merge(uploads())
        .method_not_allowed_fallback(failure::no_such_method)
        .layer(CatchPanicLayer::custom(failure::broken))
        .layer(from_fn_with_state(service.clone(), dress))
        .route("/assets/{file}", get(assets::file))
        .layer(CompressionLayer::new().gzip(true))
}

/// Shows a failure as a page, and gives every page its headers.
async fn dress(
    State(service): State<Service>,
    uri: Uri,
    headers: HeaderMap,
    request: Request<axum::body::Body>,
    next: Next,
) -> Response {
    dressed(failure::complete(next.run(request).await, &headers, &uri), &service)
}

/// A page with its headers.
fn dressed(mut response: Response, service: &Service) -> Response {
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // With `no-referrer` a browser would send forms with `Origin: null`, which nobody could check.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if service.web.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}
