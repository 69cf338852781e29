//! People on their way to an identity provider and back: what waits for them here, for ten minutes and one use.

use serde_json::json;
use sqlx::Row;

use crate::audit::{Actor, append};
use crate::error::{HistoryError, doing};
use crate::sessions::hash;
use crate::store::History;

/// How long somebody has at the provider's page.
const LIFE: i64 = 600_000_000;
/// How many may be on their way at once, so that nobody fills the disk.
const MOST: i64 = 10_000;

/// What waits for somebody who comes back.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempted {
    /// What the token must hold.
    pub nonce: String,
    /// What proves to the provider that we asked.
    pub verifier: String,
    /// The page that they wanted to see.
    pub back: String,
}

impl History {
    /// Notes that somebody goes to the provider. `state` comes back with them, `browser` is what their cookie holds; of both
    /// only hashes are kept.
    ///
    /// # Errors
    /// When too many are on their way, or the database refuses.
    pub async fn begin_attempt(
        &self,
        state: &str,
        browser: &str,
        waits: &Attempted,
        at: i64,
    ) -> Result<(), HistoryError> {
        let failed = doing("begin to sign somebody in");
        let mut transaction = self.write().await?;
        let ended = sqlx::query("DELETE FROM sign_in_attempt WHERE ends_at <= $1").bind(at);
        ended.execute(&mut *transaction).await.map_err(&failed)?;
        let waiting: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sign_in_attempt")
            .fetch_one(&mut *transaction)
            .await
            .map_err(&failed)?;
        if waiting >= MOST {
            let reason = "Too many people are signing in; try again in some minutes.".to_owned();
            return Err(HistoryError::Invalid { reason });
        }
        sqlx::query(
            "INSERT INTO sign_in_attempt (state, browser, nonce, verifier, back, ends_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(hash(state))
        .bind(hash(browser))
        .bind(&waits.nonce)
        .bind(&waits.verifier)
        .bind(&waits.back)
        .bind(at.saturating_add(LIFE))
        .execute(&mut *transaction)
        .await
        .map_err(&failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// What waits for a state, once: nothing when it was used, has ended, never was, or began in another browser. Of two who
    /// bring it at once one gets it; whoever brings it uses it up.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_attempt(&self, state: &str, browser: &str, at: i64) -> Result<Option<Attempted>, HistoryError> {
        let failed = doing("sign somebody in");
        let mut transaction = self.write().await?;
        let row = sqlx::query("SELECT browser, nonce, verifier, back, ends_at FROM sign_in_attempt WHERE state = $1")
            .bind(hash(state))
            .fetch_optional(&mut *transaction)
            .await
            .map_err(&failed)?;
        let Some(row) = row else { return Ok(None) };
        let used = sqlx::query("DELETE FROM sign_in_attempt WHERE state = $1").bind(hash(state));
        let used = used.execute(&mut *transaction).await.map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
        let ends_at: i64 = row.try_get("ends_at").map_err(&failed)?;
        // Both are hashes: how long comparing takes tells nothing.
        if used.rows_affected() == 0 || ends_at <= at || said("browser")? != hash(browser) {
            return Ok(None);
        }
        Ok(Some(Attempted { nonce: said("nonce")?, verifier: said("verifier")?, back: said("back")? }))
    }

    /// Notes in the audit log that the provider's answer about somebody was refused, and why.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn refuse_sign_in(&self, name: Option<&str>, reason: &str) -> Result<(), HistoryError> {
        let mut transaction = self.write().await?;
        let actor = name.map_or_else(Actor::system, Actor::named);
        append(&mut transaction, &actor, "", "signIn.refuse", "", &json!({"reason": reason})).await?;
        transaction.commit().await.map_err(doing("note a refusal"))
    }
}
