//! What a tenant's recommendations say: the newest assessment, the catalogue's texts, and what people said about them.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Control, ControlStatus};
use idscore_history::instants::rfc3339;
use idscore_history::{ActionState, KeptAssessment, KeptControl};
use idscore_score::{License, Outcome, Set, Status};
use idscore_store::{RecommendationUpdate, now};
use serde_json::{Value, json};

use super::access::Caller;
use super::graph_words::{UNKNOWN, feature_areas, recommendation_type};
use super::odata::Query;
use crate::failure::Failure;
use crate::state::Service;

/// Rows on a page.
pub(super) const PAGE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99);
/// The collection, as a context names it.
pub(super) const WHAT: &str = "directory/recommendations";
/// The member that a client expands.
pub(super) const RESOURCES: &str = "impactedResources";

/// Everything that recommendations are made of.
pub(super) struct Ground {
    catalogue: Arc<Catalogue>,
    pub(super) newest: KeptAssessment,
    actions: BTreeMap<String, ActionState>,
    /// By recommendation and resource; the recommendation itself has an empty resource.
    updates: BTreeMap<(String, String), RecommendationUpdate>,
    at: i64,
}

impl Ground {
    /// Reads it; none where the tenant has no assessment.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn read(service: &Service, caller: &Caller) -> Result<Option<Self>, Failure> {
        let history = &service.archive.history;
        let Some(newest) = history.newest(caller.tenant_id()).await? else { return Ok(None) };
        let actions = history.actions(caller.tenant_id()).await?;
        let updates = history.recommendation_updates(caller.tenant_id()).await?;
        let updates = updates
            .into_iter()
            .map(|update| ((update.recommendation_id.clone(), update.resource_id.clone()), update))
            .collect();
        Ok(Some(Self { catalogue: service.catalogue.clone(), newest, actions, updates, at: now() }))
    }

    /// The id of a recommendation.
    pub(super) fn id(&self, control: &KeptControl) -> String {
        format!("{}_{}", self.newest.tenant_id, control.id)
    }

    /// What somebody said about a recommendation or a resource, while it holds.
    pub(super) fn said(&self, id: &str, resource: &str) -> Option<&RecommendationUpdate> {
        let update = self.updates.get(&(id.to_owned(), resource.to_owned()))?;
        update.until.is_none_or(|until| until > self.at).then_some(update)
    }

    /// What the objects of a recommendation are.
    pub(super) fn impact_type(&self, kept: &KeptControl) -> &'static str {
        self.catalogue.control(&kept.id).map_or("tenantLevel", impact_type)
    }

    /// Where a client asks for the objects as well, the control's id stands in their place.
    pub(super) fn recommendation(&self, kept: &KeptControl, query: &Query) -> Value {
        let control = self.catalogue.control(&kept.id);
        let id = self.id(kept);
        let update = self.said(&id, "");
        let action = self.actions.get(&kept.id);
        let modified = update.map(|update| (update.updated_at, update.updated_by.as_str()));
        let modified = modified.or(action.map(|action| (action.updated_at, action.updated_by.as_str())));
        let (modified_at, modified_by) = modified.unwrap_or((self.newest.taken_at, "System"));
        let (score, max) = if kept.set == Set::Core { (kept.score, kept.max_score) } else { (None, None) };
        let mut row = json!({
            "id": id,
            "recommendationType": recommendation_type(control.and_then(|control| control.recommendation_type.as_deref())),
            "displayName": kept.title,
            "category": if kept.set == Set::Core { "identitySecureScore" } else { "identityBestPractice" },
            "featureAreas": control.map_or(&[UNKNOWN][..], |control| feature_areas(&control.area)),
            "insights": insights(kept),
            "benefits": control.map(|control| control.why.trim()),
            "remediationImpact": control.map(|control| control.user_impact_text.trim()),
            "actionSteps": control.map(steps).unwrap_or_default(),
            "impactType": self.impact_type(kept),
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
            "idscore": {"controlId": kept.id, "area": control.map(|control| control.area.as_str())},
        });
        if let (true, Some(members)) = (query.expands(RESOURCES), row.as_object_mut()) {
            members.insert(RESOURCES.to_owned(), kept.id.clone().into());
        }
        row
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

/// A recommendation that applies to the tenant.
pub(super) async fn find(service: &Service, caller: &Caller, id: &str) -> Result<(Ground, KeptControl), Failure> {
    let missing = || Failure::DirectoryNotFound(id.to_owned());
    let nickname = id.strip_prefix(caller.tenant_id()).and_then(|rest| rest.strip_prefix('_')).ok_or_else(missing)?;
    let ground = Ground::read(service, caller).await?.ok_or_else(missing)?;
    let control = ground.newest.control(nickname).cloned();
    let control = control.filter(|control| control.outcome != Outcome::NotApplicable).ok_or_else(missing)?;
    Ok((ground, control))
}
