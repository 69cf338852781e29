//! `idscore serve`

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use idscore_assess::Configuration;
use idscore_oidc::{Provider, Settings as SignIn};
use idscore_schedule::{Collecting, Rules, Settings as Collect};
use idscore_secrets::{Secret, Source};
use idscore_server::{Background, Limits, MetricsAccess, Service, Tls, UploadRules};
use idscore_store::{Actor, Archive, History, HistoryError};
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal;
use tokio::time::timeout;

use crate::alerts;
use crate::catalogue;
use crate::database::Database;
use crate::error::{CliError, Exit};
use crate::history;
use crate::interrupt::Interrupt;
use crate::log::{self, LogFormat};
use crate::terminal::Terminal;

/// The file in the data folder that says who signs people in.
const SIGN_IN: &str = "sign-in.toml";
/// The file in the data folder that says as which applications tenants are collected.
const COLLECT: &str = "collect.toml";
/// The variable that may hold the token for `/metrics`.
const METRICS_TOKEN: &str = "IDSCORE_METRICS_TOKEN";
/// Characters that a token for `/metrics` has at least.
const SHORTEST_TOKEN: usize = 16;
/// What the last steps of a service may take, each.
const LAST_STEPS: Duration = Duration::from_secs(1);

/// Serves the dashboard, and answers over HTTP as Microsoft Graph does, until it is interrupted.
///
/// On loopback it shows a link on the terminal that signs you in to the dashboard once, within ten minutes; the page for signing in has
/// a button that shows another. Without a terminal `idscore sign-in-link` prints one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore serve --data data\n  curl -H \"Authorization: Bearer $TOKEN\" http://127.0.0.1:8080/v1.0/security/secureScores"
)]
pub struct Arguments {
    /// The data folder, as `idscore score INPUT --data DIR` makes it; --create begins a new one.
    #[arg(long, value_name = "DIR", env = "IDSCORE_DATA", hide_env_values = true)]
    data: PathBuf,
    #[command(flatten)]
    database: Database,
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
    /// A name under which the service is reached, such as score.example.org; may be given more than once. Requests for other names are
    /// answered 421, /healthz and /metrics aside [default: any name].
    #[arg(long, value_name = "NAME", value_parser = host)]
    host: Vec<String>,
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
    /// The file that says where the head of the audit log goes, in place of audit.toml in the data folder.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// The file that says as which applications tenants are collected from Microsoft Graph, in place of collect.toml in the data folder.
    #[arg(long, value_name = "FILE")]
    collect: Option<PathBuf>,
    /// A folder with the organisation's own controls; may be given more than once.
    #[arg(long, value_name = "DIR")]
    controls: Vec<PathBuf>,
    /// The configuration for every uploaded export, in place of configurations/TENANT.toml in the data folder and of that of the tenant's last
    /// assessment.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The most MiB that an uploaded export may have.
    #[arg(long, value_name = "MIB", default_value = "256", value_parser = clap::value_parser!(u32).range(1..))]
    max_upload: u32,
    /// The file with what a reader of /metrics sends as a bearer token; the variable `IDSCORE_METRICS_TOKEN` may hold it too. Without
    /// one /metrics is open on loopback and closed beyond, or behind a proxy.
    #[arg(long, value_name = "FILE")]
    metrics_token_file: Option<PathBuf>,
    /// How the log on stderr is written.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,
    /// Write a line into the log for each request: who asked for what from where, and what came of it.
    #[arg(long)]
    access_log: bool,
    /// Begin a new data folder, where there is none.
    #[arg(long)]
    create: bool,
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
        let path = history::settings_file(&self.data, SIGN_IN, self.sign_in.as_deref()).filter(|_| !self.api_only);
        let Some(path) = path else { return Ok(None) };
        let variable = |name: &str| std::env::var(name).ok();
        Ok(Some(Provider::open(SignIn::read(&path)?, &variable)?))
    }

    /// As which applications tenants are collected; nobody is where no file says so.
    fn collect(&self) -> Result<Option<Collect>, CliError> {
        let path = history::settings_file(&self.data, COLLECT, self.collect.as_deref());
        Ok(path.map(|path| Collect::read(&path)).transpose()?)
    }

    fn metrics(&self) -> Result<MetricsAccess, CliError> {
        let token = match &self.metrics_token_file {
            Some(path) => Some(Source::File(path.clone()).read(&|_| None)?),
            None => std::env::var(METRICS_TOKEN).ok().map(Secret::new),
        };
        match token.as_ref().map(Secret::reveal) {
            Some(token) if token.trim().len() < SHORTEST_TOKEN || token.trim() != token => Err(CliError::call(
                format!(
                    "the token for /metrics must have {SHORTEST_TOKEN} characters or more, and no blanks around it"
                ),
                format!("`openssl rand -hex 32` makes one; give it as {METRICS_TOKEN} or --metrics-token-file"),
            )),
            Some(token) => Ok(MetricsAccess::Token(token.to_owned())),
            None if self.listen.ip().is_loopback() && !self.proxied() => Ok(MetricsAccess::Open),
            None => Ok(MetricsAccess::Closed),
        }
    }
}

