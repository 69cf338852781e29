//! A place that is told the head, with what it needs to be reached.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use idscore_history::instants::rfc3339;
use idscore_secrets::{Secret, SettingsError};
use idscore_store::{Head, now};
use serde_json::json;

use super::recorded::line;
use super::settings::{Destination, HeadSettings};
use super::syslog;
use crate::error::SendError;
use crate::http::Target;
use crate::sender::signed;
use crate::sign::Key;

/// A place that is told the head.
pub(super) struct Place {
    name: String,
    way: Way,
    patience: Duration,
}

enum Way {
    File(PathBuf),
    SyslogUdp(String),
    SyslogUnix(PathBuf),
    Webhook(Target, Key),
}

impl Place {
    /// A place that may take so long. Nothing is asked of it yet.
    pub(super) fn open(
        settings: &HeadSettings,
        destination: &Destination,
        key: Option<&Key>,
        patience: Duration,
    ) -> Result<Self, SettingsError> {
        let (name, way) = match destination {
            Destination::File(path) => (path.display().to_string(), Way::File(path.clone())),
            Destination::SyslogUdp(address) => (format!("syslog at {address}"), Way::SyslogUdp(address.clone())),
            Destination::SyslogUnix(path) => (format!("syslog at {}", path.display()), Way::SyslogUnix(path.clone())),
            Destination::Webhook(url) => {
                let target = Target::new(&settings.path, "`head_to`", &Secret::new(url), patience)?;
                let key = key.cloned().ok_or_else(|| SettingsError::Invalid {
                    path: settings.path.clone(),
                    reason: "a webhook is signed: name its secret with `secret_env` or `secret_file`".to_owned(),
                })?;
                (target.host().to_owned(), Way::Webhook(target, key))
            }
        };
        Ok(Self { name, way, patience })
    }

    /// What stands for it in messages; of an address the host only.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Tells a head once.
    pub(super) async fn tell(&self, head: &Head) -> Result<(), SendError> {
        let failed = |source: &io::Error| SendError::Unreached { host: self.name.clone(), reason: source.to_string() };
        let at = now();
        let told = async {
            match &self.way {
                Way::File(path) => {
                    let (path, line) = (path.clone(), line(at, head));
                    let written = tokio::task::spawn_blocking(move || append(&path, &line)).await;
                    written.map_err(io::Error::other).flatten().map_err(|source| failed(&source))
                }
                Way::SyslogUdp(address) => {
                    syslog::send(address, &syslog::message(at, head)).await.map_err(|source| failed(&source))
                }
                Way::SyslogUnix(path) => {
                    syslog::send_here(path, &syslog::message(at, head)).await.map_err(|source| failed(&source))
                }
                Way::Webhook(target, key) => {
                    let id = format!("audit-head-{}", head.sequence);
                    let body = json!({
                        "type": "idscore.auditHead",
                        "id": id,
                        "timestamp": rfc3339(at),
                        "data": {"sequence": head.sequence, "at": rfc3339(head.at), "hash": head.hash},
                    });
                    let body = body.to_string().into_bytes();
                    let headers = signed(key, &id, at / 1_000_000, &body)
                        .ok_or_else(|| SendError::Message { reason: "it can't be signed".to_owned() })?;
                    target.post(body, headers).await
                }
            }
        };
        let late = || SendError::TimedOut { host: self.name.clone(), seconds: self.patience.as_secs() };
        tokio::time::timeout(self.patience, told).await.unwrap_or_else(|_| Err(late()))
    }
}

/// Adds a line to a file, durably. After a line that was cut short, by a loss of power perhaps, a new one begins.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let text = if is_cut_short(&mut file)? { format!("\n{line}\n") } else { format!("{line}\n") };
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

fn is_cut_short(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
