//! `/api/v1/tenants/{tenant}`: what Microsoft Graph has no shape for, with numbers as numbers.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query as Options, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use idscore_history::instants::{date_of, day_of, day_of_date, micros, rfc3339};
use idscore_history::{ActionChange, Attestation, Cause, Effect, KeptAssessment, Review, SetNumbers, TrendPoint};
use idscore_store::now;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Route;
use super::access::{Caller, Scope};
use super::answer::body;
use super::segments::Segments;
use crate::failure::Failure;
use crate::state::Service;

/// Rows of evidence on a page, unless asked otherwise, and at most.
const ROWS: usize = 100;
const MAX_ROWS: usize = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let routes = [
        ("", get(tenant)),
        ("/trend", get(trend)),
        ("/assessments/{assessment}", get(assessment)),
        ("/controls/{control}/evidence", get(evidence)),
        ("/actions", get(actions).patch(change_actions)),
        ("/actions/effect", post(effect)),
        ("/reviews", get(reviews).post(record_review)),
        ("/attestations", get(attestations).post(attest)),
        ("/audit", get(audit)),
    ];
    routes.into_iter().map(|(rest, methods)| (format!("/api/v1/tenants/{{tenant}}{rest}"), methods)).collect()
}

/// A token opens its own tenant; that others exist is not said.
pub(super) fn own(caller: &Caller, tenant: &str, scope: Scope) -> Result<(), Failure> {
    if caller.tenant_id() != tenant {
        return Err(Failure::NotFound(tenant.to_owned()));
    }
    caller.may(scope)
}

async fn tenant(
    caller: Caller,
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let known = service.archive.history.tenant(&tenant).await?;
    let newest = service.archive.history.newest(&tenant).await?;
    Ok(Json(json!({"tenant": known, "newest": newest.as_ref().map(shown)})))
}

/// An assessment with instants as texts; counts are numbers.
pub(super) fn shown(kept: &KeptAssessment) -> Value {
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

/// An object whose instant is a text; the history counts microseconds.
fn dated(mut object: Value, member: &str) -> Value {
    if let Some(instant) = object.get_mut(member)
        && let Some(micros) = instant.as_i64()
    {
        *instant = rfc3339(micros).into();
    }
    object
}

/// What changes do: the numbers before and after, none where nothing was assessed yet.
fn shown_effect(effect: &Effect) -> Value {
    let both = |numbers: &Option<(SetNumbers, SetNumbers)>| {
        numbers.as_ref().map(|(before, after)| json!({"before": before, "after": after}))
    };
    // What is only shown was never written, so it has no instant.
    let changed = effect.changed.iter().map(|action| {
        let mut shown = dated(json!(action), "updatedAt");
        if let (0, Some(members)) = (action.updated_at, shown.as_object_mut()) {
            members.insert("updatedAt".to_owned(), Value::Null);
        }
        shown
    });
    json!({"changed": changed.collect::<Vec<_>>(), "core": both(&effect.core), "extended": both(&effect.extended)})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    from: Option<Date>,
    to: Option<Date>,
}

impl Range {
    pub(super) fn days(&self) -> (i64, i64) {
        (self.from.map_or(0, day_of_date), self.to.map_or(1_000_000, day_of_date))
    }
}

pub(super) fn options<T>(options: Result<Options<T>, axum::extract::rejection::QueryRejection>) -> Result<T, Failure> {
    options.map(|Options(options)| options).map_err(|error| Failure::Bad(error.body_text()))
}

pub(super) type Asked<T> = Result<Options<T>, axum::extract::rejection::QueryRejection>;

async fn trend(
    caller: Caller,
    Segments(tenant): Segments<String>,
    asked: Asked<Range>,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let (from, to) = options(asked)?.days();
    let points = service.archive.history.trend(&tenant, from, to).await?;
    let value: Vec<_> = points.iter().map(TrendDay::of).collect();
    Ok(Json(Collection { value }).into_response())
}

/// A list under the name that Graph gives it.
#[derive(Serialize)]
struct Collection<T> {
    value: Vec<T>,
}

/// A point of the trend with its day and instant as texts. A year of them is too long to go through [`Value`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TrendDay<'a> {
    id: &'a str,
    day: Option<Date>,
    assessed_at: String,
    cause: Cause,
    catalogue_version: &'a str,
    config_hash: &'a str,
    core: &'a SetNumbers,
    extended: &'a SetNumbers,
}