/// Opens the data folder and answers until SIGINT or SIGTERM.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    if !arguments.create && !history::is_data_folder(&arguments.data, &arguments.database) {
        return Err(CliError::call(
            format!("there is no history in `{}`", arguments.data.display()),
            "`idscore score EXPORT --data DIR` keeps the first assessment; to begin without one, add --create",
        ));
    }
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
    log::begin(arguments.log_format);
    let catalogue = catalogue::load(&arguments.controls)?;
    let collect = arguments.collect()?;
    let alerting = alerts::of_folder(&arguments.data, arguments.alerts.as_deref())?;
    let heads = history::audit::heads(&arguments.data, arguments.audit.as_deref())?;
    if let Some(file) = &arguments.config {
        // It is read again for every upload; a mistake is better told now.
        Configuration::read(file)?;
    }
    let metrics = arguments.metrics()?;
    let database = arguments.database.address()?;
    let uploads = UploadRules {
        max_bytes: u64::from(arguments.max_upload) << 20,
        configuration: arguments.config.as_deref().map(std::path::absolute).transpose()?,
    };
    let limits = Limits {
        requests_per_second: arguments.requests_per_second,
        burst: arguments.requests_per_second.saturating_mul(NonZeroU32::MIN.saturating_add(9)),
        ..Limits::default()
    };
    ending(runtime()?, async {
        // A port that is taken is told before anything is written.
        let listener = listen(arguments.listen).await?;
        let archive = Archive::open(&arguments.data, database.as_ref().map(Secret::reveal)).await?;
        archive.writable("serve it")?;
        let history = archive.history.clone();
        let rules = Rules { configuration: uploads.configuration.clone(), ..Rules::default() };
        let collecting =
            collect.map(|collect| Collecting::new(archive.clone(), Arc::new(catalogue.clone()), collect, rules));
        let mut service = Service::new(archive, catalogue, limits).with_uploads(uploads).with_metrics(metrics);
        if let Some(collecting) = &collecting {
            service = service.collecting(collecting.clone());
        }
        let alerts = alerting.map(|alerting| {
            service = service.clone().telling_by(alerting.clone());
            let history = history.clone();
            Background::start("alerts", move || alerting.clone().run(history.clone()))
        });
        let heads = heads.map(|heads| {
            let history = history.clone();
            Background::start("heads of the audit log", move || heads.clone().run(history.clone()))
        });
        let runs = collecting.clone().map(|collecting| {
            Background::start("collections", move || {
                let collecting = collecting.clone();
                async move { collecting.run().await }
            })
        });
        if arguments.behind_tls_proxy {
            service = service.behind_https();
        } else if beyond && tls.is_none() {
            service = service.over_https_only();
        }
        service = service.trusting(arguments.trusted_proxy.clone()).named(arguments.host.clone());
        if let Some(provider) = provider {
            service = service.vouched_for_by(provider);
        }
        if arguments.access_log {
            service = service.logging_access();
        }
        if arguments.api_only {
            service = service.api_only();
        }
        let answered = answer(service, listener, tls, terminal, |_| {}).await;
        if let Some((collecting, runs)) = collecting.zip(runs) {
            collecting.stop();
            if timeout(LAST_STEPS, runs.done()).await.is_err() {
                tracing::error!("the collections did not end in order");
            }
        }
        drop((alerts, heads));
        close(&history).await;
        answered
    })
}

