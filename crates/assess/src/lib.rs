//! Judges a snapshot: derived columns, controls over tables, evidence.

mod assessment;

pub use assessment::{
    Assessment, ControlResult, DataSetState, Declared, EvidenceRow, SetScore, UserCounts,
};
