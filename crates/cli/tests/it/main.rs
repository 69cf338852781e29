//! The program as a person or a script calls it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that cannot do its work fails the test"
)]

mod access_log;
mod alerts;
mod collecting;
mod configuration;
#[cfg(unix)]
mod ending;
mod exit_codes;
mod first_steps;
mod formats;
mod graph_server;
mod history;
#[cfg(target_os = "linux")]
mod mounted;
mod names;
#[cfg(target_os = "linux")]
mod power_cut;
mod program;
mod served;
mod serving;
mod shown;
mod transcripts;
