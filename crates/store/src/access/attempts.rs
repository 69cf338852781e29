//! People on their way to an identity provider and back: what waits for them here, for ten minutes and one use.

use serde_json::json;
use sqlx::Row;

use crate::access::sessions::hash;
use crate::audit::{Actor, append};
use crate::database::History;
use crate::error::{HistoryError, doing};

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
        self.write("begin to sign somebody in", (state, browser, waits, at), |write, &(state, browser, waits, at)| Box::pin(async move {
        let failed = write.failed();
        let ended = sqlx::query("DELETE FROM sign_in_attempt WHERE ends_at <= $1").bind(at);
        ended.execute(&mut **write).await.map_err(&failed)?;
        let waiting: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sign_in_attempt")
            .fetch_one(&mut **write)
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
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
        Ok(())
        }))
        .await
    }

    /// What waits for a state, once: nothing when it was used, has ended, never was, or began in another browser. Of two who
    /// bring it at once one gets it; whoever brings it uses it up.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_attempt(&self, state: &str, browser: &str, at: i64) -> Result<Option<Attempted>, HistoryError> {
        let state = hash(state);
        // Whoever guesses costs no turn as writer.
        let known = sqlx::query("SELECT 1 FROM sign_in_attempt WHERE state = $1").bind(&state);
        let known = known.fetch_optional(self.pool()).await.map_err(doing("look up who signs in"))?;
        if known.is_none() {
            return Ok(None);
        }
        let taken = self.write("sign somebody in", state.as_str(), |write, &state| {
            Box::pin(async move {
                let sql =
                    "DELETE FROM sign_in_attempt WHERE state = $1 RETURNING browser, nonce, verifier, back, ends_at";
                sqlx::query(sql).bind(state).fetch_optional(&mut **write).await.map_err(write.failed())
            })
        });
        let Some(row) = taken.await? else { return Ok(None) };
        let failed = doing("sign somebody in");
        let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
        let ends_at: i64 = row.try_get("ends_at").map_err(&failed)?;
        // Both are hashes: how long comparing takes tells nothing.
        if ends_at <= at || said("browser")? != hash(browser) {
            return Ok(None);
        }
        Ok(Some(Attempted { nonce: said("nonce")?, verifier: said("verifier")?, back: said("back")? }))
    }

    /// Notes in the audit log that the provider's answer about somebody was refused, and why.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn refuse_sign_in(&self, actor: &Actor, reason: &str) -> Result<(), HistoryError> {
        self.write("note a refusal", (actor, reason), |write, &(actor, reason)| {
            Box::pin(async move { append(write, actor, "", "signIn.refuse", "", &json!({"reason": reason})).await })
        })
        .await
    }
}
