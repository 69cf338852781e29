//! Exports in every form become snapshots.

mod support;

mod accepted;
mod entra_exporter;
mod forms;
mod golden;
mod no_panics;
mod own_layout;
mod refused;
mod scuba_gear;
mod statuses;
mod writing;
