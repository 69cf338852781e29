//! `POST …/snapshots`: an export streams into a file, is read, judged and kept, and the file is gone again.

use std::fs::File;
use std::io::{self, Write};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use idscore_assess::Configuration;
use idscore_history::instants::{DAY, micros, now};
use idscore_history::{Actor, KeptAssessment, ReceiveError, with_causes};
use idscore_snapshot::{Manifest, ReadError, ReadOptions, Unpacking};
use jiff::Timestamp;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::api::access::{Caller, Scope};
use crate::api::answer::{Failure, sentence};
use crate::api::own::{self, Asked, options, own};
use crate::api::segments::Segments;
use crate::metrics::UploadOutcome;
use crate::state::Service;
use crate::uploads::Turn;

const TAKEN: &str = "application/zip, application/gzip (a .tar.gz) or application/json";
/// When to come again while others are read.
const AGAIN: Duration = Duration::from_secs(10);
/// How long nothing may arrive, and how long all of it may take: whoever sends holds a turn.
const SILENCE: Duration = Duration::from_secs(30);
const WHOLE: Duration = Duration::from_secs(20 * 60);
/// An archive may unpack to so many times the bytes of the largest upload, and have so many entries.
const UNPACKED: u64 = 32;
const ENTRIES: usize = 1_000_000;
/// How much more is read of a body that is refused, and for how long.
const DRAINED: usize = 64 << 20;
const DRAINING: Duration = Duration::from_secs(10);
/// Parts of a body that wait for the disk.
const WAITING: usize = 8;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewSnapshot {
    taken_at: Option<String>,
}

pub(super) async fn upload(
    caller: Result<Caller, Failure>,
    tenant: Result<Segments<String>, Failure>,
    asked: Asked<NewSnapshot>,
    State(service): State<Service>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Failure> {
    let answered = admitted(caller, tenant, asked, &service, &headers, &mut body).await;
    if answered.is_err() && !headers.contains_key(EXPECT) {
        drain(&mut body).await;
    }
    answered
}

/// Reads what a refused client still sends, within bounds: many look for the answer only when all of it is sent.
async fn drain(body: &mut Body) {
    let rest = async {
        let mut left = DRAINED;
        while let Some(Ok(frame)) = body.frame().await {
            let arrived = frame.data_ref().map_or(0, Bytes::len);
            let Some(less) = left.checked_sub(arrived) else { return };
            left = less;
        }
    };
    // What does not come in time is not waited for.
    let _ = timeout(DRAINING, rest).await;
}

async fn admitted(
    caller: Result<Caller, Failure>,
    tenant: Result<Segments<String>, Failure>,
    asked: Asked<NewSnapshot>,
    service: &Service,
    headers: &HeaderMap,
    body: &mut Body,
) -> Result<Response, Failure> {
    let (caller, Segments(tenant)) = (caller?, tenant?);
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let kept = keep(&caller, &tenant, asked, service, headers, body).await;
    service.metrics.uploaded(match &kept {
        Ok(_) => UploadOutcome::Kept,
        Err(Failure::TooLarge(_)) => UploadOutcome::TooLarge,
        Err(Failure::Busy(..)) => UploadOutcome::Busy,
        Err(Failure::Internal(_) | Failure::Failed(_)) => UploadOutcome::Failed,
        Err(_) => UploadOutcome::Refused,
    });
    // As `/assessments/{id}` shows it.
    let kept = service.archive.history.assessment(&tenant, &kept?.id).await?;
    let location = format!("/api/v1/tenants/{tenant}/assessments/{}", kept.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(own::shown(&kept))).into_response())
}

async fn keep(
    caller: &Caller,
    tenant: &str,
    asked: Asked<NewSnapshot>,
    service: &Service,
    headers: &HeaderMap,
    body: &mut Body,
) -> Result<KeptAssessment, Failure> {
    let taken_at = options(asked)?.taken_at.map(|text| instant(&text)).transpose()?;
    let name = file_name(headers).ok_or(Failure::MediaType(TAKEN))?;
    let turn = service.uploads.enter(tenant).map_err(|reason| Failure::Busy(reason, AGAIN))?;
    let noted = Noted { service: service.clone(), tenant: tenant.to_owned(), actor: caller.actor() };
    let folder = match receive(service, headers, body, name).await {
        Ok(folder) => folder,
        Err(failure) => {
            if let Failure::TooLarge(limit) = &failure {
                noted.note(&format!("it has more than {limit} bytes")).await;
            }
            return Err(failure);
        }
    };
    let upload = Upload { noted, folder, name, taken_at, _turn: turn };
    // It goes on when the client has gone: what was sent whole is kept.
    let kept = spawn_blocking(move || Handle::current().block_on(upload.keep()));
    kept.await.map_err(|error| Failure::Failed(error.to_string()))?
}

