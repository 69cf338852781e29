//! What is proven of a score: what it is at least and at most, whatever the unseen part turns out to be.
//!
//! The law: less information only widens the interval.

use crate::points::Points;
use crate::{Finding, Judged, Outcome, Ownership, ScoreSettings, Set, Status, Tally};

/// The points of a control between what is proven and what is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Everything unknown counted as not met.
    pub at_least: Points,
    /// Everything unknown counted as met.
    pub at_most: Points,
}

impl Interval {
    fn exactly(points: Points) -> Self {
        Self { at_most: points.clone(), at_least: points }
    }

    fn up_to(max: &Points) -> Self {
        Self { at_least: Points::zero(), at_most: max.clone() }
    }

    /// Whether every value of the other lies in this one.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.at_least <= other.at_least && other.at_most <= self.at_most
    }
}

/// The interval of one control; `None` when it certainly does not count for this tenant.
///
/// A control that may not apply, or whose licence is unknown where that decides whether it counts, lies between nothing and
/// its maximum in both sums, whatever its status: it is not proven to count at all.
pub(crate) fn interval(judged: &Judged, settings: &ScoreSettings) -> Option<Interval> {
    let max = &judged.points;
    let leaves_when_unlicensed = judged.set == Set::Extended || !settings.unlicensed_core_in_maximum;
    let counts = match (judged.applies, judged.license) {
        (Some(false), _) => return None,
        (_, Ownership::NotOwned) if leaves_when_unlicensed => return None,
        (None, _) => false,
        (Some(true), Ownership::Unknown) => !leaves_when_unlicensed,
        (Some(true), _) => true,
    };
    if !counts {
        return Some(Interval::up_to(max));
    }
    let measured = measured(judged);
    match judged.status {
        // Where nobody knows whether there is anything to judge, it may not apply, whatever was declared.
        Status::ThirdParty | Status::AlternateMitigation if may_be_empty(judged) => {
            measured.map(|_| Interval::up_to(max))
        }
        Status::ThirdParty | Status::AlternateMitigation => measured.map(|_| Interval::exactly(max.clone())),
        // An accepted risk leaves the maximum only where there is one: where the control is not met for certain.
        // What the data confirm is completed, and no longer accepted; what people attest is not.
        Status::RiskAccepted if !settings.risk_accepted_in_maximum && judged.finding == Finding::Attested(true) => None,
        Status::RiskAccepted if !settings.risk_accepted_in_maximum => match measured? {
            measured if measured.at_most < *max => None,
            measured if measured.at_least == *max => Some(Interval::exactly(max.clone())),
            _ => Some(Interval::up_to(max)),
        },
        _ => measured,
    }
}

fn measured(judged: &Judged) -> Option<Interval> {
    let max = &judged.points;
    let share = |part: u64, whole: u64| max.share(part, whole);
    let sight = judged.sight.as_ref().filter(|sight| sight.population_known && judged.data_read);
    let Some(sight) = sight else { return Some(Interval::up_to(max)) };
    match sight.proven.as_ref().unwrap_or(&judged.finding) {
        Finding::Partial(tally) => match nothing_judged(*tally, judged.set) {
            Some(Outcome::NotApplicable) => None,
            Some(Outcome::Met) => Some(Interval::exactly(max.clone())),
            Some(_) => Some(Interval::up_to(max)),
            None => {
                let all = tally.total() + tally.unknown;
                Some(Interval { at_least: share(tally.met, all), at_most: share(tally.met + tally.unknown, all) })
            }
        },
        Finding::Binary(tally) if tally.not_met > 0 => Some(Interval::exactly(Points::zero())),
        Finding::Binary(tally) if tally.unknown > 0 => Some(Interval::up_to(max)),
        Finding::Binary(tally) => match nothing_judged(*tally, judged.set) {
            Some(Outcome::NotApplicable) => None,
            _ => Some(Interval::exactly(max.clone())),
        },
        Finding::Graded(parts) => {
            let sum = |wanted: &dyn Fn(Option<bool>) -> bool| -> Points {
                parts.iter().filter(|(_, met)| wanted(*met)).map(|(points, _)| points).sum()
            };
            let all = sum(&|_| true);
            let of = |points: Points| max.times(&points.divided_by(&all));
            Some(Interval { at_least: of(sum(&|met| met == Some(true))), at_most: of(sum(&|met| met != Some(false))) })
        }
        Finding::Task { age, period } => Some(Interval::exactly(max.times(&crate::control::faded(*age, *period)))),
        Finding::Attested(true) => Some(Interval::exactly(max.clone())),
        Finding::Attested(false) => Some(Interval::up_to(max)),
    }
}

/// Whether a control that leaves the sums without any object to judge may have none.
fn may_be_empty(judged: &Judged) -> bool {
    let sight = judged.sight.as_ref().filter(|sight| sight.population_known && judged.data_read);
    match sight.map_or(&judged.finding, |sight| sight.proven.as_ref().unwrap_or(&judged.finding)) {
        Finding::Partial(tally) | Finding::Binary(tally) => {
            judged.set == Set::Extended && (sight.is_none() || (tally.total() == 0 && tally.unknown > 0))
        }
        Finding::Graded(_) | Finding::Task { .. } | Finding::Attested(_) => false,
    }
}

/// What a control says of which no row was judged.
fn nothing_judged(tally: Tally, set: Set) -> Option<Outcome> {
    match (tally.total(), tally.unknown, set) {
        (0, 0, Set::Core) => Some(Outcome::Met),
        (0, 0, Set::Extended) => Some(Outcome::NotApplicable),
        (0, _, _) => Some(Outcome::NotAssessed),
        _ => None,
    }
}
