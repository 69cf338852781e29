//! `GET /security/secureScores`: the newest assessment of each day, with the core controls and their points.

use std::num::NonZeroUsize;

use axum::extract::State;
use axum::response::Response;
use idscore_catalogue::Catalogue;
use idscore_history::instants::{date_of, rfc3339};
use idscore_history::{CoreControl, CoreDay, PeerAverage};
use idscore_score::{Outcome, Scoring};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::access::{Caller, Scope};
use super::answer::{Place, list as answer_list, list_of, object, query};
use super::odata::{Query, SECURE_SCORE, TENANT_SECURE_SCORE, apply};
use super::segments::Segments;
use crate::failure::Failure;
use crate::state::Service;

const WHAT: &str = "security/secureScores";
const CONTROL_SCORES: &str = "controlScores";
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
    let of_day = |kept| secure_score(caller.tenant_id(), kept, &averages);
    let controls = |kept| control_scores(kept, &service.catalogue);
    if !query.passes_on(CONTROL_SCORES) {
        let rows = days.iter().map(|kept| with(of_day(kept), json!(controls(kept))));
        return Ok(answer_list(&place, WHAT, apply(&query, rows, page)));
    }
    // Most of an answer are controls. They are written as they are, in place of the number of their day.
    let rows = days.iter().zip(0_u64..).map(|(kept, number)| with(of_day(kept), number.into()));
    let page = apply(&query, rows, page);
    Ok(list_of(&place, WHAT, page, |row| Row { row, controls: |number| days.get(number).map(controls) }))
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
        WHAT,
        &query,
        with(secure_score(caller.tenant_id(), kept, &averages), json!(control_scores(kept, &service.catalogue))),
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

/// A day without its controls.
fn secure_score(tenant_id: &str, kept: &CoreDay, averages: &[PeerAverage]) -> Value {
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
        "vendorInformation": vendor(),
        "identityScore": kept.current_score,
        "identityScoreMax": kept.max_score,
    })
}

/// A day with its controls, or with what stands for them.
fn with(mut day: Value, controls: Value) -> Value {
    if let Some(members) = day.as_object_mut() {
        members.insert(CONTROL_SCORES.to_owned(), controls);
    }
    day
}

/// A day of an answer: where a number stands for its controls, they are written.
struct Row<F> {
    row: Value,
    controls: F,
}

impl<'a, F: Fn(usize) -> Option<Vec<ControlScore<'a>>>> Serialize for Row<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Value::Object(members) = &self.row else { return self.row.serialize(serializer) };
        let mut map = serializer.serialize_map(Some(members.len()))?;
        for (name, value) in members {
            let number = value.as_u64().filter(|_| name == CONTROL_SCORES).and_then(|number| number.try_into().ok());
            match number.and_then(|number| (self.controls)(number)) {
                Some(controls) => map.serialize_entry(name, &controls)?,
                None => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
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

/// `controlScore` of Graph. Counts are texts and `on` is a text, as Microsoft sends them; our own API has them as numbers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ControlScore<'a> {
    control_category: &'static str,
    control_name: &'a str,
    description: &'a str,
    score: f64,
    score_in_percentage: f64,
    implementation_status: String,
    last_synced: String,
    count: String,
    total: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<&'static str>,
}

/// The core controls that have a score.
fn control_scores<'a>(kept: &'a CoreDay, catalogue: &Catalogue) -> Vec<ControlScore<'a>> {
    let last_synced = rfc3339(kept.taken_at);
    let of = |control: &'a CoreControl| {
        let (score, max) = (control.score?, control.max_score.unwrap_or_default());
        let percentage = if max > 0.0 { 100.0 * score / max } else { 0.0 };
        let binary = catalogue.control(&control.id).is_some_and(|control| control.scoring == Scoring::Binary);
        Some(ControlScore {
            control_category: "Identity",
            control_name: &control.id,
            description: &control.title,
            score,
            score_in_percentage: (percentage * 100.0).round() / 100.0,
            implementation_status: implementation_status(control),
            last_synced: last_synced.clone(),
            count: control.count.to_string(),
            total: control.total.to_string(),
            on: binary.then_some(if control.outcome == Outcome::Met { "true" } else { "false" }),
        })
    };
    kept.controls.iter().filter_map(of).collect()
}

fn implementation_status(control: &CoreControl) -> String {
    let unknown =
        if control.unknown > 0 { format!(", and {} could not be judged", control.unknown) } else { String::new() };
    format!("{} of {} meet the rule{unknown}.", control.count, control.total)
}
