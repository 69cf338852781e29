//! Tenants that are collected on a schedule: who is due, one run at a time for each, what it brings, and when the next one is.
//!
//! [`Collecting`] runs beside a service. `collect.toml` ([`Settings`]) says as which applications it may sign in; which tenant
//! is collected with which of them is in the history, put there by an administrator.

// Waits and counts come from servers and from files of settings.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod collecting;
mod due;
mod progress;
mod run;
mod settings;

pub use collecting::{Collecting, ConnectError, Rules};
pub use due::next_after;
pub use progress::{Progress, SetProgress, Step};
pub use settings::{Application, Settings, Way};
