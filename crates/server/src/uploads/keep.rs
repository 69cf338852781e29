//! An export on its way in: it streams into a file, is read, judged and kept, and the file is gone again.
//!
//! The API and the dashboard come here, each with its own way of sending.

use std::fs::File;
use std::future::Future;
use std::io::{self, Write};
use std::time::Duration;

use axum::body::Bytes;
use idscore_history::KeptAssessment;
use idscore_history::instants::{is_believable, micros};
use idscore_snapshot::{Manifest, ReadError, ReadOptions, Unpacking};
use idscore_store::{
    Actor, Archive, Bringing, ConfigurationChange, Length, Passing, ReceiveError, Received, TakeInError, now,
    with_causes,
};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Turn;
use crate::failure::{Failure, sentence};
use crate::metrics::UploadOutcome;
use crate::state::Service;

/// When to come again while others are read.
const AGAIN: Duration = Duration::from_secs(10);
/// How long all of it may take to arrive.
const WHOLE: Duration = Duration::from_secs(20 * 60);
/// An archive may unpack to so many times the bytes of the largest upload, within this time.
const UNPACKED: u64 = 32;
const UNPACKING: Duration = Duration::from_secs(10 * 60);
/// Parts of a body that wait for the disk.
const WAITING: usize = 8;

/// Whose bytes arrive.
pub(crate) trait Arriving: Send {
    /// The next bytes; none at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, Failure>> + Send;
}

/// Who sends an export, and of which tenant it must be.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    /// As the audit log names them.
    pub(crate) actor: Actor,
    /// The one tenant that is taken; none where a new one is welcome.
    pub(crate) tenant: Option<String>,
    /// What stands before the tenant's id in a refusal: `the token opens`.
    pub(crate) opens: &'static str,
    /// How the instant is said where the export does not tell it.
    pub(crate) say_when: &'static str,
}

/// Counts how an upload went.
pub(crate) fn counted(service: &Service, kept: Result<KeptAssessment, Failure>) -> Result<KeptAssessment, Failure> {
    service.metrics.uploaded(match &kept {
        Ok(_) => UploadOutcome::Kept,
        Err(Failure::TooLarge(_)) => UploadOutcome::TooLarge,
        Err(Failure::Busy(..) | Failure::Unavailable(_)) => UploadOutcome::Busy,
        Err(Failure::Internal(_) | Failure::Failed(_)) => UploadOutcome::Failed,
        Err(_) => UploadOutcome::Refused,
    });
    kept
}

/// Receives an export into the file `name` and keeps it; `bytes` is how many its sender announces.
pub(crate) async fn keep(
    service: &Service,
    sender: Sender,
    name: &'static str,
    taken_at: Option<Timestamp>,
    bytes: Option<u64>,
    body: &mut impl Arriving,
) -> Result<KeptAssessment, Failure> {
    let busy = |reason| Failure::Busy(reason, AGAIN);
    let arrival = service.uploads.arrive(sender.tenant.as_deref().unwrap_or_default()).map_err(busy)?;
    let noted = Noted { service: service.clone(), sender };
    let folder = match receive(service, bytes, body, name).await {
        Ok(folder) => folder,
        Err(failure) => {
            if let Failure::TooLarge(limit) = &failure {
                noted.note(&format!("it has more than {limit} bytes")).await;
            }
            return Err(failure);
        }
    };
    // Only now: who sends slowly holds up nobody.
    let turn = arrival.turn().await.map_err(busy)?;
    let upload = Upload { noted, folder, name, taken_at, _turn: turn };
    // It goes on when the client has gone: what was sent whole is kept.
    service.archive.at_work(Length::Judgement, "an upload", move || upload.keep()).await?
}

/// The name that says to the reader what a body of a media type is.
pub(crate) fn file_name(media: &str) -> Option<&'static str> {
    match media.split(';').next()?.trim().to_ascii_lowercase().as_str() {
        "application/zip" | "application/x-zip-compressed" => Some("export.zip"),
        "application/gzip" | "application/x-gzip" => Some("export.tar.gz"),
        "application/json" => Some("export.json"),
        _ => None,
    }
}

/// An export from the future would stay the newest until then.
pub(crate) fn believable(at: i64, say_when: &str) -> Result<(), String> {
    if is_believable(at, now()) {
        return Ok(());
    }
    let say_when = say_when.replacen("say it", "say when it was collected", 1);
    Err(format!("The instant of the export lies in the future or before 1970; {say_when}."))
}

/// Streams the body into a file of the data folder; gives the folder in which nothing else lies.
async fn receive(
    service: &Service,
    bytes: Option<u64>,
    body: &mut impl Arriving,
    name: &'static str,
) -> Result<Passing, Failure> {
    let limit = service.upload_rules.max_bytes;
    if bytes.is_some_and(|bytes| bytes > limit) {
        return Err(Failure::TooLarge(limit));
    }
    let archive = service.archive.clone();
    let (parts, mut waiting) = mpsc::channel::<Bytes>(WAITING);
    let folder = service.archive.look("an upload", move || archive.passing("upload-")).await??;
    let written = spawn_blocking(move || -> io::Result<Passing> {
        let mut file = File::create_new(folder.path().join(name))?;
        while let Some(part) = waiting.blocking_recv() {
            file.write_all(&part)?;
        }
        Ok(folder)
    });
    let sent = timeout(WHOLE, send(body, parts, limit)).await;
    let written = written.await.map_err(|error| Failure::Failed(error.to_string()))?;
    let folder =
        written.map_err(|error| Failure::Failed(format!("cannot write an upload: {}", with_causes(&error))))?;
    sent.unwrap_or_else(|_| Err(Failure::Bad("The body took too long to arrive.".to_owned())))?;
    Ok(folder)
}

