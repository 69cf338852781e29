//! The wire: connections, bodies, compression, and answers that stop half-way.

use std::convert::Infallible;
use std::io;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::answer::{Answer, Manner};
use crate::clock::http_date;
use crate::endpoints::Class;
use crate::failure::Failure;
use crate::faults::Asked;
use crate::graph::{self, Ask};
use crate::login::{self, Login};
use crate::query::decoded;
use crate::route::Version;
use crate::state::State;
use crate::{batch, control};

type Body = BoxBody<Bytes, io::Error>;

/// How long a client has for its handshake.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest body that a request may have.
const LARGEST: usize = 4 << 20;
/// Pieces of a body that comes slowly.
const PIECES: u32 = 10;
/// How long what was written takes to leave, before a connection is cut.
const FLUSHED: Duration = Duration::from_millis(20);
/// Bodies below this aren't worth compressing.
const COMPRESSED_FROM: usize = 512;

/// The connection ends here, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the fault script ends the connection")]
struct Ended;

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, mostly: others end meanwhile.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match tls {
                None => connection(stream, state, "http").await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                        connection(stream, state, "https").await;
                    }
                }
            }
        });
    }
}

/// A stream of bytes, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl Stream for TcpStream {}
impl Stream for tokio_rustls::server::TlsStream<TcpStream> {}

async fn connection(stream: impl Stream, state: Arc<State>, scheme: &'static str) {
    let service = service_fn(move |request| respond(request, Arc::clone(&state), scheme));
    // A client that goes away, or a connection that the script ends, is no news.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// A request that is counted as under way, also where its client goes away.
struct Underway(Arc<State>);

impl Underway {
    fn begin(state: &Arc<State>) -> Self {
        state.counters().begin();
        Self(Arc::clone(state))
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.counters().end();
    }
}

async fn respond(request: Request<Incoming>, state: Arc<State>, scheme: &'static str) -> Result<Response<Body>, Ended> {
    let underway = Underway::begin(&state);
    let compress = accepts_gzip(request.headers());
    let answered = answered(request, &state, scheme).await;
    let answer = match answered {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    let manner = answer.manner;
    if !manner.delay.is_zero() {
        tokio::time::sleep(manner.delay).await;
    }
    drop(underway);
    if manner.reset {
        return Err(Ended);
    }
    Ok(response(answer, compress, state.clock.now()))
}

async fn answered(request: Request<Incoming>, state: &Arc<State>, scheme: &'static str) -> Result<Answer, Infallible> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let authority = head.uri.authority().map(ToString::to_string).or_else(|| header("host"));
    let base = format!("{scheme}://{}", authority.unwrap_or_else(|| "localhost".to_owned()));
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Ok(Answer::json(413, Vec::new()));
    };
    let body = body.to_bytes();
    let path = decoded_path(head.uri.path());
    let query = head.uri.query().unwrap_or_default().to_owned();
    let (first, rest) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let version = match first {
        "v1.0" => Version::V1,
        "beta" => Version::Beta,
        control::FOLDER => return Ok(control::answer(state, &head.method, rest)),
        _ => return Ok(sign_in(state, &head.method, first, rest, &base, &body)),
    };
    let ask = Ask {
        method: head.method.as_str().to_owned(),
        version,
        path: format!("/{rest}"),
        query,
        base,
        authorization: header("authorization"),
        prefer: preferences(&head.headers),
        eventual: header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual")),
        client_request_id: header("client-request-id"),
        in_batch: false,
    };
    let state = Arc::clone(state);
    // Pages are read from disk, so other connections go on meanwhile.
    let work = tokio::task::spawn_blocking(move || {
        if ask.path == "/$batch" && ask.method == "POST" {
            batch::answer(&state, &ask, &body)
        } else {
            graph::answer(&state, &ask)
        }
    });
    Ok(work.await.unwrap_or_else(|_| Answer::json(500, Vec::new())))
}

/// Every preference: the header may come more than once.
fn preferences(headers: &HeaderMap) -> String {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.collect::<Vec<_>>().join(",")
}

/// The path without `%xx`; a plus is a plus here.
fn decoded_path(path: &str) -> String {
    decoded(&path.replace('+', "%2B")).into_owned()
}

/// What lies behind the name of a tenant: the login host.
fn sign_in(state: &State, method: &Method, tenant: &str, rest: &str, base: &str, body: &[u8]) -> Answer {
    let login = Login { tenant, base, form: login::form(body) };
    let name = match (method, rest) {
        (&Method::POST, "oauth2/v2.0/token") => "token",
        (&Method::POST, "oauth2/v2.0/devicecode") => "devicecode",
        (&Method::GET, "v2.0/.well-known/openid-configuration" | ".well-known/openid-configuration") => {
            return login::configuration(state, &login);
        }
        _ => {
            let failure =
                Failure::new(404, "ResourceNotFound", "There is /v1.0, /beta, and /{tenant}/oauth2/v2.0/token here.");
            return Answer::json(404, failure.body("", "", ""));
        }
    };
    let asked = Asked { data_set: name, class: Class::Other, path: rest, query: "", in_batch: false };
    let struck = state.options.faults.strike(asked, state.seed);
    let mut answer = if let Some(status) = struck.find(|fault| fault.status) {
        let (code, message) = (struck.find(|fault| fault.code.clone()), struck.find(|fault| fault.message.clone()));
        let mut answer = login::Denied::scripted(status, code.as_deref(), message.as_deref()).answer(state);
        if let Some(seconds) = struck.find(|fault| fault.retry_after) {
            answer = answer.with("retry-after", seconds.to_string());
        }
        if struck.any(|fault| fault.html) {
            answer.content_type = "text/html";
            answer.body = b"<html><body><h1>Service Unavailable</h1></body></html>".to_vec();
        }
        answer
    } else if name == "token" {
        login::token(state, &login)
    } else {
        login::device_code(state, &login)
    };
    answer = answer.scripted(&struck);
    for fault in struck.iter() {
        if let Some(seconds) = fault.clock_skew_seconds {
            state.clock.set_skew(seconds);
        }
    }
    state.counters().answered(answer.status, answer.body.len(), 0);
    answer
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get("accept-encoding").and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let mut parts = coding.trim().split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
    })
}

