//! The action plan: what is decided about each action, by whom and until when, and what that does to the score.

use std::collections::BTreeMap;

use idscore_assess::Decision;
use idscore_score::{Outcome, Status};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::Invalid;
use crate::instants::{day_of, day_of_date};
use crate::kept::{Cause, KeptAssessment, SetNumbers};
use crate::tasks::Attestation;
use crate::word::word;

/// What is decided about one action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ActionState {
    /// The control's id.
    pub control_id: String,
    /// The decision.
    pub status: Status,
    /// A note.
    pub note: String,
    /// Who does it, or answers for it.
    pub owner: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When it is to be done.
    pub due: Option<Date>,
    /// Who approved an acceptance or a mitigation.
    pub approver: String,
    /// Why it was accepted, or what mitigates.
    pub reason: String,
    /// The last day on which an acceptance or a mitigation counts.
    pub expires: Option<Date>,
    /// Objects that did not meet the rule when it was accepted: more of them are a further slip.
    pub accepted_open: Option<u64>,
    /// Who said so.
    pub updated_by: String,
    /// When, in microseconds.
    pub updated_at: i64,
}

/// A change of one action; what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ActionChange {
    /// The control's id.
    pub control_id: String,
    /// The decision.
    pub status: Option<Status>,
    /// A note.
    pub note: Option<String>,
    /// Who does it.
    pub owner: Option<String>,
    /// Words to find it by.
    pub tags: Option<Vec<String>>,
    /// When it is to be done.
    pub due: Option<Date>,
    /// It is to be done by no day any more.
    pub clear_due: bool,
    /// Who approved.
    pub approver: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
}

/// What changes did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// The actions that change.
    pub changed: Vec<ActionState>,
    /// The headline before and after; none where nothing was assessed yet.
    pub core: Option<(SetNumbers, SetNumbers)>,
    /// The extended set before and after.
    pub extended: Option<(SetNumbers, SetNumbers)>,
}

impl Effect {
    /// What changes do to the assessment before; `after` is that assessment under them.
    #[must_use]
    pub fn of(changed: Vec<ActionState>, before: Option<&KeptAssessment>, after: Option<&KeptAssessment>) -> Self {
        let both = before.zip(after);
        Self {
            changed,
            core: both.map(|(before, after)| (before.core, after.core)),
            extended: both.map(|(before, after)| (before.extended, after.extended)),
        }
    }
}

/// Whether a status gives or takes points by decision, so that somebody must approve it, for a time.
#[must_use]
pub fn needs_approval(status: Status) -> bool {
    matches!(status, Status::RiskAccepted | Status::ThirdParty | Status::AlternateMitigation)
}

impl ActionState {
    /// The status that counts on a day: an acceptance or mitigation falls back by itself after its last day.
    #[must_use]
    pub fn in_force(&self, day: i64) -> Status {
        match self.expires {
            Some(expires) if needs_approval(self.status) && day_of_date(expires) < day => Status::ToAddress,
            _ => self.status,
        }
    }

    fn changed(&self, change: &ActionChange) -> Self {
        let or = |new: &Option<String>, old: &String| new.clone().unwrap_or_else(|| old.clone());
        let status = change.status.unwrap_or(self.status);
        let approved = needs_approval(status);
        let kept = |text: String| if approved { text } else { String::new() };
        Self {
            control_id: change.control_id.clone(),
            status,
            note: or(&change.note, &self.note),
            owner: or(&change.owner, &self.owner),
            tags: change.tags.clone().unwrap_or_else(|| self.tags.clone()),
            due: change.due.or(self.due.filter(|_| !change.clear_due)),
            approver: kept(or(&change.approver, &self.approver)),
            reason: kept(or(&change.reason, &self.reason)),
            expires: change.expires.or(self.expires).filter(|_| approved),
            accepted_open: self.accepted_open.filter(|_| approved && status == self.status),
            updated_by: self.updated_by.clone(),
            updated_at: self.updated_at,
        }
    }

    fn check(&self, day: i64, newest: Option<&KeptAssessment>) -> Result<(), Invalid> {
        let invalid = |reason: String| Err(Invalid::Rule { reason });
        let id = &self.control_id;
        let control = newest.and_then(|newest| newest.control(id));
        if newest.is_some() && control.is_none() {
            return Err(Invalid::UnknownControl { id: id.clone() });
        }
        if self.status == Status::Completed {
            return invalid(format!("`{id}` cannot be set to completed: the data say so by themselves"));
        }
        if control.is_some_and(|control| control.status == Status::Completed) && self.status != Status::ToAddress {
            return invalid(format!("`{id}` is completed: while the data confirm it, there is nothing to decide"));
        }
        if let Some(due) = self.due.filter(|due| day_of_date(*due) < 0) {
            return invalid(format!("`{id}`: {due} lies before 1970"));
        }
        if !needs_approval(self.status) {
            return Ok(());
        }
        let missing: Vec<&str> = [
            ("an approver", self.approver.trim().is_empty()),
            ("a reason", self.reason.trim().is_empty()),
            ("a day on which it ends, `expires`", self.expires.is_none()),
        ]
        .into_iter()
        .filter_map(|(what, missing)| missing.then_some(what))
        .collect();
        // All at once: nobody fills in a form three times.
        if let [before @ .., last] = missing.as_slice() {
            let before = before.join(", ");
            let all = if before.is_empty() { (*last).to_owned() } else { format!("{before} and {last}") };
            return invalid(format!("`{id}`: {} needs {all}", word(&self.status)));
        }
        match self.expires {
            Some(expires) if day_of_date(expires) < day => {
                invalid(format!("`{id}`: {} would have ended on {expires} already", word(&self.status)))
            }
            _ => Ok(()),
        }
    }
}

