//! The trend: what is told of a day, and how it moves, from day to day, over a number of days, and what a reader should know about a day.

use idscore_score::{Missing, Outcome, Set, Status};
use serde::{Deserialize, Serialize};

use crate::kept::{Cause, KeptAssessment, SetNumbers};
use crate::regression::{self, BothSights, Verdict};

/// One point of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrendPoint {
    /// The assessment.
    pub id: String,
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// The instant for which it holds, in microseconds.
    pub assessed_at: i64,
    /// Why it was written.
    pub cause: Cause,
    /// The version of the controls.
    pub catalogue_version: String,
    /// The hash of the configuration.
    pub config_hash: String,
    /// The same text for the same Conditional Access policies; empty where they are not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub policies: String,
    /// How far each set was seen; none where it was kept before this was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight: Option<BothSights>,
    /// The headline.
    pub core: SetNumbers,
    /// Everything else.
    pub extended: SetNumbers,
}

/// The core controls of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct CoreDay {
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// The instant of the data, in microseconds.
    pub taken_at: i64,
    /// Enabled members.
    pub active_users: u64,
    /// Microsoft Entra ID P1 is owned, alone or as part of P2.
    pub has_p1: Option<bool>,
    /// Microsoft Entra ID P2 is owned.
    pub has_p2: Option<bool>,
    /// Points earned.
    pub current_score: f64,
    /// Points that could be earned.
    pub max_score: f64,
    /// The controls.
    pub controls: Vec<CoreControl>,
}

/// A control of a day without what only the arithmetic needs, which is most of it; members as in [`KeptControl`](crate::KeptControl).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each is described once, in `KeptControl`")]
pub struct CoreControl {
    pub id: String,
    pub title: String,
    pub outcome: Outcome,
    pub score: Option<f64>,
    pub max_score: Option<f64>,
    #[serde(default)]
    pub score_at_least: Option<f64>,
    #[serde(default)]
    pub score_at_most: Option<f64>,
    pub count: u64,
    pub total: u64,
    #[serde(default)]
    pub unknown: u64,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    pub missing: Vec<Missing>,
}

/// One control on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlDay {
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// Whose numbers stand for the day.
    pub cause: Cause,
    /// The control on that day.
    pub control: CoreControl,
}

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
    /// What a trend says of an assessment that is kept under an id.
    #[must_use]
    pub fn of(kept: &KeptAssessment, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            day: kept.day(),
            assessed_at: kept.assessed_at,
            cause: kept.cause,
            catalogue_version: kept.catalogue_version.clone(),
            config_hash: kept.config_hash.clone(),
            policies: kept.details.policies.clone(),
            sight: kept.details.sight.clone(),
            core: kept.core,
            extended: kept.extended,
        }
    }

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
