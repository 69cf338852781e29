//! `idscore serve`

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use idscore_assess::Configuration;
use idscore_history::{Archive, HistoryError};
use idscore_oidc::{Provider, Settings as SignIn};
use idscore_server::{Limits, MetricsAccess, Service, Tls, UploadRules};
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::signal;

use crate::alerts;
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::history;
use crate::terminal::Terminal;

/// The file in the data folder that says who signs people in.
const SIGN_IN: &str = "sign-in.toml";
/// Characters that a token for `/metrics` has at least.
const SHORTEST_TOKEN: usize = 16;

/// Serves the dashboard, and answers over HTTP as Microsoft Graph does, until it is interrupted.
///
/// On loopback it prints a link that signs you in to the dashboard once, within ten minutes; the page for signing in has a
/// button that prints another.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore serve --data data\n  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/v1.0/security/secureScores"
)]
pub struct Arguments {
    /// The data folder, made where there is none.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true)]
    data: PathBuf,
    /// The database, in place of the file `history.db` in the data folder: `postgres://USER@HOST/DATABASE`.
    #[arg(long, value_name = "URL", env = "IDSCORE_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Where to listen. Beyond loopback there has to be TLS, here or in a proxy: tokens and cookies would travel in clear.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A proxy with TLS stands in front: listen beyond loopback although nothing here encrypts, and send cookies over HTTPS only.
    #[arg(long)]
    behind_tls_proxy: bool,
    /// A proxy whose X-Forwarded-For, -Proto and -Host, or Forwarded, are believed, as an address or a network; may be given
    /// more than once. Beyond loopback only what such a proxy received over HTTPS is answered.
    #[arg(long, value_name = "CIDR", value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// The certificate with its chain, as PEM: answer over TLS. Both files are read again within a minute after they change, and on SIGHUP.
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "behind_tls_proxy")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The file that says who signs people in to the dashboard, in place of sign-in.toml in the data folder.
    #[arg(long, value_name = "FILE")]
    sign_in: Option<PathBuf>,
    /// Serve the API without the dashboard.
    #[arg(long, conflicts_with = "sign_in")]
    api_only: bool,
    /// Requests a second that one token may make without end; ten times as many at once.
    #[arg(long, value_name = "N", default_value = "10")]
    requests_per_second: NonZeroU32,
    /// The file of alert rules and channels, in place of alerts.toml in the data folder.
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,
    /// A folder with the organisation's own controls; may be given more than once.
    #[arg(long, value_name = "DIR")]
    controls: Vec<PathBuf>,
    /// The configuration for every uploaded export, in place of configurations/TENANT.toml in the data folder.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The most MiB that an uploaded export may have.
    #[arg(long, value_name = "MIB", default_value = "256", value_parser = clap::value_parser!(u32).range(1..))]
    max_upload: u32,
    /// What a reader of /metrics sends as a bearer token; without one it is open on loopback and closed beyond, or behind a proxy.
    #[arg(long, value_name = "TOKEN", env = "IDSCORE_METRICS_TOKEN", hide_env_values = true)]
    metrics_token: Option<String>,
}

impl Arguments {
    /// Whether others reach the service through a proxy.
    fn proxied(&self) -> bool {
        self.behind_tls_proxy || !self.trusted_proxy.is_empty()
    }

    fn tls(&self) -> Result<Option<Tls>, CliError> {
        let files = self.tls_cert.as_ref().zip(self.tls_key.as_ref());
        Ok(files.map(|(certificate, key)| Tls::read(certificate, key)).transpose()?)
    }

    /// Who signs people in; nobody where no file says so.
    fn provider(&self) -> Result<Option<Provider>, CliError> {
        let own = self.data.join(SIGN_IN);
        let path = match &self.sign_in {
            Some(path) => path,
            None if own.is_file() && !self.api_only => &own,
            None => return Ok(None),
        };
        let variable = |name: &str| std::env::var(name).ok();
        Ok(Some(Provider::open(SignIn::read(path)?, &variable)?))
    }

    fn metrics(&self) -> Result<MetricsAccess, CliError> {
        match &self.metrics_token {
            Some(token) if token.trim().len() < SHORTEST_TOKEN || token.trim() != token => Err(CliError::call(
                format!(
                    "the token for /metrics must have {SHORTEST_TOKEN} characters or more, and no blanks around it"
                ),
                "`openssl rand -hex 32` makes one; give it as IDSCORE_METRICS_TOKEN",
            )),
            Some(token) => Ok(MetricsAccess::Token(token.clone())),
            None if self.listen.ip().is_loopback() && !self.proxied() => Ok(MetricsAccess::Open),
            None => Ok(MetricsAccess::Closed),
        }
    }
}

