//! One control on both sides, with everything that a reason may look at.

use std::collections::BTreeSet;

use idscore_snapshot::{MicrosoftControlScore, MicrosoftProfile, MicrosoftRecommendation};
use jiff::Timestamp;

use super::{PolicyFacts, Surroundings, shown};
use crate::assessment::{ControlResult, UserCounts};

/// Microsoft's side of a control.
#[derive(Debug, Clone)]
pub(super) struct Theirs {
    pub source: &'static str,
    pub score: Option<f64>,
    pub max: Option<f64>,
    pub count: Option<u64>,
    pub total: Option<u64>,
    pub last_synced: Option<Timestamp>,
}

impl Theirs {
    /// From the score; else from the recommendation, which alone has points for insider risk.
    pub(super) fn of(
        score: Option<&MicrosoftControlScore>,
        profile: Option<&MicrosoftProfile>,
        advice: Option<&MicrosoftRecommendation>,
    ) -> Option<Self> {
        if let Some(score) = score {
            let told = score.score.zip(score.score_in_percentage).filter(|(_, percent)| *percent > 0.0);
            let max = profile.and_then(|profile| profile.max_score);
            return Some(Self {
                source: "secureScores",
                score: score.score,
                max: max.or_else(|| told.map(|(score, percent)| 100.0 * score / percent)),
                count: score.count,
                total: score.total,
                last_synced: score.last_synced,
            });
        }
        let advice = advice.filter(|advice| advice.current_score.is_some())?;
        Some(Self {
            source: "recommendations",
            score: advice.current_score,
            max: advice.max_score,
            count: None,
            total: None,
            last_synced: advice.last_checked_date_time,
        })
    }

    /// Objects that comply; and whether `count` was found to mean the others.
    pub(super) fn compliant(&self) -> Option<(u64, bool)> {
        let (count, total) = (self.count?, self.total?);
        let others = total.checked_sub(count)?;
        let share = self.score.zip(self.max).filter(|(_, max)| *max > 0.0).map(|(score, max)| score / max);
        let near = |number: u64| share.is_some_and(|share| (as_f64(number) - share * as_f64(total)).abs() <= 0.5);
        let flipped = !near(count) && near(others);
        Some((if flipped { others } else { count }, flipped))
    }
}

/// One control with everything that a rule may look at.
pub(super) struct Case<'a> {
    pub id: &'a str,
    pub ours: Option<&'a ControlResult>,
    pub theirs: Option<Theirs>,
    pub profile: Option<&'a MicrosoftProfile>,
    pub advice: Option<&'a MicrosoftRecommendation>,
    /// The instant of our data.
    pub taken_at: Option<Timestamp>,
    /// The day of Microsoft's score.
    pub day: Option<Timestamp>,
    pub users: &'a UserCounts,
    pub surroundings: &'a Surroundings,
}

impl Case<'_> {
    /// The points of both sides.
    pub(super) fn scores(&self) -> (Option<f64>, Option<f64>) {
        let ours = self.ours.and_then(|result| result.score.as_ref()).map(shown);
        (ours, self.theirs.as_ref().and_then(|theirs| theirs.score))
    }

    /// Microsoft gives two decimals, sometimes cut off instead of rounded.
    pub(super) fn equal(&self) -> bool {
        self.gap().is_some_and(|gap| gap.abs() < 0.011)
    }

    /// Microsoft's points minus ours.
    pub(super) fn gap(&self) -> Option<f64> {
        let (ours, theirs) = self.scores();
        Some(theirs? - ours?)
    }

    /// The decision in force at Microsoft, unless it is the default.
    pub(super) fn decision(&self) -> Option<&str> {
        let state = self.profile.and_then(MicrosoftProfile::state).and_then(|update| update.state.as_deref());
        let advice = self.advice.and_then(|advice| advice.status.as_deref());
        const DECIDED: &[&str] = &["dismissed", "riskAccepted", "thirdParty", "alternateMitigation"];
        let advice = advice.filter(|status| DECIDED.iter().any(|known| known.eq_ignore_ascii_case(status)));
        state.filter(|state| !state.eq_ignore_ascii_case("Default")).or(advice)
    }

    /// Objects that Microsoft's recommendation still lists. The same user may appear once per detection.
    pub(super) fn impacted(&self) -> Option<u64> {
        let resources = self.advice?.impacted_resources.as_ref()?;
        let active = |status: Option<&str>| status.is_none_or(|status| status.eq_ignore_ascii_case("active"));
        let open = resources.iter().filter(|resource| active(resource.status.as_deref()));
        let subjects: BTreeSet<_> = open.filter_map(|resource| resource.subject_id.as_deref()).collect();
        u64::try_from(subjects.len()).ok()
    }

    /// Objects of our population, judged or not, and of Microsoft's.
    pub(super) fn populations(&self) -> Option<(u64, u64)> {
        let result = self.ours?;
        Some((result.total + result.unknown, self.theirs.as_ref()?.total?))
    }

    /// The instant of Microsoft's data: of the control, else the day of the score.
    pub(super) fn data_of(&self) -> Option<Timestamp> {
        self.theirs.as_ref()?.last_synced.or(self.day)
    }

    pub(super) fn policies(&self) -> impl Iterator<Item = &PolicyFacts> {
        self.surroundings.policies.iter().filter(|policy| policy.controls.contains(&self.id))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of objects in a tenant are far below 2^53")]
fn as_f64(count: u64) -> f64 {
    count as f64
}
