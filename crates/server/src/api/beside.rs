//! Assessments beside others: an earlier one of the same tenant, and other tenants. The command line says the same.

use axum::Json;
use axum::extract::State;
use axum::routing::get;
use idscore_history::comparison::Comparison;
use idscore_history::difference::Difference;
use serde::Deserialize;

use super::Route;
use super::access::{Caller, Scope};
use super::own::{Asked, Range, options, own};
use super::segments::Segments;
use crate::failure::Failure;
use crate::state::Service;

pub(super) fn routes() -> Vec<Route> {
    let of_tenant = |rest: &str| format!("/api/v1/tenants/{{tenant}}{rest}");
    vec![(of_tenant("/compare"), get(compare)), (of_tenant("/diff"), get(diff))]
}

async fn compare(
    caller: Caller,
    Segments(tenant): Segments<String>,
    asked: Asked<Range>,
    State(service): State<Service>,
) -> Result<Json<Comparison>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let (from, to) = options(asked)?.days();
    Ok(Json(service.archive.history.comparison(&tenant, from, to).await?))
}

/// The two assessments: each a day, an instant or an id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Between {
    from: String,
    to: String,
}

async fn diff(
    caller: Caller,
    Segments(tenant): Segments<String>,
    asked: Asked<Between>,
    State(service): State<Service>,
) -> Result<Json<Difference>, Failure> {
    own(&caller, &tenant, Scope::SecurityEventsRead)?;
    let Between { from, to } = options(asked)?;
    let found = service.archive.difference_between(&tenant, &from, &to, &service.catalogue).await?;
    Ok(Json(found.difference))
}
