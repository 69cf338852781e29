//! The snapshots that are kept of a tenant, newest first.

use std::collections::BTreeMap;
use std::path::Path;

use idscore_snapshot::{Manifest, Snapshot};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::archive::{Archive, safe};
use crate::database::columns::places;
use crate::error::{HistoryError, doing};

/// A snapshot in the data folder.
#[derive(Debug, Clone)]
pub struct KeptSnapshot {
    /// Its name below the tenant's snapshots.
    pub id: String,
    /// The instant of its data, in microseconds.
    pub taken_at: i64,
    /// The assessments that rest on it, oldest first.
    pub assessments: Vec<String>,
    /// What was read; none where the folder was taken away.
    pub manifest: Option<Manifest>,
    /// Bytes on disk; none where the folder was taken away.
    pub bytes: Option<u64>,
}

impl Archive {
    /// The snapshots of a tenant, newest first, at most `top`, after the one with the id `after`.
    ///
    /// # Errors
    /// When there is no snapshot `after`, or the database refuses.
    pub async fn snapshots(
        &self,
        tenant_id: &str,
        after: Option<&str>,
        top: i64,
    ) -> Result<Vec<KeptSnapshot>, HistoryError> {
        let failed = doing("list the snapshots");
        let pool = self.history.pool();
        // Before the first one: the last instant there can be.
        let (mut taken_at, mut sequence) = (i64::MAX, i64::MAX);
        if let Some(id) = after {
            let row = sqlx::query(
                "SELECT MAX(taken_at) AS taken_at, MIN(sequence) AS sequence FROM assessment
                 WHERE tenant_id = $1 AND snapshot = $2 GROUP BY snapshot",
            )
            .bind(tenant_id)
            .bind(format!("snapshots/{}/{id}", safe(tenant_id)))
            .fetch_optional(pool)
            .await
            .map_err(&failed)?
            .ok_or(HistoryError::NotFound { what: "snapshot", id: id.to_owned() })?;
            taken_at = row.try_get("taken_at").map_err(&failed)?;
            sequence = row.try_get("sequence").map_err(&failed)?;
        }
        let sql = "SELECT snapshot, MAX(taken_at) AS taken_at, MIN(sequence) AS sequence FROM assessment
                   WHERE tenant_id = $1 AND snapshot <> '' GROUP BY snapshot
                   HAVING MAX(taken_at) < $2 OR (MAX(taken_at) = $2 AND MIN(sequence) < $3)
                   ORDER BY 2 DESC, 3 DESC LIMIT $4";
        let rows = sqlx::query(sql).bind(tenant_id).bind(taken_at).bind(sequence).bind(top).fetch_all(pool);
        let rows = rows.await.map_err(&failed)?;
        let rows = rows.iter().map(place_of).collect::<Result<Vec<_>, _>>().map_err(&failed)?;
        let mut assessments = self.resting_on(tenant_id, &rows).await?;
        let folder = self.folder().to_owned();
        let kept = move || {
            let of = |(snapshot, taken_at): (String, i64)| {
                let folder = folder.join(&snapshot);
                KeptSnapshot {
                    id: name(&snapshot).to_owned(),
                    taken_at,
                    assessments: assessments.remove(&snapshot).unwrap_or_default(),
                    manifest: Snapshot::open(&folder).ok().map(|snapshot| snapshot.manifest().clone()),
                    bytes: size(&folder),
                }
            };
            rows.into_iter().map(of).collect()
        };
        self.look("snapshots", kept).await
    }

    /// The assessments that rest on each of these snapshots, oldest first.
    async fn resting_on(
        &self,
        tenant_id: &str,
        snapshots: &[(String, i64)],
    ) -> Result<BTreeMap<String, Vec<String>>, HistoryError> {
        let failed = doing("list the snapshots");
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        if snapshots.is_empty() {
            return Ok(found);
        }
        let sql = format!(
            "SELECT snapshot, id FROM assessment WHERE tenant_id = $1 AND snapshot IN ({}) ORDER BY sequence",
            places(2, snapshots.len())
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant_id);
        let query = snapshots.iter().fold(query, |query, (snapshot, _)| query.bind(snapshot));
        for row in query.fetch_all(self.history.pool()).await.map_err(&failed)? {
            let snapshot: String = row.try_get("snapshot").map_err(&failed)?;
            found.entry(snapshot).or_default().push(row.try_get("id").map_err(&failed)?);
        }
        Ok(found)
    }
}

fn place_of(row: &AnyRow) -> Result<(String, i64), sqlx::Error> {
    Ok((row.try_get("snapshot")?, row.try_get("taken_at")?))
}

fn name(snapshot: &str) -> &str {
    snapshot.rsplit('/').next().unwrap_or_default()
}

/// Bytes of the files of a folder; a snapshot has no folders inside.
fn size(folder: &Path) -> Option<u64> {
    let sizes =
        std::fs::read_dir(folder).ok()?.map(|entry| entry.and_then(|entry| entry.metadata()).map(|file| file.len()));
    sizes.collect::<Result<Vec<_>, _>>().ok().map(|sizes| sizes.iter().sum())
}
