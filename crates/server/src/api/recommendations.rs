//! `/beta/directory/recommendations`: every action that applies to the tenant, the objects it is about, and four verbs.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, post};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Control, ControlStatus};
use idscore_history::instants::{DAY, micros, now, rfc3339};
use idscore_history::{ActionState, KeptAssessment, KeptControl, RecommendationStatus, RecommendationUpdate};
use idscore_score::{License, Outcome, Set, Status};
use serde_json::{Map, Value, json};

use super::access::{Caller, Scope};
use super::answer::{Failure, Place, body as read_body, list as answer_list, object, query};
use super::odata::{IMPACTED_RESOURCE, Query, RECOMMENDATION, apply};
use super::segments::Segments;
use crate::state::Service;

/// Objects of a recommendation at most, the most urgent: all of a large tenant are in the evidence of `/api/v1`.
const RESOURCES: usize = 10_000;

const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99);
const WHAT: &str = "directory/recommendations";
/// The longest that Microsoft's portal lets an action wait.
const YEAR: i64 = 366 * DAY;

/// Everything that recommendations are made of.
struct Ground<'a> {
    catalogue: &'a Catalogue,
    newest: KeptAssessment,
    actions: BTreeMap<String, ActionState>,
    /// By recommendation and resource; the recommendation itself has an empty resource.
    updates: BTreeMap<(String, String), RecommendationUpdate>,
    at: i64,
}

/// What applies to the tenant.
pub(crate) async fn list(caller: Caller, place: Place, State(service): State<Service>) -> Result<Response, Failure> {
    caller.may(Scope::DirectoryRecommendationsRead)?;
    let query = query(&place, &RECOMMENDATION)?;
    let Some(ground) = Ground::read(&service, &caller).await? else {
        return Ok(answer_list(&place, WHAT, apply(&query, [], place.page_size(PAGE))));
    };
    let mut rows = Vec::new();
    for control in ground.newest.controls.iter().filter(|control| control.outcome != Outcome::NotApplicable) {
        rows.push(ground.expanded(&service, control, &query)?);
    }
    Ok(answer_list(&place, WHAT, apply(&query, rows, place.page_size(PAGE))))
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
    let (ground, control) = find(&service, &caller, &id).await?;
    Ok(object(&place, WHAT, &query, ground.expanded(&service, &control, &query)?))
}

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
    let what = format!("{WHAT}('{id}')/impactedResources");
    Ok(answer_list(&place, &what, apply(&query, ground.resources(&service, &control)?, place.page_size(PAGE))))
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
    let row = ground.resource(&service, &control, &resource)?;
    Ok(object(&place, &format!("{WHAT}('{id}')/impactedResources"), &query, row))
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
    let (ground, control) = find(&service, &caller, &id).await?;
    Ok(object(&place, WHAT, &query, ground.expanded(&service, &control, &query)?))
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
    ground.resource(&service, &control, &resource)?;
    write(&service, &caller, &id, &resource, verb, &body).await?;
    let (ground, control) = find(&service, &caller, &id).await?;
    let row = ground.resource(&service, &control, &resource)?;
    Ok(object(&place, &format!("{WHAT}('{id}')/impactedResources"), &query, row))
}

