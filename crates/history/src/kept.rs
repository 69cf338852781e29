//! An assessment as it is kept: its numbers, and every control with all that a later decision needs.

use idscore_assess::{Assessment, JudgedControl, Judgement, Rescored, SetScore, rescore};
use idscore_score::{ControlScore, Judged, Missing, Outcome, Profile, ScoreSettings, Set, Status};
use serde::{Deserialize, Serialize};

use crate::instants::{day_of, micros};
use crate::regression::{BothSights, SetSight};

/// Why an assessment was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// A snapshot was judged.
    Snapshot,
    /// An older snapshot was judged again by another catalogue or configuration.
    Reassessment,
    /// Somebody decided about an action, recorded a review or an attestation.
    Decision,
    /// A decision came to its end, or a review grew old.
    Expiry,
    /// Microsoft's own numbers, read from an export.
    Microsoft,
}

/// The numbers of one set, as they are shown: percentages with two decimals, points as the nearest double.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetNumbers {
    /// `100 × currentScore / maxScore`.
    pub percent: f64,
    /// Points earned.
    pub current_score: f64,
    /// Points that could be earned.
    pub max_score: f64,
    /// From 0 to 1: how much of what applies was seen.
    pub coverage: f64,
    /// The percentage under *compat*.
    pub compat_percent: f64,
    /// If everything planned were done.
    pub planned_percent: f64,
    /// If everything were done that the owned licences allow.
    pub current_license_percent: f64,
    /// The same without accepted risks.
    pub achievable_percent: f64,
    /// What was earned only through statuses or attestations.
    pub attested_percent: f64,
    /// What the percentage is at least, cut off; none where it was kept before this was asked, or is somebody else's.
    #[serde(default)]
    pub percent_at_least: Option<f64>,
    /// What it is at most, rounded up.
    #[serde(default)]
    pub percent_at_most: Option<f64>,
}

impl From<&SetScore> for SetNumbers {
    fn from(score: &SetScore) -> Self {
        Self {
            percent: score.percent.rounded().to_f64(),
            current_score: score.current_score.to_f64(),
            max_score: score.max_score.to_f64(),
            coverage: score.coverage.to_f64(),
            compat_percent: score.compat_percent.rounded().to_f64(),
            planned_percent: score.planned_percent.rounded().to_f64(),
            current_license_percent: score.current_license_percent.rounded().to_f64(),
            achievable_percent: score.achievable_percent.rounded().to_f64(),
            attested_percent: score.attested_percent.rounded().to_f64(),
            percent_at_least: score.percent_at_least.as_ref().map(|percent| percent.truncated().to_f64()),
            percent_at_most: score.percent_at_most.as_ref().map(|percent| percent.rounded_up().to_f64()),
        }
    }
}

/// One control of a kept assessment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptControl {
    /// The control's id.
    pub id: String,
    /// What it asked for, in the words of its day.
    pub title: String,
    /// Which percentage it counts towards.
    pub set: Set,
    /// What it said.
    pub outcome: Outcome,
    /// Points earned; none when not assessed or not applicable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Points that could be earned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_score: Option<f64>,
    /// Points that are proven; none when not applicable, and where it was kept before this was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_at_least: Option<f64>,
    /// Points that are possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_at_most: Option<f64>,
    /// Objects that met the rule.
    pub count: u64,
    /// Objects that were judged.
    pub total: u64,
    /// Objects that could not be judged.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u64,
    /// Of the users that don't meet the rule, those known to have no method that they may use; none where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_method: Option<u64>,
    /// The status in force.
    pub status: Status,
    /// The licence that is needed and not owned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_license: Option<String>,
    /// What was not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// What a reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the arithmetic needs; none for numbers of somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// The same under *compat*, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compat: Option<Judged>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What an assessment says beside its controls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Details {
    /// Users in the tenant.
    pub users: u64,
    /// Enabled guests.
    pub enabled_guests: u64,
    /// Accounts, apps and groups that the configuration declares.
    pub declared: serde_json::Value,
    /// What was read and what was not.
    pub data_sets: serde_json::Value,
    /// What a reader should know.
    pub warnings: Vec<String>,
    /// The same text for the same Conditional Access policies; empty where they could not be read.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub policies: String,
    /// How far each set was seen; none where it was kept before this was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sight: Option<BothSights>,
}

/// A kept assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptAssessment {
    /// Made when it was written, never reused.
    pub id: String,
    /// The order in which assessments were written.
    pub sequence: i64,
    /// The tenant.
    pub tenant_id: String,
    /// The instant for which it holds, in microseconds.
    pub assessed_at: i64,
    /// The instant of the data, in microseconds.
    pub taken_at: i64,
    /// How that instant is known.
    pub taken_at_source: String,
    /// Why it was written.
    pub cause: Cause,
    /// How strictly the tenant was read.
    pub profile: Profile,
    /// The version of the controls.
    pub catalogue_version: String,
    /// The hash of the configuration.
    pub config_hash: String,
    /// The folder of the snapshot, below the data folder; empty where none is kept.
    pub snapshot: String,
    /// The file of the evidence, below the data folder; empty where none is kept.
    pub evidence: String,
    /// Enabled members.
    pub active_users: u64,
    /// Microsoft Entra ID P1 is owned, alone or as part of P2.
    pub has_p1: Option<bool>,
    /// Microsoft Entra ID P2 is owned.
    pub has_p2: Option<bool>,
    /// The headline.
    pub core: SetNumbers,
    /// Everything else.
    pub extended: SetNumbers,
    /// Choices about points that were in force.
    pub settings: ScoreSettings,
    /// The controls.
    pub controls: Vec<KeptControl>,
    /// What it says beside them.
    pub details: Details,
}

