//! Comparison among the tenants of the store. The distribution of a day is written with the assessments of that day.

use std::collections::{BTreeMap, BTreeSet};

use idscore_history::{Ascending, CohortDay, KeptAssessment, cohorts_of};
use sqlx::{AssertSqlSafe, Row};

use crate::database::History;
use crate::database::columns::{of_list, places, text};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

/// As a day lies in the database: day, tenants, p25, median, p75, scores.
type StoredDay = (i64, u64, f64, f64, f64, Ascending);

fn stored(of: &CohortDay) -> StoredDay {
    (of.day, of.tenants, of.p25, of.median, of.p75, of.scores.clone())
}

fn of_stored(cohort: &str, (day, tenants, p25, median, p75, scores): StoredDay) -> CohortDay {
    CohortDay { cohort: cohort.to_owned(), day, tenants, p25, median, p75, scores }
}

/// Puts the newest assessment of a tenant into the distributions of its day; an assessment of the past changes none.
pub(crate) async fn place(write: &mut Write, kept: &KeptAssessment, day: i64) -> Result<(), HistoryError> {
    let cohorts = move_tenant(write, kept, day).await?;
    write_distributions(write, &cohorts, day).await
}

/// Notes the newest percentage of a tenant, and says the cohorts that it is in; none for an assessment of the past.
pub(crate) async fn move_tenant(
    write: &mut Write,
    kept: &KeptAssessment,
    day: i64,
) -> Result<Vec<String>, HistoryError> {
    let failed = doing("place a tenant among its peers");
    let moved = sqlx::query(
        "UPDATE tenant SET newest_day = $2, newest_percent = $3 WHERE id = $1 AND newest_day <= $2
         RETURNING industry, seats",
    )
    .bind(&kept.tenant_id)
    .bind(day)
    .bind(kept.core.compat_percent)
    .fetch_optional(&mut **write)
    .await
    .map_err(&failed)?;
    let Some(tenant) = moved else { return Ok(Vec::new()) };
    let industry: String = tenant.try_get("industry").map_err(&failed)?;
    let seats: i64 = tenant.try_get("seats").map_err(&failed)?;
    Ok(cohorts_of(&industry, u64::try_from(seats).ok()))
}

/// Writes the distribution of cohorts for a day, from the newest percentage of every tenant in them.
pub(crate) async fn write_distributions(write: &mut Write, cohorts: &[String], day: i64) -> Result<(), HistoryError> {
    let failed = doing("write a cohort");
    let rows = sqlx::query("SELECT industry, seats, newest_percent FROM tenant WHERE newest_day >= 0")
        .fetch_all(&mut **write)
        .await
        .map_err(&failed)?;
    let mut tenants = Vec::with_capacity(rows.len());
    for row in &rows {
        let industry: String = row.try_get("industry").map_err(&failed)?;
        let seats: i64 = row.try_get("seats").map_err(&failed)?;
        let percent: f64 = row.try_get("newest_percent").map_err(&failed)?;
        tenants.push((cohorts_of(&industry, u64::try_from(seats).ok()), percent));
    }
    // A tenant that moves names those that it leaves and those that it joins.
    let cohorts: BTreeSet<&String> = cohorts.iter().collect();
    let of_day = cohorts.into_iter().map(|cohort| {
        let scores = tenants.iter().filter(|(of, _)| of.contains(cohort)).map(|(_, percent)| *percent).collect();
        CohortDay::of(cohort, day, scores)
    });
    put(write, &of_day.collect::<Vec<_>>(), first_day(day)).await
}

/// Puts a day of cohorts among the thirty that lie in one text each.
async fn put(write: &mut Write, of_day: &[CohortDay], first: i64) -> Result<(), HistoryError> {
    if of_day.is_empty() {
        return Ok(());
    }
    let failed = doing("write a cohort");
    let sql = format!(
        "SELECT cohort, distributions FROM cohort_days WHERE first_day = $1 AND cohort IN ({})",
        places(2, of_day.len())
    );
    let kept = of_day.iter().fold(sqlx::query_as(AssertSqlSafe(sql)).bind(first), |query, of| query.bind(&of.cohort));
    let kept: Vec<(String, String)> = kept.fetch_all(&mut **write).await.map_err(&failed)?;
    let mut kept: BTreeMap<String, String> = kept.into_iter().collect();
    let values: Vec<String> = (0..of_day.len()).map(|at| format!("(${}, $1, ${})", 2 * at + 2, 2 * at + 3)).collect();
    let sql = format!(
        "INSERT INTO cohort_days (cohort, first_day, distributions) VALUES {}
         ON CONFLICT (cohort, first_day) DO UPDATE SET distributions = excluded.distributions",
        values.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)).bind(first);
    for distribution in of_day {
        let mut days: Vec<StoredDay> = of_list(kept.remove(&distribution.cohort), "cohort")?;
        days.retain(|(day, ..)| *day != distribution.day);
        days.push(stored(distribution));
        let texts: Vec<String> = days.iter().map(text).collect::<Result<_, _>>()?;
        query = query.bind(&distribution.cohort).bind(texts.join(","));
    }
    query.execute(&mut **write).await.map(|_| ()).map_err(failed)
}

/// The first of the thirty days that lie together.
fn first_day(day: i64) -> i64 {
    day - day.rem_euclid(30)
}

impl History {
    /// The distributions of a cohort from `from` to `to`, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn cohort_days(&self, cohort: &str, from: i64, to: i64) -> Result<Vec<CohortDay>, HistoryError> {
        let sql = "SELECT string_agg(distributions, ',') FROM cohort_days
                   WHERE cohort = $1 AND first_day >= $2 AND first_day <= $3";
        let days = sqlx::query_scalar(sql).bind(cohort).bind(first_day(from)).bind(to).fetch_one(self.pool());
        let mut days: Vec<StoredDay> = of_list(days.await.map_err(doing("read a cohort"))?, "cohort")?;
        days.retain(|(day, ..)| (from..=to).contains(day));
        days.sort_by_key(|(day, ..)| *day);
        Ok(days.into_iter().map(|stored| of_stored(cohort, stored)).collect())
    }
}
