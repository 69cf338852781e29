//! The action plan: what is decided about each action, by whom and until when, and what that does to the score.

use std::collections::BTreeMap;

use idscore_assess::Decision;
use idscore_score::{Outcome, Status};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::assessments::{keep_within, newest};
use crate::audit::{Actor, append};
use crate::columns::{of_text, of_word, text, word};
use crate::error::{HistoryError, doing};
use crate::instants::{NONE, date_of, day_of, day_of_date};
use crate::kept::{Cause, KeptAssessment, SetNumbers};
use crate::reviews::{attestations, last_reviews};
use crate::store::History;
use crate::writer::Write;

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

    fn check(&self, day: i64, newest: Option<&KeptAssessment>) -> Result<(), HistoryError> {
        let invalid = |reason: String| Err(HistoryError::Invalid { reason });
        let id = &self.control_id;
        let control = newest.and_then(|newest| newest.control(id));
        if newest.is_some() && control.is_none() {
            return Err(HistoryError::NotFound { what: "control", id: id.clone() });
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

impl History {
    /// What is decided about the actions of a tenant, by control id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn actions(&self, tenant_id: &str) -> Result<BTreeMap<String, ActionState>, HistoryError> {
        actions(&mut *self.read().await?, tenant_id).await
    }

    /// What was decided about the actions of a tenant up to an instant, by control id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn actions_at(&self, tenant_id: &str, at: i64) -> Result<BTreeMap<String, ActionState>, HistoryError> {
        let failed = doing("read the action plan");
        let sql = "SELECT * FROM action_update WHERE tenant_id = $1 AND updated_at <= $2 ORDER BY sequence";
        let rows = sqlx::query(sql).bind(tenant_id).bind(at).fetch_all(self.pool()).await.map_err(failed)?;
        rows.iter().map(|row| state(row).map(|state| (state.control_id.clone(), state))).collect()
    }

    /// All that was ever decided about one action, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn action_history(&self, tenant_id: &str, control_id: &str) -> Result<Vec<ActionState>, HistoryError> {
        let failed = doing("read the action plan");
        let sql = "SELECT * FROM action_update WHERE tenant_id = $1 AND control_id = $2 ORDER BY sequence";
        let rows = sqlx::query(sql).bind(tenant_id).bind(control_id).fetch_all(self.pool()).await.map_err(failed)?;
        rows.iter().map(state).collect()
    }

    /// All that was ever decided about the actions of a tenant, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn all_action_history(&self, tenant_id: &str) -> Result<Vec<ActionState>, HistoryError> {
        let sql = "SELECT * FROM action_update WHERE tenant_id = $1 ORDER BY sequence";
        let rows = sqlx::query(sql).bind(tenant_id).fetch_all(self.pool()).await;
        rows.map_err(doing("read the action plan"))?.iter().map(state).collect()
    }

    /// What changes would do to the score, without writing anything.
    ///
    /// # Errors
    /// As [`History::update_actions`].
    pub async fn effect(&self, tenant_id: &str, changes: &[ActionChange], at: i64) -> Result<Effect, HistoryError> {
        let mut read = self.read().await?;
        let newest = newest(&mut read, tenant_id).await?;
        let mut actions = actions(&mut read, tenant_id).await?;
        let changed = merge(&mut actions, changes, newest.as_ref(), day_of(at))?;
        let after = match &newest {
            Some(newest) => newest.decided(&decisions_with(&mut read, tenant_id, &actions, at).await?),
            None => None,
        };
        Ok(effect(changed, newest.as_ref(), after.as_ref()))
    }

    /// Changes actions, all or none, and writes the score that follows. A change that changes nothing is none.
    ///
    /// # Errors
    /// When a control is unknown, a rule of the status is broken, or the database refuses.
    pub async fn update_actions(
        &self,
        actor: &Actor,
        tenant_id: &str,
        changes: &[ActionChange],
        at: i64,
    ) -> Result<Effect, HistoryError> {
        self.write(
            "change the action plan",
            (actor, tenant_id, changes, at),
            |write, &(actor, tenant_id, changes, at)| {
                Box::pin(async move {
                    let newest = newest(write, tenant_id).await?;
                    let mut actions = actions(write, tenant_id).await?;
                    let mut changed = merge(&mut actions, changes, newest.as_ref(), day_of(at))?;
                    for state in &mut changed {
                        actor.name().clone_into(&mut state.updated_by);
                        state.updated_at = at;
                        write_state(write, tenant_id, state).await?;
                        append(write, actor, tenant_id, "action.update", &state.control_id, &json!(state)).await?;
                        actions.insert(state.control_id.clone(), state.clone());
                    }
                    let decisions = decisions_with(write, tenant_id, &actions, at).await?;
                    let after = newest.as_ref().and_then(|newest| newest.decided(&decisions));
                    if let (Some(after), Some(newest), false) = (&after, &newest, changed.is_empty())
                        && after.controls != newest.controls
                    {
                        let after = KeptAssessment {
                            assessed_at: at.max(newest.assessed_at),
                            cause: Cause::Decision,
                            ..after.clone()
                        };
                        keep_within(write, actor, &after).await?;
                    }
                    Ok(effect(changed, newest.as_ref(), after.as_ref()))
                })
            },
        )
        .await
    }

    /// Lets what has come to its end fall back, and reviews grow old: writes a new assessment where the score follows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle(&self, tenant_id: &str, at: i64) -> Result<bool, HistoryError> {
        // Most often nothing has come to its end: looking costs no turn as writer.
        if settled(&mut *self.read().await?, tenant_id, at).await?.is_none() {
            return Ok(false);
        }
        self.write("let a decision end", (tenant_id, at), |write, &(tenant_id, at)| {
            Box::pin(async move {
                let Some(after) = settled(write, tenant_id, at).await? else { return Ok(false) };
                keep_within(write, &Actor::system(), &after).await?;
                Ok(true)
            })
        })
        .await
    }

    /// What the organisation says about each control at an instant: statuses, reviews, attestations.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn decisions(&self, tenant_id: &str, at: i64) -> Result<BTreeMap<String, Decision>, HistoryError> {
        decisions(&mut *self.read().await?, tenant_id, at).await
    }
}

