//! Reviews that people did, and what somebody vouches for because Graph doesn't show it.

use std::collections::BTreeMap;

use idscore_history::instants::{date_of, day_of_date};
use idscore_history::{Attestation, Review};
use jiff::civil::Date;
use serde_json::json;
use sqlx::{AnyConnection, Row};

use crate::audit::{Actor, append};
use crate::database::History;
use crate::error::{HistoryError, doing};

impl History {
    /// Records a review; the score follows with [`History::settle`].
    ///
    /// # Errors
    /// When it lies in the future or the database refuses.
    pub async fn record_review(
        &self,
        actor: &Actor,
        tenant_id: &str,
        review: &Review,
        at: i64,
    ) -> Result<(), HistoryError> {
        if review.reviewed_at > at {
            return Err(HistoryError::Invalid { reason: "a review cannot lie in the future".to_owned() });
        }
        self.write("record a review", (actor, tenant_id, review), |write, &(actor, tenant_id, review)| {
            Box::pin(async move {
                let failed = write.failed();
                sqlx::query(
                    "INSERT INTO review (sequence, tenant_id, control_id, reviewed_by, reviewed_at, note)
             VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM review), $1, $2, $3, $4, $5)",
                )
                .bind(tenant_id)
                .bind(&review.control_id)
                .bind(&review.reviewed_by)
                .bind(review.reviewed_at)
                .bind(&review.note)
                .execute(&mut **write)
                .await
                .map_err(&failed)?;
                append(write, actor, tenant_id, "review.record", &review.control_id, &json!(review)).await
            })
        })
        .await
    }

    /// All reviews of a tenant, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn reviews(&self, tenant_id: &str) -> Result<Vec<Review>, HistoryError> {
        let failed = doing("read the reviews");
        let sql = "SELECT * FROM review WHERE tenant_id = $1 ORDER BY reviewed_at DESC, sequence DESC";
        let rows = sqlx::query(sql).bind(tenant_id).fetch_all(self.pool()).await.map_err(&failed)?;
        rows.iter()
            .map(|row| {
                Ok(Review {
                    control_id: row.try_get("control_id")?,
                    reviewed_by: row.try_get("reviewed_by")?,
                    reviewed_at: row.try_get("reviewed_at")?,
                    note: row.try_get("note")?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(failed)
    }

    /// Records an attestation in place of an older one; the score follows with [`History::settle`].
    ///
    /// # Errors
    /// When owner or reason is empty, or the database refuses.
    pub async fn attest(&self, actor: &Actor, tenant_id: &str, attestation: &Attestation) -> Result<(), HistoryError> {
        if attestation.owner.trim().is_empty() || attestation.reason.trim().is_empty() {
            return Err(HistoryError::Invalid { reason: "an attestation needs an owner and a reason".to_owned() });
        }
        self.write(
            "record an attestation",
            (actor, tenant_id, attestation),
            |write, &(actor, tenant_id, attestation)| {
                Box::pin(async move {
                    let failed = write.failed();
                    sqlx::query(
            "INSERT INTO attestation (sequence, tenant_id, control_id, owner, reason, expires, recorded_by, recorded_at)
             VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM attestation), $1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant_id)
        .bind(&attestation.control_id)
        .bind(&attestation.owner)
        .bind(&attestation.reason)
        .bind(day_of_date(attestation.expires))
        .bind(actor.name())
        .bind(attestation.recorded_at)
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
                    append(write, actor, tenant_id, "attestation.record", &attestation.control_id, &json!(attestation))
                        .await
                })
            },
        )
        .await
    }

    /// The attestations of a tenant, one per control: the newest.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn attestations(&self, tenant_id: &str) -> Result<Vec<Attestation>, HistoryError> {
        attestations(&mut *self.read().await?, tenant_id).await
    }
}

/// The last review of each control at an instant.
pub(crate) async fn last_reviews(
    connection: &mut AnyConnection,
    tenant_id: &str,
    at: i64,
) -> Result<BTreeMap<String, i64>, HistoryError> {
    let failed = doing("read the reviews");
    let sql = "SELECT control_id, MAX(reviewed_at) AS last FROM review
                   WHERE tenant_id = $1 AND reviewed_at <= $2 GROUP BY control_id";
    let rows = sqlx::query(sql).bind(tenant_id).bind(at).fetch_all(connection).await.map_err(&failed)?;
    let last = rows.iter().map(|row| Ok((row.try_get("control_id")?, row.try_get("last")?)));
    last.collect::<Result<_, sqlx::Error>>().map_err(failed)
}

pub(crate) async fn attestations(
    connection: &mut AnyConnection,
    tenant_id: &str,
) -> Result<Vec<Attestation>, HistoryError> {
    let failed = doing("read the attestations");
    let sql = "SELECT * FROM attestation WHERE sequence IN
                   (SELECT MAX(sequence) FROM attestation WHERE tenant_id = $1 GROUP BY control_id) ORDER BY control_id";
    let rows = sqlx::query(sql).bind(tenant_id).fetch_all(connection).await.map_err(&failed)?;
    let mut newest = Vec::with_capacity(rows.len());
    for row in &rows {
        let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
        let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
        let attestation = Attestation {
            control_id: said("control_id")?,
            owner: said("owner")?,
            reason: said("reason")?,
            expires: date_of(number("expires")?).unwrap_or(Date::ZERO),
            recorded_by: said("recorded_by")?,
            recorded_at: number("recorded_at")?,
        };
        newest.push(attestation);
    }
    Ok(newest)
}
