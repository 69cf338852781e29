//! What a regression is: a new ceiling under the old floor, or a lower score of a tenant that was seen as far as before. Any
//! other lower number says that less, or more, was seen.

use std::collections::BTreeSet;

use idscore_score::{Missing, Outcome, Set};
use serde::{Deserialize, Serialize};

use crate::kept::{KeptControl, SetNumbers};
use crate::trend::CoreControl;

/// What a double rounds is no difference.
const ROUNDING: f64 = 1e-9;
/// How far two widths of percentages can differ by their rounding alone: each of four ends by up to a hundredth.
const ROUNDED_WIDTHS: f64 = 0.02 + ROUNDING;

/// What a number says beside the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Points are lost, not merely out of sight.
    Regression,
    /// The number is lower or less is proven, because less was seen.
    LessSeen,
    /// More is known than before, whichever way the number went.
    MoreSeen,
    /// None of these.
    Steady,
}

/// Whether more or less was seen than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Seen {
    /// What is proven and what is possible lie further apart.
    Less,
    /// They lie closer together.
    More,
}

/// How far a set was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SetSight {
    /// Rows that could not be judged, over all controls.
    pub unknown: u64,
    /// Controls that were not assessed.
    pub not_assessed: u64,
    /// Data sets that a control would have needed.
    pub missing: BTreeSet<String>,
}

/// What a verdict about a control rests on.
pub(crate) struct Looked<'a> {
    pub outcome: Outcome,
    pub score: Option<f64>,
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
    pub unknown: u64,
    pub missing: &'a [Missing],
}

impl<'a> From<&'a KeptControl> for Looked<'a> {
    fn from(control: &'a KeptControl) -> Self {
        Self {
            outcome: control.outcome,
            score: control.score,
            at_least: control.score_at_least,
            at_most: control.score_at_most,
            unknown: control.unknown,
            missing: &control.missing,
        }
    }
}

impl<'a> From<&'a CoreControl> for Looked<'a> {
    fn from(control: &'a CoreControl) -> Self {
        Self {
            outcome: control.outcome,
            score: control.score,
            at_least: control.score_at_least,
            at_most: control.score_at_most,
            unknown: control.unknown,
            missing: &control.missing,
        }
    }
}

impl Looked<'_> {
    fn span(&self) -> Span {
        Span { number: self.score, interval: self.at_least.zip(self.at_most) }
    }

    fn sight(&self) -> SetSight {
        let mut sight = SetSight::default();
        sight.add(self);
        sight
    }

    /// Whether less or more of it was seen than before.
    fn seen(&self, was: &Self) -> Option<Seen> {
        seen(&was.span(), &self.span(), Some((&was.sight(), &self.sight())), ROUNDING)
    }

    /// What it says beside the assessment before.
    pub(crate) fn verdict(&self, was: &Self) -> Verdict {
        verdict(&was.span(), &self.span(), Some((&was.sight(), &self.sight())), ROUNDING)
    }
}

impl SetSight {
    fn add(&mut self, control: &Looked<'_>) {
        self.unknown += control.unknown;
        self.not_assessed += u64::from(control.outcome == Outcome::NotAssessed);
        self.missing.extend(control.missing.iter().map(|missing| missing.data_set.clone()));
    }

    /// More rows unknown, more controls not assessed, or a data set missing that was there.
    fn is_less_than(&self, other: &Self) -> bool {
        self.unknown > other.unknown
            || self.not_assessed > other.not_assessed
            || !self.missing.is_subset(&other.missing)
    }

    /// The same data sets read, no more unknown rows and no more controls not assessed.
    fn is_as_before(&self, before: &Self) -> bool {
        self.missing == before.missing && self.unknown <= before.unknown && self.not_assessed <= before.not_assessed
    }
}

/// How far both sets were seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BothSights {
    /// The headline.
    pub core: SetSight,
    /// Everything else.
    pub extended: SetSight,
}

