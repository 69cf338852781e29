//! Writing and reading assessments.

pub(crate) mod benchmark;
pub(crate) mod changes;
pub(crate) mod cohorts;
pub(crate) mod comparison;
pub(crate) mod days;
pub(crate) mod microsoft;
pub(crate) mod portfolio;

use std::collections::BTreeSet;

use idscore_history::instants::day_of;
use idscore_history::regression::BothSights;
use idscore_history::{Cause, KeptAssessment, KeptControl, SetNumbers, TrendPoint, word};
use idscore_score::{Profile, Set};
use serde::Deserialize;
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::assessments::days::stand_for_the_day;
use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{READ, flag, of_text, of_word, owned, places, text};
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

/// All columns of an assessment, in the order in which they are written.
const COLUMNS: &str =
    "sequence, id, tenant_id, day, assessed_at, taken_at, taken_at_source, newest_of_day, cause, profile,
    catalogue_version, config_hash, snapshot, evidence, active_users,
    core_percent, core_score, core_max, core_coverage, core_compat, core_planned, core_current_license, core_achievable,
    core_attested, core_at_least, core_at_most,
    extended_percent, extended_score, extended_max, extended_coverage, extended_compat, extended_planned,
    extended_current_license, extended_achievable, extended_attested, extended_at_least, extended_at_most,
    has_p1, has_p2, settings, core_controls, extended_controls, details";

impl History {
    /// Keeps an assessment whole, with its place in the cohorts, and says its id.
    ///
    /// # Errors
    /// When the tenant is unknown or the database refuses; nothing is kept then.
    pub async fn keep(&self, actor: &Actor, assessment: &KeptAssessment) -> Result<String, HistoryError> {
        self.write("keep an assessment", (actor, assessment), |write, &(actor, assessment)| {
            Box::pin(keep_within(write, actor, assessment))
        })
        .await
    }

    /// Keeps many assessments, all or none. Quicker than one by one: the cohorts of a day are written once.
    ///
    /// # Errors
    /// As [`History::keep`].
    pub async fn keep_all(&self, actor: &Actor, assessments: &[KeptAssessment]) -> Result<(), HistoryError> {
        self.write("keep assessments", (actor, assessments), |write, &(actor, assessments)| {
            Box::pin(async move {
                let mut touched: BTreeSet<(i64, String)> = BTreeSet::new();
                for kept in assessments {
                    let (_, newest) = put(write, actor, kept).await?;
                    let day = day_of(kept.assessed_at);
                    if newest && kept.cause != Cause::Microsoft {
                        let cohorts = cohorts::move_tenant(write, kept, day).await?;
                        touched.extend(cohorts.into_iter().map(|cohort| (day, cohort)));
                    }
                    // Days come in order, so that nothing moves behind a day that was written.
                    let before: Vec<_> = touched.iter().filter(|(other, _)| *other < day).cloned().collect();
                    for (other, cohort) in before {
                        cohorts::write_distributions(write, std::slice::from_ref(&cohort), other).await?;
                        touched.remove(&(other, cohort));
                    }
                }
                for (day, cohort) in touched {
                    cohorts::write_distributions(write, &[cohort], day).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// The newest assessment that this program made.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn newest(&self, tenant_id: &str) -> Result<Option<KeptAssessment>, HistoryError> {
        newest(&mut *self.read().await?, tenant_id).await
    }

    /// An assessment of a tenant by its id.
    ///
    /// # Errors
    /// When there is none, or the database refuses.
    pub async fn assessment(&self, tenant_id: &str, id: &str) -> Result<KeptAssessment, HistoryError> {
        let row = sqlx::query("SELECT * FROM assessment WHERE tenant_id = $1 AND id = $2")
            .bind(tenant_id)
            .bind(id)
            .fetch_optional(self.pool())
            .await
            .map_err(doing(READ))?;
        row.as_ref()
            .map(assessment)
            .transpose()?
            .ok_or(HistoryError::NotFound { what: "assessment", id: id.to_owned() })
    }

    /// Assessments of a tenant by their ids, in no order; ids that there are none of are passed over.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn assessments(&self, tenant_id: &str, ids: &[&str]) -> Result<Vec<KeptAssessment>, HistoryError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT * FROM assessment WHERE tenant_id = $1 AND id IN ({})", places(2, ids.len()));
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant_id);
        for id in ids {
            query = query.bind(*id);
        }
        query.fetch_all(self.pool()).await.map_err(doing(READ))?.iter().map(assessment).collect()
    }

    /// The last assessment at or before an instant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn assessment_at(&self, tenant_id: &str, instant: i64) -> Result<Option<KeptAssessment>, HistoryError> {
        let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND assessed_at <= $2
                   ORDER BY assessed_at DESC, newest_of_day DESC, sequence DESC LIMIT 1";
        let row =
            sqlx::query(sql).bind(tenant_id).bind(instant).fetch_optional(self.pool()).await.map_err(doing(READ))?;
        row.as_ref().map(assessment).transpose()
    }

    /// The newest assessment of each day from `from` to `to`, newest day first, at most `limit`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn newest_per_day(
        &self,
        tenant_id: &str,
        from: i64,
        to: i64,
        limit: i64,
    ) -> Result<Vec<KeptAssessment>, HistoryError> {
        let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND newest_of_day = 1 AND day >= $2 AND day <= $3
                   ORDER BY day DESC LIMIT $4";
        let rows = sqlx::query(sql).bind(tenant_id).bind(from).bind(to).bind(limit).fetch_all(self.pool());
        rows.await.map_err(doing(READ))?.iter().map(assessment).collect()
    }

    /// The newest assessment of this program that rests on older data than another: what that one is compared with, whatever
    /// was decided in between.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn previous(&self, newest: &KeptAssessment) -> Result<Option<KeptAssessment>, HistoryError> {
        let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND taken_at < $2 AND cause <> 'microsoft'
                   ORDER BY assessed_at DESC, sequence DESC LIMIT 1";
        let row = sqlx::query(sql).bind(&newest.tenant_id).bind(newest.taken_at).fetch_optional(self.pool());
        row.await.map_err(doing(READ))?.as_ref().map(assessment).transpose()
    }

