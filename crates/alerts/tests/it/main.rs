//! Alerts against real receivers on loopback, over SQLite and, with the feature `postgres`, over PostgreSQL.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot do its work fails the test")]

mod heads;
mod http;
mod mail;
mod outbox;
mod receiver;
#[path = "../../../store/tests/it/support.rs"]
mod support;
