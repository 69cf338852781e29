//! Which tenant, and how to sign in: options of `collect` and `score --tenant`.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use idscore_graph::{Certificate, Cloud, Connection, Credential, Hosts, Pace, Patience};
use idscore_secrets::{Secret, Source};
use jiff::Timestamp;

use crate::error::CliError;
use crate::terminal::Terminal;

/// Where secrets come from, in one line.
pub const SECRETS_HELP: &str = "Secrets come from the environment, from private files or from standard input, never from an argument; --help has examples.";

/// Which tenant, and how to sign in.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Collect from Microsoft Graph")]
pub struct Connecting {
    /// The tenant: its id or one of its domains, such as contoso.onmicrosoft.com.
    #[arg(long, value_name = "TENANT")]
    pub tenant: Option<String>,
    /// The "Application (client) ID" of the app registration.
    #[arg(long, value_name = "ID", env = "AZURE_CLIENT_ID", hide_env_values = true)]
    pub client_id: Option<String>,
    /// How to sign in [default: follows from the options and variables that are there].
    #[arg(long, value_enum, value_name = "WAY")]
    pub sign_in: Option<Way>,
    /// A private file with the client secret; - reads it from standard input [default: AZURE_CLIENT_SECRET].
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// A private file with a certificate and its key, PEM or PFX [default: AZURE_CLIENT_CERTIFICATE_PATH].
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// A private file with the password of the PFX [default: AZURE_CLIENT_CERTIFICATE_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub certificate_password_file: Option<PathBuf>,
    /// A file with a token of another identity provider, for workload identity federation [default: AZURE_FEDERATED_TOKEN_FILE].
    #[arg(long, value_name = "FILE")]
    pub federated_token_file: Option<PathBuf>,
    /// The cloud that the tenant is in [default: global].
    #[arg(long, value_enum, value_name = "CLOUD")]
    pub cloud: Option<CloudName>,
    /// Another address in place of the cloud's Graph, for tests.
    #[arg(long, value_name = "URL")]
    pub graph_url: Option<String>,
    /// Another address in place of the cloud's sign-in, for tests.
    #[arg(long, value_name = "URL")]
    pub login_url: Option<String>,
    /// How fast to ask [default: documented].
    #[arg(long, value_enum, value_name = "PACE")]
    pub pace: Option<PaceName>,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A client secret.
    Secret,
    /// A certificate.
    Certificate,
    /// A token of another identity provider.
    Federated,
    /// A person types a code into a browser.
    DeviceCode,
    /// The identity of the Azure machine or service that this runs on.
    ManagedIdentity,
    /// Whoever is signed in to the Azure CLI.
    AzureCli,
}

/// A cloud of Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
pub enum CloudName {
    /// Nearly every tenant.
    #[value(name = "global")]
    #[serde(rename = "global")]
    Global,
    /// US Government L4, GCC High.
    #[value(name = "usGov")]
    #[serde(rename = "usGov")]
    UsGov,
    /// US Government L5, Department of Defense.
    #[value(name = "usGovDoD")]
    #[serde(rename = "usGovDoD")]
    UsGovDoD,
    /// China, operated by 21Vianet.
    #[value(name = "china")]
    #[serde(rename = "china")]
    China,
}

/// How fast to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PaceName {
    /// Within Microsoft's limits.
    Documented,
    /// As fast as the server answers: for one of your own.
    Unlimited,
}

impl From<CloudName> for Cloud {
    fn from(name: CloudName) -> Self {
        match name {
            CloudName::Global => Self::Global,
            CloudName::UsGov => Self::UsGov,
            CloudName::UsGovDoD => Self::UsGovDoD,
            CloudName::China => Self::China,
        }
    }
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable of the environment that a secret stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables {
    /// Of the client secret.
    pub secret: String,
    /// Of the certificate's password.
    pub password: String,
}

impl Default for Variables {
    fn default() -> Self {
        Self { secret: "AZURE_CLIENT_SECRET".to_owned(), password: "AZURE_CLIENT_CERTIFICATE_PASSWORD".to_owned() }
    }
}

impl Connecting {
    /// Everything that a collection needs to begin.
    pub fn connection(&self, terminal: Terminal) -> Result<Connection, CliError> {
        self.connection_with(&Variables::default(), terminal)
    }

