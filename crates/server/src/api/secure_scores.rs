//! `GET /security/secureScores`: the newest assessment of each day, with the core controls and their points.

use std::num::NonZeroUsize;

use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::Catalogue;
use idscore_history::instants::{date_of, rfc3339};
use idscore_history::{CoreControl, CoreDay, PeerAverage};
use idscore_score::{Outcome, Scoring};
use serde_json::{Value, json};

use super::access::{Caller, Scope};
use super::answer::{Failure, Place, list as answer_list, object, query};
use super::odata::{Query, SECURE_SCORE, TENANT_SECURE_SCORE, apply};
use super::segments::Segments;
use crate::state::Service;

/// Days on a page; also the days that Microsoft keeps.
const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(89);
/// Far enough in every direction.
const ALL_DAYS: (i64, i64) = (0, 1_000_000);

/// The newest assessment of each day, newest first.
pub(crate) async fn list(caller: Caller, place: Place, State(service): State<Service>) -> Result<Response, Failure> {
    caller.may(Scope::SecurityEventsRead)?;
    let query = query(&place, &SECURE_SCORE)?;
    let page = place.page_size(PAGE);
    let days = days(&service, &caller, &query, page).await?;
    let averages = averages(&service, &caller, &days).await?;
    let rows = days.iter().map(|kept| secure_score(caller.tenant_id(), kept, &service.catalogue, &averages));
    Ok(answer_list(&place, "security/secureScores", apply(&query, rows, page)))
}

/// One day by its id, `{tenant}_{yyyy-MM-dd}`.
pub(crate) async fn one(
    caller: Caller,
    place: Place,
    Segments(id): Segments<String>,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    caller.may(Scope::SecurityEventsRead)?;
    let query = query(&place, &SECURE_SCORE)?;
    let day = day_of_id(&id, caller.tenant_id()).ok_or_else(|| Failure::NotFound(id.clone()))?;
    let days = service.archive.history.core_days(caller.tenant_id(), day, day, 1).await?;
    let averages = averages(&service, &caller, &days).await?;
    let kept = days.first().ok_or(Failure::NotFound(id))?;
    Ok(object(
        &place,
        "security/secureScores",
        &query,
        secure_score(caller.tenant_id(), kept, &service.catalogue, &averages),
    ))
}

/// `GET /beta/directory/recommendations/tenantSecureScores`: the identity score of each day in whole points.
pub(crate) async fn tenant_scores(
    caller: Caller,
    place: Place,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsRead)?;
    let query = query(&place, &TENANT_SECURE_SCORE)?;
    let (from, to) = ALL_DAYS;
    let trend = service.archive.history.trend(caller.tenant_id(), from, to).await?;
    let rows = trend.iter().map(|point| {
        json!({
            "createDateTime": midnight(point.day),
            "tenantScore": whole(point.core.current_score),
            "tenantMaxScore": whole(point.core.max_score),
        })
    });
    Ok(answer_list(&place, "directory/recommendations/tenantSecureScores", apply(&query, rows, place.page_size(PAGE))))
}

/// Loads the days that an answer may need.
async fn days(service: &Service, caller: &Caller, query: &Query, page: NonZeroUsize) -> Result<Vec<CoreDay>, Failure> {
    let (mut from, mut to) = ALL_DAYS;
    if let Some(day) = query.equals("id").map(|id| day_of_id(id, caller.tenant_id())) {
        // An id of another tenant, or no id at all, is the id of no day.
        (from, to) = day.map_or((1, 0), |day| (day, day));
    }
    let limit = query.rows_hint(page).and_then(|rows| i64::try_from(rows).ok()).unwrap_or(i64::MAX);
    Ok(service.archive.history.core_days(caller.tenant_id(), from, to, limit).await?)
}

fn day_of_id(id: &str, tenant_id: &str) -> Option<i64> {
    let date = id.strip_prefix(tenant_id)?.strip_prefix('_')?;
    Some(idscore_history::instants::day_of_date(date.parse().ok()?)).filter(|day| *day >= 0)
}

fn date(day: i64) -> String {
    date_of(day).map_or_else(String::new, |date| date.to_string())
}

fn midnight(day: i64) -> String {
    format!("{}T00:00:00Z", date(day))
}

#[expect(clippy::cast_possible_truncation, reason = "points are far below 2^53")]
fn whole(points: f64) -> i64 {
    points.round() as i64
}

