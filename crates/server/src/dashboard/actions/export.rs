//! What the list shows as a file: CSV for spreadsheets, JSON for programs.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use idscore_output_encoding::csv_line;
use idscore_words as words;
use idscore_words::texts::Texts;
use serde_json::{Value, json};

use super::super::failure::PageFailure;
use super::super::visitor::{Asked, AtTenant};
use super::columns::{Column, level_word, license};
use super::list::{Listed, Plan};
use super::query::Query;
use crate::state::Service;

/// `GET /tenants/{tenant}/actions.csv`: every action that the address asks for, with everything about it.
pub(in super::super) async fn csv(
    at: AtTenant,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let plan = Plan::read(&service, &at.tenant.id).await?.ok_or(PageFailure::NotFound)?;
    let t = Texts::english();
    let columns: Vec<Column> = std::iter::once(Column::Title).chain(Column::CHOICE).collect();
    let mut heads = vec!["id".to_owned()];
    heads.extend(columns.iter().map(|column| column.word().to_owned()));
    heads.extend(
        ["maxPoints", "withoutMethod", "unknown", "licenseOwned", "expires", "note", "scoreAtLeast", "scoreAtMost"]
            .map(str::to_owned),
    );
    let mut lines = vec![heads];
    for listed in plan.shown(&query.cleaned()) {
        let (action, control) = (&listed.action, listed.action.control);
        let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut line = vec![control.id.clone()];
        line.extend(columns.iter().map(|column| match column {
            Column::Points => number(control.score),
            Column::Impact => number(control.max_score.map(|_| action.impact_percent)),
            Column::Win => number(control.max_score.map(|_| action.to_win)),
            Column::People => action.open.map(|open| open.to_string()).unwrap_or_default(),
            Column::Regressed => number(listed.lost),
            Column::Outcome => words::outcome_key(control.outcome).to_owned(),
            Column::Status => words::status_key(action.status).to_owned(),
            Column::License => license(&listed).unwrap_or_default(),
            Column::Owner => action.decided.owner.clone(),
            Column::Due => action.decided.due.map(|due| due.to_string()).unwrap_or_default(),
            Column::Tags => action.decided.tags.join(", "),
            Column::Frameworks => listed.frameworks().join(", "),
            _ => column.cell(t, &listed).text,
        }));
        line.extend([
            number(control.max_score),
            control.without_method.map(|count| count.to_string()).unwrap_or_default(),
            control.unknown.to_string(),
            action.license_owned.map(|owned| owned.to_string()).unwrap_or_default(),
            action.decided.expires.map(|day| day.to_string()).unwrap_or_default(),
            action.decided.note.clone(),
            number(control.score_at_least),
            number(control.score_at_most),
        ]);
        lines.push(line);
    }
    let text: String = lines.iter().map(|line| csv_line(line)).collect();
    Ok((headers("text/csv; charset=utf-8", "actions.csv"), text).into_response())
}

/// `GET /tenants/{tenant}/actions.json`
pub(in super::super) async fn json(
    at: AtTenant,
    Asked(query): Asked<Query>,
    State(service): State<Service>,
) -> Result<Response, PageFailure> {
    let plan = Plan::read(&service, &at.tenant.id).await?.ok_or(PageFailure::NotFound)?;
    let shown = plan.shown(&query.cleaned());
    let together = plan.together(&shown);
    let value: Vec<Value> = shown.iter().map(member).collect();
    let body = json!({
        "tenantId": at.tenant.id,
        "assessmentId": plan.newest.id,
        "count": value.len(),
        "total": plan.newest.controls.len(),
        "toWin": {
            "core": together.core, "corePercent": together.core_percent,
            "extended": together.extended, "extendedPercent": together.extended_percent,
        },
        "value": value,
    });
    Ok((headers("application/json", "actions.json"), Json(body)).into_response())
}

fn member(listed: &Listed<'_>) -> Value {
    let (action, control) = (&listed.action, listed.action.control);
    json!({
        "id": control.id,
        "set": control.set,
        "title": control.title,
        "area": listed.area(),
        "outcome": control.outcome,
        "status": action.status,
        "score": control.score,
        "maxScore": control.max_score,
        "scoreAtLeast": control.score_at_least,
        "scoreAtMost": control.score_at_most,
        "impactPercent": control.max_score.map(|_| action.impact_percent),
        "toWin": control.max_score.map(|_| action.to_win),
        "toWinPercent": control.max_score.map(|_| action.to_win_percent),
        "count": control.count,
        "total": control.total,
        "unknown": control.unknown,
        "open": action.open,
        "withoutMethod": control.without_method,
        "effort": listed.effort().map(level_word),
        "userImpact": listed.user_impact().map(level_word),
        "license": license(listed),
        "licenseOwned": action.license_owned,
        "lostSinceLastData": listed.lost,
        "owner": action.decided.owner,
        "due": action.decided.due,
        "overdue": action.overdue,
        "tags": action.decided.tags,
        "note": action.decided.note,
        "expires": action.decided.expires,
        "frameworks": listed.frameworks(),
        "missing": control.missing,
    })
}

fn headers(kind: &'static str, name: &str) -> [(HeaderName, String); 2] {
    [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))]
}
