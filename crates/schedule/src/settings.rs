//! `collect.toml`: as which applications to sign in, and how often to collect. No secret stands in it.

use std::path::{Path, PathBuf};

use idscore_graph::{Certificate, Cloud, CollectError, Connection, Credential, Hosts, Pace, Patience};
use idscore_secrets::{SettingsError, Source, settings};
use jiff::Timestamp;
use serde::Deserialize;

const HOUR: i64 = 3_600_000_000;

/// As which applications to sign in, and how often to collect.
#[derive(Debug, Clone)]
pub struct Settings {
    /// From one run to the next, in microseconds.
    pub every: i64,
    /// Applications that tenants can be connected with, in the file's order.
    pub applications: Vec<Application>,
}

/// An application that signs in.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its name here.
    pub name: String,
    /// Its client id; empty for the system's managed identity.
    pub client_id: String,
    /// How it proves who it is.
    pub way: Way,
    /// The cloud of its tenants.
    pub cloud: Cloud,
    /// The cloud's hosts.
    pub hosts: Hosts,
    /// Whether to read the per-user MFA state.
    pub per_user_mfa: bool,
    /// Of how many days to read sign-ins.
    pub sign_in_days: Option<u32>,
    pace: Pace,
}

/// How an application proves who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A client secret.
    ClientSecret(Source),
    /// A certificate with its key, and the password of a PFX.
    Certificate(PathBuf, Option<Source>),
    /// A file in which another identity provider renews a token.
    Federated(PathBuf),
    /// The identity of the Azure machine or service that this runs on.
    ManagedIdentity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    every_hours: Option<u32>,
    #[serde(default, rename = "application")]
    applications: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    client_id: Option<String>,
    client_secret_env: Option<String>,
    client_secret_file: Option<PathBuf>,
    certificate_file: Option<PathBuf>,
    certificate_password_env: Option<String>,
    certificate_password_file: Option<PathBuf>,
    federated_token_file: Option<PathBuf>,
    #[serde(default)]
    managed_identity: bool,
    cloud: Option<String>,
    login_url: Option<String>,
    graph_url: Option<String>,
    pace: Option<String>,
    #[serde(default)]
    per_user_mfa: bool,
    sign_in_days: Option<u32>,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, has an unknown key, or a value breaks a rule.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(&settings::read(path)?, path)
    }

    /// Reads a text; `path` names it in errors.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        settings::parse(text, path, Self::of)
    }

    /// The application of a name.
    #[must_use]
    pub fn application(&self, name: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.name == name)
    }

    fn of(file: File) -> Result<Self, String> {
        let every_hours = file.every_hours.unwrap_or(24);
        if !(1..=24 * 31).contains(&every_hours) {
            return Err("`every_hours` is a number from 1 to 744, a month".to_owned());
        }
        let applications = file.applications.into_iter().map(application).collect::<Result<Vec<_>, _>>()?;
        for (place, one) in applications.iter().enumerate() {
            if applications.iter().take(place).any(|other| other.name == one.name) {
                return Err(format!("two applications are named `{}`; every name stands once", one.name));
            }
        }
        if applications.is_empty() {
            return Err("there is no [[application]], so nothing could sign in".to_owned());
        }
        Ok(Self { every: i64::from(every_hours).saturating_mul(HOUR), applications })
    }
}

