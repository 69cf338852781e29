//! The objects that a recommendation is about: `impactedResources` by themselves, and where `$expand` puts them.
//!
//! All of them may be more than memory should hold, so that expanded answers are made while they are sent.

use std::ops::Range;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use idscore_assess::EvidenceRow;
use idscore_history::KeptControl;
use idscore_history::instants::rfc3339;
use idscore_store::Archive;
use serde_json::{Map, Value, json};

use super::access::{Caller, Scope};
use super::answer::{JSON, Place, list as answer_list, object, query};
use super::odata::{IMPACTED_RESOURCE, Page, apply, collection};
use super::recommendation::{Ground, PAGE, RESOURCES, WHAT, find};
use super::segments::Segments;
use crate::failure::Failure;
use crate::pieces::{Broken, Pieces, streamed};
use crate::state::Service;

/// Objects of a recommendation at most, the most urgent: all of a large tenant are in the evidence of `/api/v1`.
const MOST: usize = 10_000;
/// Objects that are read at a time.
const CHUNK: usize = 1_000;

/// The objects that a recommendation is about.
pub(crate) async fn resources(
    caller: Caller,
    place: Place,
    Segments(id): Segments<String>,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsRead)?;
    let query = query(&place, &IMPACTED_RESOURCE)?;
    let (ground, control) = find(&service, &caller, &id).await?;
    let found = service.archive.evidence(&ground.newest, &control.id, "").await?;
    let rows = service.archive.rows(&found, 0..MOST).await?;
    let what = format!("{WHAT}('{id}')/{RESOURCES}");
    // Ten thousand rows are filtered, ordered and written in tens of milliseconds.
    let answer =
        move || answer_list(&place, &what, apply(&query, ground.rows(&control, 0, &rows), place.page_size(PAGE)));
    Ok(service.archive.look("impacted resources", answer).await?)
}

/// One of these objects.
pub(crate) async fn resource(
    caller: Caller,
    place: Place,
    Segments((id, resource)): Segments<(String, String)>,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsRead)?;
    let query = query(&place, &IMPACTED_RESOURCE)?;
    let (ground, control) = find(&service, &caller, &id).await?;
    let row = ground.resource(&service.archive, &control, &resource).await?;
    Ok(object(&place, &format!("{WHAT}('{id}')/{RESOURCES}"), &query, row))
}

impl Ground {
    /// Rows of objects that lose points or could not be judged; `before` of them come before these.
    fn rows<'a>(
        &'a self,
        kept: &'a KeptControl,
        before: usize,
        rows: &'a [EvidenceRow],
    ) -> impl Iterator<Item = Value> + 'a {
        let id = self.id(kept);
        let kind = self.impact_type(kept);
        rows.iter().zip(before + 1..).map(move |(row, rank)| {
            let update = self.said(&id, &row.object_id);
            let mut details = vec![json!({"key": "why", "value": row.why})];
            details.extend(row.witness.as_ref().map(|witness| json!({"key": "witness", "value": witness})));
            json!({
                "id": row.object_id,
                "subjectId": row.object_id,
                "recommendationId": id,
                "resourceType": match kind { "users" => "user", "apps" => "app", _ => "tenant" },
                "displayName": row.name,
                "owner": null,
                "rank": rank,
                "portalUrl": null,
                "apiUrl": null,
                "status": update.map_or("active", |update| update.status.word()),
                "addedDateTime": rfc3339(self.newest.taken_at),
                "lastModifiedDateTime": rfc3339(update.map_or(self.newest.taken_at, |update| update.updated_at)),
                "lastModifiedBy": update.map_or("System", |update| update.updated_by.as_str()),
                "postponeUntilDateTime": update.and_then(|update| update.until).map(rfc3339),
                "additionalDetails": details,
            })
        })
    }

    /// One object of a recommendation.
    pub(super) async fn resource(
        &self,
        archive: &Archive,
        kept: &KeptControl,
        resource: &str,
    ) -> Result<Value, Failure> {
        let found = archive.evidence(&self.newest, &kept.id, "").await?;
        for chunk in chunks(found.found()) {
            let (before, rows) = (chunk.start, archive.rows(&found, chunk).await?);
            if let Some(at) = rows.iter().position(|row| row.object_id == resource) {
                let row = rows.get(at..=at).unwrap_or_default();
                return self.rows(kept, before + at, row).next().ok_or_else(|| not_found(resource));
            }
        }
        Err(not_found(resource))
    }
}

