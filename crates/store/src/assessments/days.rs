//! What days say: the trend, the core controls of each day, and one control day by day. Much less is read than of assessments.

use idscore_history::{ControlDay, CoreControl, CoreDay, KeptAssessment, TrendPoint};
use idscore_score::Set;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::History;
use crate::database::columns::{READ, of_list, of_text, of_word, owned, text};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

impl History {
    /// The core controls of each day from `from` to `to` with their points, newest day first, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn core_days(
        &self,
        tenant_id: &str,
        from: i64,
        to: i64,
        limit: i64,
    ) -> Result<Vec<CoreDay>, HistoryError> {
        let sql = "SELECT day, taken_at, active_users, has_p1, has_p2, core_score, core_max, core_controls
                   FROM assessment WHERE tenant_id = $1 AND newest_of_day = 1 AND day >= $2 AND day <= $3
                   ORDER BY day DESC LIMIT $4";
        let rows = sqlx::query(sql).bind(tenant_id).bind(from).bind(to).bind(limit).fetch_all(self.pool());
        rows.await.map_err(doing(READ))?.iter().map(core_day).collect()
    }

    /// One control on each day from `from` to `to` on which it was there, oldest day first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn control_days(
        &self,
        tenant_id: &str,
        set: Set,
        control_id: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<ControlDay>, HistoryError> {
        let sql = match set {
            Set::Core => {
                "SELECT day, cause, core_controls AS controls FROM assessment
                 WHERE tenant_id = $1 AND newest_of_day = 1 AND day >= $2 AND day <= $3 ORDER BY day"
            }
            Set::Extended => {
                "SELECT day, cause, extended_controls AS controls FROM assessment
                 WHERE tenant_id = $1 AND newest_of_day = 1 AND day >= $2 AND day <= $3 ORDER BY day"
            }
        };
        let failed = doing(READ);
        let rows = sqlx::query(sql).bind(tenant_id).bind(from).bind(to).fetch_all(self.pool());
        let mut days = Vec::new();
        for row in rows.await.map_err(&failed)? {
            let controls: String = row.try_get("controls").map_err(&failed)?;
            let controls: Vec<CoreControl> = of_text(&controls, "list of controls")?;
            if let Some(control) = controls.into_iter().find(|control| control.id == control_id) {
                let cause = of_word(row.try_get("cause").map_err(&failed)?, "cause")?;
                days.push(ControlDay { day: row.try_get("day").map_err(&failed)?, cause, control });
            }
        }
        Ok(days)
    }

    /// The headline of each day from `from` to `to`, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn trend(&self, tenant_id: &str, from: i64, to: i64) -> Result<Vec<TrendPoint>, HistoryError> {
        let mut points: Vec<TrendPoint> = self.headlines(tenant_id, from, to).await?;
        points.sort_by_key(|point| point.day);
        Ok(points)
    }

    /// What [`TrendPoint`] says of each day, in any order, read into as much of it as is needed.
    pub(crate) async fn headlines<T: DeserializeOwned>(
        &self,
        tenant_id: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<T>, HistoryError> {
        // One row for all days, because each row costs more on its way than its text; in any order, because a database sorts
        // by copying all of it.
        let sql = "SELECT string_agg(headline, ',') FROM tenant_day
                   WHERE tenant_id = $1 AND day >= $2 AND day <= $3";
        let days = sqlx::query_scalar(sql).bind(tenant_id).bind(from).bind(to).fetch_one(self.pool());
        of_list(days.await.map_err(doing(READ))?, "trend")
    }
}

/// Puts an assessment into the trend, in place of the one that stood for its day.
pub(crate) async fn stand_for_the_day(
    write: &mut Write,
    kept: &KeptAssessment,
    id: &str,
    day: i64,
) -> Result<(), HistoryError> {
    let headline = TrendPoint { day, ..TrendPoint::of(kept, id) };
    let sql = "INSERT INTO tenant_day (tenant_id, day, headline) VALUES ($1, $2, $3)
               ON CONFLICT (tenant_id, day) DO UPDATE SET headline = excluded.headline";
    let query = sqlx::query(sql).bind(&kept.tenant_id).bind(day).bind(text(&headline)?);
    query.execute(&mut **write).await.map_err(doing("keep an assessment"))?;
    Ok(())
}

fn core_day(row: &AnyRow) -> Result<CoreDay, HistoryError> {
    let failed = doing(READ);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    let points = |column: &str| row.try_get::<f64, _>(column).map_err(&failed);
    Ok(CoreDay {
        day: number("day")?,
        taken_at: number("taken_at")?,
        active_users: u64::try_from(number("active_users")?).unwrap_or(0),
        has_p1: owned(number("has_p1")?),
        has_p2: owned(number("has_p2")?),
        current_score: points("core_score")?,
        max_score: points("core_max")?,
        controls: of_text(row.try_get("core_controls").map_err(&failed)?, "list of controls")?,
    })
}
