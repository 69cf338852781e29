//! From what was found about one control to its outcome and points.

use serde::{Deserialize, Serialize};

use crate::interval::{Interval, interval};
use crate::points::{exact, exact_parts};
use crate::{Outcome, Points, Set, Status};

/// What judging found out about one control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Finding {
    /// Rows that share the points.
    Partial(Tally),
    /// Rows of which one failure costs all points.
    Binary(Tally),
    /// Parts with points of their own: TRUE earned, FALSE not, `None` unknown.
    Graded(#[serde(with = "exact_parts")] Vec<(Points, Option<bool>)>),
    /// The last recorded review: full within the period, nothing at twice the period, fading in between.
    Task {
        /// Seconds since the last review, if there was one.
        age: Option<u64>,
        /// The period in seconds.
        period: u64,
    },
    /// Whether an attestation with owner, reason and expiry stands.
    Attested(bool),
}

/// Rows by what the rule said of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// The rule holds.
    pub met: u64,
    /// The rule does not hold.
    pub not_met: u64,
    /// It is not known whether the rule holds, or whether the row is judged at all.
    pub unknown: u64,
}

impl Tally {
    /// Rows that could be judged.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.met + self.not_met
    }
}

/// Whether the tenant owns what a control needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ownership {
    /// It does, or nothing is needed.
    Owned,
    /// It does not.
    NotOwned,
    /// The licences were not read.
    Unknown,
}

/// Everything the arithmetic needs to know about one control. What it makes of that can follow a later decision of the
/// organisation without the tenant's data, so it can be kept: points are written as exact fractions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// Which percentage it counts towards.
    pub set: Set,
    /// What it is worth in the catalogue.
    #[serde(with = "exact")]
    pub points: Points,
    /// Whether the control is about this tenant; `None` when that is unknown.
    pub applies: Option<bool>,
    /// Whether the tenant could do it.
    pub license: Ownership,
    /// Whether all data that the rule needs were read.
    pub data_read: bool,
    /// What was found.
    pub finding: Finding,
    /// How far it was seen, for what is proven; `None` in assessments kept before anybody asked, of which nothing is proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight: Option<Sight>,
    /// What the organisation decided; has no effect on a control that the data confirm.
    pub status: Status,
}

/// How far a control was seen: what its floor and ceiling rest on besides the finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sight {
    /// Whether the number of judged objects is known: false where the data set holds only some of them.
    pub population_known: bool,
    /// What was found when every row counts as unknown that could turn, enter or leave with data that only refine the
    /// verdict; `None` where that is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Finding>,
}

impl Sight {
    /// Everything that could change the verdict was read, or counts as unknown already.
    pub const WHOLE: Self = Self { population_known: true, proven: None };
}

/// Points where honest readers differ; each is documented with the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreSettings {
    /// Count Microsoft's insider-risk control in the headline where it applies.
    pub insider_risk_in_headline: bool,
    /// Keep core controls in the maximum although the licence is not owned, as Microsoft does.
    pub unlicensed_core_in_maximum: bool,
    /// Keep accepted risks in the maximum.
    pub risk_accepted_in_maximum: bool,
}

impl Default for ScoreSettings {
    fn default() -> Self {
        Self { insider_risk_in_headline: true, unlicensed_core_in_maximum: true, risk_accepted_in_maximum: true }
    }
}

/// The outcome and points of one control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlScore {
    /// Which percentage it counts towards.
    pub set: Set,
    /// What the control says, statuses included.
    pub outcome: Outcome,
    /// What the data alone say.
    pub measured: Outcome,
    /// Points earned and points possible; `None` when not assessed or not applicable.
    pub points: Option<Earned>,
    /// What the points are at least and at most; `None` when the control certainly does not apply.
    pub interval: Option<Interval>,
    /// What the control is worth in the catalogue.
    pub catalogue_points: Points,
    /// From 0 to 1: how much of it was seen.
    pub covered_share: Points,
    /// The status in force.
    pub status: Status,
    /// Whether the tenant could do it.
    pub license: Ownership,
}

/// Points of a control that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earned {
    /// Points earned, statuses included.
    pub score: Points,
    /// Of these, earned only through a status or an attestation.
    pub attested: Points,
    /// Points possible.
    pub max: Points,
}

impl ControlScore {
    /// Scores one control, in the order: applies, licence, data, rows.
    #[must_use]
    pub fn of(judged: &Judged, settings: &ScoreSettings) -> Self {
        let (measured, fraction, covered_share) = measure(judged, settings);
        let by_status = matches!(judged.status, Status::ThirdParty | Status::AlternateMitigation);
        let status = match (measured, judged.status) {
            // What could not be seen may still be open.
            (Outcome::Met, _)
                if covered_share == Points::whole(1) && !matches!(judged.finding, Finding::Attested(_)) =>
            {
                Status::Completed
            }
            // Only the data can say that an action is completed.
            (_, Status::Completed) => Status::ToAddress,
            (_, status) => status,
        };
        let points = match measured {
            Outcome::NotApplicable => None,
            Outcome::NotAssessed if !by_status => None,
            _ if status == Status::RiskAccepted && !settings.risk_accepted_in_maximum => None,
            _ => {
                let max = judged.points.clone();
                let from_data = max.times(&fraction);
                let score = if by_status { max.clone() } else { from_data.clone() };
                let attested =
                    if matches!(judged.finding, Finding::Attested(_)) { score.clone() } else { &score - &from_data };
                Some(Earned { score, attested, max })
            }
        };
        let outcome = match (&points, measured) {
            (Some(_), _) if by_status => Outcome::Met,
            (None, Outcome::Met | Outcome::Partial | Outcome::NotMet) => Outcome::NotApplicable,
            (_, measured) => measured,
        };
        Self {
            set: judged.set,
            outcome,
            measured,
            points,
            interval: interval(judged, settings),
            catalogue_points: judged.points.clone(),
            covered_share,
            status,
            license: judged.license,
        }
    }