    /// The same with secrets in variables of other names.
    pub fn connection_with(&self, variables: &Variables, terminal: Terminal) -> Result<Connection, CliError> {
        let tenant = self.tenant.clone().filter(|tenant| !tenant.is_empty()).ok_or_else(|| {
            CliError::call(
                "nothing says which tenant to collect",
                "give its id or one of its domains: --tenant contoso.onmicrosoft.com",
            )
        })?;
        if tenant.contains(['/', '?', '#', '\\', ' ']) {
            return Err(CliError::call(
                format!("`{tenant}` is no tenant"),
                "give its id or one of its domains, such as contoso.onmicrosoft.com",
            ));
        }
        let cloud: Cloud = self.cloud.map_or(Cloud::Global, Cloud::from);
        let hosts = Hosts::new(cloud, self.login_url.as_deref(), self.graph_url.as_deref())?;
        let credential = self.credential(variables, terminal)?;
        let needs_client = !matches!(credential, Credential::ManagedIdentity | Credential::AzureCli);
        let client_id = self.client_id.clone().unwrap_or_default();
        if needs_client && client_id.is_empty() {
            return Err(CliError::call(
                "nothing says as which application to sign in",
                "give --client-id the \"Application (client) ID\" of the app registration, or set AZURE_CLIENT_ID; \
                 `idscore collect --permissions` says how to register one",
            ));
        }
        let pace = match self.pace {
            Some(PaceName::Unlimited) => Pace::Unlimited,
            _ => Pace::Documented,
        };
        Ok(Connection {
            tenant,
            client_id,
            credential,
            cloud,
            hosts,
            pace,
            patience: Patience::default(),
            clock: Timestamp::now,
        })
    }

    /// How to sign in: as asked for, else by the options, else by the variables that are set.
    fn way(&self, variables: &Variables) -> Option<Way> {
        let by_option = || {
            if self.client_secret_file.is_some() {
                Some(Way::Secret)
            } else if self.certificate.is_some() {
                Some(Way::Certificate)
            } else {
                self.federated_token_file.is_some().then_some(Way::Federated)
            }
        };
        let by_variable = || {
            [
                (variables.secret.as_str(), Way::Secret),
                ("AZURE_CLIENT_CERTIFICATE_PATH", Way::Certificate),
                ("AZURE_FEDERATED_TOKEN_FILE", Way::Federated),
            ]
            .into_iter()
            .find_map(|(name, way)| variable(name).map(|_| way))
        };
        self.sign_in.or_else(by_option).or_else(by_variable)
    }

    fn credential(&self, variables: &Variables, terminal: Terminal) -> Result<Credential, CliError> {
        let way = self.way(variables).ok_or_else(|| {
            CliError::call(
                "nothing says how to sign in",
                "set AZURE_CLIENT_SECRET, or give --client-secret-file, --certificate, --federated-token-file, or --sign-in \
                 device-code, managed-identity or azure-cli",
            )
        })?;
        let path = |option: &Option<PathBuf>, name: &str, what: &str| {
            option.clone().or_else(|| variable(name).map(PathBuf::from)).ok_or_else(|| {
                CliError::call(
                    format!("nothing says which {what} to sign in with"),
                    format!("name its file, or set {name}"),
                )
            })
        };
        Ok(match way {
            Way::Secret => Credential::ClientSecret(self.secret(variables, terminal)?),
            Way::Certificate => {
                let file = path(&self.certificate, "AZURE_CLIENT_CERTIFICATE_PATH", "certificate")?;
                let password = match &self.certificate_password_file {
                    Some(file) => Some(read(&Source::File(file.clone()))?),
                    None => variable(&variables.password).map(Secret::new),
                };
                Credential::Certificate(Certificate::read(&file, password.as_ref())?)
            }
            Way::Federated => Credential::Federated {
                token_file: path(&self.federated_token_file, "AZURE_FEDERATED_TOKEN_FILE", "federated token")?,
            },
            Way::DeviceCode => Credential::DeviceCode,
            Way::ManagedIdentity => Credential::ManagedIdentity,
            Way::AzureCli => Credential::AzureCli,
        })
    }

    fn secret(&self, variables: &Variables, terminal: Terminal) -> Result<Secret, CliError> {
        match self.client_secret_file.as_deref() {
            Some(file) if file == Path::new("-") => from_stdin(terminal),
            Some(file) => read(&Source::File(file.to_owned())),
            None => read(&Source::Environment(variables.secret.clone())),
        }
    }
}

fn read(source: &Source) -> Result<Secret, CliError> {
    Ok(source.read(&|name| std::env::var(name).ok()).map_err(idscore_graph::CollectError::from)?)
}

fn from_stdin(terminal: Terminal) -> Result<Secret, CliError> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        terminal.ask("The client secret (it will be seen here; a file or a pipe hides it): ");
    }
    let mut line = String::new();
    stdin
        .lock()
        .read_line(&mut line)
        .map_err(|source| CliError::System { action: "read the client secret from standard input", source })?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => {
            Err(CliError::call("standard input holds no client secret", "pipe it in: cat secret | idscore collect …"))
        }
        secret => Ok(Secret::new(secret)),
    }
}
