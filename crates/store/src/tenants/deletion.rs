//! A tenant that goes: its rows, snapshots and evidence, and what the audit log tells of it.

use std::collections::BTreeSet;

use idscore_history::cohorts_of;
use serde::Serialize;
use serde_json::json;
use sqlx::{AssertSqlSafe, Row};

use crate::archive::leftovers::{Places, entries};
use crate::archive::{Archive, CONFIGURATIONS, EXPORTS, safe};
use crate::assessments::cohorts;
use crate::audit::{Actor, DELETE, Ranges, append};
use crate::database::writer::Write;
use crate::database::{History, Kind};
use crate::error::{HistoryError, doing, with_file};

/// What is said of a tenant in each table, in an order in which nothing refers to what is gone.
const STATEMENTS: [(&str, &str); 16] = [
    ("collection_run", "DELETE FROM collection_run WHERE tenant_id = $1"),
    ("collection_connection", "DELETE FROM collection_connection WHERE tenant_id = $1"),
    (
        "alert_delivery",
        "DELETE FROM alert_delivery WHERE event_id IN (SELECT id FROM alert_event WHERE tenant_id = $1)",
    ),
    ("alert_event", "DELETE FROM alert_event WHERE tenant_id = $1"),
    ("alert_watched", "DELETE FROM alert_watched WHERE tenant_id = $1"),
    ("import_failure", "DELETE FROM import_failure WHERE tenant_id = $1"),
    ("token", "DELETE FROM token WHERE tenant_id = $1"),
    ("tenant_day", "DELETE FROM tenant_day WHERE tenant_id = $1"),
    ("peer_average", "DELETE FROM peer_average WHERE tenant_id = $1"),
    ("recommendation_update", "DELETE FROM recommendation_update WHERE tenant_id = $1"),
    ("attestation", "DELETE FROM attestation WHERE tenant_id = $1"),
    ("review", "DELETE FROM review WHERE tenant_id = $1"),
    ("action_update", "DELETE FROM action_update WHERE tenant_id = $1"),
    ("configuration", "DELETE FROM configuration WHERE tenant_id = $1"),
    ("assessment", "DELETE FROM assessment WHERE tenant_id = $1"),
    ("tenant", "DELETE FROM tenant WHERE id = $1"),
];

/// What went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// Assessments.
    pub assessments: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Entries of the audit log whose detail was emptied.
    pub emptied: u64,
    /// Whether the database gave the place of the rows back, so that their bytes are gone from its file. PostgreSQL does it by
    /// itself, later; SQLite can't while another program writes.
    pub reclaimed: bool,
}

impl Archive {
    /// Deletes a tenant with all that is kept of it: rows, snapshots, evidence, configuration. In the audit log its entries keep
    /// who did what when, and their place in the chain; what was said in them is emptied, and an entry says that the tenant went.
    /// Backups are nobody's business here.
    ///
    /// The database goes first: what it no longer names is taken away then, by the next start of a command where this one is ended
    /// in the middle.
    ///
    /// # Errors
    /// When there is no such tenant or the database refuses: everything is as before then. When files can't be removed after that,
    /// the error names them, and the next start tries again.
    pub async fn delete_tenant(&self, actor: &Actor, id: &str) -> Result<Deleted, HistoryError> {
        self.history.tenant(id).await?;
        let passing = self.passing("deleted-")?;
        let places = Places { tenant: id.to_owned(), places: self.places_of(id).await? };
        places.note(&passing)?;
        let mut deleted = self.history.delete_rows(actor, id).await?;
        if let Err(error) = self.settle(&places).await {
            passing.leave();
            return Err(error);
        }
        let path = passing.path().to_owned();
        passing.close().map_err(with_file("remove", &path))?;
        deleted.reclaimed = self.history.reclaim().await;
        Ok(deleted)
    }

    /// The files of a tenant, those that no row names any more included. Tenants whose ids make the same folder keep what is
    /// theirs, and so do programs that keep a snapshot at this moment.
    async fn places_of(&self, id: &str) -> Result<BTreeSet<String>, HistoryError> {
        let folder = safe(id);
        let tenants = self.history.tenants().await?;
        let mut places = BTreeSet::new();
        if !tenants.iter().any(|tenant| tenant.id != id && safe(&tenant.id) == folder) {
            for kind in ["snapshots", "evidence"] {
                let entries = entries(&self.folder().join(kind).join(&folder))?.into_iter();
                places.extend(entries.map(|entry| format!("{kind}/{folder}/{}", entry.file_name().to_string_lossy())));
            }
            let at_work = self.noted()?;
            places.retain(|place| !at_work.contains(place));
            places.insert(format!("{EXPORTS}/{folder}"));
            places.insert(format!("{CONFIGURATIONS}/{folder}.toml"));
        }
        places.extend(self.history.files_of(id).await?);
        Ok(places)
    }
}

