//! `alerts.toml`: channels and rules.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use idscore_history::events::{Drop, Watch};
use idscore_score::Set;
use idscore_secrets::{SettingsError, Source, settings};
use serde::Deserialize;

/// What is told to whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where messages go.
    pub channels: Vec<Channel>,
    /// What is told.
    pub rules: Vec<Rule>,
}

/// One place where messages go.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its name, by which rules and deliveries refer to it.
    pub name: String,
    /// How it is reached.
    pub kind: ChannelKind,
}

/// How a channel is reached.
#[derive(Debug, Clone, PartialEq)]
pub enum ChannelKind {
    /// A signed HTTP POST.
    Webhook {
        /// Where to.
        url: Address,
        /// What it is signed with.
        secret: Source,
    },
    /// A card to a Teams workflow. Its address is a secret by itself.
    Teams {
        /// Where to.
        url: Source,
    },
    /// A mail.
    Email(Mail),
}

/// The address of a webhook.
#[derive(Debug, Clone, PartialEq)]
pub enum Address {
    /// As it stands in the file.
    Plain(String),
    /// Kept as a secret.
    Secret(Source),
}

/// How mail is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is encrypted.
    pub tls: Tls,
    /// The sender.
    pub from: String,
    /// Who is written to.
    pub to: Vec<String>,
    /// The account, with its password.
    pub login: Option<(String, Source)>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tls {
    /// Plain at first, then upgraded; mail is refused where the server doesn't.
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all: on loopback only.
    None,
}

/// What is told on which channels.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What.
    pub watch: Watch,
    /// The names of the channels.
    pub channels: Vec<String>,
    /// The tenants; all where none is named.
    pub tenants: Vec<String>,
}

impl Rule {
    /// Whether the rule is about a tenant; what happened to an unknown tenant is about all.
    #[must_use]
    pub fn covers(&self, tenant_id: &str) -> bool {
        let named = |id: &String| id.eq_ignore_ascii_case(tenant_id);
        tenant_id.is_empty() || self.tenants.is_empty() || self.tenants.iter().any(named)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "channel")]
    channels: Vec<ChannelTable>,
    #[serde(default, rename = "rule")]
    rules: Vec<RuleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelTable {
    name: String,
    kind: KindWord,
    url: Option<String>,
    url_env: Option<String>,
    url_file: Option<PathBuf>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    from: Option<String>,
    to: Option<Vec<String>>,
    user: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum KindWord {
    Webhook,
    Teams,
    Email,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    when: When,
    set: Option<Set>,
    percent: Option<f64>,
    points: Option<f64>,
    days: Option<u16>,
    channels: Option<Vec<String>>,
    tenants: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum When {
    ScoreBelow,
    ScoreDrop,
    ControlRegressed,
    DecisionEnding,
    AcceptedSlipped,
    ImportFailed,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, has an unknown key, or a table breaks a rule.
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

    fn of(file: File) -> Result<Self, String> {
        let channels = file.channels.into_iter().map(channel).collect::<Result<Vec<_>, _>>()?;
        for (place, one) in channels.iter().enumerate() {
            if channels.iter().take(place).any(|other| other.name == one.name) {
                return Err(format!("two channels are named `{}`; every name stands once", one.name));
            }
        }
        let names: Vec<String> = channels.iter().map(|channel| channel.name.clone()).collect();
        if names.is_empty() {
            return Err("there is no [[channel]], so nobody would be told".to_owned());
        }
        let rules = file.rules.into_iter().map(|table| rule(table, &names)).collect::<Result<_, _>>()?;
        Ok(Self { channels, rules })
    }
}

fn channel(table: ChannelTable) -> Result<Channel, String> {
    let name = table.name.clone();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(format!("the channel name `{name}` is not made of 1 to 64 letters, digits, - and _"));
    }
    let wrong = |reason: &str| format!("channel `{name}`: {reason}");
    let fits = |keys: &[(&str, bool)], kind: &str| match keys.iter().find(|(_, given)| *given) {
        Some((key, _)) => Err(wrong(&format!("`{key}` is no key of {kind}"))),
        None => Ok(()),
    };
    let mail_keys = [
        ("host", table.host.is_some()),
        ("port", table.port.is_some()),
        ("tls", table.tls.is_some()),
        ("from", table.from.is_some()),
        ("to", table.to.is_some()),
        ("user", table.user.is_some()),
        ("password_env", table.password_env.is_some()),
        ("password_file", table.password_file.is_some()),
    ];
    let secret_keys = [("secret_env", table.secret_env.is_some()), ("secret_file", table.secret_file.is_some())];
    let secret_url = Source::of(table.url_env, table.url_file, "url").map_err(|reason| wrong(&reason))?;
    let secret = Source::of(table.secret_env, table.secret_file, "secret").map_err(|reason| wrong(&reason))?;
    let kind = match table.kind {
        KindWord::Webhook => {
            fits(&mail_keys, "a webhook")?;
            let url = match (table.url, secret_url) {
                (Some(url), None) => Address::Plain(checked(&url).map(|()| url).map_err(|reason| wrong(&reason))?),
                (None, Some(source)) => Address::Secret(source),
                _ => return Err(wrong("give one of `url`, `url_env` and `url_file`")),
            };
            let secret = secret
                .ok_or_else(|| wrong("a webhook is signed: name its secret with `secret_env` or `secret_file`"))?;
            ChannelKind::Webhook { url, secret }
        }
        KindWord::Teams => {
            fits(&mail_keys, "a Teams channel")?;
            fits(&secret_keys, "a Teams channel")?;
            fits(
                &[("url", table.url.is_some())],
                "a Teams channel, whose address is a secret: use url_env or url_file",
            )?;
            let url = secret_url.ok_or_else(|| wrong("name the workflow's address with `url_env` or `url_file`"))?;
            ChannelKind::Teams { url }
        }
        KindWord::Email => {
            fits(&secret_keys, "a mail channel")?;
            fits(&[("url", table.url.is_some()), ("url_env or url_file", secret_url.is_some())], "a mail channel")?;
            let password =
                Source::of(table.password_env, table.password_file, "password").map_err(|reason| wrong(&reason))?;
            let login = match (table.user, password) {
                (None, None) => None,
                (Some(user), Some(password)) => Some((user, password)),
                _ => return Err(wrong("`user` and one of `password_env` and `password_file` come together")),
            };
            let tls = table.tls.unwrap_or(Tls::StartTls);
            let host = table.host.ok_or_else(|| wrong("`host`, the mail server, is missing"))?;
            if tls == Tls::None && !is_loopback(&host) {
                return Err(wrong("tls = \"none\" is for loopback only; use \"startTls\" or \"tls\""));
            }
            let port = table.port.unwrap_or(if tls == Tls::Tls { 465 } else { 587 });
            let from = table.from.ok_or_else(|| wrong("`from`, the sender's address, is missing"))?;
            let to =
                table.to.filter(|to| !to.is_empty()).ok_or_else(|| wrong("`to`, a list of addresses, is missing"))?;
            for address in to.iter().chain([&from]) {
                address
                    .parse::<lettre::message::Mailbox>()
                    .map_err(|_| wrong(&format!("`{address}` is no address of a mailbox")))?;
            }
            ChannelKind::Email(Mail { host, port, tls, from, to, login })
        }
    };
    Ok(Channel { name, kind })
}

/// Whether messages may go to an address: encrypted, or within this machine. The reason never repeats the address.
pub(crate) fn checked(url: &str) -> Result<(), String> {
    let parsed = reqwest::Url::parse(url).map_err(|_| "the address is no URL".to_owned())?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("the address holds a user name; a webhook is known by its signature instead".to_owned());
    }
    match (parsed.scheme(), parsed.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(host) => Ok(()),
        ("http", Some(_)) => Err("http is for loopback only; use https".to_owned()),
        _ => Err("the address is neither https nor http".to_owned()),
    }
}

pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn rule(table: RuleTable, names: &[String]) -> Result<Rule, String> {
    let word = match table.when {
        When::ScoreBelow => "scoreBelow",
        When::ScoreDrop => "scoreDrop",
        When::ControlRegressed => "controlRegressed",
        When::DecisionEnding => "decisionEnding",
        When::AcceptedSlipped => "acceptedSlipped",
        When::ImportFailed => "importFailed",
    };
    let wrong = |reason: &str| format!("rule `{word}`: {reason}");
    let scored = matches!(table.when, When::ScoreBelow | When::ScoreDrop);
    let misplaced = [
        ("set", table.set.is_some() && !scored),
        ("percent", table.percent.is_some() && !scored),
        ("points", table.points.is_some() && table.when != When::ScoreDrop),
        ("days", table.days.is_some() && table.when != When::DecisionEnding),
    ];
    if let Some((key, _)) = misplaced.iter().find(|(_, misplaced)| *misplaced) {
        return Err(wrong(&format!("`{key}` is no key of this rule")));
    }
    let set = table.set.unwrap_or(Set::Core);
    let positive = |number: f64, most: f64, key: &str| {
        let fits = number.is_finite() && number > 0.0 && number <= most;
        if fits { Ok(number) } else { Err(wrong(&format!("`{key}` is above 0 and at most {most}"))) }
    };
    let watch = match table.when {
        When::ScoreBelow => {
            let percent = table.percent.ok_or_else(|| wrong("`percent`, the line, is missing"))?;
            Watch::ScoreBelow { set, percent: positive(percent, 100.0, "percent")? }
        }
        When::ScoreDrop => {
            let by = match (table.percent, table.points) {
                (Some(percent), None) => Drop::Percent(positive(percent, 100.0, "percent")?),
                (None, Some(points)) => Drop::Points(positive(points, 100_000.0, "points")?),
                _ => return Err(wrong("give one of `percent` and `points`, the least drop that is told")),
            };
            Watch::ScoreDrop { set, by }
        }
        When::ControlRegressed => Watch::ControlRegressed,
        When::DecisionEnding => Watch::DecisionEnding { days: i64::from(table.days.unwrap_or(14)) },
        When::AcceptedSlipped => Watch::AcceptedSlipped,
        When::ImportFailed => Watch::ImportFailed,
    };
    let channels = table.channels.unwrap_or_else(|| names.to_vec());
    if let Some(unknown) = channels.iter().find(|name| !names.contains(name)) {
        return Err(wrong(&format!("there is no channel `{unknown}`; there are {}", names.join(", "))));
    }
    Ok(Rule { watch, channels, tenants: table.tenants.unwrap_or_default() })
}

#[cfg(test)]
mod tests;