fn not_found(resource: &str) -> Failure {
    Failure::DirectoryNotFound(resource.to_owned())
}

fn chunks(found: usize) -> impl Iterator<Item = Range<usize>> {
    let most = found.min(MOST);
    (0..most).step_by(CHUNK).map(move |start| start..(start + CHUNK).min(most))
}

/// A page of recommendations, each with its objects; in place of these stands the control's id.
///
/// # Errors
/// When the evidence can't be read.
pub(super) async fn expanded_list(
    place: &Place,
    mut page: Page,
    ground: Ground,
    archive: Archive,
) -> Result<Response, Failure> {
    try_evidence(&ground, &archive).await?;
    let rows = std::mem::take(&mut page.value);
    let empty = collection(&place.context(WHAT), page, &place.address(), &place.query, |row| row);
    // Without rows it ends with the empty list.
    let around = serde_json::to_string(&empty).unwrap_or_default();
    let head = around.trim_end_matches("]}").to_owned();
    Ok(json_of(streamed(|pieces| async move {
        pieces.send(head).await?;
        for (at, row) in rows.into_iter().enumerate() {
            if at > 0 {
                pieces.send(",".to_owned()).await?;
            }
            send(&pieces, row, &ground, &archive).await?;
        }
        pieces.send("]}".to_owned()).await
    })))
}

/// One recommendation with its objects.
///
/// # Errors
/// When the evidence can't be read.
pub(super) async fn expanded(place: &Place, row: Value, ground: Ground, archive: Archive) -> Result<Response, Failure> {
    try_evidence(&ground, &archive).await?;
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), format!("{}/$entity", place.context(WHAT)).into());
    if let Value::Object(members) = row {
        body.extend(members);
    }
    Ok(json_of(streamed(|pieces| async move { send(&pieces, Value::Object(body), &ground, &archive).await })))
}

/// A file that is missing or damaged is told while there still is a status to tell it with.
async fn try_evidence(ground: &Ground, archive: &Archive) -> Result<(), Failure> {
    archive.evidence(&ground.newest, "", "").await?;
    Ok(())
}

fn json_of(body: axum::body::Body) -> Response {
    ([(CONTENT_TYPE, JSON)], body).into_response()
}

/// Sends a row, with the objects of the control whose id stands in their place as its last member.
async fn send(pieces: &Pieces, mut row: Value, ground: &Ground, archive: &Archive) -> Result<(), Broken> {
    let id = row.as_object_mut().and_then(|members| members.remove(RESOURCES));
    let kept = id.as_ref().and_then(Value::as_str).and_then(|id| ground.newest.control(id));
    let Some(kept) = kept else { return pieces.send(row.to_string()).await };
    let mut text = row.to_string();
    text.pop();
    if text.len() > 1 {
        text.push(',');
    }
    pieces.send(format!("{text}\"{RESOURCES}\":[")).await?;
    let found = archive.evidence(&ground.newest, &kept.id, "").await?;
    for chunk in chunks(found.found()) {
        let (before, rows) = (chunk.start, archive.rows(&found, chunk).await?);
        let texts: Vec<String> = ground.rows(kept, before, &rows).map(|row| row.to_string()).collect();
        let comma = if before > 0 { "," } else { "" };
        pieces.send(format!("{comma}{}", texts.join(","))).await?;
    }
    pieces.send("]}".to_owned()).await
}
