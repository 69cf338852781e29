//! Microsoft's own numbers: secure scores, the profiles of their controls, recommendations.
//!
//! All three are open types: Graph serves members that its schema does not declare, numbers as text, and −1 for "no
//! data". So everything but the id may be unknown, and nothing odd is an error.

use jiff::Timestamp;

use crate::json::Open;

/// Microsoft's score of one day (`secureScore`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MicrosoftScore {
    /// `{tenantId}_{yyyy-MM-dd}`.
    pub id: String,
    /// The day, at midnight in UTC.
    pub created_date_time: Option<Timestamp>,
    /// Points over all of Microsoft's categories.
    pub current_score: Option<f64>,
    /// Points that could be earned over all categories.
    pub max_score: Option<f64>,
    /// Points of the category Identity, where they are served for the tenant itself.
    pub identity_score: Option<f64>,
    /// Points that could be earned in the category Identity.
    pub identity_score_max: Option<f64>,
    /// Users that Microsoft calls active.
    pub active_user_count: Option<u64>,
    /// Users with a licence; 0 in current answers.
    pub licensed_user_count: Option<u64>,
    /// Products, such as `HasAADP1`.
    pub enabled_services: Vec<String>,
    /// What other tenants have.
    pub averages: Vec<AverageScore>,
    /// What each control has.
    pub control_scores: Vec<MicrosoftControlScore>,
}

/// What other tenants have on average (`averageComparativeScore`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AverageScore {
    /// `AllTenants`, `TotalSeats` or `IndustryTypes`.
    pub basis: Option<String>,
    /// Over all categories: percent in current data, points in 2019.
    pub average_score: Option<f64>,
    /// Points in the category Identity.
    pub identity_score: Option<f64>,
    /// Points that could be earned there, on average too.
    pub identity_score_max: Option<f64>,
    /// The smallest tenant of the group, in seats.
    pub seats_from: Option<u64>,
    /// The largest.
    pub seats_to: Option<u64>,
    /// The group by its older name, such as `services`.
    pub category_value: Option<String>,
}

/// What one control has on one day (`controlScore`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MicrosoftControlScore {
    /// The control's id.
    pub control_name: String,
    /// `Identity`, `Data`, `Device`, `Apps`, `Infrastructure`; `Account` in 2018.
    pub category: Option<String>,
    /// Points.
    pub score: Option<f64>,
    /// `100 × score / maximum`.
    pub score_in_percentage: Option<f64>,
    /// Objects that meet the rule; before 2023, those that don't.
    pub count: Option<u64>,
    /// Objects in the population.
    pub total: Option<u64>,
    /// Whether a setting is on.
    pub on: Option<bool>,
    /// What the control asks for; may hold HTML.
    pub description: Option<String>,
    /// The age of the data behind the score.
    pub last_synced: Option<Timestamp>,
    /// What Microsoft found, in words.
    pub implementation_status: Option<String>,
}

/// What Microsoft says about a control, and what an administrator decided about it (`secureScoreControlProfile`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MicrosoftProfile {
    /// The control's id.
    pub id: String,
    /// What it asks for.
    pub title: Option<String>,
    /// As in [`MicrosoftControlScore`].
    pub category: Option<String>,
    /// The product, such as `AzureAD`.
    pub service: Option<String>,
    /// Points that could be earned.
    pub max_score: Option<f64>,
    /// Microsoft scores it no more.
    pub deprecated: Option<bool>,
    /// The history of decisions, as served.
    pub state_updates: Vec<StateUpdate>,
}

/// One decision about a control (`secureScoreControlStateUpdate`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateUpdate {
    /// `Default`, `Ignored`, `ThirdParty` or `Reviewed`; other cases occur.
    pub state: Option<String>,
    /// When.
    pub updated_date_time: Option<Timestamp>,
    /// Who.
    pub updated_by: Option<String>,
    /// Why.
    pub comment: Option<String>,
}

impl MicrosoftProfile {
    /// The decision in force: the newest; of two without or with the same instant the later in the list.
    #[must_use]
    pub fn state(&self) -> Option<&StateUpdate> {
        let decided = self.state_updates.iter().filter(|update| update.state.is_some());
        decided.max_by_key(|update| update.updated_date_time)
    }
}

