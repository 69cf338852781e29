//! A kept assessment as a result again, exact points included, so that everybody shows the same numbers.

use idscore_assess::{Assessment, ControlResult, Rescored, rescore};
use idscore_score::{Set, Totals, gained, impact};

use crate::archive::Kept;

impl Kept {
    /// What was judged, after decisions: the numbers that were kept.
    #[must_use]
    pub fn shown(&self) -> Assessment {
        let mut shown = self.judgement.assessment.clone();
        let Some(judged) = self.assessment.judged() else { return shown };
        let (core, extended, scores) = rescore(&judged, &self.assessment.settings);
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
}

fn put(result: &mut ControlResult, rescored: &Rescored, totals: &Totals) {
    let earned = rescored.score.points.as_ref();
    result.outcome = rescored.score.outcome;
    result.status = rescored.score.status;
    result.score = earned.map(|earned| earned.score.clone());
    result.max_score = earned.map(|earned| earned.max.clone());
    result.score_in_percentage = earned.map(|earned| earned.score.percent_of(&earned.max));
    result.impact_percent = earned.map(|earned| impact(&earned.max, totals));
    result.gained_percent = earned.map(|earned| gained(&earned.score, &earned.max, totals));
}
