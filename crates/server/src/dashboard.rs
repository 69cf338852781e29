//! The dashboard: pages rendered on the server, for people who are signed in.
//!
//! One file per page here and one template each in `templates/`. A handler reads the request, asks the history, builds a
//! plain struct and renders it: no SQL and no arithmetic of scores. `visitor` says who asks and what they may see,
//! `frame` is what stands around every page, `address` its links and ways on, `form` lets in only what this site sent, `failure` are the small pages of
//! what goes wrong, `assets` the style sheet and scripts, `chart` a chart with its table, `shown` what templates need beside words.

mod access;
mod action;
mod actions;
mod address;
mod assets;
mod chart;
mod collection;
mod comparison;
mod cookies;
mod failure;
mod form;
mod frame;
mod history;
mod hygiene;
mod licences;
mod overview;
mod provider;
mod reviews;
mod settings;
mod shown;
mod sign_in;
mod switch;
mod tenants;
mod theme;
mod token;
mod upload;
mod visitor;

pub(crate) use failure::{no_such_page, too_often};
pub use sign_in::new_link;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};
use axum::http::{HeaderMap, Request, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::app::MAX_BODY;
use crate::paths::{FIRST_RUN, UPLOAD};
use crate::state::Service;

/// Our own files only; nothing inline, no frame, and no script that makes markup from text.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Pages with their addresses, so that a test can ask for all of them.
struct Pages {
    addresses: Vec<&'static str>,
    router: Router<Service>,
}

impl Pages {
    fn new() -> Self {
        Self { addresses: vec![], router: Router::new() }
    }

    fn route(mut self, address: &'static str, methods: MethodRouter<Service>) -> Self {
        self.addresses.push(address);
        let methods = methods.layer(RequestBodyLimitLayer::new(MAX_BODY));
        Self { router: self.router.route(address, methods), ..self }
    }

    /// A page with a form that brings a file, which bounds itself what it reads.
    fn route_of_file(self, address: &'static str, page: MethodRouter<Service>, form: MethodRouter<Service>) -> Self {
        let pages = self.route(address, page);
        Self { router: pages.router.route(address, form), ..pages }
    }
}

/// The address of every page, with its variable segments in braces.
#[must_use]
pub fn page_paths() -> Vec<&'static str> {
    pages().addresses
}

/// Every page.
fn pages() -> Pages {
    Pages::new()
        .route("/", get(sign_in::start))
        .route("/sign-in", get(sign_in::page))
        .route("/sign-in/link", post(sign_in::another_link))
        .route("/sign-in/provider", get(provider::leave))
        .route("/sign-in/answer", get(provider::arrive))
        .route("/sign-in/{secret}", get(sign_in::by_link))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/signed-out", get(provider::left))
        .route_of_file(FIRST_RUN, get(upload::first), post(upload::send_first))
        .route("/connect", get(collection::connect::page).post(collection::connect::send))
        .route("/settings", get(settings::page))
        .route("/settings/audit", get(settings::audit))
        .route("/settings/alerts/test", post(settings::alerts::test))
        .route("/settings/tenants/{tenant}", post(settings::change_tenant))
        .route("/settings/tenants/{tenant}/tokens", post(settings::make_token))
        .route("/settings/tenants/{tenant}/tokens/{token}/revoke", post(settings::revoke_token))
        .route("/settings/sessions/{session}/end", post(settings::end_session))
        .route("/switch", get(switch::tenant))
        .route("/theme", post(switch::theme))
        .route("/tenants", get(tenants::page))
        .route("/tenants/{tenant}/overview", get(overview::page))
        .route("/tenants/{tenant}/actions", get(actions::page))
        .route("/tenants/{tenant}/actions.csv", get(actions::export::csv))
        .route("/tenants/{tenant}/actions.json", get(actions::export::json))
        .route("/tenants/{tenant}/actions/effect", post(actions::decide::effect))
        .route("/tenants/{tenant}/actions/{control}", get(action::page))
        .route("/tenants/{tenant}/actions/{control}/evidence.csv", get(action::evidence::csv))
        .route("/tenants/{tenant}/actions/save", post(actions::decide::save))
        .route("/tenants/{tenant}/access", get(access::page))
        .route("/tenants/{tenant}/collection", get(collection::page).post(collection::change))
        .route("/tenants/{tenant}/comparison", get(comparison::page))
        .route("/tenants/{tenant}/comparison/microsoft", get(comparison::microsoft::page))
        .route("/tenants/{tenant}/reviews", get(reviews::page).post(reviews::record))
        .route("/tenants/{tenant}/attestations", post(reviews::attest))
        .route("/tenants/{tenant}/history", get(history::page))
        .route("/tenants/{tenant}/history/difference", get(history::difference::page))
        .route("/tenants/{tenant}/licences", get(licences::page))
        .route("/tenants/{tenant}/hygiene", get(hygiene::page))
        .route_of_file(UPLOAD, get(upload::page), post(upload::send))
}

/// Every page with what holds for all of them, and the files that they load.
pub(crate) fn router() -> Router<Service> {
    pages()
        .router
        .method_not_allowed_fallback(failure::no_such_method)
        .layer(CatchPanicLayer::custom(failure::broken))
        .layer(from_fn(dress))
        .route("/assets/{file}", get(assets::file))
        .layer(CompressionLayer::new().gzip(true))
}

/// Shows a failure as a page, and gives every page its headers.
async fn dress(uri: Uri, headers: HeaderMap, request: Request<axum::body::Body>, next: Next) -> Response {
    dressed(failure::complete(next.run(request).await, &headers, &uri))
}

/// A page with its headers.
fn dressed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // With `no-referrer` a browser would send forms with `Origin: null`, which nobody could check.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}