impl History {
    /// The snapshots and evidence that the assessments of a tenant refer to, below the data folder.
    pub(crate) async fn files_of(&self, id: &str) -> Result<Vec<String>, HistoryError> {
        let sql = "SELECT snapshot FROM assessment WHERE tenant_id = $1 AND snapshot <> ''
                   UNION SELECT evidence FROM assessment WHERE tenant_id = $1 AND evidence <> ''";
        sqlx::query_scalar(sql).bind(id).fetch_all(self.pool()).await.map_err(doing("list the files of a tenant"))
    }

    async fn delete_rows(&self, actor: &Actor, id: &str) -> Result<Deleted, HistoryError> {
        self.write("delete a tenant", (actor, id), |write, &(actor, id)| {
            Box::pin(async move {
                let failed = write.failed();
                let known = sqlx::query("SELECT industry, seats, newest_day FROM tenant WHERE id = $1")
                    .bind(id)
                    .fetch_optional(&mut **write)
                    .await
                    .map_err(&failed)?
                    .ok_or(HistoryError::NotFound { what: "tenant", id: id.to_owned() })?;
                let industry: String = known.try_get("industry").map_err(&failed)?;
                let seats: i64 = known.try_get("seats").map_err(&failed)?;
                let day: i64 = known.try_get("newest_day").map_err(&failed)?;
                let mut gone = std::collections::BTreeMap::new();
                for (table, statement) in STATEMENTS {
                    let done = sqlx::query(statement).bind(id).execute(&mut **write).await.map_err(&failed)?;
                    gone.insert(table, done.rows_affected());
                }
                if day >= 0 {
                    // Of the newest day the others stand alone; days before keep their numbers, which name nobody.
                    cohorts::write_distributions(write, &cohorts_of(&industry, u64::try_from(seats).ok()), day).await?;
                }
                let (emptied, ranges) = empty(write, id).await?;
                let rows = gone.values().sum();
                let detail = json!({"rows": gone, "emptiedEntries": emptied, "emptied": ranges});
                append(write, actor, id, DELETE, id, &detail).await?;
                let assessments = gone.get("assessment").copied().unwrap_or_default();
                Ok(Deleted { assessments, rows, emptied, reclaimed: false })
            })
        })
        .await
    }

    /// Writes the file of the database anew, without what was deleted from it.
    async fn reclaim(&self) -> bool {
        match self.kind() {
            Kind::Postgres => false,
            Kind::Sqlite => {
                let vacuumed = sqlx::query("VACUUM").execute(self.writer()).await.is_ok();
                let truncated = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(self.writer()).await;
                let busy = truncated.ok().and_then(|row| row.try_get::<i64, _>(0).ok());
                vacuumed && busy == Some(0)
            }
        }
    }
}

/// Empties what the entries of a tenant say, and says which. The hash of what was said stays, so that the chain holds; so do earlier
/// deletions of the tenant, which name entries and nobody.
async fn empty(write: &mut Write, id: &str) -> Result<(u64, Ranges), HistoryError> {
    let which = format!("WHERE tenant_id = $1 AND detail <> '' AND action <> '{DELETE}'");
    let failed = doing("empty entries of the audit log");
    let (mut ranges, mut count, mut after) = (Ranges::default(), 0, 0);
    loop {
        let sql = format!("SELECT sequence FROM audit {which} AND sequence > $2 ORDER BY sequence LIMIT 1000");
        let page = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(id).bind(after).fetch_all(&mut **write).await;
        let page = page.map_err(&failed)?;
        let Some(last) = page.last() else { break };
        after = *last;
        page.iter().for_each(|sequence| ranges.push(*sequence));
        count += page.len() as u64;
    }
    let sql = format!("UPDATE audit SET detail = '' {which}");
    sqlx::query(AssertSqlSafe(sql)).bind(id).execute(&mut **write).await.map_err(failed)?;
    Ok((count, ranges))
}