/// Of each action the newest decision stands.
async fn actions(
    connection: &mut AnyConnection,
    tenant_id: &str,
) -> Result<BTreeMap<String, ActionState>, HistoryError> {
    // A plan that is kept for years has many more decisions than actions.
    let sql = "SELECT * FROM action_update WHERE sequence IN
                   (SELECT MAX(sequence) FROM action_update WHERE tenant_id = $1 GROUP BY control_id)";
    let rows = sqlx::query(sql).bind(tenant_id).fetch_all(connection).await;
    let standing = rows.map_err(doing("read the action plan"))?;
    standing.iter().map(|row| state(row).map(|state| (state.control_id.clone(), state))).collect()
}

/// What the organisation says about each control at an instant.
pub(crate) async fn decisions(
    connection: &mut AnyConnection,
    tenant_id: &str,
    at: i64,
) -> Result<BTreeMap<String, Decision>, HistoryError> {
    let actions = actions(connection, tenant_id).await?;
    decisions_with(connection, tenant_id, &actions, at).await
}

/// The assessment that follows once time has passed; none where nothing has come to its end.
async fn settled(
    connection: &mut AnyConnection,
    tenant_id: &str,
    at: i64,
) -> Result<Option<KeptAssessment>, HistoryError> {
    let Some(newest) = newest(connection, tenant_id).await? else { return Ok(None) };
    let decisions = decisions(connection, tenant_id, at).await?;
    let Some(after) = newest.decided(&decisions) else { return Ok(None) };
    let statuses = |kept: &KeptAssessment| kept.controls.iter().map(|control| control.status).collect::<Vec<_>>();
    let grown_old = newest.day() < day_of(at) && (newest.core != after.core || newest.extended != after.extended);
    // Time takes points and never gives any: somebody recorded something.
    let recorded = after.core.current_score > newest.core.current_score
        || after.extended.current_score > newest.extended.current_score;
    if statuses(&after) == statuses(&newest) && !grown_old && !recorded {
        return Ok(None);
    }
    let cause = if recorded { Cause::Decision } else { Cause::Expiry };
    Ok(Some(KeptAssessment { assessed_at: at.max(newest.assessed_at), cause, ..after }))
}

