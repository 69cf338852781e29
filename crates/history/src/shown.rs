//! A kept assessment as a result again, exact points included, so that everybody shows the same numbers.

use idscore_assess::{Assessment, ControlResult, Rescored, Review, rescore};
use idscore_score::{Finding, Set, Totals, gained, impact};

use crate::instants::rfc3339;
use crate::kept::{KeptAssessment, KeptControl};

impl KeptAssessment {
    /// What was judged, after decisions: the numbers that were kept.
    #[must_use]
    pub fn shown(&self, judged: &Assessment) -> Assessment {
        let mut shown = judged.clone();
        let Some(judged) = self.judged() else { return shown };
        let (core, extended, scores) = rescore(&judged, &self.settings);
        (shown.core, shown.extended) = (core, extended);
        for set in [Set::Core, Set::Extended] {
            let totals = Totals::of(scores.iter().map(|rescored| &rescored.score).filter(|score| score.set == set));
            for result in shown.controls.iter_mut().filter(|result| result.set == set) {
                if let Some(rescored) = scores.iter().find(|rescored| rescored.id == result.id) {
                    put(result, rescored, &totals);
                }
            }
        }
        shown
    }

    /// A control as a result, with the exact points behind the doubles that are kept; none where the numbers are somebody else's.
    #[must_use]
    pub fn result(&self, control_id: &str) -> Option<ControlResult> {
        let control = self.control(control_id)?;
        let (_, _, scores) = rescore(&self.judged()?, &self.settings);
        let totals = Totals::of(scores.iter().map(|rescored| &rescored.score).filter(|score| score.set == control.set));
        let mut result = ControlResult {
            id: control.id.clone(),
            set: control.set,
            title: control.title.clone(),
            outcome: control.outcome,
            score: None,
            max_score: None,
            score_at_least: None,
            score_at_most: None,
            score_in_percentage: None,
            impact_percent: None,
            gained_percent: None,
            count: control.count,
            total: control.total,
            unknown: control.unknown,
            without_method: control.without_method,
            status: control.status,
            missing: control.missing.clone(),
            notes: control.notes.clone(),
            needs_license: control.needs_license.clone(),
            review: self.review(control),
        };
        put(&mut result, scores.iter().find(|rescored| rescored.id == control.id)?, &totals);
        if control.score_at_least.is_none() {
            // Kept before this was asked: what is proven is not known.
            (result.score_at_least, result.score_at_most) = (None, None);
        }
        Some(result)
    }

    /// When the work behind a task was last done, from what the arithmetic was told of it.
    fn review(&self, control: &KeptControl) -> Option<Review> {
        let Finding::Task { age, period } = &control.judged.as_ref()?.finding else { return None };
        control.score?;
        let seconds = |seconds: u64| i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000_000));
        let last = age.and_then(seconds).and_then(|age| self.assessed_at.checked_sub(age));
        let after = |periods: i64| {
            let period = seconds(*period)?.checked_mul(periods)?;
            last?.checked_add(period).map(rfc3339)
        };
        Some(Review {
            last_reviewed_at: last.map(rfc3339),
            due_at: after(1),
            fades_until: after(2),
            overdue: age.is_none_or(|age| age > *period),
        })
    }
}

fn put(result: &mut ControlResult, rescored: &Rescored, totals: &Totals) {
    let earned = rescored.score.points.as_ref();
    result.outcome = rescored.score.outcome;
    result.status = rescored.score.status;
    result.score = earned.map(|earned| earned.score.clone());
    result.max_score = earned.map(|earned| earned.max.clone());
    let interval = rescored.score.interval.as_ref();
    result.score_at_least = interval.map(|interval| interval.at_least.clone());
    result.score_at_most = interval.map(|interval| interval.at_most.clone());
    result.score_in_percentage = earned.map(|earned| earned.score.percent_of(&earned.max));
    result.impact_percent = earned.map(|earned| impact(&earned.max, totals));
    result.gained_percent = earned.map(|earned| gained(&earned.score, &earned.max, totals));
}