impl BothSights {
    pub(crate) fn of(controls: &[KeptControl]) -> Self {
        let mut sights = Self::default();
        for control in controls {
            match control.set {
                Set::Core => sights.core.add(&control.into()),
                Set::Extended => sights.extended.add(&control.into()),
            }
        }
        sights
    }

    /// How far a set was seen.
    #[must_use]
    pub fn of_set(&self, set: Set) -> &SetSight {
        match set {
            Set::Core => &self.core,
            Set::Extended => &self.extended,
        }
    }
}

/// A number between what is proven and what is possible.
struct Span {
    number: Option<f64>,
    interval: Option<(f64, f64)>,
}

impl Span {
    fn width(&self) -> Option<f64> {
        self.interval.map(|(at_least, at_most)| at_most - at_least)
    }

    fn of_set(numbers: &SetNumbers) -> Self {
        Self { number: Some(numbers.percent), interval: numbers.percent_at_least.zip(numbers.percent_at_most) }
    }
}

/// How far was seen before and now; none where that was not asked for.
type Sights<'a> = Option<(&'a SetSight, &'a SetSight)>;

/// Whether the ends lie further apart because less was seen, or closer together because more was. An interval also grows with
/// the tenant and shrinks with points that are lost for certain; that is neither.
fn seen(was: &Span, is: &Span, sights: Sights<'_>, rounding: f64) -> Option<Seen> {
    let (old, new) = was.width().zip(is.width())?;
    let (before, now) = sights?;
    if new - old > rounding && now.is_less_than(before) {
        Some(Seen::Less)
    } else if old - new > rounding && before.is_less_than(now) {
        Some(Seen::More)
    } else {
        None
    }
}

fn verdict(was: &Span, is: &Span, sights: Sights<'_>, rounding: f64) -> Verdict {
    let fell = was.number.zip(is.number).is_some_and(|(was, is)| was - is > ROUNDING);
    let Some((((floor, _), (_, ceiling)), (before, now))) = was.interval.zip(is.interval).zip(sights) else {
        // Kept before floors were known: all there is to compare are the scores.
        return if fell { Verdict::Regression } else { Verdict::Steady };
    };
    if floor - ceiling > ROUNDING || (fell && now.is_as_before(before)) {
        return Verdict::Regression;
    }
    match seen(was, is, sights, rounding) {
        Some(Seen::Less) => Verdict::LessSeen,
        Some(Seen::More) => Verdict::MoreSeen,
        None if fell && now.is_less_than(before) => Verdict::LessSeen,
        None if fell => Verdict::MoreSeen,
        None => Verdict::Steady,
    }
}

/// What a set says beside the assessment before.
#[must_use]
pub fn of_set(was: (&SetNumbers, Option<&SetSight>), is: (&SetNumbers, Option<&SetSight>)) -> Verdict {
    verdict(&Span::of_set(was.0), &Span::of_set(is.0), was.1.zip(is.1), ROUNDED_WIDTHS)
}

/// What a control says beside the assessment before.
#[must_use]
pub fn of_control(was: &KeptControl, is: &KeptControl) -> Verdict {
    Looked::from(is).verdict(&was.into())
}

/// Whether less or more of a set was seen; none where that is not known or the same.
#[must_use]
pub fn seen_of_set(was: (&SetNumbers, Option<&SetSight>), is: (&SetNumbers, Option<&SetSight>)) -> Option<Seen> {
    seen(&Span::of_set(was.0), &Span::of_set(is.0), was.1.zip(is.1), ROUNDED_WIDTHS)
}