/// Opens the data folder and answers until SIGINT or SIGTERM.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let beyond = !arguments.listen.ip().is_loopback();
    let tls = arguments.tls()?;
    if beyond && tls.is_none() && !arguments.proxied() {
        return Err(CliError::call(
            format!("{} is beyond loopback, where tokens would travel in clear", arguments.listen),
            "listen on 127.0.0.1, give --tls-cert and --tls-key, or put a proxy with TLS in front and name it with --trusted-proxy",
        ));
    }
    let provider = arguments.provider()?;
    if beyond && provider.is_none() && !arguments.api_only {
        return Err(CliError::call(
            format!("{} is beyond loopback, and nobody could sign in to the dashboard there", arguments.listen),
            format!(
                "write `{}` (docs/user-guide.md shows how), or serve the API alone with --api-only",
                arguments.data.join(SIGN_IN).display()
            ),
        ));
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    let catalogue = catalogue::load(&arguments.controls)?;
    let alerting = alerts::of_folder(&arguments.data, arguments.alerts.as_deref())?;
    if let Some(file) = &arguments.config {
        // It is read again for every upload; a mistake is better told now.
        Configuration::read(file)?;
    }
    let metrics = arguments.metrics()?;
    let uploads = UploadRules {
        max_bytes: u64::from(arguments.max_upload) << 20,
        configuration: arguments.config.as_deref().map(std::path::absolute).transpose()?,
    };
    let limits = Limits {
        requests_per_second: arguments.requests_per_second,
        burst: arguments.requests_per_second.saturating_mul(NonZeroU32::MIN.saturating_add(9)),
    };
    runtime()?.block_on(async {
        let archive = Archive::open(&arguments.data, arguments.database.as_deref()).await?;
        archive.sweep(std::time::SystemTime::now())?;
        let history = archive.history.clone();
        let alerts = alerting.map(|alerting| tokio::spawn(alerting.run(history.clone())));
        let mut service = Service::new(archive, catalogue, limits).with_uploads(uploads).with_metrics(metrics);
        if arguments.behind_tls_proxy {
            service = service.behind_https();
        } else if beyond && tls.is_none() {
            service = service.over_https_only();
        }
        service = service.trusting(arguments.trusted_proxy.clone());
        if let Some(provider) = provider {
            service = service.vouched_for_by(provider);
        }
        if arguments.api_only {
            service = service.api_only();
        }
        let answered = answer(service, arguments.listen, tls, terminal, |_| {}).await;
        history.close().await;
        if let Some(alerts) = alerts {
            alerts.abort();
        }
        answered
    })
}

/// Threads for requests.
pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Listens, says where and how to sign in, lets what has ended fall back once an hour, and answers until a signal comes.
///
/// `ready` gets the address of the service, and on loopback the link that signs in.
pub async fn answer(
    service: Service,
    listen: SocketAddr,
    tls: Option<Tls>,
    terminal: Terminal,
    ready: impl FnOnce(&Ready),
) -> Result<Exit, CliError> {
    let failed = |source| CliError::Listen { address: listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    terminal.note(&format!("answering on {scheme}://{address}, Ctrl-C ends it"));
    let mut service = service;
    let mut link = None;
    if address.ip().is_loopback() && service.has_pages() {
        let announce = move |path: &str| {
            terminal.note(&format!("sign in, once and within ten minutes: {scheme}://{address}{path}"));
        };
        service = service.announcing(history::operator().name(), Arc::new(announce));
        let path = idscore_server::new_link(&service).await?;
        announce(&path);
        link = Some(format!("{scheme}://{address}{path}"));
    }
    ready(&Ready { address, link });
    let history = service.history().clone();
    let settling = tokio::spawn(async move {
        let mut hourly = tokio::time::interval(std::time::Duration::from_secs(3_600));
        loop {
            hourly.tick().await;
            if let Err(error) = settle(&history).await {
                tracing::error!(%error, "decisions that have ended could not fall back");
            }
        }
    });
    let refreshing = tls.clone().map(|tls| tokio::spawn(refresh(tls)));
    let served = idscore_server::serve(listener, tls, service, interrupted()).await;
    settling.abort();
    if let Some(refreshing) = refreshing {
        refreshing.abort();
    }
    served.map_err(failed)?;
    Ok(Exit::Done)
}

/// Looks for a new certificate every minute, and when SIGHUP says that there is one.
async fn refresh(tls: Tls) {
    let mut often = tokio::time::interval(std::time::Duration::from_secs(60));
    #[cfg(unix)]
    let mut hangup = signal::unix::signal(signal::unix::SignalKind::hangup()).ok();
    loop {
        #[cfg(unix)]
        tokio::select! {
            _ = often.tick() => {}
            Some(()) = async { match hangup.as_mut() { Some(hangup) => hangup.recv().await, None => None } } => {}
        }
        #[cfg(not(unix))]
        often.tick().await;
        match tls.refresh() {
            Ok(false) => {}
            Ok(true) => tracing::info!("there is a new certificate; new connections use it"),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "the new certificate can't be used, so the old one stays");
            }
        }
    }
}

/// An address or a network of addresses.
fn network(text: &str) -> Result<IpNet, String> {
    let alone = text.parse::<IpAddr>().map(IpNet::from);
    let network = alone.or_else(|_| text.parse::<IpNet>());
    network.map_err(|_| "a proxy is written like 10.0.0.5 or 10.0.0.0/24".to_owned())
}

/// A service that listens.
pub struct Ready {
    /// Where.
    pub address: SocketAddr,
    /// What signs in to the dashboard once.
    pub link: Option<String>,
}

/// Lets acceptances and mitigations of all tenants come to their end.
async fn settle(history: &idscore_history::History) -> Result<(), HistoryError> {
    for tenant in history.tenants().await? {
        history.settle(&tenant.id, idscore_history::instants::now()).await?;
    }
    Ok(())
}

/// Until SIGINT or SIGTERM.
#[cfg(unix)]
pub async fn interrupted() {
    let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) else { return };
    tokio::select! {
        _ = signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

/// Until Ctrl-C.
#[cfg(not(unix))]
pub async fn interrupted() {
    // Without a way to hear the signal the process ends by itself.
    let _ = signal::ctrl_c().await;
}