    /// Whether the control is about this tenant, as far as is known; such controls weigh in the coverage.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.outcome != Outcome::NotApplicable
    }
}

/// The measured outcome, the earned fraction and the covered share.
fn measure(judged: &Judged, settings: &ScoreSettings) -> (Outcome, Points, Points) {
    let nothing = |outcome| (outcome, Points::zero(), Points::zero());
    let leaves_when_unlicensed = judged.set == Set::Extended || !settings.unlicensed_core_in_maximum;
    // Without the licence it leaves whether it would apply or not.
    if judged.applies == Some(false) || (judged.license == Ownership::NotOwned && leaves_when_unlicensed) {
        return nothing(Outcome::NotApplicable);
    }
    if judged.applies.is_none() || !judged.data_read {
        return nothing(Outcome::NotAssessed);
    }
    let (outcome, fraction, covered) = found(&judged.finding, judged.set);
    // Nobody knows how much of it was seen.
    let covered =
        if judged.sight.as_ref().is_none_or(|sight| sight.population_known) { covered } else { Points::zero() };
    (outcome, fraction, covered)
}

fn found(finding: &Finding, set: Set) -> (Outcome, Points, Points) {
    match finding {
        Finding::Partial(tally) => partial(*tally, set),
        Finding::Binary(tally) => binary(*tally, set),
        Finding::Graded(parts) => graded(parts, set),
        Finding::Task { age, period } => {
            let fraction = faded(*age, *period);
            (outcome_of(&fraction), fraction, Points::whole(1))
        }
        Finding::Attested(true) => (Outcome::Met, Points::whole(1), Points::whole(1)),
        Finding::Attested(false) => (Outcome::NotAssessed, Points::zero(), Points::zero()),
    }
}

fn partial(tally: Tally, set: Set) -> (Outcome, Points, Points) {
    if tally.total() == 0 {
        return empty(tally.unknown > 0, set);
    }
    let fraction = Points::whole(1).share(tally.met, tally.total());
    let covered = Points::whole(1).share(tally.total(), tally.total() + tally.unknown);
    (outcome_of(&fraction), fraction, covered)
}

fn binary(tally: Tally, set: Set) -> (Outcome, Points, Points) {
    if tally.not_met > 0 {
        return (Outcome::NotMet, Points::zero(), Points::whole(1));
    }
    if tally.unknown > 0 {
        return (Outcome::NotAssessed, Points::zero(), Points::zero());
    }
    if tally.met == 0 {
        return empty(false, set);
    }
    (Outcome::Met, Points::whole(1), Points::whole(1))
}

fn graded(parts: &[(Points, Option<bool>)], set: Set) -> (Outcome, Points, Points) {
    let sum = |wanted: &dyn Fn(Option<bool>) -> bool| -> Points {
        parts.iter().filter(|(_, met)| wanted(*met)).map(|(points, _)| points).sum()
    };
    let judged = sum(&|met| met.is_some());
    if judged.is_zero() {
        return empty(!parts.is_empty(), set);
    }
    let fraction = sum(&|met| met == Some(true)).divided_by(&judged);
    let covered = judged.divided_by(&sum(&|_| true));
    (outcome_of(&fraction), fraction, covered)
}

/// Nothing to judge: full points in core as Microsoft gives them, otherwise not applicable.
fn empty(some_unknown: bool, set: Set) -> (Outcome, Points, Points) {
    match (some_unknown, set) {
        (true, _) => (Outcome::NotAssessed, Points::zero(), Points::zero()),
        (false, Set::Core) => (Outcome::Met, Points::whole(1), Points::whole(1)),
        (false, Set::Extended) => (Outcome::NotApplicable, Points::zero(), Points::zero()),
    }
}

/// Full within the period, nothing at twice the period, fading in between.
pub(crate) fn faded(age: Option<u64>, period: u64) -> Points {
    match age {
        Some(age) if age <= period => Points::whole(1),
        Some(age) => Points::whole(1).share(period.saturating_mul(2).saturating_sub(age), period),
        None => Points::zero(),
    }
}

fn outcome_of(fraction: &Points) -> Outcome {
    if fraction.is_zero() {
        Outcome::NotMet
    } else if *fraction == Points::whole(1) {
        Outcome::Met
    } else {
        Outcome::Partial
    }
}