/// Microsoft's averages up to the newest of these days.
async fn averages(service: &Service, caller: &Caller, days: &[CoreDay]) -> Result<Vec<PeerAverage>, Failure> {
    let Some(newest) = days.iter().map(|kept| kept.day).max() else { return Ok(Vec::new()) };
    Ok(service.archive.history.peer_averages(caller.tenant_id(), 0, newest).await?)
}

/// What Microsoft last said about others on or before a day; seats are texts, as Microsoft sends them.
fn comparative(averages: &[PeerAverage], day: i64) -> Vec<Value> {
    let before = averages.iter().filter(|average| average.day <= day);
    let newest = before.clone().map(|average| average.day).max();
    let mut scores = Vec::new();
    for average in before.filter(|average| Some(average.day) == newest && average.overall_percent.is_some()) {
        let mut members = serde_json::Map::new();
        members.insert("basis".to_owned(), json!(average.basis));
        let more = [
            ("averageScore", average.overall_percent.map(Value::from)),
            ("identityScore", average.identity_score.map(Value::from)),
            ("identityScoreMax", average.identity_max.map(Value::from)),
            ("SeatSizeRangeLowerValue", average.seats_from.map(|seats| seats.to_string().into())),
            ("SeatSizeRangeUpperValue", average.seats_to.map(|seats| seats.to_string().into())),
        ];
        members.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        scores.push(Value::Object(members));
    }
    scores
}

fn secure_score(tenant_id: &str, kept: &CoreDay, catalogue: &Catalogue, averages: &[PeerAverage]) -> Value {
    let controls = kept.controls.iter().filter(|control| control.score.is_some());
    let controls: Vec<Value> = controls.map(|control| control_score(control, kept, catalogue)).collect();
    json!({
        "id": format!("{}_{}", tenant_id, date(kept.day)),
        "azureTenantId": tenant_id,
        "createdDateTime": midnight(kept.day),
        "currentScore": kept.current_score,
        "maxScore": kept.max_score,
        "activeUserCount": i32::try_from(kept.active_users).unwrap_or(i32::MAX),
        "licensedUserCount": null,
        "enabledServices": enabled_services(kept),
        "averageComparativeScores": comparative(averages, kept.day),
        "controlScores": controls,
        "vendorInformation": vendor(),
        "identityScore": kept.current_score,
        "identityScoreMax": kept.max_score,
    })
}

/// What clients filter Microsoft's secure score by.
pub(crate) fn vendor() -> Value {
    json!({"provider": "SecureScore", "providerVersion": null, "subProvider": null, "vendor": "Microsoft"})
}

fn enabled_services(kept: &CoreDay) -> Vec<&'static str> {
    let owned = |owned: Option<bool>| owned == Some(true);
    let mut services = vec!["HasAADFree"];
    services.extend(owned(kept.has_p1).then_some("HasAADP1"));
    services.extend(owned(kept.has_p2).then_some("HasAADP2"));
    services
}

/// Counts are texts and `on` is a text, as Microsoft sends them; our own API has them as numbers.
fn control_score(control: &CoreControl, kept: &CoreDay, catalogue: &Catalogue) -> Value {
    let (score, max) = (control.score.unwrap_or_default(), control.max_score.unwrap_or_default());
    let percentage = if max > 0.0 { 100.0 * score / max } else { 0.0 };
    let mut value = json!({
        "controlCategory": "Identity",
        "controlName": control.id,
        "description": control.title,
        "score": score,
        "scoreInPercentage": (percentage * 100.0).round() / 100.0,
        "implementationStatus": implementation_status(control),
        "lastSynced": rfc3339(kept.taken_at),
        "count": control.count.to_string(),
        "total": control.total.to_string(),
    });
    let binary = catalogue.control(&control.id).is_some_and(|control| control.scoring == Scoring::Binary);
    if let (true, Some(members)) = (binary, value.as_object_mut()) {
        let on = if control.outcome == Outcome::Met { "true" } else { "false" };
        members.insert("on".to_owned(), on.into());
    }
    value
}

fn implementation_status(control: &CoreControl) -> String {
    let unknown =
        if control.unknown > 0 { format!(", {} could not be judged", control.unknown) } else { String::new() };
    format!("{} of {} meet the rule{unknown}.", control.count, control.total)
}