/// The name that says to the reader what the body is.
fn file_name(headers: &HeaderMap) -> Option<&'static str> {
    let media = headers.get(CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
    match media.as_str() {
        "application/zip" | "application/x-zip-compressed" => Some("export.zip"),
        "application/gzip" | "application/x-gzip" => Some("export.tar.gz"),
        "application/json" => Some("export.json"),
        _ => None,
    }
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::Bad("takenAt must be an instant such as 2026-11-20T06:00:00Z.".to_owned());
    let instant: Timestamp = text.parse().map_err(|_| wrong())?;
    believable(instant.as_microsecond()).map_err(Failure::Bad)?;
    Ok(instant)
}

/// An export from the future would stay the newest until then.
fn believable(at: i64) -> Result<(), String> {
    if (0..=now() + DAY).contains(&at) {
        return Ok(());
    }
    Err("The instant of the export lies in the future or before 1970; say when it was collected with takenAt."
        .to_owned())
}

/// Streams the body into a file of the data folder; gives the folder in which nothing else lies.
async fn receive(
    service: &Service,
    headers: &HeaderMap,
    body: &mut Body,
    name: &'static str,
) -> Result<TempDir, Failure> {
    let limit = service.upload_rules.max_bytes;
    let said = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > limit) {
        return Err(Failure::TooLarge(limit));
    }
    let incoming = service.archive.incoming()?;
    let (parts, mut waiting) = mpsc::channel::<Bytes>(WAITING);
    let written = spawn_blocking(move || -> io::Result<TempDir> {
        let folder = tempfile::Builder::new().prefix("upload-").tempdir_in(&incoming)?;
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

async fn send(body: &mut Body, parts: mpsc::Sender<Bytes>, limit: u64) -> Result<(), Failure> {
    let mut arrived = 0_u64;
    loop {
        let frame = timeout(SILENCE, body.frame()).await;
        let frame = frame.map_err(|_| Failure::Bad("The rest of the body did not arrive.".to_owned()))?;
        let Some(frame) = frame else { return Ok(()) };
        let frame = frame.map_err(|_| Failure::Bad("The body ended before it was whole.".to_owned()))?;
        let Ok(part) = frame.into_data() else { continue };
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
    tenant: String,
    actor: Actor,
}

impl Noted {
    async fn note(&self, reason: &str) {
        let input = format!("upload by {}", self.actor.name());
        let noted = self.service.archive.note_failed_import(&self.tenant, &input, reason, now()).await;
        if let Err(error) = noted {
            tracing::error!(%error, "a failed upload could not be noted");
        }
    }
}

/// An export that has arrived whole.
struct Upload {
    noted: Noted,
    folder: TempDir,
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
        let service = &self.noted.service;
        let failed = |error: &dyn std::error::Error| Refusal::Service(with_causes(error));
        let own = service.archive.configuration(&self.noted.tenant);
        let configuration = match service.upload_rules.configuration.as_ref().or(own.as_ref()) {
            Some(file) => Configuration::read(file).map_err(|error| failed(&error))?,
            None => Configuration::default(),
        };
        let unpacking = Unpacking {
            folder: Some(self.folder.path()),
            bytes: service.upload_rules.max_bytes.saturating_mul(UNPACKED),
            entries: ENTRIES,
        };
        let options = ReadOptions { taken_at: self.taken_at, unpacking, ..ReadOptions::default() };
        let received = service.archive.receive(&self.folder.path().join(self.name), &options);
        let received = received.map_err(|error| self.refusal(&error))?;
        self.check(received.snapshot.manifest()).map_err(Refusal::Export)?;
        let actor = &self.noted.actor;
        let kept = service.archive.keep(actor, received.folder(), &service.catalogue, &configuration).await;
        Ok(kept.map_err(|error| failed(&error))?.assessment)
    }

    /// The token opens one tenant, and what is kept must have happened.
    fn check(&self, manifest: &Manifest) -> Result<(), String> {
        let tenant = &self.noted.tenant;
        if manifest.tenant_id.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return Err("the export does not say of which tenant it is".to_owned());
        }
        if manifest.tenant_id != *tenant {
            return Err(format!("the export is of tenant {}, and the token opens {tenant}", manifest.tenant_id));
        }
        believable(micros(&manifest.taken_at).unwrap_or(-1))
    }

    fn refusal(&self, error: &ReceiveError) -> Refusal {
        // Where the file lies for a moment is nobody's business.
        let place = format!("{}/", self.folder.path().display());
        let mut text = with_causes(error).replace(&place, "");
        match error {
            ReceiveError::Read(read) if of_export(read) => {
                if matches!(read, ReadError::NoInstant { .. }) {
                    text.push_str("; say it with takenAt");
                }
                Refusal::Export(text)
            }
            _ => Refusal::Service(text),
        }
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
