//! The same tests for SQLite and, with the feature `postgres`, for PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot do its work fails the test")]

mod archive;
mod assessments;
mod audit;
mod benchmark;
mod changes;
mod cohorts;
mod collections;
mod comparison;
mod deletion;
mod difference;
mod full_disk;
mod killed;
mod microsoft;
mod migrations;
mod plan;
mod portfolio;
mod ranking;
mod reidentify;
mod rescore;
mod seeded;
mod sessions;
mod support;
mod tasks;
mod tokens;
mod zones;
