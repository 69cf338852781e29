//! From controls to the percentages of a set.

use crate::points::RunningSum;
use crate::{ControlScore, Interval, Ownership, Points, Status};

/// The numbers of one set of controls. Percentages are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Points earned.
    pub current: Points,
    /// Points possible.
    pub max: Points,
    /// From 0 to 1: how much of what applies was seen, weighed by catalogue points; 1 when nothing applies.
    pub coverage: Points,
    /// If everything planned were done.
    pub planned: Points,
    /// If everything were done that the owned licences allow.
    pub current_license: Points,
    /// The same without accepted risks.
    pub achievable: Points,
    /// Earned only through statuses or attestations.
    pub attested: Points,
    /// Points that are proven, and points that are possible, of every control that may count.
    pub interval: Interval,
    /// What these controls could earn together; more than `max` where some could not be assessed.
    pub interval_max: Points,
}

/// [`Totals`] that are being added up.
#[derive(Default)]
struct Sums {
    applicable: RunningSum,
    covered: RunningSum,
    current: RunningSum,
    max: RunningSum,
    planned: RunningSum,
    current_license: RunningSum,
    achievable: RunningSum,
    attested: RunningSum,
    at_least: RunningSum,
    at_most: RunningSum,
    interval_max: RunningSum,
}

impl Sums {
    fn add(&mut self, control: &ControlScore) {
        if let Some(interval) = &control.interval {
            self.at_least += &interval.at_least;
            self.at_most += &interval.at_most;
            self.interval_max += &control.catalogue_points;
        }
        if !control.applies() {
            return;
        }
        self.applicable += &control.catalogue_points;
        self.covered += &control.catalogue_points.times(&control.covered_share);
        let Some(earned) = &control.points else { return };
        let if_true = |reached: bool| if reached { &earned.max } else { &earned.score };
        let owned = control.license == Ownership::Owned;
        self.current += &earned.score;
        self.max += &earned.max;
        self.planned += if_true(control.status == Status::Planned);
        self.current_license += if_true(owned);
        self.achievable += if_true(owned && control.status != Status::RiskAccepted);
        self.attested += &earned.attested;
    }
}

impl Totals {
    /// Adds up controls of one set.
    #[must_use]
    pub fn of<'a>(controls: impl IntoIterator<Item = &'a ControlScore>) -> Self {
        let mut sums = Sums::default();
        for control in controls {
            sums.add(control);
        }
        let (applicable, covered) = (sums.applicable.total(), sums.covered.total());
        Self {
            current: sums.current.total(),
            max: sums.max.total(),
            coverage: if applicable.is_zero() { Points::whole(1) } else { covered.divided_by(&applicable) },
            planned: sums.planned.total(),
            current_license: sums.current_license.total(),
            achievable: sums.achievable.total(),
            attested: sums.attested.total(),
            interval: Interval { at_least: sums.at_least.total(), at_most: sums.at_most.total() },
            interval_max: sums.interval_max.total(),
        }
    }

    /// What the percentage is at least and at most: unknown rows, unknown parts and controls that were not assessed counted
    /// as not met, and as met. The law: less information only widens it.
    #[must_use]
    pub fn percent_interval(&self) -> Interval {
        Interval {
            at_least: self.interval.at_least.percent_of(&self.interval_max),
            at_most: self.interval.at_most.percent_of(&self.interval_max),
        }
    }

    /// `100 × points / max` of this set.
    #[must_use]
    pub fn percent(&self, points: &Points) -> Points {
        points.percent_of(&self.max)
    }
}

/// `100 × max / Σ max`: what a control is worth in its set.
#[must_use]
pub fn impact(max: &Points, totals: &Totals) -> Points {
    max.percent_of(&totals.max)
}

/// Of the shown impact, the part that is earned, truncated so that it never claims more than was earned.
#[must_use]
pub fn gained(score: &Points, max: &Points, totals: &Totals) -> Points {
    impact(max, totals).rounded().to_points().times(&score.divided_by(max)).truncated().to_points()
}
