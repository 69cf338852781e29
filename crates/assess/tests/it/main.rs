//! Whole tenants, from Graph JSON to outcomes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod absent;
mod access_overview;
mod keeping;
mod methods;
mod missing_data;
mod planted;
mod policies;
mod proven;
mod reading;
mod remarks;
mod rules;
mod tenant;
mod traps;
