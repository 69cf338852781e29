//! A Microsoft Graph on this machine, over an export: for tests and demonstrations.
//!
//! It behaves as Graph does where Graph hurts: tokens with permissions, paging, limits per class of requests, missing licences,
//! delta queries, and whatever else a fault script ([`Script`]) asks for. It knows nothing about how a tenant is judged, or invented.
//!
//! ```no_run
//! use idscore_graph_server::{Options, Server};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::start("tenants/risky".as_ref(), Options { throttle: None, ..Options::default() })?;
//! println!("Graph: {0}/v1.0, login: {0}", server.url());
//! assert_eq!(server.statistics().avoidable(), 0);
//! # Ok(()) }
//! ```

mod answer;
mod assertion;
mod batch;
mod certificate;
mod chance;
mod clock;
mod collection;
mod control;
mod delta;
mod endpoints;
mod failure;
mod faults;
mod filter;
mod folder;
mod graph;
mod http;
mod jwt;
mod list;
mod login;
mod metadata;
mod options;
mod query;
mod related;
mod rewrite;
mod route;
mod rows;
mod scan;
mod shape;
mod state;
mod statistics;
mod throttle;
mod token;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub use certificate::CertificateError;
pub use endpoints::{Class, Edition};
pub use faults::{Script, ScriptError};
pub use options::{Options, SignIn};
pub use rows::ExportError;
pub use statistics::{OfClass, Statistics};

use state::State;

/// Why a server doesn't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An export can't be served.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The address can't be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// There is no certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The operating system gives no thread.
    #[error("cannot start a thread for the server")]
    Thread(#[source] std::io::Error),
}

/// A running server. It ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    url: String,
    authority: Option<String>,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves an export on threads of its own.
    ///
    /// # Errors
    /// When the folder is no export, the address can't be listened on, or there is no certificate.
    pub fn start(export: &Path, options: Options) -> Result<Self, StartError> {
        let listen = options.listen;
        let failed = |source| StartError::Listen { address: listen, source };
        let made = options.https.then(|| certificate::throw_away(listen.ip())).transpose()?;
        let (tls, authority) = made.map(|made| (TlsAcceptor::from(made.config), made.authority_pem)).unzip();
        let state = Arc::new(State::new(options, export)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("graph-server")
            .build()
            .map_err(StartError::Thread)?;
        // Whoever starts a server may run on another runtime already.
        let listener = std::net::TcpListener::bind(listen).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener).map_err(failed)?
        };
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("graph-server".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = http::serve(listener, tls, served) => {}
                        _ = stopped => {}
                    }
                });
                runtime.shutdown_timeout(Duration::from_millis(200));
            })
            .map_err(StartError::Thread)?;
        let scheme = if authority.is_some() { "https" } else { "http" };
        Ok(Self {
            address,
            url: format!("{scheme}://{address}"),
            authority,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:1234`: in front of `/v1.0` and `/beta`, and of `/{tenant}/oauth2/v2.0/token`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a client has to trust where the server speaks TLS, as PEM.
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The tenant's id.
    #[must_use]
    pub fn tenant_id(&self) -> String {
        self.state.tenant_id()
    }

    /// What was asked and answered so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.state.counters().so_far.clone()
    }

    /// Serves another export from now on, or the same folder as it is now.
    ///
    /// # Errors
    /// When the folder is no export; the old one is served on then.
    pub fn change_to(&self, export: &Path) -> Result<(), ExportError> {
        self.state.change_to(export).map(|_| ())
    }

    /// Sets how many seconds its clock runs ahead.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.state.clock.set_skew(seconds);
    }

    /// Ends it, and says what was asked and answered.
    pub fn stop(mut self) -> Statistics {
        self.end();
        self.statistics()
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}
