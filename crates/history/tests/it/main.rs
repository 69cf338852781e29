//! The same tests for SQLite and, with the feature `postgres`, for PostgreSQL.

mod archive;
mod assessments;
mod audit;
mod cohorts;
#[cfg(not(feature = "postgres"))]
mod full_disk;
mod killed;
mod microsoft;
mod plan;
mod rescore;
mod support;
mod tokens;