impl<'a> TrendDay<'a> {
    fn of(point: &'a TrendPoint) -> Self {
        Self {
            id: &point.id,
            day: date_of(point.day),
            assessed_at: rfc3339(point.assessed_at),
            cause: point.cause,
            catalogue_version: &point.catalogue_version,
            config_hash: &point.config_hash,
            core: &point.core,
            extended: &point.extended,
        }
    }
}

async fn assessment(
    caller: Caller,
    Segments((tenant, id)): Segments<(String, String)>,
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
    Segments((tenant, control)): Segments<(String, String)>,
    asked: Asked<EvidencePage>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let page = options(asked)?;
    let history = &service.archive.history;
    let (skip, top) = (page.skip.unwrap_or(0), page.top.unwrap_or(ROWS));
    if top > MAX_ROWS || i64::try_from(skip).is_err() {
        return Err(Failure::Bad(format!("top must be at most {MAX_ROWS}, and skip a number of rows.")));
    }
    let kept = match &page.assessment {
        Some(id) => history.assessment(&tenant, id).await?,
        None => history.newest(&tenant).await?.ok_or_else(|| Failure::NotFound(control.clone()))?,
    };
    if kept.control(&control).is_none() {
        return Err(Failure::NotFound(control));
    }
    let found = service.archive.evidence(&kept, &control, "").await?;
    let rows = service.archive.rows(&found, skip..skip.saturating_add(top)).await?;
    Ok(Json(json!({"controlId": control, "count": found.found(), "rows": rows})))
}

async fn actions(
    caller: Caller,
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let actions = service.archive.history.actions(&tenant).await?;
    Ok(Json(json!({"value": actions.values().map(|action| dated(json!(action), "updatedAt")).collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    actions: Vec<ActionChange>,
}

fn changes(bytes: &Bytes) -> Result<Changes, Failure> {
    let changes: Changes = body(bytes)?;
    if changes.actions.iter().any(|change| change.control_id.is_empty()) {
        return Err(Failure::Bad("The body is not valid: every action needs a controlId.".to_owned()));
    }
    Ok(changes)
}

async fn change_actions(
    caller: Caller,
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let changes = changes(&bytes)?;
    let effect = service.archive.history.update_actions(&caller.actor(), &tenant, &changes.actions, now()).await?;
    Ok(Json(shown_effect(&effect)))
}

async fn effect(
    caller: Caller,
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let changes = changes(&bytes)?;
    Ok(Json(shown_effect(&service.archive.history.effect(&tenant, &changes.actions, now()).await?)))
}

async fn reviews(
    caller: Caller,
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let reviews = service.archive.history.reviews(&tenant).await?;
    Ok(Json(json!({"value": reviews.iter().map(|review| dated(json!(review), "reviewedAt")).collect::<Vec<_>>()})))
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
    Segments(tenant): Segments<String>,
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
    Ok((StatusCode::CREATED, Json(dated(json!(review), "reviewedAt"))).into_response())
}

async fn attestations(
    caller: Caller,
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let attestations = service.archive.history.attestations(&tenant).await?;
    let shown = attestations.iter().map(|attestation| dated(json!(attestation), "recordedAt"));
    Ok(Json(json!({"value": shown.collect::<Vec<_>>()})))
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
    Segments(tenant): Segments<String>,
    State(service): State<Service>,
    bytes: Bytes,
) -> Result<Response, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let new: NewAttestation = body(&bytes)?;
    if service.catalogue.control(&new.control_id).is_none() {
        return Err(Failure::NotFound(new.control_id));
    }
    let at = now();
    if day_of_date(new.expires) < day_of(at) {
        return Err(Failure::Bad(format!("The attestation would have ended on {} already.", new.expires)));
    }
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
    Ok((StatusCode::CREATED, Json(dated(json!(attestation), "recordedAt"))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditPage {
    after: Option<i64>,
    top: Option<i64>,
}

async fn audit(
    caller: Caller,
    Segments(tenant): Segments<String>,
    asked: Asked<AuditPage>,
    State(service): State<Service>,
) -> Result<Json<Value>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsReadWrite)?;
    let page = options(asked)?;
    let (after, top) = (page.after.unwrap_or(0), page.top.unwrap_or(100));
    if !(1..=1_000).contains(&top) || after < 0 {
        return Err(Failure::Bad("top must be from 1 to 1000, and after not negative.".to_owned()));
    }
    let entries = service.archive.history.audit(Some(&tenant), after, top).await?;
    Ok(Json(json!({"value": entries.iter().map(|entry| dated(json!(entry), "at")).collect::<Vec<_>>()})))
}