async fn send(body: &mut impl Arriving, parts: mpsc::Sender<Bytes>, limit: u64) -> Result<(), Failure> {
    let mut arrived = 0_u64;
    loop {
        let Some(part) = body.next().await? else { return Ok(()) };
        arrived = arrived.saturating_add(part.len() as u64);
        if arrived > limit {
            return Err(Failure::TooLarge(limit));
        }
        if parts.send(part).await.is_err() {
            // The disk refused; whoever writes says why.
            return Ok(());
        }
    }
}

/// Tells whoever watches of an upload that could not be kept.
struct Noted {
    service: Service,
    sender: Sender,
}

impl Noted {
    async fn note(&self, reason: &str) {
        let input = format!("upload by {}", self.sender.actor.name());
        let tenant = self.sender.tenant.as_deref().unwrap_or_default();
        let noted = self.service.archive.note_failed_import(tenant, &input, reason, now()).await;
        if let Err(error) = noted {
            tracing::error!(%error, "a failed upload could not be noted");
        }
    }
}

/// An export that has arrived whole.
struct Upload {
    noted: Noted,
    folder: Passing,
    name: &'static str,
    taken_at: Option<Timestamp>,
    _turn: Turn,
}

/// Why it is not kept.
enum Refusal {
    /// Something is wrong with the export.
    Export(String),
    /// Something is wrong here.
    Service(String),
}

impl Upload {
    async fn keep(self) -> Result<KeptAssessment, Failure> {
        let refusal = match self.judged().await {
            Ok(kept) => return Ok(kept),
            Err(refusal) => refusal,
        };
        match refusal {
            Refusal::Export(reason) => {
                self.noted.note(&reason).await;
                Err(Failure::Bad(sentence(&reason)))
            }
            Refusal::Service(reason) => {
                self.noted.note(&reason).await;
                Err(Failure::Failed(reason))
            }
        }
    }

    async fn judged(&self) -> Result<KeptAssessment, Refusal> {
        let Noted { service, sender } = &self.noted;
        let named = service.upload_rules.configuration.as_deref();
        let kept = service.archive.take_in(&sender.actor, &service.catalogue, named, self).await;
        kept.map(|kept| kept.assessment).map_err(|error| match error {
            TakeInError::Receive(error) => self.refusal(&error),
            TakeInError::Refused(reason) => Refusal::Export(reason),
            TakeInError::Keep(error) => Refusal::Service(with_causes(&error)),
        })
    }

    fn refusal(&self, error: &ReceiveError) -> Refusal {
        // Where the file lies for a moment is nobody's business.
        let place = format!("{}/", self.folder.path().display());
        let mut text = with_causes(error).replace(&place, "");
        match error {
            ReceiveError::Read(read) if of_export(read) => {
                if matches!(read, ReadError::NoInstant { .. }) {
                    text.push_str("; ");
                    text.push_str(self.noted.sender.say_when);
                }
                Refusal::Export(text)
            }
            _ => Refusal::Service(text),
        }
    }
}

impl Bringing for Upload {
    fn receive(&self, archive: &Archive) -> Result<Received, ReceiveError> {
        let unpacking = Unpacking {
            folder: Some(self.folder.path()),
            bytes: self.noted.service.upload_rules.max_bytes.saturating_mul(UNPACKED),
            time: UNPACKING,
            ..Unpacking::default()
        };
        let options = ReadOptions { taken_at: self.taken_at, unpacking, ..ReadOptions::default() };
        archive.receive(&self.folder.path().join(self.name), &options)
    }

    /// Whoever sends may write to one tenant, or to any; and what is kept must have happened.
    fn check(&self, manifest: &Manifest) -> Result<(), String> {
        let sender = &self.noted.sender;
        if manifest.tenant_id.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return Err("the export does not say of which tenant it is".to_owned());
        }
        if let Some(tenant) = sender.tenant.as_ref().filter(|tenant| **tenant != manifest.tenant_id) {
            return Err(format!("the export is of tenant {}, and {} {tenant}", manifest.tenant_id, sender.opens));
        }
        believable(micros(&manifest.taken_at).unwrap_or(-1), sender.say_when)
    }

    fn warn(&self, change: &ConfigurationChange) {
        tracing::warn!(tenant = self.noted.sender.tenant, "an upload is {change}");
    }
}

/// Whether the export is at fault, and not this machine.
fn of_export(error: &ReadError) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    match error {
        ReadError::Io { source, .. } => {
            source.raw_os_error().is_none()
                && matches!(source.kind(), InvalidData | InvalidInput | Other | UnexpectedEof)
        }
        ReadError::Occupied { .. }
        | ReadError::Interrupted
        | ReadError::WriteTable { .. }
        | ReadError::Table { .. } => false,
        _ => true,
    }
}