/// An advice of Microsoft with its own list of objects (`recommendation`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MicrosoftRecommendation {
    /// `{tenantId}_{nickname}`.
    pub id: String,
    /// Such as `adminMFAV2`.
    pub recommendation_type: Option<String>,
    /// What it asks for.
    pub display_name: Option<String>,
    /// `identityBestPractice` or `identitySecureScore`.
    pub category: Option<String>,
    /// `active`, `completedBySystem`, `dismissed`, …
    pub status: Option<String>,
    /// Points, where it is scored.
    pub current_score: Option<f64>,
    /// Points that could be earned.
    pub max_score: Option<f64>,
    /// What Microsoft found, in its words.
    pub insights: Option<String>,
    /// Why it matters, in its words.
    pub benefits: Option<String>,
    /// What to do, step by step.
    pub action_steps: Vec<String>,
    /// When Microsoft looked last.
    pub last_checked_date_time: Option<Timestamp>,
    /// What Microsoft counts as uncovered; none where the list was not asked for.
    pub impacted_resources: Option<Vec<ImpactedResource>>,
}

/// An object that a recommendation is about (`impactedResource`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImpactedResource {
    /// The object's id.
    pub subject_id: Option<String>,
    /// `user`, `app`, …
    pub resource_type: Option<String>,
    /// As of a recommendation.
    pub status: Option<String>,
    /// Its name, unless names of people were left out.
    pub display_name: Option<String>,
}

impl MicrosoftScore {
    pub(crate) fn of(id: String, open: Open<'_>) -> Self {
        Self {
            id: open.text("id").unwrap_or(id),
            created_date_time: open.instant("createdDateTime"),
            current_score: open.amount("currentScore"),
            max_score: open.amount("maxScore"),
            identity_score: open.amount("identityScore"),
            identity_score_max: open.amount("identityScoreMax"),
            active_user_count: open.count("activeUserCount"),
            licensed_user_count: open.count("licensedUserCount"),
            enabled_services: open.texts("enabledServices"),
            averages: all(open, "averageComparativeScores", AverageScore::of),
            control_scores: some(open, "controlScores", MicrosoftControlScore::of),
        }
    }
}

impl AverageScore {
    fn of(open: Open<'_>) -> Self {
        Self {
            basis: open.text("basis"),
            average_score: open.amount("averageScore"),
            identity_score: open.amount("identityScore"),
            identity_score_max: open.amount("identityScoreMax"),
            seats_from: open.count("SeatSizeRangeLowerValue"),
            seats_to: open.count("SeatSizeRangeUpperValue"),
            category_value: open.text("categoryValue"),
        }
    }
}

impl MicrosoftControlScore {
    /// None for a score that names no control.
    fn of(open: Open<'_>) -> Option<Self> {
        Some(Self {
            control_name: open.text("controlName")?,
            category: open.text("controlCategory"),
            score: open.amount("score"),
            score_in_percentage: open.amount("scoreInPercentage"),
            count: open.count("count"),
            total: open.count("total"),
            on: open.flag("on"),
            description: open.text("description"),
            last_synced: open.instant("lastSynced"),
            implementation_status: open.text("implementationStatus"),
        })
    }
}

impl MicrosoftProfile {
    pub(crate) fn of(id: String, open: Open<'_>) -> Self {
        Self {
            id: open.text("id").unwrap_or(id),
            title: open.text("title"),
            category: open.text("controlCategory"),
            service: open.text("service"),
            max_score: open.amount("maxScore"),
            deprecated: open.flag("deprecated"),
            state_updates: all(open, "controlStateUpdates", |update| StateUpdate {
                state: update.text("state"),
                updated_date_time: update.instant("updatedDateTime"),
                updated_by: update.text("updatedBy"),
                comment: update.text("comment"),
            }),
        }
    }
}

impl MicrosoftRecommendation {
    pub(crate) fn of(id: String, open: Open<'_>) -> Self {
        let impacted = open.objects("impactedResources");
        Self {
            id: open.text("id").unwrap_or(id),
            recommendation_type: open.text("recommendationType"),
            display_name: open.text("displayName"),
            category: open.text("category"),
            status: open.text("status"),
            current_score: open.amount("currentScore"),
            max_score: open.amount("maxScore"),
            insights: open.text("insights"),
            benefits: open.text("benefits"),
            action_steps: some(open, "actionSteps", |step| step.text("text")),
            last_checked_date_time: open.instant("lastCheckedDateTime"),
            impacted_resources: impacted.map(|resources| {
                let resource = |resource: Open<'_>| ImpactedResource {
                    subject_id: resource.text("subjectId"),
                    resource_type: resource.text("resourceType"),
                    status: resource.text("status"),
                    display_name: resource.text("displayName"),
                };
                resources.into_iter().map(resource).collect()
            }),
        }
    }
}

fn all<T>(open: Open<'_>, name: &str, of: impl Fn(Open<'_>) -> T) -> Vec<T> {
    some(open, name, |object| Some(of(object)))
}

fn some<T>(open: Open<'_>, name: &str, of: impl Fn(Open<'_>) -> Option<T>) -> Vec<T> {
    open.objects(name).unwrap_or_default().into_iter().filter_map(of).collect()
}
