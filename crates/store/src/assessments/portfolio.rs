//! What the view of many tenants is made from, in two queries however many there are.

use std::collections::BTreeMap;

use idscore_history::{CoreControls, HeatMap, Portfolio, PortfolioTenant, Standing};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::database::History;
use crate::database::columns::{READ, of_text, of_word, places};
use crate::error::{HistoryError, doing};

impl History {
    /// All tenants by name with their newest numbers and those of so many days before, in two queries, however many there are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn portfolio(&self, days: i64) -> Result<Portfolio, HistoryError> {
        let failed = doing(READ);
        let sql = "
            SELECT n.tenant_id, n.id, n.taken_at, n.core_percent, n.core_max, n.core_coverage,
                n.core_at_least, n.core_at_most,
                COALESCE(b.id, '') AS before_id, COALESCE(b.core_percent, 0.0) AS before_percent
            FROM tenant t
            JOIN assessment n ON n.id = (
                SELECT a.id FROM assessment a WHERE a.tenant_id = t.id AND a.cause <> 'microsoft'
                ORDER BY a.assessed_at DESC, a.sequence DESC LIMIT 1)
            LEFT JOIN assessment b ON b.id = (
                SELECT a.id FROM assessment a
                WHERE a.tenant_id = t.id AND a.newest_of_day = 1 AND a.day <= n.day - $1 AND a.cause <> 'microsoft'
                ORDER BY a.day DESC LIMIT 1)";
        let rows = sqlx::query(sql).bind(days).fetch_all(self.pool()).await.map_err(&failed)?;
        let standings = rows.iter().map(standing).collect::<Result<_, sqlx::Error>>().map_err(failed)?;
        Ok(Portfolio::of(self.tenants().await?, standings))
    }

    /// The core controls of some tenants beside each other, and what fell at each, in one query.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn heat_map(&self, tenants: &[&PortfolioTenant]) -> Result<HeatMap, HistoryError> {
        let assessments = self.core_controls(&HeatMap::assessments(tenants)).await?;
        Ok(HeatMap::of(tenants, &assessments))
    }

    async fn core_controls(&self, ids: &[String]) -> Result<BTreeMap<String, CoreControls>, HistoryError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let failed = doing(READ);
        let sql = format!(
            "SELECT id, catalogue_version, config_hash, profile, core_controls FROM assessment WHERE id IN ({})",
            places(1, ids.len())
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for id in ids {
            query = query.bind(id);
        }
        let said = |row: &AnyRow, column: &str| row.try_get::<String, _>(column).map_err(&failed);
        let rows = query.fetch_all(self.pool()).await.map_err(&failed)?;
        rows.iter()
            .map(|row| {
                let profile = of_word(said(row, "profile")?, "profile")?;
                let rules = (said(row, "catalogue_version")?, said(row, "config_hash")?, profile);
                let controls = of_text(&said(row, "core_controls")?, "list of controls")?;
                Ok((said(row, "id")?, CoreControls { rules, controls }))
            })
            .collect()
    }
}

fn standing(row: &AnyRow) -> Result<(String, Standing), sqlx::Error> {
    let before: String = row.try_get("before_id")?;
    let percent = row.try_get("before_percent")?;
    let standing = Standing {
        id: row.try_get("id")?,
        taken_at: row.try_get("taken_at")?,
        percent: row.try_get("core_percent")?,
        max_score: row.try_get("core_max")?,
        at_least: row.try_get("core_at_least")?,
        at_most: row.try_get("core_at_most")?,
        coverage: row.try_get("core_coverage")?,
        before: (!before.is_empty()).then_some((before, percent)),
    };
    Ok((row.try_get("tenant_id")?, standing))
}
