//! Exports in every form become snapshots.

mod support;

mod own_layout;
