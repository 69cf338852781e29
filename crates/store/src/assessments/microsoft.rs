//! Keeps what Microsoft said about a tenant before this program looked.

use std::collections::BTreeSet;

use idscore_catalogue::Catalogue;
use idscore_history::instants::NONE;
use idscore_history::{PeerAverage, Served, word};
use idscore_snapshot::{OpenError, Snapshot};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::assessments::keep_within;
use crate::audit::Actor;
use crate::database::History;
use crate::database::columns::of_word;
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

/// What a snapshot holds of Microsoft's own numbers about one tenant.
pub(crate) fn served(snapshot: &Snapshot, tenant_id: &str, catalogue: &Catalogue) -> Result<Served, OpenError> {
    Ok(Served::of(&snapshot.microsoft_scores()?, snapshot.microsoft_profiles()?, tenant_id, catalogue))
}

/// Writes what is not there yet.
pub(crate) async fn keep_served(
    write: &mut Write,
    actor: &Actor,
    tenant_id: &str,
    served: &Served,
) -> Result<(), HistoryError> {
    let days: Vec<i64> = sqlx::query_scalar("SELECT day FROM assessment WHERE tenant_id = $1 AND cause = 'microsoft'")
        .bind(tenant_id)
        .fetch_all(&mut **write)
        .await
        .map_err(doing("look for Microsoft's days"))?;
    let mut known: BTreeSet<i64> = days.into_iter().collect();
    for kept in &served.days {
        if known.insert(kept.day()) {
            keep_within(write, actor, kept).await?;
        }
    }
    for average in &served.averages {
        keep_average(write, tenant_id, average).await?;
    }
    Ok(())
}

async fn keep_average(write: &mut Write, tenant_id: &str, average: &PeerAverage) -> Result<(), HistoryError> {
    let seats = |seats: Option<u64>| seats.and_then(|seats| i64::try_from(seats).ok()).unwrap_or(NONE);
    let number = |number: Option<f64>| number.unwrap_or(-1.0);
    sqlx::query(
        "INSERT INTO peer_average (tenant_id, day, basis, seats_from, seats_to, overall_percent, identity_score,
            identity_max) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (tenant_id, day, basis, seats_from) DO NOTHING",
    )
    .bind(tenant_id)
    .bind(average.day)
    .bind(word(&average.basis))
    .bind(seats(average.seats_from))
    .bind(seats(average.seats_to))
    .bind(number(average.overall_percent))
    .bind(number(average.identity_score))
    .bind(number(average.identity_max))
    .execute(&mut **write)
    .await
    .map_err(doing("keep Microsoft's averages"))?;
    Ok(())
}

impl History {
    /// Microsoft's averages as they were served to a tenant, from one day to another, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn peer_averages(&self, tenant_id: &str, from: i64, to: i64) -> Result<Vec<PeerAverage>, HistoryError> {
        let failed = doing("read Microsoft's averages");
        let sql = "SELECT * FROM peer_average WHERE tenant_id = $1 AND day >= $2 AND day <= $3";
        let rows = sqlx::query(sql).bind(tenant_id).bind(from).bind(to).fetch_all(self.pool()).await;
        let mut averages = rows.map_err(failed)?.iter().map(average).collect::<Result<Vec<_>, _>>()?;
        averages.sort_by_key(|average| (average.day, average.basis, average.seats_from));
        Ok(averages)
    }
}

fn average(row: &AnyRow) -> Result<PeerAverage, HistoryError> {
    let failed = doing("read Microsoft's averages");
    let seats = |column: &str| row.try_get::<i64, _>(column).map(|seats| u64::try_from(seats).ok()).map_err(&failed);
    let number =
        |column: &str| row.try_get::<f64, _>(column).map(|value| Some(value).filter(|_| value >= 0.0)).map_err(&failed);
    Ok(PeerAverage {
        day: row.try_get("day").map_err(&failed)?,
        basis: of_word(row.try_get("basis").map_err(&failed)?, "basis")?,
        seats_from: seats("seats_from")?,
        seats_to: seats("seats_to")?,
        overall_percent: number("overall_percent")?,
        identity_score: number("identity_score")?,
        identity_max: number("identity_max")?,
    })
}