impl KeptAssessment {
    /// What was just judged, ready to be kept; `snapshot` is its folder below the data folder, or empty.
    #[must_use]
    pub fn of(judgement: &Judgement, settings: ScoreSettings, snapshot: &str) -> Self {
        let Judgement { assessment, judged, .. } = judgement;
        let taken_at = micros(&assessment.taken_at).unwrap_or_default();
        let controls = controls(assessment, judged);
        let sight = BothSights::of(&controls);
        Self {
            id: String::new(),
            sequence: 0,
            tenant_id: assessment.tenant_id.clone(),
            assessed_at: taken_at,
            taken_at,
            taken_at_source: assessment.taken_at_source.clone(),
            cause: Cause::Snapshot,
            profile: assessment.profile,
            catalogue_version: assessment.catalogue_version.clone(),
            config_hash: assessment.config_hash.clone(),
            snapshot: snapshot.to_owned(),
            evidence: String::new(),
            active_users: assessment.users.enabled_members,
            has_p1: None,
            has_p2: None,
            core: SetNumbers::from(&assessment.core),
            extended: SetNumbers::from(&assessment.extended),
            settings,
            controls,
            details: Details {
                users: assessment.users.total,
                enabled_guests: assessment.users.enabled_guests,
                declared: serde_json::to_value(&assessment.declared).unwrap_or_default(),
                data_sets: serde_json::to_value(&assessment.data_sets).unwrap_or_default(),
                warnings: assessment.warnings.clone(),
                policies: String::new(),
                sight: Some(sight),
            },
        }
    }

    /// The day for which it holds, in days since 1970 UTC.
    #[must_use]
    pub fn day(&self) -> i64 {
        day_of(self.assessed_at)
    }

    /// A control by its id.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&KeptControl> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// The numbers of a set.
    #[must_use]
    pub fn numbers(&self, set: Set) -> &SetNumbers {
        match set {
            Set::Core => &self.core,
            Set::Extended => &self.extended,
        }
    }

    /// How far a set was seen; none where it was kept before this was asked.
    #[must_use]
    pub fn sight(&self, set: Set) -> Option<&SetSight> {
        self.details.sight.as_ref().map(|sight| sight.of_set(set))
    }

    /// The controls of one set.
    pub fn of_set(&self, set: Set) -> impl Iterator<Item = &KeptControl> {
        self.controls.iter().filter(move |control| control.set == set)
    }

    /// The controls as the arithmetic needs them; none when the numbers are somebody else's.
    pub(crate) fn judged(&self) -> Option<Vec<JudgedControl>> {
        let judged = |control: &KeptControl| {
            let (id, compat) = (control.id.clone(), control.compat.clone());
            Some(JudgedControl { id, judged: control.judged.clone()?, compat })
        };
        self.controls.iter().map(judged).collect()
    }

    /// The same tenant after decisions: new points, same findings.
    pub(crate) fn rescored(&self, judged: &[JudgedControl]) -> Self {
        let (core, extended, scores) = rescore(judged, &self.settings);
        let mut after = Self { core: (&core).into(), extended: (&extended).into(), ..self.clone() };
        for control in &mut after.controls {
            if let (Some(score), Some(judged)) = (
                scores.iter().find(|score| score.id == control.id),
                judged.iter().find(|judged| judged.id == control.id),
            ) {
                put(control, score, judged);
            }
        }
        after.details.sight = self.details.sight.as_ref().map(|_| BothSights::of(&after.controls));
        after
    }
}

fn put(control: &mut KeptControl, rescored: &Rescored, judged: &JudgedControl) {
    let earned = rescored.score.points.as_ref();
    control.outcome = rescored.score.outcome;
    control.status = rescored.score.status;
    control.score = earned.map(|earned| earned.score.to_f64());
    control.max_score = earned.map(|earned| earned.max.to_f64());
    (control.score_at_least, control.score_at_most) = proven(&rescored.score, &judged.judged);
    control.judged = Some(judged.judged.clone());
    control.compat.clone_from(&judged.compat);
}

/// What is proven of a control and what is possible; nothing where it was kept before this was asked.
fn proven(score: &ControlScore, judged: &Judged) -> (Option<f64>, Option<f64>) {
    let interval = score.interval.as_ref().filter(|_| judged.sight.is_some());
    (interval.map(|interval| interval.at_least.to_f64()), interval.map(|interval| interval.at_most.to_f64()))
}

fn controls(assessment: &Assessment, judged: &[JudgedControl]) -> Vec<KeptControl> {
    let kept = assessment.controls.iter().map(|result| {
        let judged = judged.iter().find(|judged| judged.id == result.id);
        KeptControl {
            id: result.id.clone(),
            title: result.title.clone(),
            set: result.set,
            outcome: result.outcome,
            score: result.score.as_ref().map(idscore_score::Points::to_f64),
            max_score: result.max_score.as_ref().map(idscore_score::Points::to_f64),
            score_at_least: result.score_at_least.as_ref().map(idscore_score::Points::to_f64),
            score_at_most: result.score_at_most.as_ref().map(idscore_score::Points::to_f64),
            count: result.count,
            total: result.total,
            unknown: result.unknown,
            without_method: result.without_method,
            status: result.status,
            needs_license: result.needs_license.clone(),
            missing: result.missing.clone(),
            notes: result.notes.clone(),
            judged: judged.map(|judged| judged.judged.clone()),
            compat: judged.and_then(|judged| judged.compat.clone()),
        }
    });
    kept.collect()
}
