//! Tests of whole invented tenants, read back from the files as written.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod pages;
mod recount;
