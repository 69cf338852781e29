//! The manifest of a snapshot: which tenant, which instant, and for every data set whether it is whole.

use serde::{Deserialize, Serialize};

/// The version of the snapshot format that this program writes and reads.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of the snapshot format.
    pub format_version: u32,
    /// The tenant's id; all zeros where the export doesn't tell.
    pub tenant_id: String,
    /// The organisation's name.
    pub display_name: Option<String>,
    /// The first `*.onmicrosoft.com` domain.
    pub initial_domain: Option<String>,
    /// The instant that the data describe, RFC 3339 in UTC.
    pub taken_at: String,
    /// What said so.
    pub taken_at_source: TakenAtSource,
    /// Whether names of people were kept.
    pub names: bool,
    /// One record for every data set that the reader knows, in the catalogue's order.
    pub data_sets: Vec<DataSetRecord>,
    /// Rows of each table.
    pub tables: Vec<TableRecord>,
    /// Properties that objects did not carry although columns are made from them; none in manifests of before they were counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent_properties: Vec<AbsentProperty>,
    /// What was accepted but is worth knowing: duplicates, ids that point nowhere, values never seen before.
    pub warnings: Vec<String>,
}

impl Manifest {
    /// The record of a data set.
    #[must_use]
    pub fn data_set(&self, name: &str) -> Option<&DataSetRecord> {
        self.data_sets.iter().find(|record| record.name == name)
    }
}

/// A property that objects of a data set did not carry: what rests on it is unknown for them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AbsentProperty {
    /// The data set's name in the catalogue.
    pub data_set: String,
    /// Graph's name of the property.
    pub property: String,
    /// How many objects lack it.
    pub objects: u64,
}

/// What said when the data were collected. Never the clock or a file's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TakenAtSource {
    /// The caller.
    Argument,
    /// `startedAt` of the collection report.
    Collection,
    /// The export's own stamp (ScubaGear's `timestamp_zulu`).
    Export,
    /// The newest timestamp in the data.
    Data,
}

/// One data set: whether it was read whole, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataSetRecord {
    /// The data set's name in the catalogue.
    pub name: String,
    /// The objects that were read.
    pub rows: u64,
    /// The first file it was read from, as a path inside the export.
    pub source: Option<String>,
    /// `v1.0` or `beta`, by the collection report or `@odata.context`; none where the export doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Whether it is whole.
    pub status: DataSetStatus,
    /// The permission that the collector was missing.
    pub permission: Option<String>,
    /// Graph's error code.
    pub error_code: Option<String>,
    /// The reason in words.
    pub message: Option<String>,
}

/// Whether a data set is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DataSetStatus {
    /// Every object is there.
    Complete,
    /// Graph refused: a permission is missing.
    Refused,
    /// Collecting it failed.
    Failed,
    /// The tenant does not own the edition that brings it.
    NotLicensed,
    /// This cloud does not have it.
    NotInCloud,
    /// Collecting stopped before the last page.
    Incomplete,
    /// The export holds only some of it: what is there is certain, what is not there is unknown.
    LowerBound,
    /// The export does not have it.
    Absent,
}

/// One table of the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableRecord {
    /// The table's name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}
