//! Who is signed in to the dashboard, and links that sign somebody in once. Only hashes of their secrets are kept.
//!
//! A session takes any identity: a one-time link of the terminal, or what an identity provider vouched for.

use std::collections::BTreeMap;

use idscore_history::instants::{DAY, NONE};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::access::uses::Used;
use crate::audit::{Actor, append};
use crate::database::History;
use crate::database::columns::{of_text, text};
use crate::error::{HistoryError, doing};
use crate::sha256::{hex, sha256};

const MINUTE: i64 = 60_000_000;
/// How long a link waits for its one use.
const LINK_LIFE: i64 = 10 * MINUTE;
/// How long sessions that have ended are kept, in microseconds, so that somebody can ask who was there.
pub const SESSIONS_KEPT: i64 = 30 * DAY;
/// Stands for every tenant.
const EVERYWHERE: &str = "*";

/// What somebody may do with a tenant; each role includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Look.
    Reader,
    /// Decide about actions, record reviews.
    Operator,
    /// Change settings, make tokens.
    Administrator,
}

/// The roles of a person, by tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(BTreeMap<String, Role>);

impl Roles {
    /// A role for every tenant, those that come later included.
    #[must_use]
    pub fn everywhere(role: Role) -> Self {
        Self(BTreeMap::from([(EVERYWHERE.to_owned(), role)]))
    }

    /// The same and a role for one tenant; of two roles for the same the higher counts.
    #[must_use]
    pub fn and(mut self, tenant_id: &str, role: Role) -> Self {
        let held = self.0.entry(tenant_id.to_owned()).or_insert(role);
        *held = role.max(*held);
        self
    }

    /// The highest role for a tenant; none where the person may not know that there is such a tenant.
    #[must_use]
    pub fn at(&self, tenant_id: &str) -> Option<Role> {
        self.0.get(tenant_id).max(self.0.get(EVERYWHERE)).copied()
    }

    /// The highest role for any tenant.
    #[must_use]
    pub fn highest(&self) -> Option<Role> {
        self.0.values().max().copied()
    }

    /// The role that holds for every tenant, those that come later included.
    #[must_use]
    pub fn everywhere_role(&self) -> Option<Role> {
        self.0.get(EVERYWHERE).copied()
    }
}

/// Somebody who signs in, as whoever vouches for them says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// What tells them from everybody else: `link`, or issuer and subject of an identity provider.
    pub subject: String,
    /// The name that pages and the audit log show.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
}

/// How long sessions last, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle: i64,
    /// At most.
    pub absolute: i64,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: 60 * MINUTE, absolute: 720 * MINUTE }
    }
}

/// A session, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id, by which it is ended.
    pub id: String,
    /// Who is signed in.
    pub person: Person,
    /// Who vouched for them: `link`, `oidc`.
    pub origin: String,
    /// When it began, in microseconds.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub last_seen_at: i64,
    /// How long it lasts without being used.
    pub idle: i64,
    /// When it ends at the latest.
    pub ends_at: i64,
    /// When it was ended before that.
    pub revoked_at: Option<i64>,
}

impl Session {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn holds(&self, at: i64) -> bool {
        self.revoked_at.is_none() && at < self.ends_at && at < self.last_seen_at.saturating_add(self.idle)
    }
}

pub(crate) fn hash(secret: &str) -> String {
    sha256(secret.as_bytes())
}

