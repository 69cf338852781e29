//! The program as a person or a script calls it.
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its work fails the test")]

mod alerts;
mod collecting;
mod exit_codes;
mod formats;
mod graph_server;
mod history;
mod program;
mod served;
mod serving;
mod shown;
mod transcripts;
