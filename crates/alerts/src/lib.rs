//! Alerts: rules over [`idscore_history::events`], and channels that tell what they find: signed webhooks, mail, Teams.
//!
//! An event is written to the history's outbox before it is sent, and it is sent at least once under one id
//! ([`Alerting`]). The head of the audit log goes to other places in the same ways ([`heads`]). What speaks TLS stays behind
//! this crate.

mod backoff;
pub mod config;
mod error;
pub mod heads;
mod http;
mod mail;
pub mod message;
mod sender;
mod service;
pub mod sign;

pub use backoff::Backoff;
pub use config::Settings;
pub use error::SendError;
pub use idscore_secrets::{Secret, SecretError, Source};
pub use sender::{By, Reached, Sender};
pub use service::{Alerting, PATIENCE};
