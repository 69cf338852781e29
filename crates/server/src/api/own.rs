//! `/api/v1/tenants/{tenant}`: what Microsoft Graph has no shape for, with numbers as numbers.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, Query as Options, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use idscore_history::instants::{date_of, day_of_date, micros, now, rfc3339};
use idscore_history::{ActionChange, Attestation, KeptAssessment, Review, SetNumbers, cohorts_of};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Caller, Scope};
use super::answer::Failure;
use crate::state::Service;

/// Rows of evidence on a page, unless asked otherwise, and at most.
const ROWS: usize = 100;
const MAX_ROWS: usize = 1_000;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/", get(tenant))
        .route("/trend", get(trend))
        .route("/assessments/{assessment}", get(assessment))
        .route("/controls/{control}/evidence", get(evidence))
        .route("/actions", get(actions).patch(change_actions))
        .route("/actions/effect", post(effect))
        .route("/reviews", get(reviews).post(record_review))
        .route("/attestations", get(attestations).post(attest))
        .route("/compare", get(compare))
        .route("/audit", get(audit))
}

/// A token opens its own tenant; that others exist is not said.
fn own(caller: &Caller, tenant: &str, scope: Scope) -> Result<(), Failure> {
    if caller.tenant_id() != tenant {
        return Err(Failure::NotFound(tenant.to_owned()));
    }
    caller.may(scope)
}

async fn tenant(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let known = service.archive.history.tenant(&tenant).await?;
    let newest = service.archive.history.newest(&tenant).await?;
    Ok(Json(json!({"tenant": known, "newest": newest.as_ref().map(shown)})))
}

