//! Conditional Access as people write it, held against what it means.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod generator;
mod law;
mod page;
mod properties;
mod protections;
mod references;
mod stated;
mod support;
mod traps;
mod words;