async fn find<'a>(service: &'a Service, caller: &Caller, id: &str) -> Result<(Ground<'a>, KeptControl), Failure> {
    let missing = || Failure::DirectoryNotFound(id.to_owned());
    let nickname = id.strip_prefix(caller.tenant_id()).and_then(|rest| rest.strip_prefix('_')).ok_or_else(missing)?;
    let ground = Ground::read(service, caller).await?.ok_or_else(missing)?;
    let control = ground.newest.control(nickname).cloned();
    let control = control.filter(|control| control.outcome != Outcome::NotApplicable).ok_or_else(missing)?;
    Ok((ground, control))
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

impl<'a> Ground<'a> {
    async fn read(service: &'a Service, caller: &Caller) -> Result<Option<Self>, Failure> {
        let history = &service.archive.history;
        let Some(newest) = history.newest(caller.tenant_id()).await? else { return Ok(None) };
        let actions = history.actions(caller.tenant_id()).await?;
        let updates = history.recommendation_updates(caller.tenant_id()).await?;
        let updates = updates
            .into_iter()
            .map(|update| ((update.recommendation_id.clone(), update.resource_id.clone()), update))
            .collect();
        Ok(Some(Self { catalogue: &service.catalogue, newest, actions, updates, at: now() }))
    }

    fn id(&self, control: &KeptControl) -> String {
        format!("{}_{}", self.newest.tenant_id, control.id)
    }

    /// What somebody said about a recommendation or a resource, while it holds.
    fn said(&self, id: &str, resource: &str) -> Option<&RecommendationUpdate> {
        let update = self.updates.get(&(id.to_owned(), resource.to_owned()))?;
        update.until.is_none_or(|until| until > self.at).then_some(update)
    }

    fn expanded(&self, service: &Service, control: &KeptControl, query: &Query) -> Result<Value, Failure> {
        let mut row = self.recommendation(control);
        if query.expands("impactedResources")
            && let Some(members) = row.as_object_mut()
        {
            members.insert("impactedResources".to_owned(), self.resources(service, control)?.into());
        }
        Ok(row)
    }

    fn recommendation(&self, kept: &KeptControl) -> Value {
        let control = self.catalogue.control(&kept.id);
        let id = self.id(kept);
        let update = self.said(&id, "");
        let action = self.actions.get(&kept.id);
        let modified = update.map(|update| (update.updated_at, update.updated_by.as_str()));
        let modified = modified.or(action.map(|action| (action.updated_at, action.updated_by.as_str())));
        let (modified_at, modified_by) = modified.unwrap_or((self.newest.taken_at, "System"));
        let (score, max) = if kept.set == Set::Core { (kept.score, kept.max_score) } else { (None, None) };
        json!({
            "id": id,
            "recommendationType": control.and_then(|control| control.recommendation_type.clone()).unwrap_or_else(|| kept.id.clone()),
            "displayName": kept.title,
            "category": if kept.set == Set::Core { "identitySecureScore" } else { "identityBestPractice" },
            "featureAreas": control.map(|control| vec![camel(&control.area)]).unwrap_or_default(),
            "insights": insights(kept),
            "benefits": control.map(|control| control.why.trim()),
            "remediationImpact": control.map(|control| control.user_impact_text.trim()),
            "actionSteps": control.map(steps).unwrap_or_default(),
            "impactType": control.map_or("tenantLevel", impact_type),
            "priority": priority(kept.max_score.unwrap_or_default()),
            "status": self.status(kept, update),
            "currentScore": score,
            "maxScore": max,
            "releaseType": control.map_or("generallyAvailable", release),
            "requiredLicenses": control.map_or("microsoftEntraIdFree", licence),
            "createdDateTime": rfc3339(self.newest.taken_at),
            "lastCheckedDateTime": rfc3339(self.newest.taken_at),
            "lastModifiedDateTime": rfc3339(modified_at),
            "lastModifiedBy": modified_by,
            "impactStartDateTime": null,
            "postponeUntilDateTime": update.and_then(|update| update.until).map(rfc3339),
        })
    }

    /// The data win over what a person said: what is met is completed by the system, and opens again by itself.
    fn status(&self, kept: &KeptControl, update: Option<&RecommendationUpdate>) -> &'static str {
        let decided = match kept.status {
            Status::Planned => Some("planned"),
            Status::RiskAccepted => Some("riskAccepted"),
            Status::ThirdParty => Some("thirdParty"),
            Status::AlternateMitigation => Some("alternateMitigation"),
            Status::ToAddress | Status::Completed => None,
        };
        match (kept.outcome, decided) {
            (_, Some(decided)) => decided,
            (Outcome::Met, None) => "completedBySystem",
            _ => update.map_or("active", |update| update.status.word()),
        }
    }

    /// One row per object that loses points or could not be judged.
    fn resources(&self, service: &Service, kept: &KeptControl) -> Result<Vec<Value>, Failure> {
        let id = self.id(kept);
        let kind = self.catalogue.control(&kept.id).map_or("tenantLevel", impact_type);
        let rows = service.archive.find_evidence(&self.newest, &kept.id, "")?.rows(0..RESOURCES)?;
        let resources = rows.iter().zip(1..).map(|(row, rank): (_, i32)| {
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
        });
        Ok(resources.collect())
    }

    fn resource(&self, service: &Service, kept: &KeptControl, resource: &str) -> Result<Value, Failure> {
        let rows = self.resources(service, kept)?;
        let found = rows.into_iter().find(|row| row.get("id").and_then(Value::as_str) == Some(resource));
        found.ok_or_else(|| Failure::DirectoryNotFound(resource.to_owned()))
    }
}

fn insights(kept: &KeptControl) -> String {
    let unknown = if kept.unknown > 0 { format!(" {} could not be judged.", kept.unknown) } else { String::new() };
    match kept.outcome {
        Outcome::NotAssessed => "The data do not tell: not assessed.".to_owned(),
        _ => format!("{} of {} meet the rule.{unknown}", kept.count, kept.total),
    }
}

/// The numbered or listed lines of the fix; all of it is one step where there is no list.
fn steps(control: &Control) -> Vec<Value> {
    let listed = |line: &str| {
        let text = line.trim_start();
        let digits = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let numbered = digits.strip_prefix(". ").filter(|_| digits.len() < text.len());
        numbered.or_else(|| text.strip_prefix("- ")).map(str::to_owned)
    };
    let mut texts: Vec<String> = control.fix.lines().filter_map(listed).collect();
    if texts.is_empty() {
        texts.push(control.fix.trim().to_owned());
    }
    let link =
        control.action_url.as_ref().map(|url| json!({"displayName": "Microsoft Entra admin center", "url": url}));
    let step = |(text, number): (String, i64)| json!({"stepNumber": number, "text": text, "actionUrl": link});
    texts.into_iter().zip(1..).map(step).collect()
}

fn impact_type(control: &Control) -> &'static str {
    match control.checks.values().next().map(|check| check.of.name) {
        Some("users" | "role_assignments") => "users",
        Some("applications" | "service_principals" | "credentials" | "grants") => "apps",
        _ => "tenantLevel",
    }
}

fn priority(points: f64) -> &'static str {
    if points >= 7.0 {
        "high"
    } else if points >= 3.0 {
        "medium"
    } else {
        "low"
    }
}

fn release(control: &Control) -> &'static str {
    if control.status == ControlStatus::Preview { "preview" } else { "generallyAvailable" }
}

fn licence(control: &Control) -> &'static str {
    match control.license.iter().max() {
        None => "microsoftEntraIdFree",
        Some(License::P1) => "microsoftEntraIdP1",
        Some(License::P2) => "microsoftEntraIdP2",
    }
}

/// `conditional-access` → `conditionalAccess`
fn camel(area: &str) -> String {
    let mut words = area.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        let upper = letters.next().map(|letter| letter.to_ascii_uppercase());
        text + &upper.into_iter().chain(letters).collect::<String>()
    })
}
