//! What a comparison of a tenant with others is made from.

use idscore_history::comparison::{Comparison, Others, OwnDay, Source};
use idscore_history::instants::{date_of, day_of_date};
use idscore_history::{Cause, cohorts_of};
use serde::Deserialize;

use crate::database::History;
use crate::error::HistoryError;

impl History {
    /// A tenant beside others from one day to another, as [`Comparison::of`] says it.
    ///
    /// # Errors
    /// When the tenant is unknown or the database refuses.
    pub async fn comparison(&self, tenant_id: &str, from: i64, to: i64) -> Result<Comparison, HistoryError> {
        let tenant = self.tenant(tenant_id).await?;
        let own = self.own_days(tenant_id, to).await?;
        let mut cohorts = Vec::new();
        for cohort in cohorts_of(&tenant.industry, tenant.seats) {
            let days = self.cohort_days(&cohort, from, to).await?;
            cohorts.push((cohort, days));
        }
        let served = self.peer_averages(tenant_id, from, to).await?;
        let month = date_of(from.max(0)).map_or(0, |day| day_of_date(day.first_of_month()));
        let merged = self.merged_cells(month, to).await?;
        Ok(Comparison::of(tenant, &own, &Others { cohorts, served, merged }, from, to))
    }

    /// The tenant day by day up to a day, oldest first.
    async fn own_days(&self, tenant_id: &str, to: i64) -> Result<Vec<OwnDay>, HistoryError> {
        let mut headlines: Vec<Headline> = self.headlines(tenant_id, 0, to).await?;
        headlines.sort_by_key(|headline| headline.day);
        let scored = headlines.iter().filter(|headline| headline.core.max_score > 0.0);
        let own = scored.filter_map(|headline| {
            let by = if headline.cause == Cause::Microsoft { Source::Microsoft } else { Source::Store };
            Some(OwnDay { day: date_of(headline.day)?, percent: headline.core.compat_percent, by })
        });
        Ok(own.collect())
    }
}

/// What a comparison needs of a day of the trend.
#[derive(Deserialize)]
struct Headline {
    day: i64,
    cause: Cause,
    core: Percent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Percent {
    compat_percent: f64,
    max_score: f64,
}
