//! Writing and reading assessments.

use std::collections::BTreeSet;

use idscore_score::{Outcome, Profile, Set};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::audit::{Actor, append};
use crate::cohorts;
use crate::error::{HistoryError, doing};
use crate::instants::{NONE, day_of};
use crate::kept::{Cause, KeptAssessment, KeptControl, SetNumbers};
use crate::store::{History, next_sequence};

/// All columns of an assessment, in the order in which they are written.
const COLUMNS: &str =
    "sequence, id, tenant_id, day, assessed_at, taken_at, taken_at_source, newest_of_day, cause, profile,
    catalogue_version, config_hash, snapshot, evidence, active_users,
    core_percent, core_score, core_max, core_coverage, core_compat, core_planned, core_current_license, core_achievable,
    core_attested, extended_percent, extended_score, extended_max, extended_coverage, extended_compat, extended_planned,
    extended_current_license, extended_achievable, extended_attested, has_p1, has_p2, settings, core_controls,
    extended_controls, details";

/// One point of a trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrendPoint {
    /// The assessment.
    pub id: String,
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// The instant for which it holds, in microseconds.
    pub assessed_at: i64,
    /// Why it was written.
    pub cause: Cause,
    /// The version of the controls.
    pub catalogue_version: String,
    /// The hash of the configuration.
    pub config_hash: String,
    /// The headline.
    pub core: SetNumbers,
    /// Everything else.
    pub extended: SetNumbers,
}

/// The core controls of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct CoreDay {
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// The instant of the data, in microseconds.
    pub taken_at: i64,
    /// Enabled members.
    pub active_users: u64,
    /// Microsoft Entra ID P1 is owned, alone or as part of P2.
    pub has_p1: Option<bool>,
    /// Microsoft Entra ID P2 is owned.
    pub has_p2: Option<bool>,
    /// Points earned.
    pub current_score: f64,
    /// Points that could be earned.
    pub max_score: f64,
    /// The controls.
    pub controls: Vec<CoreControl>,
}

/// A control of a day without what only the arithmetic needs, which is most of it; members as in [`KeptControl`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each is described once, in `KeptControl`")]
pub struct CoreControl {
    pub id: String,
    pub title: String,
    pub outcome: Outcome,
    pub score: Option<f64>,
    pub max_score: Option<f64>,
    pub count: u64,
    pub total: u64,
    #[serde(default)]
    pub unknown: u64,
}

impl History {
    /// Keeps an assessment whole, with its place in the cohorts, and says its id.
    ///
    /// # Errors
    /// When the tenant is unknown or the database refuses; nothing is kept then.
    pub async fn keep(&self, actor: &Actor, assessment: &KeptAssessment) -> Result<String, HistoryError> {
        let mut transaction = self.write().await?;
        let id = keep_within(&mut transaction, actor, assessment).await?;
        transaction.commit().await.map_err(doing("keep an assessment"))?;
        Ok(id)
    }

    /// Keeps many assessments, all or none. Quicker than one by one: the cohorts of a day are written once.
    ///
    /// # Errors
    /// As [`History::keep`].
    pub async fn keep_all(&self, actor: &Actor, assessments: &[KeptAssessment]) -> Result<(), HistoryError> {
        let mut transaction = self.write().await?;
        let mut touched: BTreeSet<(i64, String)> = BTreeSet::new();
        for kept in assessments {
            let (_, newest) = put(&mut transaction, actor, kept).await?;
            let day = day_of(kept.assessed_at);
            if newest && kept.cause != Cause::Microsoft {
                let cohorts = cohorts::move_tenant(&mut transaction, kept, day).await?;
                touched.extend(cohorts.into_iter().map(|cohort| (day, cohort)));
            }
            // Days come in order, so that nothing moves behind a day that was written.
            let before: Vec<_> = touched.iter().filter(|(other, _)| *other < day).cloned().collect();
            for (other, cohort) in before {
                cohorts::write(&mut transaction, std::slice::from_ref(&cohort), other).await?;
                touched.remove(&(other, cohort));
            }
        }
        for (day, cohort) in touched {
            cohorts::write(&mut transaction, &[cohort], day).await?;
        }
        transaction.commit().await.map_err(doing("keep assessments"))
    }

