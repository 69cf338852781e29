//! Two assessments of a tenant laid beside each other: how every control moved, and why. Causes that are not the tenant's
//! own (other controls, another configuration, a decision) are always said beside those that are.

mod objects;
mod policies;
mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use idscore_assess::EvidenceRow;
use idscore_score::{Missing, Outcome, Profile, Set, Status};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::instants::rfc3339;
use crate::kept::{Cause, KeptAssessment, KeptControl, SetNumbers};
use crate::plan::ActionState;
use crate::regression::{self, Seen};
use crate::unread::UnreadFile;

pub use objects::{EVIDENCE_ROWS, Object};
pub use policies::{Changed, FieldChange, PolicyChange, digest, policy_changes};

/// The kind of the documents that Conditional Access consists of.
const POLICY: &str = "conditionalAccessPolicy";

/// One side of a comparison: an assessment with what is kept beside it.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The assessment.
    pub assessment: &'a KeptAssessment,
    /// Gives the rows of a control that lose points or are unknown; none where none were kept.
    pub evidence: Option<&'a RowsOf<'a>>,
    /// Documents of the snapshot by kind, of the data sets that were read whole; none where no snapshot was kept.
    pub documents: Option<&'a Documents>,
    /// What was decided about actions at the time.
    pub actions: &'a BTreeMap<String, ActionState>,
}

/// Gives the rows of evidence of a control.
pub type RowsOf<'a> = dyn Fn(&str) -> Vec<EvidenceRow> + 'a;

impl std::fmt::Debug for Side<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Side").field("assessment", &self.assessment.id).finish_non_exhaustive()
    }
}

/// The documents of a snapshot: by kind, the id and the JSON of each.
pub type Documents = BTreeMap<String, Vec<(String, Value)>>;

/// What moved from one assessment to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The tenant.
    pub tenant_id: String,
    /// The earlier assessment.
    pub before: About,
    /// The later one.
    pub after: About,
    /// The headline.
    pub core: SetMove,
    /// Everything else.
    pub extended: SetMove,
    /// The controls are of another version: points can move without the tenant.
    pub catalogue_changed: bool,
    /// The configuration or the profile is another: points can move without the tenant.
    pub configuration_changed: bool,
    /// Policies and what they name; none where they were not kept or not read on both sides.
    pub policies: Option<Vec<PolicyChange>>,
    /// Declarations that came, went or changed.
    pub declared: Vec<DeclarationChange>,
    /// Data sets that could be read on one side only.
    pub data_sets: Vec<DataSetChange>,
    /// The controls that differ, most lost points first, then most gained.
    pub controls: Vec<ControlMove>,
    /// Kept files that could not be read, so that what they hold is not in here.
    pub unread: Vec<UnreadFile>,
}

/// What an assessment says about itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Its id.
    pub id: String,
    /// The instant for which it holds.
    pub assessed_at: String,
    /// The instant of the data.
    pub taken_at: String,
    /// Why it was written.
    pub cause: Cause,
    /// How strictly the tenant was read.
    pub profile: Profile,
    /// The version of the controls.
    pub catalogue_version: String,
    /// The hash of the configuration.
    pub config_hash: String,
}

/// How a set moved. `points` is the sum of the moves of its controls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SetMove {
    /// The numbers before.
    pub before: SetNumbers,
    /// The numbers after.
    pub after: SetNumbers,
    /// Points after less points before.
    pub points: f64,
    /// Possible points after less those before.
    pub max_points: f64,
    /// Percentage after less the one before.
    pub percent: f64,
    /// Whether less or more was seen, so that floor and ceiling lie further apart or closer; none where neither, or not known.
    pub seen: Option<Seen>,
}

