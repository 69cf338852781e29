//! The result of judging one tenant: the contract behind `score --format json`. Fields are only ever added.

use std::collections::BTreeMap;

use idscore_score::{Missing, Outcome, Points, Profile, Set, Status};
use serde::Serialize;

use crate::reviews::Review;

/// One tenant, judged at one instant.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// The tenant.
    pub tenant_id: String,
    /// The organisation's name, where it is known and kept.
    pub display_name: Option<String>,
    /// The instant of the snapshot, RFC 3339 in UTC.
    pub taken_at: String,
    /// `argument`, `collection`, `export` or `data`.
    pub taken_at_source: String,
    /// How strictly the tenant was read.
    pub profile: Profile,
    /// The version of the controls.
    pub catalogue_version: String,
    /// SHA-256 over everything in the configuration that can change the result.
    pub config_hash: String,
    /// The headline: Microsoft's controls.
    pub core: SetScore,
    /// Everything else.
    pub extended: SetScore,
    /// Every control of the catalogue that is not deprecated, in the order core, extended, then id.
    pub controls: Vec<ControlResult>,
    /// Accounts, apps and groups that the configuration declares, openly.
    pub declared: Vec<Declared>,
    /// What was read and what was not.
    pub data_sets: Vec<DataSetState>,
    /// What a reader of the result should know: dangling ids, duplicates, assumptions.
    pub warnings: Vec<String>,
    /// Users in the tenant, and of them enabled members, enabled guests and agent users.
    pub users: UserCounts,
}

/// The numbers of one set.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetScore {
    /// `100 × currentScore / maxScore`, rounded to two decimals.
    #[serde(serialize_with = "rounded")]
    pub percent: Points,
    /// What the percentage is at least: unknown rows, unknown parts and controls that were not assessed count as not met.
    /// None in an assessment that was kept before this was asked.
    #[serde(serialize_with = "truncated_option")]
    pub percent_at_least: Option<Points>,
    /// What it is at most: the same count as met.
    #[serde(serialize_with = "rounded_up_option")]
    pub percent_at_most: Option<Points>,
    /// Points earned.
    pub current_score: Points,
    /// Points that could be earned.
    pub max_score: Points,
    /// From 0 to 1: how much of what applies was seen.
    pub coverage: Points,
    /// The percentage under *compat*, without insider risk: the only one laid beside Microsoft's.
    #[serde(serialize_with = "rounded")]
    pub compat_percent: Points,
    /// If everything planned were done.
    #[serde(serialize_with = "rounded")]
    pub planned_percent: Points,
    /// If everything were done that the owned licences allow.
    #[serde(serialize_with = "rounded")]
    pub current_license_percent: Points,
    /// The same without accepted risks.
    #[serde(serialize_with = "rounded")]
    pub achievable_percent: Points,
    /// Of the percentage, what was earned only through statuses or attestations.
    #[serde(serialize_with = "rounded")]
    pub attested_percent: Points,
}

fn rounded<S: serde::Serializer>(points: &Points, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(points.rounded().to_f64())
}

fn rounded_up_option<S: serde::Serializer>(points: &Option<Points>, serializer: S) -> Result<S::Ok, S::Error> {
    points.as_ref().map(|points| points.rounded_up().to_f64()).serialize(serializer)
}

/// What one control says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlResult {
    /// The control's id.
    pub id: String,
    /// Which percentage it counts towards.
    pub set: Set,
    /// What it asks for.
    pub title: String,
    /// What it says.
    pub outcome: Outcome,
    /// Points earned; none when not assessed or not applicable.
    pub score: Option<Points>,
    /// Points that could be earned.
    pub max_score: Option<Points>,
    /// Points that are proven, out of `maxScore` or, where that is none, of the catalogue's points; none when not applicable.
    pub score_at_least: Option<Points>,
    /// Points that are possible.
    pub score_at_most: Option<Points>,
    /// `100 × score / maxScore`.
    #[serde(serialize_with = "rounded_option")]
    pub score_in_percentage: Option<Points>,
    /// `100 × maxScore / Σ maxScore` of its set.
    #[serde(serialize_with = "rounded_option")]
    pub impact_percent: Option<Points>,
    /// Of the impact, what is earned, truncated so that it never claims too much.
    #[serde(serialize_with = "truncated_option")]
    pub gained_percent: Option<Points>,
    /// Objects that meet the rule.
    pub count: u64,
    /// Objects that were judged.
    pub total: u64,
    /// Objects that could not be judged.
    pub unknown: u64,
    /// Of the users that don't meet the rule, those known to have no method that they may use; none where it is known of nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_method: Option<u64>,
    /// What the organisation decided.
    pub status: Status,
    /// What was not there.
    pub missing: Vec<Missing>,
    /// What a reader of this result should know.
    pub notes: Vec<String>,
    /// The licence that is needed and not owned, such as `P2`.
    pub needs_license: Option<String>,
    /// For work that people do: when it was done and is due; none for other controls and where none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

