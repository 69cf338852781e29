//! Comparison among the tenants of the store. The distribution of a day is written with the assessments of that day.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row};

use crate::ascending::Ascending;
use crate::columns::{of_list, places, text};
use crate::error::{HistoryError, doing};
use crate::kept::KeptAssessment;
use crate::store::History;
use crate::writer::Write;

/// Tenants that a group must hold before one of them has a rank in it. Among fewer a percentile claims more than they can
/// tell, and whoever knows one tenant's rank would learn about the others; benchmark files draw the line at the same number.
pub const RANKED_FROM: u64 = 5;

/// Seats from which a tenant is in the next size.
pub(crate) const SIZES: [(u64, &str); 4] = [(1, "1-100"), (101, "101-1000"), (1_001, "1001-10000"), (10_001, "10001+")];

/// The size of a tenant by its seats.
#[must_use]
pub fn size_of(seats: u64) -> &'static str {
    SIZES.iter().rev().find(|(from, _)| seats >= *from).map_or(SIZES[0].1, |(_, name)| name)
}

/// Tenants that are compared with each other, in the spelling of the database: `all`, `industry:retail`, `seats:1-100`.
#[must_use]
pub fn cohorts_of(industry: &str, seats: Option<u64>) -> Vec<String> {
    let mut cohorts = vec!["all".to_owned()];
    if !industry.is_empty() {
        cohorts.push(format!("industry:{}", industry.to_lowercase()));
    }
    cohorts.extend(seats.map(|seats| format!("seats:{}", size_of(seats))));
    cohorts
}

/// The compat percentages of a cohort on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CohortDay {
    /// The cohort.
    pub cohort: String,
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// How many tenants.
    pub tenants: u64,
    /// A quarter of the tenants are below.
    pub p25: f64,
    /// Half of the tenants are below.
    pub median: f64,
    /// A quarter of the tenants are above.
    pub p75: f64,
    /// Every tenant's percentage, without saying whose; of more than 101 tenants the percentiles 0 to 100.
    #[serde(skip)]
    pub scores: Ascending,
}

/// As a day lies in the database: day, tenants, p25, median, p75, scores.
type StoredDay = (i64, u64, f64, f64, f64, Ascending);

impl CohortDay {
    fn stored(&self) -> StoredDay {
        (self.day, self.tenants, self.p25, self.median, self.p75, self.scores.clone())
    }

    fn of_stored(cohort: &str, (day, tenants, p25, median, p75, scores): StoredDay) -> Self {
        Self { cohort: cohort.to_owned(), day, tenants, p25, median, p75, scores }
    }

    fn of(cohort: &str, day: i64, mut scores: Vec<f64>) -> Self {
        scores.sort_by(f64::total_cmp);
        Self {
            cohort: cohort.to_owned(),
            day,
            tenants: scores.len() as u64,
            p25: quantile(&scores, 0.25),
            median: quantile(&scores, 0.5),
            p75: quantile(&scores, 0.75),
            scores: Ascending::of(&percentiles(scores)),
        }
    }

    /// The percentile rank of a percentage: the share of tenants below it, and half of those equal to it. Exact up to 101
    /// tenants, to one percent for more; none among fewer than [`RANKED_FROM`].
    #[must_use]
    pub fn percentile_rank(&self, percent: f64) -> Option<f64> {
        if self.tenants < RANKED_FROM {
            return None;
        }
        let (below, up_to) = (self.scores.below(percent), self.scores.up_to(percent));
        Some(100.0 * (below + up_to) as f64 / 2.0 / self.scores.len().max(1) as f64)
    }
}

/// Values as they are kept: all of them, or where there are many their percentiles, rounded to a hundredth.
fn percentiles(sorted: Vec<f64>) -> Vec<f64> {
    if sorted.len() <= 101 {
        return sorted;
    }
    let hundredth = |value: f64| (value * 100.0).round() / 100.0;
    (0..=100).map(|percent| hundredth(quantile(&sorted, f64::from(percent) / 100.0))).collect()
}

/// The quantile of values in ascending order, with linear interpolation between neighbours (Hyndman and Fan's type 7).
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
    let index = below as usize;
    let (low, high) = (sorted.get(index).copied().unwrap_or(0.0), sorted.get(index + 1).copied());
    high.map_or(low, |high| low + (high - low) * (place - below))
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
        days.push(distribution.stored());
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
        Ok(days.into_iter().map(|stored| CohortDay::of_stored(cohort, stored)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated_between_neighbours() {
        let day = CohortDay::of("all", 0, vec![40.0, 10.0, 30.0, 20.0]);
        assert_eq!((day.p25, day.median, day.p75), (17.5, 25.0, 32.5));
        assert_eq!(quantile(&[], 0.5), 0.0);
        assert_eq!(quantile(&[7.0], 0.25), 7.0);
    }

    #[test]
    fn a_rank_counts_half_of_the_equal_ones() {
        let day = CohortDay::of("all", 0, vec![10.0, 20.0, 20.0, 30.0, 40.0]);
        assert_eq!(day.percentile_rank(20.0), Some(40.0));
        assert_eq!(day.percentile_rank(5.0), Some(0.0));
        assert_eq!(day.percentile_rank(50.0), Some(100.0));
    }

    #[test]
    fn among_fewer_than_five_nobody_has_a_rank() {
        let of = |tenants: u32| {
            let scores = (0..tenants).map(|number| f64::from(number) * 10.0).collect();
            CohortDay::of("all", 0, scores).percentile_rank(0.0)
        };
        assert_eq!([0, 1, 2, 4].map(of), [None; 4]);
        assert_eq!(of(5), Some(10.0));
    }

    #[test]
    fn the_rank_among_many_is_right_to_one_percent() {
        let scores: Vec<f64> = (0..5_000_u32).map(|number| f64::from(number * 7_919 % 10_000) / 100.0).collect();
        let day = CohortDay::of("all", 0, scores.clone());
        assert_eq!((day.tenants, day.scores.len()), (5_000, 101));
        for percent in [0.5, 12.0, 50.0, 87.3, 99.9] {
            let below = scores.iter().filter(|score| **score < percent).count() as f64 / 50.0;
            let rank = day.percentile_rank(percent).unwrap();
            assert!((rank - below).abs() <= 1.0, "{percent}: {rank} against {below}");
        }
    }

    #[test]
    fn a_tenant_has_one_size() {
        assert_eq!([size_of(0), size_of(100), size_of(101), size_of(50_000)], ["1-100", "1-100", "101-1000", "10001+"]);
    }
}
