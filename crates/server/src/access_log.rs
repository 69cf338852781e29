//! The access log: of each request who asked for what from where, and what came of it.
//!
//! It holds no secret: neither the query of an address, which may name people, nor a one-time link; a token and a person stand in it
//! by their ids.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::Response;

use crate::app::REQUEST_ID;
use crate::forwarded::{Origin, Peer};
use crate::state::Service;

/// Characters of what a client may write as it likes: an address that is none of ours, a method.
const LONGEST: usize = 200;

/// Who asks: written where it comes to light, read when the request is answered.
#[derive(Debug, Clone, Default)]
struct Asker {
    name: Arc<OnceLock<String>>,
    address: Arc<OnceLock<IpAddr>>,
}

/// Notes who asks: `token:…` or `person:…`.
pub(crate) fn asked_by(request: &Extensions, kind: &str, id: &str) {
    if let Some(asker) = request.get::<Asker>() {
        // Who asked first is who asks.
        let _ = asker.name.set(format!("{kind}:{id}"));
    }
}

/// Notes from where, as far as proxies that are trusted say it.
pub(crate) fn asked_from(request: &Extensions, origin: Origin) {
    if let (Some(asker), Some(address)) = (request.get::<Asker>(), origin.address) {
        let _ = asker.address.set(address);
    }
}

/// Writes the line of a request, when its answer begins.
pub(crate) async fn note(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    if !service.access_log {
        return next.run(request).await;
    }
    let asker = Asker::default();
    let (method, path) = (request.method().as_str().chars().take(LONGEST).collect::<String>(), path(&request));
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address.ip().to_canonical());
    request.extensions_mut().insert(asker.clone());
    let begun = Instant::now();
    let response = next.run(request).await;
    let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let address = asker.address.get().copied().or(peer).map(|address| address.to_string()).unwrap_or_default();
    tracing::info!(
        method,
        path,
        status = response.status().as_u16(),
        milliseconds = begun.elapsed().as_millis(),
        from = address,
        by = asker.name.get().map_or("", String::as_str),
        request_id = id,
        "request"
    );
    response
}

/// What is asked for, without its query; where the address itself holds a secret, as its route has it, also where somebody wrote a
/// letter too many.
fn path(request: &Request) -> String {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let path = request.uri().path();
    match route {
        Some(route) if route.contains("{secret}") => route.to_owned(),
        None if path.starts_with("/sign-in/") => "/sign-in/{secret}".to_owned(),
        _ => path.chars().take(LONGEST).collect(),
    }
}