/// The same of a control.
#[must_use]
pub fn seen_of_control(was: &KeptControl, is: &KeptControl) -> Option<Seen> {
    Looked::from(is).seen(&was.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(percent: f64, interval: Option<(f64, f64)>) -> SetNumbers {
        SetNumbers {
            percent,
            max_score: 56.0,
            percent_at_least: interval.map(|interval| interval.0),
            percent_at_most: interval.map(|interval| interval.1),
            ..SetNumbers::default()
        }
    }

    fn sight(unknown: u64, not_assessed: u64, missing: &[&str]) -> SetSight {
        SetSight { unknown, not_assessed, missing: missing.iter().map(|name| (*name).to_owned()).collect() }
    }

    fn judge(was: (f64, Option<(f64, f64)>, SetSight), is: (f64, Option<(f64, f64)>, SetSight)) -> Verdict {
        of_set((&set(was.0, was.1), Some(&was.2)), (&set(is.0, is.1), Some(&is.2)))
    }

    #[test]
    fn a_ceiling_under_the_old_floor_is_a_regression_whatever_was_seen() {
        let is = (40.0, Some((30.0, 59.99)), sight(9, 3, &["users"]));
        assert_eq!(judge((70.0, Some((60.0, 80.0)), sight(0, 0, &[])), is), Verdict::Regression);
    }

    #[test]
    fn a_lower_score_of_what_was_seen_as_before_is_a_regression() {
        let was = (70.0, Some((60.0, 80.0)), sight(2, 1, &["users"]));
        for seen in [sight(2, 1, &["users"]), sight(1, 0, &["users"])] {
            assert_eq!(judge(was.clone(), (69.0, Some((59.0, 79.0)), seen)), Verdict::Regression);
        }
    }

    #[test]
    fn a_lower_score_is_less_seen_where_rows_controls_or_data_sets_went_out_of_sight() {
        let was = (70.0, Some((60.0, 80.0)), sight(2, 1, &["users"]));
        for seen in [sight(3, 1, &["users"]), sight(2, 2, &["users"]), sight(2, 1, &["groups", "users"])] {
            assert_eq!(judge(was.clone(), (65.0, Some((50.0, 80.0)), seen)), Verdict::LessSeen);
        }
    }

    #[test]
    fn a_lower_score_is_more_seen_where_a_data_set_came_into_sight() {
        let was = (70.0, Some((40.0, 80.0)), sight(0, 0, &["requirements"]));
        assert_eq!(judge(was, (60.0, Some((60.0, 60.0)), sight(0, 0, &[]))), Verdict::MoreSeen);
    }

    #[test]
    fn less_proven_at_the_same_score_is_less_seen() {
        let was = (70.0, Some((70.0, 70.0)), sight(0, 0, &[]));
        assert_eq!(judge(was.clone(), (70.0, Some((60.0, 75.0)), sight(4, 0, &[]))), Verdict::LessSeen);
        assert_eq!(judge(was.clone(), (70.0, Some((69.99, 70.01)), sight(0, 0, &[]))), Verdict::Steady, "rounding");
        assert_eq!(judge(was, (80.0, Some((80.0, 80.0)), sight(0, 0, &[]))), Verdict::Steady);
    }

    #[test]
    fn points_that_are_lost_for_certain_are_not_more_seen() {
        let was = (70.0, Some((60.0, 90.0)), sight(2, 0, &["requirements"]));
        let is = (60.0, Some((55.0, 75.0)), sight(2, 0, &["requirements"]));
        assert_eq!(judge(was.clone(), is), Verdict::Regression);
        // The same score of a tenant that grew: as much was seen as before.
        assert_eq!(judge(was, (70.0, Some((60.0, 99.0)), sight(2, 0, &["requirements"]))), Verdict::Steady);
    }

    #[test]
    fn without_a_floor_the_scores_are_compared_as_before() {
        let was = (70.0, None, sight(0, 0, &[]));
        assert_eq!(judge(was.clone(), (69.0, Some((10.0, 90.0)), sight(9, 9, &["users"]))), Verdict::Regression);
        assert_eq!(judge(was, (70.0, Some((10.0, 90.0)), sight(9, 9, &[]))), Verdict::Steady);
    }
}
