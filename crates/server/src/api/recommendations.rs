//! `/beta/directory/recommendations`: every action that applies to the tenant, and four verbs.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use idscore_history::KeptControl;
use idscore_history::instants::{DAY, micros};
use idscore_score::Outcome;
use idscore_store::{RecommendationStatus, RecommendationUpdate, now};
use serde_json::{Map, Value};

use super::access::{Caller, Scope};
use super::answer::{Place, body as read_body, list as answer_list, object, query};
use super::impacted_resources;
use super::odata::{IMPACTED_RESOURCE, Query, RECOMMENDATION, apply};
use super::recommendation::{Ground, PAGE, RESOURCES, WHAT, find};
use super::segments::Segments;
use crate::failure::Failure;
use crate::state::Service;

/// The longest that Microsoft's portal lets an action wait.
const YEAR: i64 = 366 * DAY;

/// What applies to the tenant.
pub(crate) async fn list(caller: Caller, place: Place, State(service): State<Service>) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsRead)?;
    let query = query(&place, &RECOMMENDATION)?;
    let ground = Ground::read(&service, &caller).await?;
    let applies = |control: &&KeptControl| control.outcome != Outcome::NotApplicable;
    let rows = ground.iter().flat_map(|ground| {
        let controls = ground.newest.controls.iter().filter(applies);
        controls.map(|control| ground.recommendation(control, &query))
    });
    let page = apply(&query, rows, place.page_size(PAGE));
    match ground {
        Some(ground) if query.expands(RESOURCES) => {
            impacted_resources::expanded_list(&place, page, ground, service.archive).await
        }
        _ => Ok(answer_list(&place, WHAT, page)),
    }
}

/// One recommendation by its id, `{tenant}_{control}`.
pub(crate) async fn one(
    caller: Caller,
    place: Place,
    Segments(id): Segments<String>,
    State(service): State<Service>,
) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsRead)?;
    let query = query(&place, &RECOMMENDATION)?;
    shown(&service, &caller, &place, &query, &id).await
}

/// A recommendation as it is now.
async fn shown(
    service: &Service,
    caller: &Caller,
    place: &Place,
    query: &Query,
    id: &str,
) -> Result<Response, Failure> {
    let (ground, control) = find(service, caller, id).await?;
    let row = ground.recommendation(&control, query);
    if query.expands(RESOURCES) {
        return impacted_resources::expanded(place, query.shape(row), ground, service.archive.clone()).await;
    }
    Ok(object(place, WHAT, query, row))
}

/// What can be said about a recommendation or a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verb {
    Dismiss,
    Postpone,
    Complete,
    Reactivate,
}

/// Each has a route of its own, so that another word is a path that is not there.
pub(crate) const VERBS: [Verb; 4] = [Verb::Dismiss, Verb::Postpone, Verb::Complete, Verb::Reactivate];

impl Verb {
    /// The last segment of its path.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Dismiss => "dismiss",
            Self::Postpone => "postpone",
            Self::Complete => "complete",
            Self::Reactivate => "reactivate",
        }
    }

    /// The member of the body that it needs.
    const fn needs(self) -> Option<&'static str> {
        match self {
            Self::Dismiss => Some("dismissReason"),
            Self::Postpone => Some("postponeUntilDateTime"),
            Self::Complete | Self::Reactivate => None,
        }
    }
}

/// A verb of a recommendation; 200 with the recommendation.
pub(crate) fn verb(verb: Verb) -> MethodRouter<Service> {
    post(move |caller: Caller, place: Place, id: Segments<String>, service: State<Service>, body: Bytes| {
        act(verb, caller, place, id, service, body)
    })
}

/// The same verb of one object.
pub(crate) fn verb_of_resource(verb: Verb) -> MethodRouter<Service> {
    post(move |caller: Caller, place: Place, ids: Segments<(String, String)>, service: State<Service>, body: Bytes| {
        act_on_resource(verb, caller, place, ids, service, body)
    })
}

async fn act(
    verb: Verb,
    caller: Caller,
    place: Place,
    Segments(id): Segments<String>,
    State(service): State<Service>,
    body: Bytes,
) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsReadWrite)?;
    let query = query(&place, &RECOMMENDATION)?;
    find(&service, &caller, &id).await?;
    write(&service, &caller, &id, "", verb, &body).await?;
    shown(&service, &caller, &place, &query, &id).await
}

async fn act_on_resource(
    verb: Verb,
    caller: Caller,
    place: Place,
    Segments((id, resource)): Segments<(String, String)>,
    State(service): State<Service>,
    body: Bytes,
) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsReadWrite)?;
    let query = query(&place, &IMPACTED_RESOURCE)?;
    let (ground, control) = find(&service, &caller, &id).await?;
    ground.resource(&service.archive, &control, &resource).await?;
    write(&service, &caller, &id, &resource, verb, &body).await?;
    let (ground, control) = find(&service, &caller, &id).await?;
    let row = ground.resource(&service.archive, &control, &resource).await?;
    Ok(object(&place, &format!("{WHAT}('{id}')/impactedResources"), &query, row))
}

/// Writes what a verb says.
async fn write(
    service: &Service,
    caller: &Caller,
    id: &str,
    resource: &str,
    verb: Verb,
    body: &Bytes,
) -> Result<(), Failure> {
    let at = now();
    let members: Map<String, Value> = if body.is_empty() { Map::new() } else { read_body(body)? };
    // Names with `@` are annotations, which a service may leave unread.
    if let Some(other) = members.keys().find(|name| !name.contains('@') && verb.needs() != Some(name.as_str())) {
        let name: String = other.chars().take(80).collect();
        return Err(Failure::Bad(format!("The action '{}' has no parameter '{name}'.", verb.name())));
    }
    let said = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let (status, reason, until) = match verb {
        Verb::Dismiss => {
            let reason = said("dismissReason").filter(|reason| !reason.trim().is_empty());
            let reason = reason.ok_or_else(|| Failure::Bad("dismissReason is required.".to_owned()))?;
            (RecommendationStatus::Dismissed, reason, None)
        }
        Verb::Postpone => {
            let until = said("postponeUntilDateTime").and_then(|instant| micros(&instant));
            let until = until.ok_or_else(|| Failure::Bad("postponeUntilDateTime is required.".to_owned()))?;
            if until <= at || until > at + YEAR {
                return Err(Failure::Bad("postponeUntilDateTime must lie within the next year.".to_owned()));
            }
            (RecommendationStatus::Postponed, String::new(), Some(until))
        }
        Verb::Complete => (RecommendationStatus::CompletedByUser, String::new(), None),
        Verb::Reactivate => (RecommendationStatus::Active, String::new(), None),
    };
    let update = RecommendationUpdate {
        recommendation_id: id.to_owned(),
        resource_id: resource.to_owned(),
        status,
        reason,
        until,
        updated_by: caller.actor().name().to_owned(),
        updated_at: at,
    };
    Ok(service.archive.history.update_recommendation(&caller.actor(), caller.tenant_id(), &update).await?)
}
