//! `POST …/snapshots`: an export is received, read, judged and kept as `idscore score --data` does it.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use idscore_history::KeptAssessment;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::timeout;

use crate::api::access::{Caller, Scope};
use crate::api::own::{self, Asked, options, own};
use crate::api::segments::Segments;
use crate::failure::Failure;
use crate::state::Service;
use crate::uploads::keep::{Arriving, Sender, believable, counted, file_name, keep};

const TAKEN: &str = "application/zip, application/gzip (a .tar.gz) or application/json";
/// How much more is read of a body that is refused, and for how long.
const DRAINED: usize = 64 << 20;
const DRAINING: Duration = Duration::from_secs(10);

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
    let kept = counted(service, sent(&caller, &tenant, asked, service, headers, body).await);
    // As `/assessments/{id}` shows it.
    let kept = service.archive.history.assessment(&tenant, &kept?.id).await?;
    let location = format!("/api/v1/tenants/{tenant}/assessments/{}", kept.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(own::shown(&kept))).into_response())
}

async fn sent(
    caller: &Caller,
    tenant: &str,
    asked: Asked<NewSnapshot>,
    service: &Service,
    headers: &HeaderMap,
    body: &mut Body,
) -> Result<KeptAssessment, Failure> {
    let taken_at = options(asked)?.taken_at.map(|text| instant(&text)).transpose()?;
    let media = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let name = file_name(media).ok_or(Failure::MediaType(TAKEN))?;
    let bytes = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let sender = Sender {
        actor: caller.actor(),
        tenant: Some(tenant.to_owned()),
        opens: "the token opens",
        say_when: "say it with takenAt",
    };
    keep(service, sender, name, taken_at, bytes, body).await
}

impl Arriving for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = self.frame().await {
            let frame = frame.map_err(|_| Failure::Bad("The body ended before it was whole.".to_owned()))?;
            if let Ok(part) = frame.into_data() {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::Bad("takenAt must be an instant such as 2026-11-20T06:00:00Z.".to_owned());
    let instant: Timestamp = text.parse().map_err(|_| wrong())?;
    believable(instant.as_microsecond(), "say it with takenAt").map_err(Failure::Bad)?;
    Ok(instant)
}
