//! `idscore graph-server DIR --listen ADDR`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use idscore_graph_server::{Options, Script, Server, SignIn, Statistics};
use idscore_secrets::Source;

use crate::error::{CliError, Exit};
use crate::generate::Edition;
use crate::report::words;
use crate::serve;
use crate::terminal::Terminal;

/// The variable that holds the app's secret.
const SECRET: &str = "IDSCORE_GRAPH_SERVER_SECRET";

/// Serves an export as Microsoft Graph would, with sign-in, limits and whatever goes wrong, until it is interrupted.
///
/// For tests and for trying things: no tenant is asked, and any tenant name, client id and secret are accepted unless told otherwise.
/// docs/graph-server.md says how it behaves and how a fault script is written.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore graph-server tenants/risky\n  idscore graph-server export --https --certificate-out authority.pem --faults faults.toml"
)]
pub struct Arguments {
    /// The folder of an export, such as `idscore generate` writes.
    #[arg(value_name = "DIR")]
    export: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Listen beyond loopback: whoever reaches the address can read the export.
    #[arg(long)]
    beyond_loopback: bool,
    /// Answer over TLS (HTTP/2 or 1.1), with a certificate that is made at the start and thrown away.
    #[arg(long)]
    https: bool,
    /// Write what a client has to trust, as PEM.
    #[arg(long, value_name = "FILE", requires = "https")]
    certificate_out: Option<PathBuf>,
    /// The export that is served after this one, when the fault script or `POST /.graph-server/next-export` says so; may be given more than once.
    #[arg(long, value_name = "DIR")]
    next: Vec<PathBuf>,
    /// What goes wrong, and when.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// The source of all chance.
    #[arg(long, value_name = "S", default_value_t = 7)]
    seed: u64,
    /// A name of the tenant; may be given more than once [default: any name is taken].
    #[arg(long, value_name = "NAME")]
    tenant: Vec<String>,
    /// The app that may sign in [default: any].
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// A file with the app's secret, which nobody else may read; or set IDSCORE_GRAPH_SERVER_SECRET [default: any secret is taken].
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// The app's certificate as PEM: assertions must be signed with its key [default: signatures aren't looked at].
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<PathBuf>,
    /// A permission that the app has; may be given more than once [default: all].
    #[arg(long, value_name = "PERMISSION")]
    grant: Vec<String>,
    /// A permission that the app hasn't; may be given more than once.
    #[arg(long, value_name = "PERMISSION")]
    without: Vec<String>,
    /// Refuse what this edition of Microsoft Entra ID doesn't have [default: what the export itself was refused].
    #[arg(long, value_enum, value_name = "EDITION")]
    edition: Option<Edition>,
    /// Keep no limits.
    #[arg(long, conflicts_with = "throttle_scale")]
    no_throttling: bool,
    /// Make the documented limits that many times as generous.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    throttle_scale: f64,
    /// How long an access token lives.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_599, value_parser = clap::value_parser!(i64).range(1..))]
    token_life: i64,
    /// How often a client of the device code flow hears that the person is still at it.
    #[arg(long, value_name = "N", default_value_t = 1)]
    device_polls: u32,
    /// How long such a client has to wait between two questions.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    device_interval: u64,
    /// How long a page token lives.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(i64).range(1..))]
    page_token_life: i64,
    /// How far the server's clock runs ahead, or behind where it is negative.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_hyphen_values = true)]
    clock_skew: i64,
    /// Write what was asked and answered, as JSON, at the end; while it runs, GET /.graph-server/statistics says it.
    #[arg(long, value_name = "FILE")]
    statistics: Option<PathBuf>,
}

impl Arguments {
    fn options(&self) -> Result<Options, CliError> {
        let known = Options::permissions();
        if let Some(unknown) = self.without.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(CliError::call(
                format!("no data set needs the permission `{unknown}`"),
                "docs/reference/data-sets.md has the permission of each",
            ));
        }
        let faults = match &self.faults {
            Some(path) => Script::parse(&read(path)?).map_err(|error| {
                CliError::call(
                    format!("`{}`: {error}", path.display()),
                    "docs/graph-server.md lists every key of a fault script",
                )
            })?,
            None => Script::default(),
        };
        let sign_in = SignIn {
            tenants: self.tenant.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.secret()?,
            certificate: self.client_certificate.as_deref().map(read).transpose()?,
            token_life: self.token_life,
            device_polls: self.device_polls,
            device_interval: self.device_interval,
            ..SignIn::default()
        };
        Ok(Options {
            listen: self.listen,
            https: self.https,
            next: self.next.clone(),
            seed: self.seed,
            sign_in,
            grant: self.grant.clone(),
            without: self.without.clone(),
            edition: self.edition.map(Edition::served),
            throttle: (!self.no_throttling).then_some(self.throttle_scale),
            page_token_life: self.page_token_life,
            clock_skew_seconds: self.clock_skew,
            faults,
        })
    }

    fn secret(&self) -> Result<Option<String>, CliError> {
        let variable = |name: &str| std::env::var(name).ok();
        let source = match &self.client_secret_file {
            Some(path) => Source::File(path.clone()),
            None if variable(SECRET).is_some() => Source::Environment(SECRET.to_owned()),
            None => return Ok(None),
        };
        Ok(Some(source.read(&variable)?.reveal().to_owned()))
    }
}

/// Serves until SIGINT or SIGTERM.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    if !arguments.listen.ip().is_loopback() && !arguments.beyond_loopback {
        return Err(CliError::call(
            format!("{} is beyond loopback, and whoever reaches it could read the export", arguments.listen),
            "listen on 127.0.0.1, or say --beyond-loopback",
        ));
    }
    let server = Server::start(&arguments.export, arguments.options()?)?;
    if let (Some(path), Some(pem)) = (&arguments.certificate_out, server.certificate()) {
        write(path, pem.as_bytes())?;
        terminal.note(&format!("clients have to trust {}", words::shell_word(&path.to_string_lossy())));
    }
    let url = server.url().to_owned();
    terminal.note(&format!(
        "serving {} as Microsoft Graph on {url}/v1.0 and {url}/beta, Ctrl-C ends it",
        words::shell_word(&arguments.export.to_string_lossy())
    ));
    terminal.note(&format!("sign in on {url}, tenant {}", server.tenant_id()));
    serve::runtime()?.block_on(serve::interrupted());
    let statistics = server.stop();
    if let Some(path) = &arguments.statistics {
        write(path, &serde_json::to_vec_pretty(&statistics)?)?;
    }
    summary(&statistics, terminal);
    Ok(Exit::Done)
}

fn summary(statistics: &Statistics, terminal: Terminal) {
    let number = words::thousands;
    terminal.note(&format!(
        "answered {} requests with {} rows, at most {} at once; {} issued",
        number(statistics.requests),
        number(statistics.rows),
        number(statistics.most_at_once),
        words::plural(usize::try_from(statistics.tokens).unwrap_or(usize::MAX), "token")
    ));
    for (class, seen) in &statistics.classes {
        if seen.throttled + seen.scripted + seen.early > 0 {
            terminal.note(&format!(
                "{class}: {} requests, {} answered 429 for the limit and {} by the script; {} came too early",
                number(seen.requests),
                number(seen.throttled),
                number(seen.scripted),
                number(seen.early)
            ));
        }
    }
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::ReadInput { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    std::fs::write(path, bytes).map_err(|source| CliError::WriteOutput { path: path.to_owned(), source })
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(factor),
        _ => Err("a factor is a number above 0, such as 10 or 0.5".to_owned()),
    }
}
