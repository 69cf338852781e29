//! Tokens of the API. Only their hash is kept.

use idscore_history::instants::NONE;
use serde::Serialize;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::access::uses::Used;
use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{of_text, text};
use crate::error::{HistoryError, doing};
use crate::sha256::sha256;
use crate::tenants::tenant;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Its id, by which it is revoked.
    pub id: String,
    /// The one tenant that it opens.
    pub tenant_id: String,
    /// What it is for, or whose it is; in the log its making says this name, and what it does its id.
    pub name: String,
    /// What it may do, in the names of Graph's permissions.
    pub scopes: Vec<String>,
    /// When it was made, in microseconds.
    pub created_at: i64,
    /// When it ends, in microseconds.
    pub expires_at: i64,
    /// When it was last used, to the minute; none before its first use.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// A token that was just made, with the secret that is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The token.
    pub token: Token,
    /// What the client sends: `Authorization: Bearer …`.
    pub secret: String,
}

impl History {
    /// Makes a token of a tenant. `random` are at least 32 bytes that nobody can guess.
    ///
    /// # Errors
    /// When the tenant is unknown, the end lies before the beginning, or the database refuses.
    pub async fn create_token(
        &self,
        actor: &Actor,
        token: &Token,
        random: &[u8; 32],
    ) -> Result<NewToken, HistoryError> {
        if token.expires_at <= token.created_at {
            return Err(HistoryError::Invalid { reason: "a token must end after its beginning".to_owned() });
        }
        let secret: String = "ids_"
            .chars()
            .chain(
                random
                    .iter()
                    .flat_map(|byte| {
                        [char::from_digit(u32::from(byte >> 4), 16), char::from_digit(u32::from(byte & 15), 16)]
                    })
                    .flatten(),
            )
            .collect();
        let token =
            Token { id: uuid::Uuid::now_v7().to_string(), last_used_at: None, revoked_at: None, ..token.clone() };
        self.write("make a token", (actor, &token, secret.as_str()), |write, &(actor, token, secret)| {
            Box::pin(async move {
                let failed = write.failed();
                tenant(write, &token.tenant_id).await?;
                sqlx::query(
            "INSERT INTO token (id, tenant_id, name, scopes, hash, created_at, expires_at, last_used_at, revoked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&token.id)
        .bind(&token.tenant_id)
        .bind(&token.name)
        .bind(text(&token.scopes)?)
        .bind(sha256(secret.as_bytes()))
        .bind(token.created_at)
        .bind(token.expires_at)
        .bind(NONE)
        .bind(NONE)
        .execute(&mut **write)
        .await
        .map_err(&failed)?;
                append(write, actor, &token.tenant_id, "token.create", &token.id, &json!(token)).await?;
                Ok(())
            })
        })
        .await?;
        Ok(NewToken { token, secret })
    }

    /// The token behind a secret, if it is in force at an instant. That it was used is noted, and in the database after the
    /// next [`History::write_uses`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn token_of(&self, secret: &str, at: i64) -> Result<Option<Token>, HistoryError> {
        let row = sqlx::query("SELECT * FROM token WHERE hash = $1")
            .bind(sha256(secret.as_bytes()))
            .fetch_optional(self.pool());
        let token = row.await.map_err(doing("look up a token"))?.as_ref().map(of_row).transpose()?;
        let Some(token) = token.filter(|token| token.revoked_at.is_none() && at < token.expires_at) else {
            return Ok(None);
        };
        self.uses.note(Used::Token, &token.id, token.last_used_at, at);
        Ok(Some(token))
    }

    /// All tokens of a tenant, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tokens(&self, tenant_id: &str) -> Result<Vec<Token>, HistoryError> {
        let sql = "SELECT * FROM token WHERE tenant_id = $1 ORDER BY created_at DESC";
        let rows = sqlx::query(sql).bind(tenant_id).fetch_all(self.pool()).await.map_err(doing("list the tokens"))?;
        rows.iter().map(of_row).collect()
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// When there is none with this id, or the database refuses.
    pub async fn revoke_token(&self, actor: &Actor, tenant_id: &str, id: &str, at: i64) -> Result<(), HistoryError> {
        self.write("revoke a token", (actor, tenant_id, id, at), |write, &(actor, tenant_id, id, at)| {
            Box::pin(async move {
                let failed = write.failed();
                let revoked =
                    sqlx::query("UPDATE token SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at < 0")
                        .bind(tenant_id)
                        .bind(id)
                        .bind(at)
                        .execute(&mut **write)
                        .await
                        .map_err(&failed)?;
                if revoked.rows_affected() == 0 {
                    return Err(HistoryError::NotFound { what: "token", id: id.to_owned() });
                }
                append(write, actor, tenant_id, "token.revoke", id, &json!({})).await
            })
        })
        .await
    }
}

fn of_row(row: &AnyRow) -> Result<Token, HistoryError> {
    let failed = doing("read a token");
    let said = |column: &str| row.try_get::<String, _>(column).map_err(&failed);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    let some = |instant: i64| (instant >= 0).then_some(instant);
    Ok(Token {
        id: said("id")?,
        tenant_id: said("tenant_id")?,
        name: said("name")?,
        scopes: of_text(&said("scopes")?, "list of scopes")?,
        created_at: number("created_at")?,
        expires_at: number("expires_at")?,
        last_used_at: some(number("last_used_at")?),
        revoked_at: some(number("revoked_at")?),
    })
}
