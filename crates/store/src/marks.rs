//! How a trend moves: from day to day, over a number of days, and what a reader should know about a day.

use idscore_score::Set;
use serde::Serialize;

use crate::assessments::days::TrendPoint;
use crate::kept::{Cause, SetNumbers};
use crate::regression::{self, Verdict};

/// What a reader should know about a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mark {
    /// Microsoft's own numbers stand for the day.
    Microsoft,
    /// Lower than the day before, and not because less was seen.
    Regression,
    /// Less was seen than the day before.
    LessSeen,
    /// More was seen than the day before.
    MoreSeen,
    /// The controls are of another version than the day before.
    CatalogueChanged,
    /// The configuration is another than the day before.
    ConfigurationChanged,
    /// Conditional Access policies are others than the day before.
    PoliciesChanged,
    /// Somebody decided about an action.
    Decision,
    /// A decision came to its end, or a review grew old.
    Expiry,
}

impl TrendPoint {
    /// The numbers of a set.
    #[must_use]
    pub fn of_set(&self, set: Set) -> SetNumbers {
        match set {
            Set::Core => self.core,
            Set::Extended => self.extended,
        }
    }

    /// Whether a step leads from another day to this one: Microsoft's numbers and ours are different measures.
    #[must_use]
    pub fn follows(&self, before: &Self) -> bool {
        (before.cause == Cause::Microsoft) == (self.cause == Cause::Microsoft)
    }

    /// Percentage less the one of a day before; none where no step leads from there.
    #[must_use]
    pub fn change_since(&self, before: &Self, set: Set) -> Option<f64> {
        // Both have two decimals; their difference has no more.
        let change = self.of_set(set).percent - before.of_set(set).percent;
        self.follows(before).then(|| (change * 100.0).round() / 100.0)
    }

    /// What a set says beside a day before.
    #[must_use]
    pub fn verdict(&self, before: &Self, set: Set) -> Verdict {
        let sight = |point: &'_ Self| point.sight.as_ref().map(|sight| sight.of_set(set).clone());
        let (was, is) = (sight(before), sight(self));
        regression::of_set((&before.of_set(set), was.as_ref()), (&self.of_set(set), is.as_ref()))
    }

    /// Whether Conditional Access policies differ; what could not be read on one side is no difference.
    fn has_other_policies(&self, before: &Self) -> bool {
        !self.policies.is_empty() && !before.policies.is_empty() && self.policies != before.policies
    }

    /// What a reader should know about the day, beside the one before it.
    #[must_use]
    pub fn marks(&self, before: Option<&Self>, set: Set) -> Vec<Mark> {
        let before = before.filter(|before| self.follows(before));
        let verdict = before.map(|before| self.verdict(before, set));
        let marks = [
            (self.cause == Cause::Microsoft, Mark::Microsoft),
            (verdict == Some(Verdict::Regression), Mark::Regression),
            (verdict == Some(Verdict::LessSeen), Mark::LessSeen),
            (verdict == Some(Verdict::MoreSeen), Mark::MoreSeen),
            (before.is_some_and(|before| before.catalogue_version != self.catalogue_version), Mark::CatalogueChanged),
            (before.is_some_and(|before| before.config_hash != self.config_hash), Mark::ConfigurationChanged),
            (before.is_some_and(|before| self.has_other_policies(before)), Mark::PoliciesChanged),
            (self.cause == Cause::Decision, Mark::Decision),
            (self.cause == Cause::Expiry, Mark::Expiry),
        ];
        marks.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark).collect()
    }
}

/// The day that a change over a number of days is counted from: the last of ours that is so old or older.
#[must_use]
pub fn days_before(trend: &[TrendPoint], days: i64) -> Option<&TrendPoint> {
    let mut ours = trend.iter().rev().filter(|point| point.cause != Cause::Microsoft);
    let newest = ours.next()?;
    ours.find(|point| point.day <= newest.day - days)
}
