//! Tenants that are collected from Microsoft Graph on a schedule, and what became of each run.

use idscore_history::instants::NONE;
use idscore_history::word;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{of_text, of_word, text};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};
use crate::tenants::tenant;

/// A run that said nothing for so long, in microseconds, has died with its process.
const SILENCE: i64 = 120_000_000;
/// Runs that are kept of a tenant.
const KEPT: i64 = 200;

/// A tenant that is collected on a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    /// The tenant.
    pub tenant_id: String,
    /// Its id or one of its domains, as somebody gave it.
    pub domain: String,
    /// How to sign in: a name in `collect.toml`, where no secret stands either.
    pub credential: String,
    /// From one run to the next, in microseconds.
    pub every: i64,
    /// Nobody collects it until somebody says so.
    pub paused: bool,
    /// When it is collected next.
    pub next_at: i64,
    /// Runs that failed since one was kept.
    pub failures: u32,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunOutcome {
    /// It is still at work.
    Running,
    /// Its export was judged and kept.
    Kept,
    /// It failed, and says why.
    Failed,
    /// It was stopped, or its process died; the next one goes on from there.
    Interrupted,
}

/// What a run read of one data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunDataSet {
    /// Its name.
    pub name: String,
    /// How it ended, in the collection report's words.
    pub status: String,
    /// Objects that were read.
    pub rows: u64,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionRun {
    /// Its id.
    pub id: String,
    /// The tenant.
    pub tenant_id: String,
    /// When it began.
    pub started_at: i64,
    /// When it ended; none while it is at work.
    pub finished_at: Option<i64>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why it failed, and the next step; empty otherwise.
    pub reason: String,
    /// What was read.
    pub data_sets: Vec<RunDataSet>,
    /// The assessment that it brought.
    pub assessment_id: Option<String>,
}

/// How a run came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// When.
    pub at: i64,
    /// How.
    pub outcome: RunOutcome,
    /// Why it failed, and the next step.
    pub reason: String,
    /// What was read.
    pub data_sets: Vec<RunDataSet>,
    /// The assessment that it brought.
    pub assessment_id: Option<String>,
    /// When the tenant is collected next.
    pub next_at: i64,
}

impl History {
    /// Connects a tenant, or changes how it is collected; it is due at once.
    ///
    /// # Errors
    /// When the tenant is unknown or the database refuses.
    pub async fn connect(
        &self,
        actor: &Actor,
        tenant_id: &str,
        domain: &str,
        credential: &str,
        every: i64,
        at: i64,
    ) -> Result<(), HistoryError> {
        self.write(
            "connect a tenant",
            (actor, tenant_id, domain, credential, every, at),
            |write, &(actor, tenant_id, domain, credential, every, at)| {
                Box::pin(async move {
                    let failed = write.failed();
                    tenant(write, tenant_id).await?;
                    sqlx::query(
            "INSERT INTO collection_connection (tenant_id, domain, credential, every, paused, next_at, failures)
             VALUES ($1, $2, $3, $4, 0, $5, 0)
             ON CONFLICT (tenant_id) DO UPDATE SET domain = excluded.domain, credential = excluded.credential,
                 every = excluded.every, paused = 0, next_at = excluded.next_at, failures = 0",
        )
        .bind(tenant_id)
        .bind(domain)
        .bind(credential)
        .bind(every)
        .bind(at)
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
                    let detail = json!({"domain": domain, "credential": credential, "every": every});
                    append(write, actor, tenant_id, "collection.connect", tenant_id, &detail).await
                })
            },
        )
        .await
    }

    /// Collects a tenant no longer. What it brought stays.
    ///
    /// # Errors
    /// When it is not connected, or the database refuses.
    pub async fn disconnect(&self, actor: &Actor, tenant_id: &str) -> Result<(), HistoryError> {
        let sql = "DELETE FROM collection_connection WHERE tenant_id = $1 AND every > $2";
        self.change_connection(actor, tenant_id, "collection.disconnect", sql, 0).await
    }