fn application(table: Table) -> Result<Application, String> {
    let name = table.name.trim().to_owned();
    if name.is_empty() {
        return Err("an [[application]] has an empty `name`".to_owned());
    }
    let of = |reason: String| format!("application `{name}`: {reason}");
    let secret = Source::of(table.client_secret_env, table.client_secret_file, "client_secret").map_err(of)?;
    let password = Source::of(table.certificate_password_env, table.certificate_password_file, "certificate_password");
    let password = password.map_err(of)?;
    let ways = [
        secret.map(Way::ClientSecret),
        table.certificate_file.map(|file| Way::Certificate(file, password)),
        table.federated_token_file.map(Way::Federated),
        table.managed_identity.then_some(Way::ManagedIdentity),
    ];
    let mut ways = ways.into_iter().flatten();
    let (Some(way), None) = (ways.next(), ways.next()) else {
        return Err(of(
            "say in one way how it signs in: `client_secret_env`, `client_secret_file`, `certificate_file`, \
                       `federated_token_file`, or `managed_identity = true`"
                .to_owned(),
        ));
    };
    let client_id = table.client_id.unwrap_or_default().trim().to_owned();
    if client_id.is_empty() && way != Way::ManagedIdentity {
        return Err(of("`client_id` is missing: the \"Application (client) ID\" of the app registration".to_owned()));
    }
    let named = table.cloud.as_deref().unwrap_or(Cloud::Global.name());
    let names = Cloud::ALL.map(Cloud::name).join(", ");
    let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.name() == named);
    let cloud = cloud.ok_or_else(|| of(format!("`cloud` is one of {names}")))?;
    let pace = match (table.pace.as_deref(), &table.graph_url) {
        (None | Some("documented"), _) => Pace::Documented,
        (Some("unlimited"), Some(_)) => Pace::Unlimited,
        (Some("unlimited"), None) => {
            return Err(of("`pace = \"unlimited\"` is for a server of one's own: with `graph_url`".to_owned()));
        }
        (Some(_), _) => return Err(of("`pace` is documented or unlimited".to_owned())),
    };
    if table.sign_in_days.is_some_and(|days| !(1..=30).contains(&days)) {
        return Err(of("`sign_in_days` is a number from 1 to 30".to_owned()));
    }
    let hosts = Hosts::new(cloud, table.login_url.as_deref(), table.graph_url.as_deref());
    let hosts = hosts.map_err(|error| of(error.to_string()))?;
    let (per_user_mfa, sign_in_days) = (table.per_user_mfa, table.sign_in_days);
    Ok(Application { name, client_id, way, cloud, hosts, per_user_mfa, sign_in_days, pace })
}

impl Application {
    /// A connection to a tenant, with the secret as it is now.
    pub(crate) fn connection(
        &self,
        domain: &str,
        patience: Patience,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Connection, CollectError> {
        let credential = match &self.way {
            Way::ClientSecret(source) => Credential::ClientSecret(source.read(variable)?),
            Way::Certificate(file, password) => {
                let password = password.as_ref().map(|source| source.read(variable)).transpose()?;
                Credential::Certificate(Certificate::read(file, password.as_ref())?)
            }
            Way::Federated(token_file) => Credential::Federated { token_file: token_file.clone() },
            Way::ManagedIdentity => Credential::ManagedIdentity,
        };
        Ok(Connection {
            tenant: domain.to_owned(),
            client_id: self.client_id.clone(),
            credential,
            cloud: self.cloud,
            hosts: self.hosts.clone(),
            pace: self.pace,
            patience,
            clock: Timestamp::now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse(text, Path::new("collect.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_application_signs_in_in_one_way() {
        let settings = parse(
            "every_hours = 12\n[[application]]\nname = \"ours\"\nclient_id = \"1\"\nclient_secret_env = \"S\"\n\
             [[application]]\nname = \"azure\"\nmanaged_identity = true\ncloud = \"usGov\"\n",
        )
        .unwrap();
        assert_eq!(settings.every, 12 * HOUR);
        assert_eq!(settings.application("ours").unwrap().way, Way::ClientSecret(Source::Environment("S".to_owned())));
        assert_eq!(settings.application("azure").unwrap().cloud, Cloud::UsGov);
        assert!(settings.application("theirs").is_none());
    }

    #[test]
    fn what_cannot_work_is_told_with_the_application_and_the_key() {
        let of = |rest: &str| parse(&format!("[[application]]\nname = \"ours\"\n{rest}")).unwrap_err();
        for (rest, said) in [
            ("client_id = \"1\"", "say in one way"),
            ("client_id = \"1\"\nclient_secret_env = \"S\"\nmanaged_identity = true", "say in one way"),
            ("client_secret_env = \"S\"", "`client_id` is missing"),
            ("managed_identity = true\ncloud = \"mars\"", "global, usGov, usGovDoD, china"),
            ("managed_identity = true\npace = \"unlimited\"", "with `graph_url`"),
            ("managed_identity = true\nsign_in_days = 31", "from 1 to 30"),
            ("managed_identity = true\ngraph_url = \"http://graph.example.org\"", "http is for"),
        ] {
            let refused = of(rest);
            assert!(refused.contains(said) || refused.contains("unencrypted"), "{rest}: {refused}");
            assert!(refused.contains("`ours`"), "{refused}");
        }
        assert!(parse("").unwrap_err().contains("no [[application]]"));
        assert!(parse("every_hours = 0\n[[application]]\nname = \"a\"\nmanaged_identity = true").is_err());
    }

    #[test]
    fn a_secret_in_the_file_is_refused() {
        assert!(parse("[[application]]\nname = \"a\"\nclient_id = \"1\"\nclient_secret = \"hunter2\"\n").is_err());
    }
}
