//! The score after a decision: an acceptance, a review, an attestation moves points without the tenant's data.

use idscore_score::{ControlScore, Finding, Judged, ScoreSettings, Set, Status, Totals};
use serde::{Deserialize, Serialize};

use crate::assessment::SetScore;
use crate::result::{Scored, is_comparable, numbers};

/// A control as it was judged, with everything that the arithmetic needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgedControl {
    /// The control's id.
    pub id: String,
    /// As judged under the profile in force.
    pub judged: Judged,
    /// As judged under *compat*, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compat: Option<Judged>,
}

impl JudgedControl {
    pub(crate) fn of(scored: &Scored<'_>, compat: &Scored<'_>) -> Self {
        Self {
            id: scored.control.id.clone(),
            judged: scored.judged.clone(),
            compat: (scored.judged != compat.judged).then(|| compat.judged.clone()),
        }
    }

    /// Changes what the organisation decided or did, under both profiles.
    pub fn decide(&mut self, decision: &Decision) {
        for judged in [Some(&mut self.judged), self.compat.as_mut()].into_iter().flatten() {
            judged.status = decision.status.unwrap_or(judged.status);
            match &mut judged.finding {
                Finding::Task { age, .. } => *age = decision.review_age.or(*age),
                Finding::Attested(attested) => *attested = decision.attested.unwrap_or(*attested),
                Finding::Partial(_) | Finding::Binary(_) | Finding::Graded(_) => {}
            }
        }
    }
}

/// What an organisation says about one control at one instant; where it says nothing, what was judged stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decision {
    /// The status in force.
    pub status: Option<Status>,
    /// Seconds since the last review, for tasks.
    pub review_age: Option<u64>,
    /// Whether an attestation stands, for what Graph doesn't show.
    pub attested: Option<bool>,
}

/// One control after scoring.
#[derive(Debug, Clone, PartialEq)]
pub struct Rescored {
    /// The control's id.
    pub id: String,
    /// Outcome and exact points.
    pub score: ControlScore,
}

/// The numbers of both sets, and every control, from what was judged.
#[must_use]
pub fn rescore(controls: &[JudgedControl], settings: &ScoreSettings) -> (SetScore, SetScore, Vec<Rescored>) {
    let rescored: Vec<Rescored> = controls
        .iter()
        .map(|control| Rescored { id: control.id.clone(), score: ControlScore::of(&control.judged, settings) })
        .collect();
    let compat: Vec<Rescored> = controls
        .iter()
        .filter(|control| is_comparable(&control.id))
        .map(|control| {
            let judged = control.compat.as_ref().unwrap_or(&control.judged);
            Rescored { id: control.id.clone(), score: ControlScore::of(judged, settings) }
        })
        .collect();
    let totals = |scores: &[Rescored], set: Set| {
        Totals::of(scores.iter().map(|control| &control.score).filter(|score| score.set == set))
    };
    let seen = controls.iter().all(|control| control.judged.sight.is_some());
    let of = |set| {
        let numbers = numbers(totals(&rescored, set), &totals(&compat, set));
        if seen { numbers } else { SetScore { percent_at_least: None, percent_at_most: None, ..numbers } }
    };
    let (core, extended) = (of(Set::Core), of(Set::Extended));
    (core, extended, rescored)
}
