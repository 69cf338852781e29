//! The snapshots of a tenant, and the upload of an export, which is read, judged and kept as `idscore score --data` does it.

mod upload;

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use idscore_history::instants::rfc3339;
use idscore_store::KeptSnapshot;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Route;
use super::access::{Caller, Scope};
use super::own::{Asked, options, own};
use super::segments::Segments;
use crate::failure::Failure;
use crate::paths;
use crate::state::Service;

/// Snapshots on a page, unless asked otherwise, and at most.
const SNAPSHOTS: i64 = 20;
const MAX_SNAPSHOTS: i64 = 100;

pub(super) fn routes() -> Vec<Route> {
    vec![(paths::SNAPSHOTS.to_owned(), get(list).post(upload::upload))]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotPage {
    after: Option<String>,
    top: Option<i64>,
}

async fn list(
    caller: Caller,
    Segments(tenant): Segments<String>,
    asked: Asked<SnapshotPage>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let page = options(asked)?;
    let top = page.top.unwrap_or(SNAPSHOTS);
    if !(1..=MAX_SNAPSHOTS).contains(&top) {
        return Err(Failure::Bad(format!("top must be from 1 to {MAX_SNAPSHOTS}.")));
    }
    // PostgreSQL takes no NUL in a text, so no id holds one.
    if let Some(after) = page.after.as_ref().filter(|after| after.contains('\0')) {
        return Err(Failure::NotFound(after.clone()));
    }
    let snapshots = service.archive.snapshots(&tenant, page.after.as_deref(), top).await?;
    Ok(Json(json!({"value": snapshots.iter().map(shown).collect::<Vec<_>>()})))
}

fn shown(kept: &KeptSnapshot) -> Value {
    let data_sets = kept.manifest.as_ref().map(|manifest| {
        let sets = manifest.data_sets.iter();
        sets.map(|set| json!({"name": set.name, "status": set.status, "rows": set.rows})).collect::<Vec<_>>()
    });
    json!({
        "id": kept.id,
        "takenAt": rfc3339(kept.taken_at),
        "takenAtSource": kept.manifest.as_ref().map(|manifest| manifest.taken_at_source),
        "assessments": kept.assessments,
        "dataSets": data_sets,
        "bytes": kept.bytes,
    })
}