impl KeptAssessment {
    /// The same findings under decisions; none where the numbers are somebody else's.
    #[must_use]
    pub fn decided(&self, decisions: &BTreeMap<String, Decision>) -> Option<Self> {
        let mut judged = self.judged()?;
        for control in &mut judged {
            if let Some(decision) = decisions.get(&control.id) {
                control.decide(decision);
            }
        }
        Some(self.rescored(&judged))
    }

    /// The assessment that follows once time has passed; none where nothing has come to its end.
    #[must_use]
    pub fn settled(&self, decisions: &BTreeMap<String, Decision>, at: i64) -> Option<Self> {
        let after = self.decided(decisions)?;
        let statuses = |kept: &Self| kept.controls.iter().map(|control| control.status).collect::<Vec<_>>();
        let grown_old = self.day() < day_of(at) && (self.core != after.core || self.extended != after.extended);
        // Time takes points and never gives any: somebody recorded something.
        let recorded = after.core.current_score > self.core.current_score
            || after.extended.current_score > self.extended.current_score;
        if statuses(&after) == statuses(self) && !grown_old && !recorded {
            return None;
        }
        let cause = if recorded { Cause::Decision } else { Cause::Expiry };
        Some(Self { assessed_at: at.max(self.assessed_at), cause, ..after })
    }
}

/// What the organisation says about each control at an instant: statuses, the last review of each, attestations.
#[must_use]
pub fn decisions(
    actions: &BTreeMap<String, ActionState>,
    last_reviews: BTreeMap<String, i64>,
    attestations: Vec<Attestation>,
    at: i64,
) -> BTreeMap<String, Decision> {
    let mut decisions: BTreeMap<String, Decision> = actions
        .iter()
        .map(|(id, state)| {
            let status = Some(state.in_force(day_of(at)));
            (id.clone(), Decision { status, ..Decision::default() })
        })
        .collect();
    for (control_id, reviewed_at) in last_reviews {
        let age = u64::try_from((at - reviewed_at) / 1_000_000).unwrap_or(0);
        decisions.entry(control_id).or_default().review_age = Some(age);
    }
    for attestation in attestations {
        let stands = day_of(at) <= day_of_date(attestation.expires);
        decisions.entry(attestation.control_id).or_default().attested = Some(stands);
    }
    decisions
}

/// Puts changes into the plan; gives back the actions that are different now.
///
/// # Errors
/// When a control is unknown or a rule of the status is broken.
pub fn change_actions(
    actions: &mut BTreeMap<String, ActionState>,
    changes: &[ActionChange],
    newest: Option<&KeptAssessment>,
    day: i64,
) -> Result<Vec<ActionState>, Invalid> {
    let mut changed = Vec::new();
    for change in changes {
        let before = actions.get(&change.control_id).cloned().unwrap_or_default();
        let mut after = before.changed(change);
        if (ActionState { control_id: before.control_id.clone(), ..after.clone() }) == before {
            continue;
        }
        after.check(day, newest)?;
        if needs_approval(after.status) && after.accepted_open.is_none() {
            let control = newest.and_then(|newest| newest.control(&after.control_id));
            after.accepted_open = control.map(|control| control.total.saturating_sub(control.count));
        }
        actions.insert(change.control_id.clone(), after.clone());
        changed.push(after);
    }
    Ok(changed)
}

/// An accepted action that has slipped further since it was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slip {
    /// The control's id.
    pub control_id: String,
    /// Objects that did not meet the rule when it was accepted.
    pub accepted: u64,
    /// Objects that don't meet it now.
    pub now: u64,
}

/// What was accepted stays watched.
#[must_use]
pub fn slips(actions: &BTreeMap<String, ActionState>, newest: &KeptAssessment) -> Vec<Slip> {
    let slip = |state: &ActionState| {
        let control = newest.control(&state.control_id)?;
        let (accepted, now) = (state.accepted_open?, control.total.saturating_sub(control.count));
        let judged = !matches!(control.outcome, Outcome::NotAssessed | Outcome::NotApplicable);
        (judged && state.in_force(newest.day()) == Status::RiskAccepted && now > accepted).then(|| Slip {
            control_id: state.control_id.clone(),
            accepted,
            now,
        })
    };
    actions.values().filter_map(slip).collect()
}