    /// Microsoft's own newest numbers; none where they were never read.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn newest_of_microsoft(&self, tenant_id: &str) -> Result<Option<KeptAssessment>, HistoryError> {
        let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND cause = 'microsoft'
                   ORDER BY assessed_at DESC, sequence DESC LIMIT 1";
        let row = sqlx::query(sql).bind(tenant_id).fetch_optional(self.pool()).await.map_err(doing(READ))?;
        row.as_ref().map(assessment).transpose()
    }
}

/// The newest assessment that this program made.
pub(crate) async fn newest(
    connection: &mut AnyConnection,
    tenant_id: &str,
) -> Result<Option<KeptAssessment>, HistoryError> {
    before(connection, tenant_id, i64::MAX).await
}

/// The newest assessment of this program that holds for an instant or an earlier one.
pub(crate) async fn before(
    connection: &mut AnyConnection,
    tenant_id: &str,
    instant: i64,
) -> Result<Option<KeptAssessment>, HistoryError> {
    let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND assessed_at <= $2 AND cause <> 'microsoft'
               ORDER BY assessed_at DESC, sequence DESC LIMIT 1";
    let row = sqlx::query(sql).bind(tenant_id).bind(instant).fetch_optional(connection).await.map_err(doing(READ))?;
    row.as_ref().map(assessment).transpose()
}

/// Keeps an assessment within a write.
pub(crate) async fn keep_within(
    write: &mut Write,
    actor: &Actor,
    kept: &KeptAssessment,
) -> Result<String, HistoryError> {
    let (id, newest) = put(write, actor, kept).await?;
    if newest && kept.cause != Cause::Microsoft {
        cohorts::place(write, kept, day_of(kept.assessed_at)).await?;
    }
    Ok(id)
}