    /// Collects a tenant as soon as possible.
    ///
    /// # Errors
    /// As [`History::disconnect`].
    pub async fn collect_now(&self, actor: &Actor, tenant_id: &str, at: i64) -> Result<(), HistoryError> {
        let sql = "UPDATE collection_connection SET next_at = $2, paused = 0 WHERE tenant_id = $1";
        self.change_connection(actor, tenant_id, "collection.ask", sql, at).await
    }

    /// Stops collecting a tenant for a while, or goes on with it.
    ///
    /// # Errors
    /// As [`History::disconnect`].
    pub async fn pause_collection(&self, actor: &Actor, tenant_id: &str, paused: bool) -> Result<(), HistoryError> {
        let sql = "UPDATE collection_connection SET paused = $2 WHERE tenant_id = $1";
        let action = if paused { "collection.pause" } else { "collection.resume" };
        self.change_connection(actor, tenant_id, action, sql, i64::from(paused)).await
    }

    async fn change_connection(
        &self,
        actor: &Actor,
        tenant_id: &str,
        action: &'static str,
        sql: &'static str,
        value: i64,
    ) -> Result<(), HistoryError> {
        self.write(
            "change how a tenant is collected",
            (actor, tenant_id, action, sql, value),
            |write, &(actor, tenant_id, action, sql, value)| {
                Box::pin(async move {
                    let failed = write.failed();
                    let changed =
                        sqlx::query(sql).bind(tenant_id).bind(value).execute(&mut **write).await.map_err(&failed)?;
                    if changed.rows_affected() == 0 {
                        return Err(HistoryError::NotFound { what: "connection", id: tenant_id.to_owned() });
                    }
                    append(write, actor, tenant_id, action, tenant_id, &json!({})).await
                })
            },
        )
        .await
    }

