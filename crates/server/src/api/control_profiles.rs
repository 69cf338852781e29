//! `GET` and `PATCH /security/secureScoreControlProfiles`: what every control asks, and what was decided about it.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Control, ControlStatus, Level};
use idscore_history::instants::{DAY, date_of, day_of, rfc3339};
use idscore_history::{ActionChange, ActionState, needs_approval};
use idscore_score::Scoring;
use idscore_store::now;
use serde_json::{Map, Value, json};

use super::access::{Caller, Scope};
use super::answer::{Place, body as read_body, list as answer_list, object, preferences, query};
use super::odata::{SECURE_SCORE_CONTROL_PROFILE, apply};
use super::secure_scores::vendor;
use super::segments::Segments;
use super::states;
use crate::failure::Failure;
use crate::state::Service;

/// Profiles on a page.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99);
const WHAT: &str = "security/secureScoreControlProfiles";
/// How long a decision counts that says no end itself: Graph's PATCH has no member for one.
const YEAR: i64 = 365 * DAY;

/// Every control of the catalogue.
pub(crate) async fn list(caller: Caller, place: Place, State(service): State<Service>) -> Result<Response, Failure> {
    caller.may(Scope::SecurityEventsRead)?;
    let query = query(&place, &SECURE_SCORE_CONTROL_PROFILE)?;
    let updates = updates(&service, caller.tenant_id()).await?;
    let ranks = ranks(&service.catalogue);
    let rows = service.catalogue.controls.iter().map(|control| {
        let updates = updates.get(&control.id).map(Vec::as_slice).unwrap_or_default();
        profile(control, &service.catalogue, caller.tenant_id(), updates, ranks.get(&*control.id).copied())
    });
    Ok(answer_list(&place, WHAT, apply(&query, rows, place.page_size(PAGE))))
}

/// One control by its id.
pub(crate) async fn one(
    caller: Caller,
    place: Place,
    Segments(id): Segments<String>,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    caller.may(Scope::SecurityEventsRead)?;
    let query = query(&place, &SECURE_SCORE_CONTROL_PROFILE)?;
    Ok(object(&place, WHAT, &query, read(&service, &caller, &id).await?))
}

/// Changes what is decided: 204, or 200 with the profile where the client prefers it.
pub(crate) async fn change(
    caller: Caller,
    place: Place,
    Segments(id): Segments<String>,
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    caller.may(Scope::SecurityEventsReadWrite)?;
    let query = query(&place, &SECURE_SCORE_CONTROL_PROFILE)?;
    if service.catalogue.control(&id).is_none() {
        return Err(Failure::NotFound(id));
    }
    let body: Map<String, Value> = read_body(&body)?;
    let at = now();
    let change = change_of(&id, &body, &caller, at)?;
    service.archive.history.update_actions(&caller.actor(), caller.tenant_id(), &[change], at).await?;
    if !preferences(&headers).any(|preference| preference.eq_ignore_ascii_case("return=representation")) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let mut response = object(&place, WHAT, &query, read(&service, &caller, &id).await?);
    let applied = HeaderValue::from_static("return=representation");
    response.headers_mut().insert(HeaderName::from_static("preference-applied"), applied);
    Ok(response)
}

async fn read(service: &Service, caller: &Caller, id: &str) -> Result<Value, Failure> {
    let control = service.catalogue.control(id).ok_or_else(|| Failure::NotFound(id.to_owned()))?;
    let updates = service.archive.history.action_history(caller.tenant_id(), id).await?;
    let rank = ranks(&service.catalogue).get(id).copied();
    Ok(profile(control, &service.catalogue, caller.tenant_id(), &updates, rank))
}

async fn updates(service: &Service, tenant_id: &str) -> Result<BTreeMap<String, Vec<ActionState>>, Failure> {
    let mut by_control: BTreeMap<String, Vec<ActionState>> = BTreeMap::new();
    for update in service.archive.history.all_action_history(tenant_id).await? {
        by_control.entry(update.control_id.clone()).or_default().push(update);
    }
    Ok(by_control)
}

/// Controls worth most come first.
fn ranks(catalogue: &Catalogue) -> BTreeMap<&str, i32> {
    let mut controls: Vec<&Control> = catalogue.controls.iter().collect();
    controls.sort_by(|one, other| (one.set, &other.points, &one.id).cmp(&(other.set, &one.points, &other.id)));
    controls.iter().zip(1..).map(|(control, rank)| (control.id.as_str(), rank)).collect()
}

