//! The action plan: what is decided about each action, by whom and until when, and what that does to the score.

pub(crate) mod recommendations;
pub(crate) mod reviews;

use std::collections::BTreeMap;

use idscore_assess::Decision;
use idscore_history::instants::{NONE, date_of, day_of, day_of_date};
use idscore_history::plan::change_actions;
use idscore_history::{ActionChange, ActionState, Cause, Effect, KeptAssessment, plan, word};
use jiff::civil::Date;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::assessments::{keep_within, newest};
use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{of_text, of_word, text};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};
use crate::plan::reviews::{attestations, last_reviews};

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
        let changed = change_actions(&mut actions, changes, newest.as_ref(), day_of(at))?;
        let after = match &newest {
            Some(newest) => newest.decided(&decisions_with(&mut read, tenant_id, &actions, at).await?),
            None => None,
        };
        Ok(Effect::of(changed, newest.as_ref(), after.as_ref()))
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
                    let mut changed = change_actions(&mut actions, changes, newest.as_ref(), day_of(at))?;
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
                    Ok(Effect::of(changed, newest.as_ref(), after.as_ref()))
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
    Ok(newest.settled(&decisions, at))
}

async fn decisions_with(
    connection: &mut AnyConnection,
    tenant_id: &str,
    actions: &BTreeMap<String, ActionState>,
    at: i64,
) -> Result<BTreeMap<String, Decision>, HistoryError> {
    let reviews = last_reviews(connection, tenant_id, at).await?;
    Ok(plan::decisions(actions, reviews, attestations(connection, tenant_id).await?, at))
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