fn rounded_option<S: serde::Serializer>(points: &Option<Points>, serializer: S) -> Result<S::Ok, S::Error> {
    points.as_ref().map(|points| points.rounded().to_f64()).serialize(serializer)
}

fn truncated_option<S: serde::Serializer>(points: &Option<Points>, serializer: S) -> Result<S::Ok, S::Error> {
    points.as_ref().map(|points| points.truncated().to_f64()).serialize(serializer)
}

/// One object that the configuration declares.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Declared {
    /// `breakGlass`, `service`, `approvedApp`, `approvedGroup`, `allowedAppExclusion`, `attestation`, `status` or `setting`.
    pub kind: String,
    /// The object or control.
    pub id: String,
    /// Its name, where the snapshot has it.
    pub name: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when, as a date.
    pub expires: Option<String>,
    /// What it did to this result, in words.
    pub effect: String,
}

/// What became of one data set.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataSetState {
    /// The data set.
    pub name: String,
    /// `complete`, or why not: `absent`, `refused`, `failed`, `notLicensed`, `notInCloud`, `incomplete`, `lowerBound`.
    pub status: String,
    /// Rows read.
    pub rows: u64,
    /// What would bring it.
    pub missing: Option<Missing>,
    /// The controls that are not assessed for want of it.
    pub costs: Vec<String>,
}

/// How many users there are.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserCounts {
    /// All user objects.
    pub total: u64,
    /// Enabled members.
    pub enabled_members: u64,
    /// Enabled guests.
    pub enabled_guests: u64,
    /// Agent users.
    pub agents: u64,
    /// Users left out of populations, by the reason.
    pub excepted: BTreeMap<String, u64>,
}

/// One row of `explain --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceRow {
    /// The object.
    pub object_id: String,
    /// The name people know it by.
    pub name: Option<String>,
    /// `notMet` or `notAssessed`.
    pub outcome: Outcome,
    /// In a sentence, what is wrong or unknown.
    pub why: String,
    /// The sign-in that escapes, in words, for controls that rest on Conditional Access.
    pub witness: Option<String>,
    /// The columns that the control shows, by name.
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// Whom to turn to first; it orders rows and is not part of the contract.
    #[serde(skip)]
    pub urgency: Urgency,
}

/// Whose row matters most, where not everybody can be called at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Holds a privileged role, and is known to have no method for a second factor that may be used.
    PrivilegedWithoutMethod,
    /// Holds a privileged role.
    Privileged,
    /// Is known to have no method for a second factor that may be used.
    WithoutMethod,
    /// Everybody else, and whatever is no person.
    #[default]
    Other,
}

impl Urgency {
    /// All, the most urgent first.
    pub const ALL: [Self; 4] = [Self::PrivilegedWithoutMethod, Self::Privileged, Self::WithoutMethod, Self::Other];

    /// From what is known of a person; what is not known is not held to be so.
    #[must_use]
    pub fn of(privileged: Option<bool>, has_method: Option<bool>) -> Self {
        match (privileged == Some(true), has_method == Some(false)) {
            (true, true) => Self::PrivilegedWithoutMethod,
            (true, false) => Self::Privileged,
            (false, true) => Self::WithoutMethod,
            (false, false) => Self::Other,
        }
    }

    /// Holds a privileged role.
    #[must_use]
    pub fn is_privileged(self) -> bool {
        matches!(self, Self::PrivilegedWithoutMethod | Self::Privileged)
    }

    /// Is known to have no method that may be used.
    #[must_use]
    pub fn is_without_method(self) -> bool {
        matches!(self, Self::PrivilegedWithoutMethod | Self::WithoutMethod)
    }
}