fn response(answer: Answer, compress: bool, now: i64) -> Response<Body> {
    let Answer { status, headers, content_type, body, manner, overrides, .. } = answer;
    let (body, compressed) = if compress && body.len() >= COMPRESSED_FROM {
        match gzip(&body) {
            Ok(small) => (small, true),
            Err(_) => (body, false),
        }
    } else {
        (body, false)
    };
    let length = body.len();
    let untrue = overrides.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut response = Response::new(carried(Bytes::from(body), manner, untrue));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let all = response.headers_mut();
    let mut put = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            all.insert(name, value);
        }
    };
    put("date", &http_date(now));
    put("content-type", content_type);
    put("content-length", &length.to_string());
    put("vary", "Accept-Encoding");
    put("strict-transport-security", "max-age=31536000");
    if compressed {
        put("content-encoding", "gzip");
    }
    for (name, value) in &headers {
        put(name, value);
    }
    for (name, value) in &overrides {
        put(name, value);
    }
    response
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::with_capacity(body.len() / 6), flate2::Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// The body as it travels: at once, in pieces, or not to its end. One with an untrue length must not tell its own.
fn carried(body: Bytes, manner: Manner, untrue: bool) -> Body {
    if manner.cut_after.is_none() && manner.slow.is_zero() && !untrue {
        return Full::new(body).map_err(|never| match never {}).boxed();
    }
    let whole = body.len();
    let kept =
        manner.cut_after.map_or(whole, |cut| usize::try_from(cut).unwrap_or(usize::MAX).min(whole.saturating_sub(1)));
    let piece = (kept / PIECES as usize).max(1);
    let pause = manner.slow / PIECES;
    let first = (0, body);
    let stream = futures_util::stream::unfold(first, move |(at, body): (usize, Bytes)| async move {
        if at > kept {
            return None;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        if at == kept {
            // Behind the last piece: either the end, or the connection's, once the client has what came before.
            if kept < whole {
                tokio::time::sleep(FLUSHED).await;
                return Some((Err(io::Error::other("cut by the fault script")), (usize::MAX, body)));
            }
            return None;
        }
        let to = (at + piece).min(kept);
        let part = body.slice(at..to);
        Some((Ok(Frame::data(part)), (to, body)))
    });
    let stream: Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, io::Error>> + Send + Sync>> =
        Box::pin(stream);
    BodyExt::boxed(StreamBody::new(stream))
}