/// Writes the row and its entry in the log; says the id, and whether it stands for its day.
async fn put(write: &mut Write, actor: &Actor, kept: &KeptAssessment) -> Result<(String, bool), HistoryError> {
    let id = uuid::Uuid::now_v7().to_string();
    let day = day_of(kept.assessed_at);
    clear_the_day(write, kept, day).await?;
    let newest = insert(write, kept, &id, day).await?;
    if newest {
        stand_for_the_day(write, kept, &id, day).await?;
    }
    let detail = json!({
        "assessedAt": kept.assessed_at, "cause": kept.cause, "corePercent": kept.core.percent,
        "catalogueVersion": kept.catalogue_version, "configHash": kept.config_hash,
    });
    append(write, actor, &kept.tenant_id, "assessment.keep", &id, &detail).await?;
    Ok((id, newest))
}

/// Makes room where an assessment is the one that stands for its day: the latest of ours, else the latest of Microsoft's.
async fn clear_the_day(write: &mut Write, kept: &KeptAssessment, day: i64) -> Result<(), HistoryError> {
    let sql = if kept.cause == Cause::Microsoft {
        "UPDATE assessment SET newest_of_day = 0 WHERE tenant_id = $1 AND newest_of_day = 1 AND day = $2
            AND cause = 'microsoft' AND assessed_at <= $3"
    } else {
        "UPDATE assessment SET newest_of_day = 0 WHERE tenant_id = $1 AND newest_of_day = 1 AND day = $2
            AND (cause = 'microsoft' OR assessed_at <= $3)"
    };
    let cleared = sqlx::query(sql).bind(&kept.tenant_id).bind(day).bind(kept.assessed_at).execute(&mut **write);
    cleared.await.map(|_| ()).map_err(doing("keep an assessment"))
}

/// Writes the row; says whether it stands for its day, which it does where no other one does.
async fn insert(write: &mut Write, kept: &KeptAssessment, id: &str, day: i64) -> Result<bool, HistoryError> {
    let failed = doing("keep an assessment");
    let sql = format!("INSERT INTO assessment ({COLUMNS}) VALUES ({}) RETURNING newest_of_day", values_of_columns());
    let mut query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(&kept.tenant_id)
        .bind(day)
        .bind(kept.assessed_at)
        .bind(kept.taken_at)
        .bind(&kept.taken_at_source)
        .bind(word(&kept.cause))
        .bind(word(&kept.profile))
        .bind(&kept.catalogue_version)
        .bind(&kept.config_hash)
        .bind(&kept.snapshot)
        .bind(&kept.evidence)
        .bind(i64::try_from(kept.active_users).unwrap_or(i64::MAX));
    for numbers in [&kept.core, &kept.extended] {
        query = query
            .bind(numbers.percent)
            .bind(numbers.current_score)
            .bind(numbers.max_score)
            .bind(numbers.coverage)
            .bind(numbers.compat_percent)
            .bind(numbers.planned_percent)
            .bind(numbers.current_license_percent)
            .bind(numbers.achievable_percent)
            .bind(numbers.attested_percent)
            .bind(numbers.percent_at_least.map(|percent| percent.to_string()))
            .bind(numbers.percent_at_most.map(|percent| percent.to_string()));
    }
    let newest_of_day: i64 = query
        .bind(flag(kept.has_p1))
        .bind(flag(kept.has_p2))
        .bind(text(&kept.settings)?)
        .bind(text(&kept.of_set(Set::Core).collect::<Vec<_>>())?)
        .bind(text(&kept.of_set(Set::Extended).collect::<Vec<_>>())?)
        .bind(text(&kept.details)?)
        .fetch_one(&mut **write)
        .await
        .map_err(failed)?;
    Ok(newest_of_day == 1)
}

/// Whether nothing stands for the day.
const IS_FREE: &str = "(SELECT CASE COUNT(*) WHEN 0 THEN 1 ELSE 0 END FROM assessment
     WHERE tenant_id = $2 AND newest_of_day = 1 AND day = $3)";

/// What stands for each of [`COLUMNS`]: the next number, whether the day is free, and a place for each of the others. What may be
/// NULL among the numbers goes as text: to PostgreSQL a missing double has another type than a double, so that a statement prepared
/// with the one refuses the other (sqlx 0.9).
fn values_of_columns() -> String {
    let mut places = 1..;
    let values = COLUMNS.split(',').map(|column| match column.trim() {
        "sequence" => "(SELECT COALESCE(MAX(sequence), 0) + 1 FROM assessment)".to_owned(),
        "newest_of_day" => IS_FREE.to_owned(),
        column => {
            let place = places.next().unwrap_or_default();
            let may_be_null = column.ends_with("_at_least") || column.ends_with("_at_most");
            if may_be_null { format!("CAST(${place} AS DOUBLE PRECISION)") } else { format!("${place}") }
        }
    });
    values.collect::<Vec<_>>().join(", ")
}