/// How one control moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlMove {
    /// The control's id.
    pub id: String,
    /// What it asks for.
    pub title: String,
    /// Which percentage it counts towards.
    pub set: Set,
    /// What it said before; none where it wasn't there.
    pub before: Option<ControlState>,
    /// What it says after; none where it isn't there.
    pub after: Option<ControlState>,
    /// Points after less points before; no points are none.
    pub points: f64,
    /// The same of the points that could be earned.
    pub max_points: f64,
    /// Whether less or more of it was seen; none where it was the same, or is not known.
    pub seen: Option<Seen>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What a control said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlState {
    /// The outcome.
    pub outcome: Outcome,
    /// Points earned.
    pub score: Option<f64>,
    /// Points that could be earned.
    pub max_score: Option<f64>,
    /// Points that are proven; none when not applicable, and where it was kept before this was asked.
    pub score_at_least: Option<f64>,
    /// Points that are possible.
    pub score_at_most: Option<f64>,
    /// Objects that met the rule.
    pub count: u64,
    /// Objects that were judged.
    pub total: u64,
    /// Objects that could not be judged.
    pub unknown: u64,
    /// The status in force.
    pub status: Status,
}

impl From<&KeptControl> for ControlState {
    fn from(control: &KeptControl) -> Self {
        Self {
            outcome: control.outcome,
            score: control.score,
            max_score: control.max_score,
            score_at_least: control.score_at_least,
            score_at_most: control.score_at_most,
            count: control.count,
            total: control.total,
            unknown: control.unknown,
            status: control.status,
        }
    }
}

/// One cause of a control's move.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reason {
    /// Objects lose points that did not lose them before.
    LosesPoints {
        /// Who.
        objects: Vec<Object>,
        /// Whether all are named; not where there are more than evidence is kept of.
        complete: bool,
    },
    /// Objects lost points before and don't any more: they meet the rule, are not judged any more, or are gone.
    NoLongerLoses {
        /// Who.
        objects: Vec<Object>,
        /// Whether all are named.
        complete: bool,
    },
    /// Objects could be judged before and can't be now.
    NoLongerKnown {
        /// Who.
        objects: Vec<Object>,
        /// Whether all are named.
        complete: bool,
    },
    /// More or fewer objects are judged.
    Population {
        /// Judged and unknown objects before.
        before: u64,
        /// The same after.
        after: u64,
    },
    /// Policies changed on which this control rests; the ids of [`Difference::policies`].
    Policies {
        /// Their ids.
        ids: Vec<String>,
    },
    /// The status in force is another.
    Decision {
        /// Before.
        before: Status,
        /// After.
        after: Status,
        /// Who decided last; empty where nobody did in the plan.
        by: String,
        /// Why it was accepted, or what mitigates.
        reason: String,
        /// Its last day.
        expires: Option<Date>,
    },
    /// The last review is another, or grew older.
    Review {
        /// Seconds since the review, before.
        age_before: Option<u64>,
        /// The same after.
        age_after: Option<u64>,
    },
    /// An attestation stands on one side only.
    Attestation {
        /// Whether it stood.
        before: bool,
        /// Whether it stands.
        after: bool,
    },
    /// The licence that is needed and not owned is another.
    Licence {
        /// What was lacking.
        before: Option<String>,
        /// What is lacking.
        after: Option<String>,
    },
    /// Data could be read on one side only.
    Data {
        /// What is not there any more.
        lost: Vec<Missing>,
        /// What was not there before.
        found: Vec<Missing>,
    },
    /// Declarations changed, and with them who is judged; see [`Difference::declared`].
    Declared,
    /// The control is new, retired, or worth other points.
    Catalogue {
        /// Its worth before.
        before: Option<f64>,
        /// Its worth after.
        after: Option<f64>,
    },
    /// The controls are of another version, whose rule may differ.
    CatalogueVersion,
    /// The configuration or profile is another.
    Configuration,
    /// Whether it is about this tenant is answered differently.
    Applicability,
    /// What is kept doesn't tell.
    NotKept,
}

/// A declaration that came, went or changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationChange {
    /// Its kind: `breakGlass`, `service`, ….
    pub kind: String,
    /// The object or control.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// As it was; none where it is new.
    pub before: Option<Value>,
    /// As it is; none where it is gone.
    pub after: Option<Value>,
}

/// A data set that could be read on one side only, or otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataSetChange {
    /// Its name.
    pub name: String,
    /// What became of it before: `complete`, `refused`, ….
    pub before: Option<String>,
    /// What became of it after.
    pub after: Option<String>,
}

