//! Our result under *compat* beside Microsoft's own score, control by control, with the likely reason of each difference.
//!
//! Nothing here changes a score. `reasons` holds the rules and where each comes from, `surroundings` what they look at
//! besides the two results.

mod case;
mod reasons;
mod surroundings;

use std::collections::BTreeSet;

use idscore_catalogue::Catalogue;
use idscore_score::{Outcome, Points, Set};
use idscore_snapshot::{MicrosoftControlScore, MicrosoftProfile, MicrosoftRecommendation, MicrosoftScore, Snapshot};
use jiff::Timestamp;
use serde::Serialize;

use self::case::{Case, Theirs};
pub use self::reasons::{Reason, ReasonKind};
pub use self::surroundings::{PolicyFacts, Surroundings};
use crate::assess::{Evidence, assess};
use crate::assessment::{Assessment, ControlResult};
use crate::configuration::Configuration;
use crate::error::{AssessError, reading};
use crate::result::INSIDER_RISK;

/// Both results, laid beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reconciliation {
    /// The tenant.
    pub tenant_id: String,
    /// The instant of our data.
    pub taken_at: String,
    /// Microsoft's score that stands beside it.
    pub microsoft_score_id: String,
    /// Its day.
    pub created_date_time: Option<Timestamp>,
    /// Core controls, then what only Microsoft counts, each by id.
    pub controls: Vec<ReconciledControl>,
    /// Sums.
    pub totals: ReconciledTotals,
    /// What other tenants have in the category Identity.
    pub averages: Vec<ReconciledAverage>,
}

/// One control on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReconciledControl {
    /// The control's id.
    pub id: String,
    /// What it asks for, in our words where we have it.
    pub title: Option<String>,
    /// How the sides stand to each other.
    pub verdict: Verdict,
    /// Our side; none where we have no such control.
    pub ours: Option<OurSide>,
    /// Microsoft's side; none where it has no score.
    pub microsoft: Option<MicrosoftSide>,
    /// Ours minus Microsoft's, in points; none unless both have a score.
    pub difference: Option<f64>,
    /// Why, the likeliest first.
    pub reasons: Vec<Reason>,
}

/// How two sides stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The same points, within rounding.
    Equal,
    /// Other points.
    Differs,
    /// Only we have a score.
    OnlyHere,
    /// Only Microsoft has a score.
    OnlyMicrosoft,
    /// Neither has a score.
    NotCounted,
}

/// What we say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OurSide {
    /// Core or extended.
    pub set: Set,
    /// What the control says.
    pub outcome: Outcome,
    /// Points, rounded to two decimals.
    pub score: Option<f64>,
    /// Points that could be earned.
    pub max_score: Option<f64>,
    /// Objects that meet the rule.
    pub count: u64,
    /// Objects that were judged.
    pub total: u64,
    /// Objects that could not be judged.
    pub unknown: u64,
}

/// What Microsoft says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MicrosoftSide {
    /// `secureScores`, or `recommendations` where only those have points.
    pub source: &'static str,
    /// Points.
    pub score: Option<f64>,
    /// Points that could be earned: of the profile, else what score and percentage give.
    pub max_score: Option<f64>,
    /// Objects, as served: those that meet the rule, before 2023 those that don't.
    pub count: Option<u64>,
    /// Objects in the population.
    pub total: Option<u64>,
    /// The age of the data.
    pub last_synced: Option<Timestamp>,
    /// The decision in force, unless it is `Default`.
    pub state: Option<String>,
    /// Objects that its recommendation still lists; none where they were not exported.
    pub impacted: Option<u64>,
}

/// Sums of both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReconciledTotals {
    /// The core set under *compat*, without insider risk.
    pub ours: Sum,
    /// Our core controls without a score, for want of data.
    pub not_assessed: Vec<String>,
    /// Every control of the category Identity in Microsoft's score.
    pub microsoft: Sum,
    /// `identityScore` and `identityScoreMax`, where Microsoft serves them for the tenant.
    pub microsoft_served: Option<Sum>,
    /// Ours, over the core controls that have points on both sides.
    pub ours_of_both: Sum,
    /// Microsoft's, over the same controls.
    pub microsoft_of_both: Sum,
    /// How many those are.
    pub both: usize,
    /// Microsoft's Identity controls with a profile and no score that we don't have either.
    pub profiles_without_score: Vec<String>,
}

/// Points out of points.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sum {
    /// Points earned.
    pub score: f64,
    /// Points that could be earned; none where one of the parts doesn't say.
    pub max_score: Option<f64>,
    /// `100 × score / maxScore`.
    pub percent: Option<f64>,
}

/// Other tenants, on average.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReconciledAverage {
    /// `AllTenants`, `TotalSeats` or `IndustryTypes`.
    pub basis: String,
    /// The smallest tenant of the group, in seats.
    pub seats_from: Option<u64>,
    /// The largest.
    pub seats_to: Option<u64>,
    /// Points of the category Identity.
    pub identity: Sum,
}

