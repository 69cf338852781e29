//! The schema, and how a database is brought up to it: by one process, while others wait.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection, Executor, SqlSafeStr};

use crate::audit::{seal, seal_is_missing};
use crate::database::Kind;
use crate::database::writer::begin_alone;
use crate::error::{HistoryError, doing};

/// The schema, oldest first. An entry that was released is never changed.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("../../migrations/0001_first.sql")),
    (2, "benchmark", include_str!("../../migrations/0002_benchmark.sql")),
    (3, "alerts", include_str!("../../migrations/0003_alerts.sql")),
    (4, "days", include_str!("../../migrations/0004_days.sql")),
    (5, "zones", include_str!("../../migrations/0005_zones.sql")),
    (6, "sessions", include_str!("../../migrations/0006_sessions.sql")),
    (7, "oidc", include_str!("../../migrations/0007_oidc.sql")),
    (8, "audit by tenant", include_str!("../../migrations/0008_audit_by_tenant.sql")),
    (9, "cohort days", include_str!("../../migrations/0009_cohort_days.sql")),
    (10, "collections", include_str!("../../migrations/0010_collections.sql")),
    (11, "proven", include_str!("../../migrations/0011_proven.sql")),
    (12, "configurations", include_str!("../../migrations/0012_configurations.sql")),
    (13, "audit formats", include_str!("../../migrations/0013_audit_formats.sql")),
];

/// The newest version of the schema.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// The schema with entries of the audit log in two formats.
const SEALED_SINCE: i64 = 13;

fn migrator(newest: i64) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, (*sql).into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().filter(|(version, ..)| *version <= newest).map(migration).collect())
}

/// Brings the schema up to a version. What is up to date already is only looked at, so that no process waits for a writer.
pub(crate) async fn bring_up_to_date(
    connection: &mut AnyConnection,
    kind: Kind,
    newest: i64,
) -> Result<(), HistoryError> {
    let failed = doing("bring its schema up to date");
    let mut migrator = migrator(newest);
    let known = migrator.iter().map(|migration| migration.version).max();
    let applied = sqlx::query_scalar::<_, i64>("SELECT MAX(version) FROM _sqlx_migrations").fetch_one(&mut *connection);
    let sealed = newest >= SEALED_SINCE;
    if applied.await.ok() == known {
        migrator.set_locking(false);
        migrator.run_direct(None, connection, false).await?;
        // Whoever brought the schema up to date may not have come that far.
        if sealed && seal_is_missing(connection).await? {
            seal_alone(connection, kind).await?;
        }
        return Ok(());
    }
    match kind {
        // The migrator takes no lock there.
        Kind::Sqlite => {
            connection.execute("PRAGMA busy_timeout = 60000").await.map_err(&failed)?;
            let mut alone = connection.begin_with("BEGIN IMMEDIATE").await.map_err(&failed)?;
            migrator.run_direct(None, &mut *alone, false).await?;
            if sealed && seal_is_missing(&mut alone).await? {
                seal(&mut alone, kind).await?;
            }
            alone.commit().await.map_err(failed)
        }
        Kind::Postgres => {
            connection.execute("SET lock_timeout = '60s'").await.map_err(failed)?;
            migrator.run_direct(None, connection, false).await?;
            if sealed && seal_is_missing(connection).await? {
                seal_alone(connection, kind).await?;
            }
            Ok(())
        }
    }
}

/// Looks whether a database that can only be read has the schema of this program.
pub(crate) async fn check_version(pool: &AnyPool) -> Result<(), HistoryError> {
    let applied: Option<i64> = sqlx::query_scalar("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(pool)
        .await
        .map_err(doing("say which version it has"))?;
    match applied {
        Some(applied) if applied == newest() => Ok(()),
        Some(applied) if applied > newest() => Err(MigrateError::VersionMissing(applied).into()),
        _ => Err(HistoryError::ReadOnly { action: "bring its database up to date" }),
    }
}

/// Seals the entries of an older version, while no other process writes; one of several does it.
async fn seal_alone(connection: &mut AnyConnection, kind: Kind) -> Result<(), HistoryError> {
    let mut alone = begin_alone(connection, kind).await.map_err(doing("seal the audit log"))?;
    if seal_is_missing(&mut alone).await? {
        seal(&mut alone, kind).await?;
    }
    alone.commit().await.map_err(doing("seal the audit log"))
}