impl History {
    /// Makes a link that signs somebody in once within ten minutes, and says its secret. `random` can be guessed by nobody.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn create_link(
        &self,
        actor: &Actor,
        person: &Person,
        at: i64,
        random: &[u8; 32],
    ) -> Result<String, HistoryError> {
        let secret = hex(random);
        self.write(
            "make a link for signing in",
            (actor, person, at, secret.as_str()),
            |write, &(actor, person, at, secret)| {
                Box::pin(async move {
                    let failed = write.failed();
                    sqlx::query(
                        "INSERT INTO sign_in_link (hash, subject, name, roles, created_at, ends_at, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    )
                    .bind(hash(secret))
                    .bind(&person.subject)
                    .bind(&person.name)
                    .bind(text(&person.roles)?)
                    .bind(at)
                    .bind(at.saturating_add(LINK_LIFE))
                    .bind(NONE)
                    .execute(&mut **write)
                    .await
                    .map_err(&failed)?;
                    append(write, actor, "", "signInLink.create", &person.subject, &json!(person)).await?;
                    Ok(())
                })
            },
        )
        .await?;
        Ok(secret)
    }

    /// Whom a link signs in; nobody when it was used, has ended or never was. Of two who use it at once one gets in.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn use_link(&self, secret: &str, at: i64) -> Result<Option<Person>, HistoryError> {
        let hash = hash(secret);
        // Whoever guesses costs no turn as writer.
        let open = "SELECT 1 FROM sign_in_link WHERE hash = $1 AND used_at < 0 AND ends_at > $2";
        let open = sqlx::query(open).bind(&hash).bind(at).fetch_optional(self.pool()).await;
        if open.map_err(doing("look up a link for signing in"))?.is_none() {
            return Ok(None);
        }
        self.write("use a link for signing in", (hash.as_str(), at), |write, &(hash, at)| {
            Box::pin(async move {
                let failed = write.failed();
                let sql = "UPDATE sign_in_link SET used_at = $2 WHERE hash = $1 AND used_at < 0 AND ends_at > $2
                       RETURNING subject, name, roles";
                let row = sqlx::query(sql).bind(hash).bind(at).fetch_optional(&mut **write).await.map_err(failed)?;
                row.as_ref().map(person).transpose()
            })
        })
        .await
    }

    /// Begins a session and says its secret, which the cookie holds. `origin` is who vouched for the person.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_session(
        &self,
        person: &Person,
        origin: &str,
        limits: SessionLimits,
        at: i64,
        random: &[u8; 32],
    ) -> Result<(Session, String), HistoryError> {
        let secret = hex(random);
        let session = Session {
            id: uuid::Uuid::now_v7().to_string(),
            person: person.clone(),
            origin: origin.to_owned(),
            created_at: at,
            last_seen_at: at,
            idle: limits.idle,
            ends_at: at.saturating_add(limits.absolute),
            revoked_at: None,
        };
        self.write("begin a session", (person, &session, secret.as_str()), |write, &(person, session, secret)| {
            Box::pin(async move {
                let failed = write.failed();
                for statement in
                    ["DELETE FROM session WHERE ends_at < $1", "DELETE FROM sign_in_link WHERE ends_at < $1"]
                {
                    sqlx::query(statement)
                        .bind(session.created_at - SESSIONS_KEPT)
                        .execute(&mut **write)
                        .await
                        .map_err(&failed)?;
                }
                sqlx::query(
                    "INSERT INTO session
                (id, hash, subject, name, roles, origin, created_at, last_seen_at, idle, ends_at, revoked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                )
                .bind(&session.id)
                .bind(hash(secret))
                .bind(&person.subject)
                .bind(&person.name)
                .bind(text(&person.roles)?)
                .bind(&session.origin)
                .bind(session.created_at)
                .bind(session.last_seen_at)
                .bind(session.idle)
                .bind(session.ends_at)
                .bind(NONE)
                .execute(&mut **write)
                .await
                .map_err(&failed)?;
                let actor = Actor::person(&person.subject, &person.name);
                append(write, &actor, "", "session.begin", &session.id, &json!(session)).await?;
                Ok(())
            })
        })
        .await?;
        Ok((session, secret))
    }

    /// The session behind a secret, if it holds at an instant. That it was used is noted, and in the database after the next
    /// [`History::write_uses`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn session_of(&self, secret: &str, at: i64) -> Result<Option<Session>, HistoryError> {
        let row = sqlx::query("SELECT * FROM session WHERE hash = $1").bind(hash(secret)).fetch_optional(self.pool());
        let session = row.await.map_err(doing("look up a session"))?.as_ref().map(session).transpose()?;
        let session = session.map(|kept| Session {
            last_seen_at: kept.last_seen_at.max(self.uses.last(Used::Session, &kept.id)),
            ..kept
        });
        let Some(session) = session.filter(|session| session.holds(at)) else { return Ok(None) };
        self.uses.note(Used::Session, &session.id, Some(session.last_seen_at), at);
        Ok(Some(session))
    }

    /// The sessions that hold at an instant, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sessions(&self, at: i64) -> Result<Vec<Session>, HistoryError> {
        let sql = "SELECT * FROM session WHERE revoked_at < 0 AND ends_at > $1 ORDER BY created_at DESC, id DESC";
        let rows = sqlx::query(sql).bind(at).fetch_all(self.pool()).await.map_err(doing("list the sessions"))?;
        let sessions: Vec<Session> = rows.iter().map(session).collect::<Result<_, _>>()?;
        Ok(sessions.into_iter().filter(|session| session.holds(at)).collect())
    }

    /// Ends a session at once; one that has ended stays ended.
    ///
    /// # Errors
    /// When there is none with this id, or the database refuses.
    pub async fn end_session(&self, actor: &Actor, id: &str, at: i64) -> Result<(), HistoryError> {
        self.write("end a session", (actor, id, at), |write, &(actor, id, at)| {
            Box::pin(async move {
                let failed = write.failed();
                let known: Option<i64> = sqlx::query_scalar("SELECT revoked_at FROM session WHERE id = $1")
                    .bind(id)
                    .fetch_optional(&mut **write)
                    .await
                    .map_err(&failed)?;
                match known {
                    None => return Err(HistoryError::NotFound { what: "session", id: id.to_owned() }),
                    Some(revoked) if revoked >= 0 => return Ok(()),
                    Some(_) => {}
                }
                let ended = sqlx::query("UPDATE session SET revoked_at = $2 WHERE id = $1").bind(id).bind(at);
                ended.execute(&mut **write).await.map_err(&failed)?;
                append(write, actor, "", "session.end", id, &json!({})).await
            })
        })
        .await
    }
}

fn person(row: &AnyRow) -> Result<Person, HistoryError> {
    let said = |column: &str| row.try_get::<String, _>(column).map_err(doing("read who is signed in"));
    Ok(Person { subject: said("subject")?, name: said("name")?, roles: of_text(&said("roles")?, "list of roles")? })
}

fn session(row: &AnyRow) -> Result<Session, HistoryError> {
    let failed = doing("read a session");
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(&failed);
    let revoked = number("revoked_at")?;
    Ok(Session {
        id: row.try_get("id").map_err(&failed)?,
        person: person(row)?,
        origin: row.try_get("origin").map_err(&failed)?,
        created_at: number("created_at")?,
        last_seen_at: number("last_seen_at")?,
        idle: number("idle")?,
        ends_at: number("ends_at")?,
        revoked_at: (revoked >= 0).then_some(revoked),
    })
}
