//! The database: SQLite in a file, or PostgreSQL for teams. One schema, one set of statements.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, Executor, SqlSafeStr, Transaction};

use crate::error::{HistoryError, doing};
use crate::uses::Uses;

/// Connections that serve readers side by side.
const CONNECTIONS: u32 = 8;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);
/// PostgreSQL's lock that lets one writer in at a time; any constant would do.
const WRITER_LOCK: i64 = 0x1d5c_07e5;

static DRIVERS: Once = Once::new();

/// Assessments over time, and everything that people decide about them.
#[derive(Debug, Clone)]
pub struct History {
    pool: AnyPool,
    kind: Kind,
    pub(crate) uses: Uses,
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file beside the data.
    Sqlite,
    /// A server.
    Postgres,
}

/// The schema, oldest first. An entry that was released is never changed.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../migrations/0001_first.sql")),
    (2, "benchmark", include_str!("../migrations/0002_benchmark.sql")),
    (3, "alerts", include_str!("../migrations/0003_alerts.sql")),
    (4, "days", include_str!("../migrations/0004_days.sql")),
    (5, "zones", include_str!("../migrations/0005_zones.sql")),
    (6, "sessions", include_str!("../migrations/0006_sessions.sql")),
    (7, "oidc", include_str!("../migrations/0007_oidc.sql")),
    (8, "audit by tenant", include_str!("../migrations/0008_audit_by_tenant.sql")),
    (9, "cohort days", include_str!("../migrations/0009_cohort_days.sql")),
    (10, "collections", include_str!("../migrations/0010_collections.sql")),
];

fn migrator(newest: i64) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().filter(|(version, ..)| *version <= newest).map(migration).collect())
}

impl History {
    /// Opens `sqlite:FILE` (made when it is not there) or `postgres://…`, and brings its schema up to date.
    ///
    /// # Errors
    /// When the address is of no known kind, the database can't be reached, or its schema is newer than this program.
    pub async fn open(url: &str) -> Result<Self, HistoryError> {
        Self::open_with(url, None, i64::MAX).await
    }

    /// As [`History::open`], with the schema of an older version of this program, for tests.
    ///
    /// # Errors
    /// As [`History::open`].
    #[doc(hidden)]
    pub async fn open_with_schema(url: &str, schema: i64) -> Result<Self, HistoryError> {
        Self::open_with(url, None, schema).await
    }

    /// As [`History::open`], and the file may have so many pages only: a disk that is full, for tests.
    ///
    /// # Errors
    /// As [`History::open`].
    #[doc(hidden)]
    pub async fn open_with_pages(url: &str, pages: i64) -> Result<Self, HistoryError> {
        Self::open_with(url, Some(pages), i64::MAX).await
    }

    async fn open_with(url: &str, pages: Option<i64>, schema: i64) -> Result<Self, HistoryError> {
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let kind = kind(url)?;
        let address = match kind {
            Kind::Sqlite if !url.contains('?') => Cow::Owned(format!("{url}?mode=rwc")),
            _ => Cow::Borrowed(url),
        };
        let failed = |source| HistoryError::Open { url: without_password(url), source };
        let options = AnyConnectOptions::from_str(&address).map_err(failed)?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if kind == Kind::Sqlite {
                        // An acknowledged write survives a loss of power; readers don't wait for the writer.
                        connection.execute("PRAGMA journal_mode = WAL").await?;
                        connection.execute("PRAGMA synchronous = FULL").await?;
                        connection.execute("PRAGMA foreign_keys = ON").await?;
                        connection.execute("PRAGMA busy_timeout = 10000").await?;
                        // 8 MiB a connection: a year of the cohorts that every comparison reads stays in memory.
                        connection.execute("PRAGMA cache_size = -8192").await?;
                        if let Some(pages) = pages {
                            let limit = format!("PRAGMA max_page_count = {pages}");
                            connection.execute(sqlx::AssertSqlSafe(limit)).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(failed)?;
        migrator(schema).run(&pool).await?;
        Ok(Self { pool, kind, uses: Uses::default() })
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), HistoryError> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map_err(doing("answer")).map(|_| ())
    }

    /// Writes a consistent copy of an SQLite database into a new file.
    pub(crate) async fn copy_to(&self, file: &std::path::Path) -> Result<(), HistoryError> {
        let quoted = file.display().to_string().replace('\'', "''");
        let sql = format!("VACUUM INTO '{quoted}'");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&self.pool).await.map_err(doing("copy itself")).map(|_| ())
    }

    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Begins to write; one writer at a time, so that sequences have no gaps and the audit log one order.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Any>, HistoryError> {
        let failed = doing("begin to write");
        match self.kind {
            Kind::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed),
            Kind::Postgres => {
                let mut transaction = self.pool.begin().await.map_err(&failed)?;
                sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)")
                    .bind(WRITER_LOCK)
                    .execute(&mut *transaction)
                    .await
                    .map_err(&failed)?;
                Ok(transaction)
            }
        }
    }
}

fn kind(url: &str) -> Result<Kind, HistoryError> {
    match url.split_once(':') {
        // A database in memory is another one for each connection.
        Some(("sqlite", file)) if !file.contains(":memory:") => Ok(Kind::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Kind::Postgres),
        _ => Err(HistoryError::Address { url: without_password(url) }),
    }
}

/// The address as it may be shown: `postgres://idscore:***@host/db`.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match user.split_once(':') {
        Some((name, _)) => format!("{scheme}://{name}:***@{host}"),
        None => url.to_owned(),
    }
}

/// The next number of a table, within a write.
pub(crate) async fn next_sequence(
    transaction: &mut Transaction<'static, Any>,
    statement: &'static str,
) -> Result<i64, HistoryError> {
    let newest: Option<i64> =
        sqlx::query_scalar(statement).fetch_one(&mut **transaction).await.map_err(doing("count its entries"))?;
    Ok(newest.unwrap_or(0) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("postgres://ada:p@ss:word@db/x"), "postgres://ada:***@db/x");
        assert_eq!(without_password("postgres://ada@db/x"), "postgres://ada@db/x");
        assert_eq!(without_password("sqlite:/var/lib/idscore/history.db"), "sqlite:/var/lib/idscore/history.db");
    }
}