/// The members of a PATCH: flat as documented, or the newest entry of `controlStateUpdates` as typed clients send it.
fn change_of(id: &str, body: &Map<String, Value>, caller: &Caller, at: i64) -> Result<ActionChange, Failure> {
    let vendor = body.get("vendorInformation").and_then(Value::as_object);
    let named = |name: &str| vendor.and_then(|vendor| vendor.get(name)).and_then(Value::as_str).is_some();
    if !named("provider") || !named("vendor") {
        return Err(Failure::Bad("vendorInformation with provider and vendor is required.".to_owned()));
    }
    let newest = match body.get("controlStateUpdates") {
        Some(Value::Array(updates)) => updates.last().and_then(Value::as_object),
        Some(Value::Null) | None => None,
        Some(_) => return Err(Failure::Bad("controlStateUpdates must be a collection.".to_owned())),
    };
    let said = |name: &str| match body.get(name).or_else(|| newest.and_then(|newest| newest.get(name))) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= 4_000 => Ok(Some(text.clone())),
        Some(_) => Err(Failure::Bad(format!("{name} must be a string of at most 4,000 characters."))),
    };
    let state = said("state")?;
    let status = match &state {
        None => None,
        Some(state) => Some(states::status(state).ok_or_else(|| {
            Failure::Bad("state must be Default, Ignored, ThirdParty, Reviewed or Planned.".to_owned())
        })?),
    };
    let comment = said("comment")?;
    let mut change = ActionChange {
        control_id: id.to_owned(),
        status,
        owner: said("assignedTo")?,
        note: comment.clone(),
        ..ActionChange::default()
    };
    if status.is_some_and(needs_approval) {
        // Whoever may write approves; the reason is what they say.
        change.approver = Some(caller.actor().name().to_owned());
        change.reason =
            Some(comment.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "set through the API".to_owned()));
        change.expires = date_of(day_of(at + YEAR));
    }
    Ok(change)
}

fn profile(
    control: &Control,
    catalogue: &Catalogue,
    tenant_id: &str,
    updates: &[ActionState],
    rank: Option<i32>,
) -> Value {
    json!({
        "id": control.id,
        "azureTenantId": tenant_id,
        "title": control.title,
        "actionType": action_type(control.scoring),
        "actionUrl": control.action_url,
        "controlCategory": "Identity",
        "service": control.service,
        "maxScore": control.points.to_f64(),
        "rank": rank,
        "tier": tier(&control.tier),
        "userImpact": level(control.user_impact),
        "implementationCost": level(control.effort),
        "threats": control.threats,
        "deprecated": control.status == ControlStatus::Deprecated,
        "lastModifiedDateTime": updates.last().map(|update| rfc3339(update.updated_at)),
        "remediation": control.fix.trim(),
        "remediationImpact": control.user_impact_text.trim(),
        "complianceInformation": compliance(catalogue, &control.id),
        "controlStateUpdates": states::updates(updates),
        "vendorInformation": vendor(),
    })
}

fn action_type(scoring: Scoring) -> &'static str {
    match scoring {
        Scoring::Task => "Review",
        Scoring::Attested => "Behavior",
        Scoring::Partial | Scoring::Binary | Scoring::Graded => "Config",
    }
}

fn tier(tier: &str) -> &str {
    match tier {
        "core" => "Core",
        "defenseInDepth" => "Defense In Depth",
        "advanced" => "Advanced",
        other => other,
    }
}

pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::None => "None",
        Level::Low => "Low",
        Level::Moderate => "Moderate",
        Level::High => "High",
    }
}

fn compliance(catalogue: &Catalogue, control_id: &str) -> Value {
    let mut certifications: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (framework, section) in catalogue.sections_of(control_id) {
        let name = format!("{} {}", framework.title, framework.version);
        let entry = json!({"name": format!("{} {}", section.id, section.title), "url": framework.url});
        certifications.entry(name).or_default().push(entry);
    }
    let entries = certifications
        .into_iter()
        .map(|(name, controls)| json!({"certificationName": name, "certificationControls": controls}));
    Value::Array(entries.collect())
}