fn numbers(row: &AnyRow, columns: [&str; 11]) -> Result<SetNumbers, sqlx::Error> {
    let [percent, score, max, coverage, compat, planned, current_license, achievable, attested, at_least, at_most] =
        columns;
    Ok(SetNumbers {
        percent: row.try_get(percent)?,
        current_score: row.try_get(score)?,
        max_score: row.try_get(max)?,
        coverage: row.try_get(coverage)?,
        compat_percent: row.try_get(compat)?,
        planned_percent: row.try_get(planned)?,
        current_license_percent: row.try_get(current_license)?,
        achievable_percent: row.try_get(achievable)?,
        attested_percent: row.try_get(attested)?,
        percent_at_least: row.try_get(at_least)?,
        percent_at_most: row.try_get(at_most)?,
    })
}

/// Those of the details of an assessment that a trend needs.
#[derive(Deserialize)]
struct OfTrend {
    #[serde(default)]
    policies: String,
    #[serde(default)]
    sight: Option<BothSights>,
}

/// What a trend says of an assessment, from the columns of its row.
pub(crate) fn headline(row: &AnyRow) -> Result<TrendPoint, HistoryError> {
    let failed = doing(READ);
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    let OfTrend { policies, sight } = of_text(&said("details")?, "assessment")?;
    Ok(TrendPoint {
        id: said("id")?,
        day: number("day")?,
        assessed_at: number("assessed_at")?,
        cause: of_word(said("cause")?, "cause")?,
        catalogue_version: said("catalogue_version")?,
        config_hash: said("config_hash")?,
        policies,
        sight,
        core: core(row).map_err(&failed)?,
        extended: extended(row).map_err(&failed)?,
    })
}

fn core(row: &AnyRow) -> Result<SetNumbers, sqlx::Error> {
    numbers(
        row,
        [
            "core_percent",
            "core_score",
            "core_max",
            "core_coverage",
            "core_compat",
            "core_planned",
            "core_current_license",
            "core_achievable",
            "core_attested",
            "core_at_least",
            "core_at_most",
        ],
    )
}

fn extended(row: &AnyRow) -> Result<SetNumbers, sqlx::Error> {
    numbers(
        row,
        [
            "extended_percent",
            "extended_score",
            "extended_max",
            "extended_coverage",
            "extended_compat",
            "extended_planned",
            "extended_current_license",
            "extended_achievable",
            "extended_attested",
            "extended_at_least",
            "extended_at_most",
        ],
    )
}

pub(crate) fn assessment(row: &AnyRow) -> Result<KeptAssessment, HistoryError> {
    let failed = doing(READ);
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    let mut controls: Vec<KeptControl> = of_text(&said("core_controls")?, "list of controls")?;
    controls.extend(of_text::<Vec<KeptControl>>(&said("extended_controls")?, "list of controls")?);
    Ok(KeptAssessment {
        id: said("id")?,
        sequence: number("sequence")?,
        tenant_id: said("tenant_id")?,
        assessed_at: number("assessed_at")?,
        taken_at: number("taken_at")?,
        taken_at_source: said("taken_at_source")?,
        cause: of_word(said("cause")?, "cause")?,
        profile: of_word::<Profile>(said("profile")?, "profile")?,
        catalogue_version: said("catalogue_version")?,
        config_hash: said("config_hash")?,
        snapshot: said("snapshot")?,
        evidence: said("evidence")?,
        active_users: u64::try_from(number("active_users")?).unwrap_or(0),
        has_p1: owned(number("has_p1")?),
        has_p2: owned(number("has_p2")?),
        core: core(row).map_err(&failed)?,
        extended: extended(row).map_err(&failed)?,
        settings: of_text(&said("settings")?, "setting")?,
        controls,
        details: of_text(&said("details")?, "assessment")?,
    })
}