/// Threads for requests.
pub fn runtime() -> Result<Runtime, CliError> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Runs a service to its end. Work on other threads that goes on then is left alone, as a power cut would leave it: what it leaves
/// behind goes at the next start.
pub fn ending<T>(runtime: Runtime, service: impl Future<Output = T>) -> T {
    let ended = runtime.block_on(service);
    runtime.shutdown_timeout(LAST_STEPS);
    ended
}

/// Closes the database, unless somebody holds it up.
pub async fn close(history: &History) {
    if timeout(LAST_STEPS, history.close()).await.is_err() {
        tracing::warn!("the database was not closed in time");
    }
}

/// Takes a port; nothing is answered yet.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|source| CliError::Listen { address, source })
}

/// Says where it listens and how to sign in, lets what has ended fall back once an hour, and answers until a signal comes.
///
/// `ready` gets the address of the service, and on loopback the link that signs in, where somebody reads the terminal.
pub async fn answer(
    service: Service,
    listener: TcpListener,
    tls: Option<Tls>,
    terminal: Terminal,
    ready: impl FnOnce(&Ready),
) -> Result<Exit, CliError> {
    let address = listener.local_addr()?;
    // A second signal ends the process at once.
    let _interrupt = Interrupt::noted()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    terminal.note(&format!("answering on {scheme}://{address}, Ctrl-C ends it"));
    let mut service = service;
    let mut link = None;
    // A log that others read is no place for what signs in an administrator.
    if address.ip().is_loopback() && service.has_pages() && terminal.is_read() {
        let announce = move |path: &str| {
            terminal.note(&format!("sign in, once and within ten minutes: {scheme}://{address}{path}"));
        };
        let operator = history::operator();
        service = service.announcing(operator.name(), Arc::new(announce));
        let path = idscore_server::new_link(service.history(), &Actor::system(), operator.name()).await?;
        announce(&path);
        link = Some(format!("{scheme}://{address}{path}"));
    }
    ready(&Ready { address, link });
    let history = service.history().clone();
    let _settling = Background::start("decisions that end", move || settle_hourly(history.clone()));
    let _refreshing = tls.clone().map(|tls| Background::start("certificate", move || refresh(tls.clone())));
    idscore_server::serve(listener, tls, service, interrupted()).await;
    Ok(Exit::Done)
}

async fn settle_hourly(history: History) {
    let mut hourly = tokio::time::interval(Duration::from_secs(3_600));
    loop {
        hourly.tick().await;
        if let Err(error) = settle(&history).await {
            tracing::error!(%error, "decisions that have ended could not fall back");
        }
    }
}

/// Looks for a new certificate every minute, and when SIGHUP says that there is one.
async fn refresh(tls: Tls) {
    let mut often = tokio::time::interval(Duration::from_secs(60));
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

/// A name of a host, or an address as it is written in addresses of pages.
fn host(text: &str) -> Result<String, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let bracketed = bare.len() + 2 == text.len() && bare.parse::<Ipv6Addr>().is_ok();
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if bracketed || (!text.is_empty() && text.bytes().all(named)) {
        return Ok(text.to_owned());
    }
    Err("a name is written like score.example.org, without scheme, port and path".to_owned())
}

/// A service that listens.
pub struct Ready {
    /// Where.
    pub address: SocketAddr,
    /// What signs in to the dashboard once, where somebody reads the terminal.
    pub link: Option<String>,
}

/// Lets acceptances and mitigations of all tenants come to their end.
async fn settle(history: &History) -> Result<(), HistoryError> {
    for tenant in history.tenants().await? {
        history.settle(&tenant.id, idscore_store::now()).await?;
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
