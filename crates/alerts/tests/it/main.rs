//! Alerts against real receivers on loopback, over SQLite and, with the feature `postgres`, over PostgreSQL.

mod http;
mod mail;
mod outbox;
mod receiver;
#[path = "../../../history/tests/it/support.rs"]
mod support;
