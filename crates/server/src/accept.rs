//! Connections: accepted within limits, encrypted where there is a certificate, and ended in time.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::deadlines::{Activity, Underway};
use crate::forwarded::Peer;
use crate::limits::Limits;
use crate::pace::{AnswerBody, Watched};
use crate::peers::{Peers, Place};
use crate::state::Service;
use crate::tls::{HTTP_2, Tls};

/// How long to wait when the system refuses another connection: others end meanwhile.
const BREATH: Duration = Duration::from_millis(50);
/// What a connection has to say goodbye.
const GOODBYE: Duration = Duration::from_millis(500);
/// How often a client of HTTP/2 is asked whether it is still there, and how long it has to say so.
const PING: Duration = Duration::from_secs(20);

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    router: Router,
    limits: Limits,
    tls: Option<Tls>,
    stopping: watch::Receiver<bool>,
}

/// Accepts connections until `stop` is done, then lets those that are at work finish, within [`Limits::drain`].
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    service: &Service,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    let limits = service.limits;
    let (stopped, stopping) = watch::channel(false);
    let serving = Serving { router, limits, tls, stopping };
    let peers = Peers::new(limits.connections);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection panicked");
                }
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(BREATH).await;
                continue;
            }
        };
        let activity = Activity::new();
        let trusted = service.web.trust.trusts(address.ip());
        let Some(place) = peers.admit((!trusted).then(|| address.ip()), &activity) else { continue };
        connections.spawn(connection(serving.clone(), stream, address, activity, place));
    }
    drop(listener);
    stopped.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain, drained).await.is_err() {
        tracing::warn!("requests that were not answered in time were given up");
    }
    connections.shutdown().await;
}

async fn connection(
    mut serving: Serving,
    stream: TcpStream,
    address: SocketAddr,
    activity: Arc<Activity>,
    _place: Place,
) {
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let Some(tls) = serving.tls.take() else {
        return serving.http1(stream, Peer { address, encrypted: false }, activity).await;
    };
    let handshake = TlsAcceptor::from(tls.config()).accept(stream);
    let shaken = tokio::select! {
        shaken = timeout(serving.limits.handshake, handshake) => shaken,
        () = activity.evicted() => return,
        () = told(&mut serving.stopping) => return,
    };
    // A client that goes away or speaks something else is no news.
    let Ok(Ok(stream)) = shaken else { return };
    let peer = Peer { address, encrypted: true };
    if stream.get_ref().1.alpn_protocol() == Some(HTTP_2) {
        activity.multiplex();
        serving.http2(stream, peer, activity).await;
    } else {
        serving.http1(stream, peer, activity).await;
    }
}

impl Serving {
    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer, activity: Arc<Activity>) {
        let mut builder = http1::Builder::new();
        // The deadline of heads is ours: this one would count the time between requests as well.
        builder.timer(TokioTimer::new()).header_read_timeout(None);
        builder.max_header_size(self.limits.head_bytes as usize);
        let answer = service_fn(|request| answer(self.router.clone(), request, peer, Arc::clone(&activity)));
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        self.drive(builder.serve_connection(io, answer), http1::Connection::graceful_shutdown, &activity).await;
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Unpin, peer: Peer, activity: Arc<Activity>) {
        let limits = self.limits;
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(limits.head_bytes)
            .max_pending_accept_reset_streams(limits.resets)
            .max_local_error_reset_streams(limits.resets)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING);
        let (router, of_request) = (self.router.clone(), Arc::clone(&activity));
        let answer = service_fn(move |request| answer(router.clone(), request, peer, Arc::clone(&of_request)));
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        self.drive(builder.serve_connection(io, answer), http2::Connection::graceful_shutdown, &activity).await;
    }

    /// Serves a connection until its client ends it, it does one thing for too long, another one needs its place, or the service
    /// stops.
    async fn drive<C: Future>(&self, connection: C, end: fn(Pin<&mut C>), activity: &Activity) {
        let mut connection = pin!(connection);
        let mut stopping = self.stopping.clone();
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            () = activity.evicted() => return,
            () = activity.overdue(&self.limits) => {
                end(connection.as_mut());
                let _ = timeout(GOODBYE, connection).await;
                return;
            }
            () = told(&mut stopping) => {}
        }
        end(connection.as_mut());
        // What is at work has until the service gives up; who only holds the line does not.
        loop {
            tokio::select! {
                biased;
                _ = connection.as_mut() => return,
                () = activity.overdue(&self.limits) => return,
                () = sleep(GOODBYE) => {
                    if activity.is_quiet() {
                        return;
                    }
                }
            }
        }
    }
}

/// Until the service is told to stop.
async fn told(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

async fn answer(
    router: Router,
    mut request: Request<Incoming>,
    peer: Peer,
    activity: Arc<Activity>,
) -> Result<Response<AnswerBody>, std::convert::Infallible> {
    let underway = Underway::begin(&activity);
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(activity);
    let response = router.oneshot(request.map(Body::new)).await?;
    Ok(response.map(|body| AnswerBody::new(body, underway)))
}