    /// The newest assessment that this program made.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn newest(&self, tenant_id: &str) -> Result<Option<KeptAssessment>, HistoryError> {
        let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND cause <> 'microsoft'
                   ORDER BY assessed_at DESC, sequence DESC LIMIT 1";
        let row = sqlx::query(sql).bind(tenant_id).fetch_optional(self.pool()).await.map_err(doing(READ))?;
        row.as_ref().map(assessment).transpose()
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

    /// The newest assessment of this program that holds for an instant or an earlier one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn before(&self, tenant_id: &str, instant: i64) -> Result<Option<KeptAssessment>, HistoryError> {
        let sql = "SELECT * FROM assessment WHERE tenant_id = $1 AND assessed_at <= $2 AND cause <> 'microsoft'
                   ORDER BY assessed_at DESC, sequence DESC LIMIT 1";
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

/// The values of JSON texts that a database joined by commas; none where there was nothing to join.
pub(crate) fn of_list<T: DeserializeOwned>(joined: Option<String>, what: &'static str) -> Result<Vec<T>, HistoryError> {
    joined.map_or_else(|| Ok(Vec::new()), |joined| of_text(&format!("[{joined}]"), what))
}

const READ: &str = "read assessments";

/// Keeps an assessment within a write.
pub(crate) async fn keep_within(
    transaction: &mut Transaction<'static, Any>,
    actor: &Actor,
    kept: &KeptAssessment,
) -> Result<String, HistoryError> {
    let (id, newest) = put(transaction, actor, kept).await?;
    if newest && kept.cause != Cause::Microsoft {
        cohorts::place(transaction, kept, day_of(kept.assessed_at)).await?;
    }
    Ok(id)
}

/// Writes the row and its entry in the log; says the id, and whether it stands for its day.
async fn put(
    transaction: &mut Transaction<'static, Any>,
    actor: &Actor,
    kept: &KeptAssessment,
) -> Result<(String, bool), HistoryError> {
    let sequence = next_sequence(transaction, "SELECT MAX(sequence) FROM assessment").await?;
    let id = uuid::Uuid::now_v7().to_string();
    let day = day_of(kept.assessed_at);
    let newest = take_the_day(transaction, kept, day).await?;
    insert(transaction, kept, sequence, &id, newest).await?;
    if newest {
        stand_for_the_day(transaction, kept, &id, day).await?;
    }
    let detail = json!({
        "assessedAt": kept.assessed_at, "cause": kept.cause, "corePercent": kept.core.percent,
        "catalogueVersion": kept.catalogue_version, "configHash": kept.config_hash,
    });
    append(transaction, actor, &kept.tenant_id, "assessment.keep", &id, &detail).await?;
    Ok((id, newest))
}

/// Whether an assessment is the one that stands for its day: the latest of ours, else the latest of Microsoft's.
async fn take_the_day(
    transaction: &mut Transaction<'static, Any>,
    kept: &KeptAssessment,
    day: i64,
) -> Result<bool, HistoryError> {
    let failed = doing("keep an assessment");
    let standing = sqlx::query(
        "SELECT cause, assessed_at FROM assessment WHERE tenant_id = $1 AND newest_of_day = 1 AND day = $2",
    )
    .bind(&kept.tenant_id)
    .bind(day)
    .fetch_optional(&mut **transaction)
    .await
    .map_err(&failed)?;
    if let Some(standing) = standing {
        let cause: String = standing.try_get("cause").map_err(&failed)?;
        let assessed_at: i64 = standing.try_get("assessed_at").map_err(&failed)?;
        let theirs = |cause: &str| cause == "microsoft";
        let wins = match (theirs(&cause), kept.cause == Cause::Microsoft) {
            (true, false) => true,
            (false, true) => false,
            _ => kept.assessed_at >= assessed_at,
        };
        if !wins {
            return Ok(false);
        }
        sqlx::query("UPDATE assessment SET newest_of_day = 0 WHERE tenant_id = $1 AND newest_of_day = 1 AND day = $2")
            .bind(&kept.tenant_id)
            .bind(day)
            .execute(&mut **transaction)
            .await
            .map_err(&failed)?;
    }
    Ok(true)
}

/// Puts an assessment into the trend, in place of the one that stood for its day.
async fn stand_for_the_day(
    transaction: &mut Transaction<'static, Any>,
    kept: &KeptAssessment,
    id: &str,
    day: i64,
) -> Result<(), HistoryError> {
    let headline = TrendPoint {
        id: id.to_owned(),
        day,
        assessed_at: kept.assessed_at,
        cause: kept.cause,
        catalogue_version: kept.catalogue_version.clone(),
        config_hash: kept.config_hash.clone(),
        core: kept.core,
        extended: kept.extended,
    };
    let sql = "INSERT INTO tenant_day (tenant_id, day, headline) VALUES ($1, $2, $3)
               ON CONFLICT (tenant_id, day) DO UPDATE SET headline = excluded.headline";
    let query = sqlx::query(sql).bind(&kept.tenant_id).bind(day).bind(text(&headline)?);
    query.execute(&mut **transaction).await.map_err(doing("keep an assessment"))?;
    Ok(())
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    kept: &KeptAssessment,
    sequence: i64,
    id: &str,
    newest: bool,
) -> Result<(), HistoryError> {
    let places: Vec<String> = (1..=39).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO assessment ({COLUMNS}) VALUES ({})", places.join(", "));
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(sequence)
        .bind(id)
        .bind(&kept.tenant_id)
        .bind(day_of(kept.assessed_at))
        .bind(kept.assessed_at)
        .bind(kept.taken_at)
        .bind(&kept.taken_at_source)
        .bind(i64::from(newest))
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
            .bind(numbers.attested_percent);
    }
    query
        .bind(flag(kept.has_p1))
        .bind(flag(kept.has_p2))
        .bind(text(&kept.settings)?)
        .bind(text(&kept.of_set(Set::Core).collect::<Vec<_>>())?)
        .bind(text(&kept.of_set(Set::Extended).collect::<Vec<_>>())?)
        .bind(text(&kept.details)?)
        .execute(&mut **transaction)
        .await
        .map_err(doing("keep an assessment"))?;
    Ok(())
}

fn flag(flag: Option<bool>) -> i64 {
    flag.map_or(NONE, i64::from)
}

/// A word that serde writes as a text.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The value of a word.
pub(crate) fn of_word<T: DeserializeOwned>(word: String, what: &'static str) -> Result<T, HistoryError> {
    serde_json::from_value(serde_json::Value::String(word))
        .map_err(|source| HistoryError::Damaged { what, source: Box::new(source) })
}

pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, HistoryError> {
    serde_json::to_string(value).map_err(|source| HistoryError::Damaged { what: "value", source: Box::new(source) })
}

pub(crate) fn of_text<T: DeserializeOwned>(text: &str, what: &'static str) -> Result<T, HistoryError> {
    serde_json::from_str(text).map_err(|source| HistoryError::Damaged { what, source: Box::new(source) })
}

fn numbers(row: &AnyRow, columns: [&str; 9]) -> Result<SetNumbers, sqlx::Error> {
    let [percent, score, max, coverage, compat, planned, current_license, achievable, attested] = columns;
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
        ],
    )
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

/// What [`flag`] wrote.
fn owned(flag: i64) -> Option<bool> {
    (flag >= 0).then_some(flag == 1)
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
