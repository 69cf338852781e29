//! `audit.toml`: where the head of the audit log goes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use idscore_secrets::{SettingsError, Source, settings};
use serde::Deserialize;

use crate::config::checked;
use crate::sign::Key;

/// Where the head of the audit log goes, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadSettings {
    /// The file that says so, for messages.
    pub path: PathBuf,
    /// The places.
    pub head_to: Vec<Destination>,
    /// How long a place is left alone at least.
    pub every: Duration,
    /// What webhooks are signed with.
    pub secret: Option<Source>,
}

/// A place that the head goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A line more in a file.
    File(PathBuf),
    /// A syslog server, over UDP, as `HOST:PORT`.
    SyslogUdp(String),
    /// A syslog daemon, over its socket.
    SyslogUnix(PathBuf),
    /// A signed HTTP POST.
    Webhook(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    audit: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    head_to: Vec<String>,
    every_minutes: Option<u32>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
}

impl HeadSettings {
    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read, has an unknown key, or breaks a rule.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        Self::parse(&settings::read(path)?, path)
    }

    /// Reads a text; `path` names it in errors.
    ///
    /// # Errors
    /// As [`HeadSettings::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, SettingsError> {
        settings::parse(text, path, |file: File| Self::of(file.audit, path))
    }

    fn of(table: Table, path: &Path) -> Result<Self, String> {
        let head_to = table.head_to.iter().map(|text| destination(text)).collect::<Result<Vec<_>, _>>()?;
        if head_to.is_empty() {
            return Err("`head_to` names no place".to_owned());
        }
        let every = table.every_minutes.unwrap_or(60);
        if !(1..=24 * 60).contains(&every) {
            return Err("`every_minutes` is a number from 1 to 1440, a day".to_owned());
        }
        let secret = Source::of(table.secret_env, table.secret_file, "secret")?;
        let is_signed = head_to.iter().any(|one| matches!(one, Destination::Webhook(_)));
        match (&secret, is_signed) {
            (None, true) => Err("a webhook is signed: name its secret with `secret_env` or `secret_file`".to_owned()),
            (Some(_), false) => Err("the secret is for a webhook, and `head_to` names none".to_owned()),
            _ => Ok(Self { path: path.to_owned(), head_to, every: Duration::from_secs(u64::from(every) * 60), secret }),
        }
    }

    /// The files that heads are written to.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.head_to.iter().filter_map(|one| match one {
            Destination::File(path) => Some(path.as_path()),
            _ => None,
        })
    }

    /// What webhooks are signed with; nothing where there is none.
    pub(super) fn key(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Key>, SettingsError> {
        let Some(source) = &self.secret else { return Ok(None) };
        let key = Key::of(&source.read(variable)?).ok_or_else(|| SettingsError::Invalid {
            path: self.path.clone(),
            reason: "the secret is no key: at least 24 bytes, or `whsec_` and those in base64".to_owned(),
        })?;
        Ok(Some(key))
    }
}

fn destination(text: &str) -> Result<Destination, String> {
    let wrong = |reason: &str| format!("`head_to`: {reason}");
    if let Some(address) = text.strip_prefix("syslog+udp://") {
        let named = address.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        return match named {
            Some(_) => Ok(Destination::SyslogUdp(address.to_owned())),
            None => Err(wrong("a syslog server is written like syslog+udp://log.example.org:514")),
        };
    }
    let (path, destination): (_, fn(PathBuf) -> Destination) = match text.strip_prefix("syslog+unix://") {
        Some(path) => (path, Destination::SyslogUnix),
        None if text.contains("://") => {
            return checked(text).map(|()| Destination::Webhook(text.to_owned())).map_err(|reason| wrong(&reason));
        }
        None => (text, Destination::File),
    };
    if Path::new(path).is_absolute() {
        Ok(destination(path.into()))
    } else {
        Err(wrong(&format!(
            "`{path}` is no whole path; write a path from the root, syslog+udp://HOST:PORT, syslog+unix:///PATH or https://…"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<HeadSettings, String> {
        HeadSettings::parse(text, Path::new("audit.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_a_daemon_a_server_and_a_webhook_are_told_apart() {
        let settings = parse(
            "[audit]\nhead_to = [\"/mnt/heads\", \"syslog+unix:///dev/log\", \"syslog+udp://[::1]:514\", \"https://siem.example/in\"]\n\
             secret_env = \"KEY\"\n",
        )
        .unwrap();
        assert_eq!(
            settings.head_to,
            [
                Destination::File("/mnt/heads".into()),
                Destination::SyslogUnix("/dev/log".into()),
                Destination::SyslogUdp("[::1]:514".to_owned()),
                Destination::Webhook("https://siem.example/in".to_owned()),
            ]
        );
        assert_eq!((settings.every.as_secs(), settings.files().count()), (3_600, 1));
    }

    #[test]
    fn a_mistake_is_named_with_what_to_write_instead() {
        for (text, said) in [
            ("", "missing field `audit`"),
            ("[audit]\nhead_to = []", "names no place"),
            ("[audit]\nhead_to = [\"heads\"]", "no whole path"),
            ("[audit]\nhead_to = [\"syslog+unix://dev/log\"]", "no whole path"),
            ("[audit]\nhead_to = [\"syslog+udp://log.example\"]", "syslog+udp://log.example.org:514"),
            ("[audit]\nhead_to = [\"http://siem.example\"]\nsecret_env = \"K\"", "http is for loopback only"),
            ("[audit]\nhead_to = [\"https://siem.example\"]", "a webhook is signed"),
            ("[audit]\nhead_to = [\"/heads\"]\nsecret_env = \"K\"", "names none"),
            ("[audit]\nhead_to = [\"/heads\"]\nevery_minutes = 0", "from 1 to 1440"),
            ("[audit]\nhead_to = [\"/heads\"]\ncolour = 1", "unknown field `colour`"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(said), "{text}\n{error}");
        }
    }
}