/// Lays two assessments beside each other. `rests_on_policies` says of a control whether Conditional Access decides it.
#[must_use]
pub fn difference(before: Side<'_>, after: Side<'_>, rests_on_policies: &dyn Fn(&str) -> bool) -> Difference {
    let (was, is) = (before.assessment, after.assessment);
    let mut found = Difference {
        tenant_id: is.tenant_id.clone(),
        before: about(was),
        after: about(is),
        core: set_move(was, is, Set::Core),
        extended: set_move(was, is, Set::Extended),
        catalogue_changed: was.catalogue_version != is.catalogue_version,
        configuration_changed: was.config_hash != is.config_hash || was.profile != is.profile,
        policies: before.documents.zip(after.documents).and_then(|(before, after)| all_policy_changes(before, after)),
        declared: reasons::declared(was, is),
        data_sets: reasons::data_sets(was, is),
        controls: vec![],
        unread: Vec::new(),
    };
    // A control that moves from one set to the other leaves the one and comes into the other.
    let keys: BTreeSet<(Set, &str)> =
        was.controls.iter().chain(&is.controls).map(|control| (control.set, control.id.as_str())).collect();
    let of = |kept: &'_ KeptAssessment, key: (Set, &str)| {
        kept.controls.iter().find(|control| (control.set, control.id.as_str()) == key).cloned()
    };
    let mut controls = vec![];
    for key in keys {
        let (was, is) = (of(was, key), of(is, key));
        let reasons = reasons::of_control(&found, before, after, was.as_ref(), is.as_ref(), rests_on_policies(key.1));
        controls.extend(control_move(was.as_ref(), is.as_ref(), reasons));
    }
    controls.sort_by(|one, other| {
        one.points.total_cmp(&other.points).then_with(|| (one.set, &one.id).cmp(&(other.set, &other.id)))
    });
    found.controls = controls;
    found
}

fn control_move(was: Option<&KeptControl>, is: Option<&KeptControl>, reasons: Vec<Reason>) -> Option<ControlMove> {
    let shown = is.or(was)?;
    let (before, after) = (was.map(ControlState::from), is.map(ControlState::from));
    // That the one side was kept before floors were asked for is no move.
    let known = |state: &Option<ControlState>| state.is_some_and(|state| state.score_at_least.is_some());
    let without = |state: Option<ControlState>| {
        state.map(|state| ControlState { score_at_least: None, score_at_most: None, ..state })
    };
    let same = if known(&before) && known(&after) { before == after } else { without(before) == without(after) };
    if same && reasons.is_empty() {
        return None;
    }
    let moved = |of: fn(&KeptControl) -> Option<f64>| is.and_then(of).unwrap_or(0.0) - was.and_then(of).unwrap_or(0.0);
    Some(ControlMove {
        id: shown.id.clone(),
        title: shown.title.clone(),
        set: shown.set,
        before,
        after,
        points: moved(|control| control.score),
        max_points: moved(|control| control.max_score),
        seen: was.zip(is).and_then(|(was, is)| regression::seen_of_control(was, is)),
        reasons,
    })
}

fn about(kept: &KeptAssessment) -> About {
    About {
        id: kept.id.clone(),
        assessed_at: rfc3339(kept.assessed_at),
        taken_at: rfc3339(kept.taken_at),
        cause: kept.cause,
        profile: kept.profile,
        catalogue_version: kept.catalogue_version.clone(),
        config_hash: kept.config_hash.clone(),
    }
}

fn set_move(was: &KeptAssessment, is: &KeptAssessment, set: Set) -> SetMove {
    let (before, after) = (*was.numbers(set), *is.numbers(set));
    SetMove {
        before,
        after,
        points: after.current_score - before.current_score,
        max_points: after.max_score - before.max_score,
        percent: ((after.percent - before.percent) * 100.0).round() / 100.0,
        seen: regression::seen_of_set((&before, was.sight(set)), (&after, is.sight(set))),
    }
}

/// None where the policies could not be read on one side, so that nobody can tell.
fn all_policy_changes(before: &Documents, after: &Documents) -> Option<Vec<PolicyChange>> {
    let both = |kind: &&String| after.contains_key(*kind);
    before.get(POLICY).zip(after.get(POLICY))?;
    let of = |documents: &Documents, kind: &String| documents.get(kind).cloned().unwrap_or_default();
    Some(
        before.keys().filter(both).flat_map(|kind| policy_changes(kind, &of(before, kind), &of(after, kind))).collect(),
    )
}