/// The newest of Microsoft's days that says something of controls; older days lose their texts and counts.
#[must_use]
pub fn newest_score(scores: &[MicrosoftScore]) -> Option<&MicrosoftScore> {
    scores.iter().find(|score| !score.control_scores.is_empty()).or(scores.first())
}

/// Judges a snapshot under *compat* and lays it beside Microsoft's newest score in it; none where it holds none.
///
/// # Errors
/// When the snapshot can't be read.
pub fn reconcile_snapshot(
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    configuration: &Configuration,
) -> Result<Option<Reconciliation>, AssessError> {
    let scores = reading("secureScore", snapshot.microsoft_scores())?;
    let Some(score) = newest_score(&scores) else { return Ok(None) };
    let profiles = reading("secureScoreControlProfile", snapshot.microsoft_profiles())?;
    let recommendations = reading("recommendation", snapshot.microsoft_recommendations())?;
    let surroundings = Surroundings::read(snapshot)?;
    let judged = assess(snapshot, catalogue, &configuration.as_compat(), &Evidence::None)?;
    let microsoft = Microsoft { score, profiles: &profiles, recommendations: &recommendations };
    Ok(Some(reconcile(&judged.assessment, &surroundings, microsoft)))
}

/// What Microsoft says about a tenant.
#[derive(Debug, Clone, Copy)]
pub struct Microsoft<'a> {
    /// The score to lay beside ours.
    pub score: &'a MicrosoftScore,
    /// Its control profiles.
    pub profiles: &'a [MicrosoftProfile],
    /// Its recommendations.
    pub recommendations: &'a [MicrosoftRecommendation],
}

/// Lays a result under *compat* beside Microsoft's score. Both sides are kept, whoever has a control.
#[must_use]
pub fn reconcile(compat: &Assessment, surroundings: &Surroundings, microsoft: Microsoft<'_>) -> Reconciliation {
    let identity: Vec<&MicrosoftControlScore> =
        microsoft.score.control_scores.iter().filter(|score| is_identity(score.category.as_deref())).collect();
    let core = compat.controls.iter().filter(|result| result.set == Set::Core);
    let mut pairs: Vec<_> = core
        .map(|result| {
            (Some(result), find(&microsoft.score.control_scores, &result.id, |score| score.control_name.as_str()))
        })
        .collect();
    let known: BTreeSet<String> =
        pairs.iter().filter_map(|(ours, _)| Some(ours.as_ref()?.id.to_ascii_lowercase())).collect();
    let mut others: Vec<_> =
        identity.iter().copied().filter(|score| !known.contains(&score.control_name.to_ascii_lowercase())).collect();
    others.sort_by(|one, other| one.control_name.cmp(&other.control_name));
    others.dedup_by(|one, other| one.control_name.eq_ignore_ascii_case(&other.control_name));
    pairs.extend(
        others.into_iter().map(|score| (find(&compat.controls, &score.control_name, |result| &result.id), Some(score))),
    );
    let taken_at = compat.taken_at.parse().ok();
    let controls: Vec<ReconciledControl> = pairs
        .into_iter()
        .map(|(ours, score)| {
            let id = ours.map_or_else(|| score.map_or("", |score| &score.control_name), |result| &result.id);
            let profile = find(microsoft.profiles, id, |profile| &profile.id);
            // A recommendation's type is the control's id with another first letter.
            let advice =
                find(microsoft.recommendations, id, |advice| advice.recommendation_type.as_deref().unwrap_or_default());
            let theirs = Theirs::of(score, profile, advice);
            let day = microsoft.score.created_date_time;
            let case = Case { id, ours, theirs, profile, advice, taken_at, day, users: &compat.users, surroundings };
            reconciled(&case)
        })
        .collect();
    Reconciliation {
        tenant_id: compat.tenant_id.clone(),
        taken_at: compat.taken_at.clone(),
        microsoft_score_id: microsoft.score.id.clone(),
        created_date_time: microsoft.score.created_date_time,
        totals: totals(compat, microsoft, &identity, &controls),
        averages: averages(microsoft.score),
        controls,
    }
}

/// The category Identity was called Account in 2018.
fn is_identity(category: Option<&str>) -> bool {
    category
        .is_some_and(|category| category.eq_ignore_ascii_case("Identity") || category.eq_ignore_ascii_case("Account"))
}

fn find<'a, T>(list: &'a [T], id: &str, name: impl Fn(&T) -> &str) -> Option<&'a T> {
    list.iter().find(|one| name(one).eq_ignore_ascii_case(id))
}

