//! Tenants on a schedule, against a Microsoft Graph on this machine.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod hostile;
mod schedule;