/// An assessment with instants as texts; counts are numbers.
fn shown(kept: &KeptAssessment) -> Value {
    let controls: Vec<Value> = kept
        .controls
        .iter()
        .map(|control| {
            let mut value = json!(control);
            if let Some(members) = value.as_object_mut() {
                members.remove("judged");
                members.remove("compat");
            }
            value
        })
        .collect();
    json!({
        "id": kept.id,
        "tenantId": kept.tenant_id,
        "assessedAt": rfc3339(kept.assessed_at),
        "takenAt": rfc3339(kept.taken_at),
        "takenAtSource": kept.taken_at_source,
        "cause": kept.cause,
        "profile": kept.profile,
        "catalogueVersion": kept.catalogue_version,
        "configHash": kept.config_hash,
        "core": kept.core,
        "extended": kept.extended,
        "controls": controls,
        "dataSets": kept.details.data_sets,
        "declared": kept.details.declared,
        "warnings": kept.details.warnings,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: Option<Date>,
    to: Option<Date>,
}

impl Range {
    fn days(&self) -> (i64, i64) {
        (self.from.map_or(0, day_of_date), self.to.map_or(1_000_000, day_of_date))
    }
}

fn options<T>(options: Result<Options<T>, axum::extract::rejection::QueryRejection>) -> Result<T, Failure> {
    options.map(|Options(options)| options).map_err(|error| Failure::Bad(error.body_text()))
}

type Asked<T> = Result<Options<T>, axum::extract::rejection::QueryRejection>;

async fn trend(
    caller: Caller,
    Path(tenant): Path<String>,
    asked: Asked<Range>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let (from, to) = options(asked)?.days();
    let points = service.archive.history.trend(&tenant, from, to).await?;
    let shown = points.iter().map(|point| {
        json!({
            "id": point.id, "day": date_of(point.day), "assessedAt": rfc3339(point.assessed_at), "cause": point.cause,
            "catalogueVersion": point.catalogue_version, "configHash": point.config_hash,
            "core": point.core, "extended": point.extended,
        })
    });
    Ok(Json(json!({"value": shown.collect::<Vec<_>>()})))
}

async fn assessment(
    caller: Caller,
    Path((tenant, id)): Path<(String, String)>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    Ok(Json(shown(&service.archive.history.assessment(&tenant, &id).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidencePage {
    assessment: Option<String>,
    skip: Option<usize>,
    top: Option<usize>,
}

async fn evidence(
    caller: Caller,
    Path((tenant, control)): Path<(String, String)>,
    asked: Asked<EvidencePage>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let page = options(asked)?;
    let history = &service.archive.history;
    let kept = match &page.assessment {
        Some(id) => history.assessment(&tenant, id).await?,
        None => history.newest(&tenant).await?.ok_or_else(|| Failure::NotFound(control.clone()))?,
    };
    if kept.control(&control).is_none() {
        return Err(Failure::NotFound(control));
    }
    let archive = service.archive.clone();
    let id = control.clone();
    let rows = tokio::task::spawn_blocking(move || archive.evidence(&kept, &id)).await;
    let rows = rows.map_err(|_| Failure::Bad("The evidence could not be read.".to_owned()))??;
    let shown: Vec<_> = rows.iter().skip(page.skip.unwrap_or(0)).take(page.top.unwrap_or(ROWS).min(MAX_ROWS)).collect();
    Ok(Json(json!({"controlId": control, "count": rows.len(), "rows": shown})))
}

async fn actions(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let actions = service.archive.history.actions(&tenant).await?;
    Ok(Json(json!({"value": actions.into_values().collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    actions: Vec<ActionChange>,
}

fn body<T: serde::de::DeserializeOwned>(bytes: &Bytes) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::Bad(format!("The body is not valid: {error}")))
}

async fn change_actions(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let changes: Changes = body(&bytes)?;
    let effect = service.archive.history.update_actions(&caller.actor(), &tenant, &changes.actions, now()).await?;
    Ok(Json(json!(effect)))
}

async fn effect(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let changes: Changes = body(&bytes)?;
    Ok(Json(json!(service.archive.history.effect(&tenant, &changes.actions, now()).await?)))
}

async fn reviews(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    Ok(Json(json!({"value": service.archive.history.reviews(&tenant).await?})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewReview {
    control_id: String,
    reviewed_at: Option<String>,
    #[serde(default)]
    note: String,
}

async fn record_review(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Response, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let new: NewReview = body(&bytes)?;
    if service.catalogue.control(&new.control_id).is_none() {
        return Err(Failure::NotFound(new.control_id));
    }
    let at = now();
    let reviewed_at = match &new.reviewed_at {
        None => at,
        Some(instant) => micros(instant).ok_or_else(|| Failure::Bad("reviewedAt is no instant.".to_owned()))?,
    };
    let review = Review {
        control_id: new.control_id,
        reviewed_by: caller.actor().name().to_owned(),
        reviewed_at,
        note: new.note,
    };
    service.archive.history.record_review(&caller.actor(), &tenant, &review, at).await?;
    service.archive.history.settle(&tenant, at).await?;
    Ok((StatusCode::CREATED, Json(json!(review))).into_response())
}

async fn attestations(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    Ok(Json(json!({"value": service.archive.history.attestations(&tenant).await?})))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAttestation {
    control_id: String,
    owner: String,
    reason: String,
    expires: Date,
}

async fn attest(
    caller: Caller,
    Path(tenant): Path<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Response, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let new: NewAttestation = body(&bytes)?;
    if service.catalogue.control(&new.control_id).is_none() {
        return Err(Failure::NotFound(new.control_id));
    }
    let at = now();
    let attestation = Attestation {
        control_id: new.control_id,
        owner: new.owner,
        reason: new.reason,
        expires: new.expires,
        recorded_by: caller.actor().name().to_owned(),
        recorded_at: at,
    };
    service.archive.history.attest(&caller.actor(), &tenant, &attestation).await?;
    service.archive.history.settle(&tenant, at).await?;
    Ok((StatusCode::CREATED, Json(json!(attestation))).into_response())
}

async fn compare(
    caller: Caller,
    Path(tenant): Path<String>,
    asked: Asked<Range>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let (from, to) = options(asked)?.days();
    let history = &service.archive.history;
    let known = history.tenant(&tenant).await?;
    let trend = history.trend(&tenant, from, to).await?;
    let own: BTreeMap<i64, SetNumbers> = trend.iter().map(|point| (point.day, point.core)).collect();
    let mut cohorts = Vec::new();
    for cohort in cohorts_of(&known.industry, known.seats) {
        let days = history.cohort_days(&cohort, from, to).await?;
        let days = days.iter().map(|day| {
            let percent = own.range(..=day.day).next_back().map(|(_, numbers)| numbers.compat_percent);
            json!({
                "day": date_of(day.day), "tenants": day.tenants, "p25": day.p25, "median": day.median, "p75": day.p75,
                "own": percent, "percentileRank": percent.and_then(|percent| day.percentile_rank(percent)),
            })
        });
        cohorts.push(json!({"cohort": cohort, "source": "own tenants", "days": days.collect::<Vec<_>>()}));
    }
    Ok(Json(json!({"value": cohorts})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditPage {
    after: Option<i64>,
    top: Option<i64>,
}

async fn audit(
    caller: Caller,
    Path(tenant): Path<String>,
    asked: Asked<AuditPage>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let page = options(asked)?;
    let top = page.top.unwrap_or(100).clamp(1, 1_000);
    let entries = service.archive.history.audit(Some(&tenant), page.after.unwrap_or(0), top).await?;
    Ok(Json(json!({"value": entries})))
}