async fn decisions_with(
    connection: &mut AnyConnection,
    tenant_id: &str,
    actions: &BTreeMap<String, ActionState>,
    at: i64,
) -> Result<BTreeMap<String, Decision>, HistoryError> {
    let mut decisions: BTreeMap<String, Decision> = actions
        .iter()
        .map(|(id, state)| {
            let status = Some(state.in_force(day_of(at)));
            (id.clone(), Decision { status, ..Decision::default() })
        })
        .collect();
    for (control_id, reviewed_at) in last_reviews(connection, tenant_id, at).await? {
        let age = u64::try_from((at - reviewed_at) / 1_000_000).unwrap_or(0);
        decisions.entry(control_id).or_default().review_age = Some(age);
    }
    for attestation in attestations(connection, tenant_id).await? {
        let stands = day_of(at) <= day_of_date(attestation.expires);
        decisions.entry(attestation.control_id).or_default().attested = Some(stands);
    }
    Ok(decisions)
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
}

/// Puts changes into the plan; gives back the actions that are different now.
fn merge(
    actions: &mut BTreeMap<String, ActionState>,
    changes: &[ActionChange],
    newest: Option<&KeptAssessment>,
    day: i64,
) -> Result<Vec<ActionState>, HistoryError> {
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

fn effect(changed: Vec<ActionState>, before: Option<&KeptAssessment>, after: Option<&KeptAssessment>) -> Effect {
    let both = before.zip(after);
    Effect {
        changed,
        core: both.map(|(before, after)| (before.core, after.core)),
        extended: both.map(|(before, after)| (before.extended, after.extended)),
    }
}

async fn write_state(write: &mut Write, tenant_id: &str, state: &ActionState) -> Result<(), HistoryError> {
    let day = |date: Option<Date>| date.map_or(NONE, day_of_date);
    sqlx::query(
        "INSERT INTO action_update (sequence, tenant_id, control_id, status, note, owner, tags, approver, reason, due,
            expires, accepted_open, updated_by, updated_at)
         VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM action_update),
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(tenant_id)
    .bind(&state.control_id)
    .bind(word(&state.status))
    .bind(&state.note)
    .bind(&state.owner)
    .bind(text(&state.tags)?)
    .bind(&state.approver)
    .bind(&state.reason)
    .bind(day(state.due))
    .bind(day(state.expires))
    .bind(state.accepted_open.and_then(|open| i64::try_from(open).ok()).unwrap_or(NONE))
    .bind(&state.updated_by)
    .bind(state.updated_at)
    .execute(&mut **write)
    .await
    .map_err(doing("change the action plan"))?;
    Ok(())
}

fn state(row: &AnyRow) -> Result<ActionState, HistoryError> {
    let failed = doing("read the action plan");
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    Ok(ActionState {
        control_id: said("control_id")?,
        status: of_word(said("status")?, "status")?,
        note: said("note")?,
        owner: said("owner")?,
        tags: of_text(&said("tags")?, "list of tags")?,
        due: date_of(number("due")?),
        approver: said("approver")?,
        reason: said("reason")?,
        expires: date_of(number("expires")?),
        accepted_open: u64::try_from(number("accepted_open")?).ok(),
        updated_by: said("updated_by")?,
        updated_at: number("updated_at")?,
    })
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
