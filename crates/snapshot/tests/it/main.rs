//! Exports in every form become snapshots.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "helpers of tests fail the test"
)]

mod support;

mod accepted;
mod cut_depth;
mod entra_exporter;
mod forms;
mod golden;
mod kinds_of_files;
mod microsoft;
mod no_panics;
mod null_references;
mod own_layout;
mod refusals;
mod refused;
mod scuba_gear;
mod statuses;
mod writing;
