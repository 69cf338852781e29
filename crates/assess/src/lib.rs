//! Judges a snapshot: derived columns, controls over tables, evidence.

mod assessment;
mod configuration;
mod evaluate;
mod explain;
mod frame;
mod judge;

pub use assessment::{
    Assessment, ControlResult, DataSetState, Declared, EvidenceRow, SetScore, UserCounts,
};
pub use configuration::{Configuration, ConfigurationError};