fn reconciled(case: &Case<'_>) -> ReconciledControl {
    let (ours, theirs) = case.scores();
    let verdict = match (ours, theirs) {
        (Some(_), Some(_)) if case.equal() => Verdict::Equal,
        (Some(_), Some(_)) => Verdict::Differs,
        (Some(_), None) => Verdict::OnlyHere,
        (None, Some(_)) => Verdict::OnlyMicrosoft,
        (None, None) => Verdict::NotCounted,
    };
    ReconciledControl {
        id: case.id.to_owned(),
        title: case
            .ours
            .map(|result| result.title.clone())
            .or_else(|| case.profile.and_then(|profile| profile.title.clone())),
        verdict,
        ours: case.ours.map(|result| OurSide {
            set: result.set,
            outcome: result.outcome,
            score: result.score.as_ref().map(shown),
            max_score: result.max_score.as_ref().map(shown),
            count: result.count,
            total: result.total,
            unknown: result.unknown,
        }),
        microsoft: case.theirs.as_ref().map(|theirs| MicrosoftSide {
            source: theirs.source,
            score: theirs.score,
            max_score: theirs.max,
            count: theirs.count,
            total: theirs.total,
            last_synced: theirs.last_synced,
            state: case.decision().map(str::to_owned),
            impacted: case.impacted(),
        }),
        difference: ours.zip(theirs).map(|(ours, theirs)| rounded(ours - theirs)),
        reasons: case.reasons(),
    }
}

fn totals(
    compat: &Assessment,
    microsoft: Microsoft<'_>,
    identity: &[&MicrosoftControlScore],
    controls: &[ReconciledControl],
) -> ReconciledTotals {
    let core: Vec<&ControlResult> =
        compat.controls.iter().filter(|result| result.set == Set::Core && result.id != INSIDER_RISK).collect();
    let in_total = controls
        .iter()
        .filter(|control| identity.iter().any(|score| score.control_name.eq_ignore_ascii_case(&control.id)));
    let microsofts: Vec<_> = in_total.filter_map(|control| control.microsoft.as_ref()).collect();
    let both: Vec<_> = controls
        .iter()
        .filter(|control| control.difference.is_some() && control.id != INSIDER_RISK)
        .filter(|control| control.ours.as_ref().is_some_and(|ours| ours.set == Set::Core))
        .filter_map(|control| control.microsoft.as_ref())
        .collect();
    let ours_of_both = core.iter().copied().filter(|result| {
        find(controls, &result.id, |control| &control.id).is_some_and(|control| control.difference.is_some())
    });
    let scoreless = microsoft.profiles.iter().filter(|profile| {
        is_identity(profile.category.as_deref())
            && profile.deprecated != Some(true)
            && find(controls, &profile.id, |control| &control.id).is_none()
            && find(&compat.controls, &profile.id, |result| &result.id).is_none()
    });
    ReconciledTotals {
        ours: Sum::exact(core.iter().copied()),
        not_assessed: core
            .iter()
            .filter(|result| result.outcome == Outcome::NotAssessed)
            .map(|result| result.id.clone())
            .collect(),
        microsoft: Sum::all(microsofts.iter().map(|side| (side.score, side.max_score))),
        microsoft_served: microsoft
            .score
            .identity_score
            .map(|score| Sum::of(score, microsoft.score.identity_score_max)),
        ours_of_both: Sum::exact(ours_of_both),
        microsoft_of_both: Sum::all(both.iter().map(|theirs| (theirs.score, theirs.max_score))),
        both: both.len(),
        profiles_without_score: scoreless.map(|profile| profile.id.clone()).collect(),
    }
}

fn averages(score: &MicrosoftScore) -> Vec<ReconciledAverage> {
    let averages = score.averages.iter().filter_map(|average| {
        Some(ReconciledAverage {
            basis: average.basis.clone()?,
            seats_from: average.seats_from,
            seats_to: average.seats_to,
            identity: Sum::of(average.identity_score?, average.identity_score_max),
        })
    });
    averages.collect()
}

impl Sum {
    fn of(score: f64, max_score: Option<f64>) -> Self {
        let percent = max_score.filter(|max| *max > 0.0).map(|max| rounded(100.0 * score / max));
        Self { score: rounded(score), max_score: max_score.map(rounded), percent }
    }

    /// Added up before anything is rounded.
    fn exact<'a>(results: impl Iterator<Item = &'a ControlResult>) -> Self {
        let (mut score, mut max) = (Points::zero(), Points::zero());
        for result in results {
            score += result.score.as_ref().unwrap_or(&Points::zero());
            max += result.max_score.as_ref().unwrap_or(&Points::zero());
        }
        let percent = max.is_positive().then(|| shown(&score.percent_of(&max)));
        Self { score: shown(&score), max_score: Some(shown(&max)), percent }
    }

    fn all(parts: impl Iterator<Item = (Option<f64>, Option<f64>)>) -> Self {
        let (score, max) = parts.fold((0.0, Some(0.0)), |(score, max), (part, of)| {
            (score + part.unwrap_or(0.0), max.zip(of).map(|(max, of)| max + of))
        });
        Self::of(score, max)
    }
}

fn shown(points: &Points) -> f64 {
    points.rounded().to_f64()
}

/// Two decimals, as Microsoft gives; without a minus before zero.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0 + 0.0
}

#[cfg(test)]
mod tests;
