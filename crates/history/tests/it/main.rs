//! The same tests for SQLite and, with the feature `postgres`, for PostgreSQL.

mod archive;
mod assessments;
mod audit;
mod cohorts;
mod difference;
mod plan;
mod rescore;
mod support;
mod tokens;
