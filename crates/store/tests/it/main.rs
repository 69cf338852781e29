//! The same tests for SQLite and, with the feature `postgres`, for PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot do its work fails the test")]

mod archive;
mod assessments;
mod audit;
mod audit_edits;
mod audit_log;
#[cfg(not(feature = "postgres"))]
mod backup;
mod benchmark;
mod changes;
mod cohorts;
mod collections;
mod comparison;
mod configurations;
mod deletion;
mod difference;
mod full_disk;
mod killed;
mod microsoft;
mod migrations;
#[cfg(feature = "postgres")]
mod pgbouncer;
mod plan;
mod portfolio;
mod repeated;
#[path = "../../../history/tests/it/seeded.rs"]
mod seeded;
mod sessions;
mod support;
mod tasks;
mod tokens;
mod writers;
mod zones;
