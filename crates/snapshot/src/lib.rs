//! A tenant's export becomes a snapshot: the judged tables as Parquet, and a manifest that says what was read.
//!
//! [`write_snapshot`] reads an export in any of the known forms and writes a folder; [`Snapshot`] reads that folder.
//! The way through the crate: `source` (files, archives, encodings) → `layout` (which file holds which data set) →
//! `json` (pages and elements) → `graph` (Graph's objects) → `derive` (one function per derived column) →
//! `tables` (one file per judged table) → Parquet.

mod derive;
mod documents;
mod error;
mod graph;
mod ids;
mod instant;
mod json;
mod layout;
mod manifest;
mod members;
mod read;
mod scuba;
mod snapshot;
mod source;
mod tables;
mod write;

pub use error::{OpenError, ReadError};
pub use graph::{
    AverageScore, ImpactedResource, MicrosoftControlScore, MicrosoftProfile, MicrosoftRecommendation, MicrosoftScore,
    OwnedSku, StateUpdate,
};
pub use manifest::{AbsentProperty, DataSetRecord, DataSetStatus, Manifest, TableRecord, TakenAtSource};
pub use read::{Advance, Progress, ReadOptions, read_bytes, write_snapshot};
pub use snapshot::{Batches, GroupEligibility, GroupMembers, Snapshot, is_snapshot};
pub use source::Unpacking;