    /// Every connected tenant, the one that is due first at the beginning.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn connections(&self) -> Result<Vec<Connected>, HistoryError> {
        let rows =
            sqlx::query("SELECT * FROM collection_connection ORDER BY next_at, tenant_id").fetch_all(self.pool());
        rows.await.map_err(doing("list the connected tenants"))?.iter().map(connected).collect()
    }

    /// How a tenant is collected; none where it is not.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn connection(&self, tenant_id: &str) -> Result<Option<Connected>, HistoryError> {
        let row = sqlx::query("SELECT * FROM collection_connection WHERE tenant_id = $1").bind(tenant_id);
        let row = row.fetch_optional(self.pool()).await.map_err(doing("read how a tenant is collected"))?;
        row.as_ref().map(connected).transpose()
    }

    /// Begins a run and says its id; none while another is at work on the tenant, whichever process it is in. One that died is
    /// written down as interrupted.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_run(&self, tenant_id: &str, at: i64) -> Result<Option<String>, HistoryError> {
        self.write("begin to collect a tenant", (tenant_id, at), |write, &(tenant_id, at)| {
            Box::pin(async move {
                let failed = write.failed();
                let died = sqlx::query(
                    "UPDATE collection_run SET outcome = $3, finished_at = alive_at
             WHERE tenant_id = $1 AND finished_at < 0 AND alive_at <= $2",
                );
                died.bind(tenant_id)
                    .bind(at.saturating_sub(SILENCE))
                    .bind(word(&RunOutcome::Interrupted))
                    .execute(&mut **write)
                    .await
                    .map_err(&failed)?;
                let at_work: i64 =
                    sqlx::query_scalar("SELECT COUNT(*) FROM collection_run WHERE tenant_id = $1 AND finished_at < 0")
                        .bind(tenant_id)
                        .fetch_one(&mut **write)
                        .await
                        .map_err(&failed)?;
                if at_work > 0 {
                    return Ok(None);
                }
                let id = uuid::Uuid::now_v7().to_string();
                sqlx::query(
                    "INSERT INTO collection_run
                (id, tenant_id, started_at, alive_at, finished_at, outcome, reason, data_sets, assessment_id)
             VALUES ($1, $2, $3, $3, $4, $5, '', '[]', '')",
                )
                .bind(&id)
                .bind(tenant_id)
                .bind(at)
                .bind(NONE)
                .bind(word(&RunOutcome::Running))
                .execute(&mut **write)
                .await
                .map_err(&failed)?;
                forget(write, tenant_id).await?;
                Ok(Some(id))
            })
        })
        .await
    }

    /// Says that a run is still at work.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run_is_alive(&self, id: &str, at: i64) -> Result<(), HistoryError> {
        self.write("note a run", (id, at), |write, &(id, at)| {
            Box::pin(async move {
                let alive = sqlx::query("UPDATE collection_run SET alive_at = $2 WHERE id = $1 AND finished_at < 0");
                alive.bind(id).bind(at).execute(&mut **write).await.map_err(write.failed()).map(|_| ())
            })
        })
        .await
    }

    /// Ends a run, and says when the tenant is collected next.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_run(&self, tenant_id: &str, id: &str, end: &RunEnd) -> Result<(), HistoryError> {
        self.write("end a collection", (tenant_id, id, end), |write, &(tenant_id, id, end)| Box::pin(async move {
        let failed = write.failed();
        sqlx::query(
            "UPDATE collection_run SET finished_at = $2, alive_at = $2, outcome = $3, reason = $4, data_sets = $5,
                 assessment_id = $6
             WHERE id = $1",
        )
        .bind(id)
        .bind(end.at)
        .bind(word(&end.outcome))
        .bind(&end.reason)
        .bind(text(&end.data_sets)?)
        .bind(end.assessment_id.as_deref().unwrap_or_default())
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
        // Whoever asked for another run meanwhile gets it.
        let next = sqlx::query(
            "UPDATE collection_connection
             SET next_at = CASE WHEN next_at > (SELECT started_at FROM collection_run WHERE id = $4) THEN next_at ELSE $2 END,
                 failures = CASE WHEN $3 = 'kept' THEN 0 WHEN $3 = 'failed' THEN failures + 1 ELSE failures END
             WHERE tenant_id = $1",
        );
        next.bind(tenant_id)
            .bind(end.next_at)
            .bind(word(&end.outcome))
            .bind(id)
            .execute(&mut **write)
            .await
            .map_err(&failed)?;
        Ok(())
        }))
        .await
    }

    /// The newest runs of a tenant, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn runs(&self, tenant_id: &str, most: u32) -> Result<Vec<CollectionRun>, HistoryError> {
        let sql = "SELECT * FROM collection_run WHERE tenant_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
        let rows = sqlx::query(sql).bind(tenant_id).bind(i64::from(most)).fetch_all(self.pool());
        rows.await.map_err(doing("list the collections of a tenant"))?.iter().map(run).collect()
    }
}

/// Forgets the oldest runs.
async fn forget(write: &mut Write, tenant_id: &str) -> Result<(), HistoryError> {
    let sql = "DELETE FROM collection_run WHERE tenant_id = $1 AND finished_at >= 0 AND id NOT IN
               (SELECT id FROM collection_run WHERE tenant_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2)";
    let forgotten = sqlx::query(sql).bind(tenant_id).bind(KEPT).execute(&mut **write);
    forgotten.await.map(|_| ()).map_err(doing("forget old collections"))
}

fn connected(row: &AnyRow) -> Result<Connected, HistoryError> {
    let failed = doing("read how a tenant is collected");
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    Ok(Connected {
        tenant_id: said("tenant_id")?,
        domain: said("domain")?,
        credential: said("credential")?,
        every: number("every")?,
        paused: number("paused")? != 0,
        next_at: number("next_at")?,
        failures: u32::try_from(number("failures")?).unwrap_or(u32::MAX),
    })
}

fn run(row: &AnyRow) -> Result<CollectionRun, HistoryError> {
    let failed = doing("read a collection");
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    Ok(CollectionRun {
        id: said("id")?,
        tenant_id: said("tenant_id")?,
        started_at: number("started_at")?,
        finished_at: Some(number("finished_at")?).filter(|at| *at >= 0),
        outcome: of_word(said("outcome")?, "outcome of a collection")?,
        reason: said("reason")?,
        data_sets: of_text(&said("data_sets")?, "data sets of a collection")?,
        assessment_id: Some(said("assessment_id")?).filter(|id| !id.is_empty()),
    })
}
