//! What people say about recommendations and the objects behind them: dismissed, postponed, completed.

use idscore_history::instants::NONE;
use idscore_history::word;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;

use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::of_word;
use crate::error::{HistoryError, doing};

/// What a person said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecommendationStatus {
    /// Open again.
    Active,
    /// Not for us, with a reason.
    Dismissed,
    /// Not now; active again by itself.
    Postponed,
    /// Done, says somebody.
    CompletedByUser,
}

impl RecommendationStatus {
    /// The word as Graph spells it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dismissed => "dismissed",
            Self::Postponed => "postponed",
            Self::CompletedByUser => "completedByUser",
        }
    }
}

/// What was said about a recommendation, or about one object behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecommendationUpdate {
    /// `{tenant}_{control}`.
    pub recommendation_id: String,
    /// The object; empty for the recommendation itself.
    pub resource_id: String,
    /// What was said.
    pub status: RecommendationStatus,
    /// Why.
    pub reason: String,
    /// When a postponed one becomes active again, in microseconds.
    pub until: Option<i64>,
    /// Who said so.
    pub updated_by: String,
    /// When, in microseconds.
    pub updated_at: i64,
}

impl History {
    /// Writes down what somebody says about a recommendation.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn update_recommendation(
        &self,
        actor: &Actor,
        tenant_id: &str,
        update: &RecommendationUpdate,
    ) -> Result<(), HistoryError> {
        self.write("change a recommendation", (actor, tenant_id, update), |write, &(actor, tenant_id, update)| {
            Box::pin(async move {
                let failed = write.failed();
                sqlx::query(
            "INSERT INTO recommendation_update (sequence, tenant_id, recommendation_id, resource_id, status, reason,
                until, updated_by, updated_at)
             VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM recommendation_update),
                $1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant_id)
        .bind(&update.recommendation_id)
        .bind(&update.resource_id)
        .bind(word(&update.status))
        .bind(&update.reason)
        .bind(update.until.unwrap_or(NONE))
        .bind(&update.updated_by)
        .bind(update.updated_at)
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
                let subject = format!("{} {}", update.recommendation_id, update.resource_id);
                append(write, actor, tenant_id, "recommendation.update", subject.trim(), &json!(update)).await
            })
        })
        .await
    }

    /// All that was said about the recommendations of a tenant, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn recommendation_updates(&self, tenant_id: &str) -> Result<Vec<RecommendationUpdate>, HistoryError> {
        let failed = doing("read the recommendations");
        let sql = "SELECT * FROM recommendation_update WHERE tenant_id = $1 ORDER BY sequence";
        let rows = sqlx::query(sql).bind(tenant_id).fetch_all(self.pool()).await.map_err(&failed)?;
        rows.iter()
            .map(|row| {
                let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
                let until: i64 = row.try_get("until").map_err(&failed)?;
                Ok(RecommendationUpdate {
                    recommendation_id: said("recommendation_id")?,
                    resource_id: said("resource_id")?,
                    status: of_word(said("status")?, "status")?,
                    reason: said("reason")?,
                    until: (until >= 0).then_some(until),
                    updated_by: said("updated_by")?,
                    updated_at: row.try_get("updated_at").map_err(&failed)?,
                })
            })
            .collect()
    }
}
