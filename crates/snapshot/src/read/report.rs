//! The collection report of our own exports, `collection.json`.

use serde::{Deserialize, Deserializer};

use crate::ReadError;
use crate::instant::Instant;
use crate::json::{Caseless, Chunks, Elements, List, read_chunk};
use crate::manifest::DataSetStatus;
use crate::source::FileEntry;

/// The newest version of the report that is understood.
const REPORT_VERSION: u64 = 1;

/// What the collector says about its run.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    #[serde(default)]
    format_version: Option<u64>,
    #[serde(default)]
    pub(crate) tenant_id: Option<String>,
    #[serde(default)]
    pub(crate) started_at: Option<Instant>,
    /// `delegated` where a user signed in, `application` where an application did; reports before both had words don't say.
    #[serde(default)]
    access: Option<String>,
    #[serde(default)]
    pub(crate) data_sets: List<ReportedSet>,
}

/// What it says about one data set.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportedSet {
    pub(crate) name: String,
    #[serde(default)]
    api_version: Option<String>,
    #[serde(default)]
    pub(crate) pages: Option<u64>,
    #[serde(default)]
    pub(crate) rows: Option<u64>,
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) permission: Option<String>,
    #[serde(default)]
    pub(crate) error_code: Option<String>,
    #[serde(default)]
    pub(crate) message: Option<String>,
}

impl ReportedSet {
    /// `v1.0` or `beta`; any other word says nothing.
    pub(crate) fn api_version(&self) -> Option<&'static str> {
        let told = self.api_version.as_deref()?;
        ["v1.0", "beta"].into_iter().find(|version| told.eq_ignore_ascii_case(version))
    }

    /// A word never seen counts as failed: only `complete` is complete.
    pub(crate) fn status(&self) -> DataSetStatus {
        match self.status.as_deref() {
            Some("complete") => DataSetStatus::Complete,
            Some("refused") => DataSetStatus::Refused,
            Some("notLicensed") => DataSetStatus::NotLicensed,
            Some("notInCloud") => DataSetStatus::NotInCloud,
            Some("incomplete") => DataSetStatus::Incomplete,
            _ => DataSetStatus::Failed,
        }
    }
}

impl Report {
    pub(crate) fn read(file: &FileEntry) -> Result<Self, ReadError> {
        #[derive(Default)]
        struct One(Option<Report>);
        impl Elements for One {
            fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                self.0 = Some(Report::deserialize(Caseless(deserializer))?);
                Ok(())
            }
        }
        let mut one = One::default();
        let mut chunks = Chunks::open(&file.name, file.open()?, file.size)?;
        while let Some(chunk) = chunks.next_chunk()? {
            read_chunk(&chunk, &mut one)?;
        }
        let damaged = |reason: String| ReadError::Damaged { file: file.name.clone(), line: 1, column: 1, reason };
        let report = one.0.ok_or_else(|| damaged("expected an object that reports on a collection".to_owned()))?;
        match report.format_version {
            Some(version) if version > REPORT_VERSION => Err(damaged(format!(
                "formatVersion {version} is newer than this program, which reads {REPORT_VERSION}"
            ))),
            _ => Ok(report),
        }
    }

    /// Whether it says that a signed-in user read the data.
    pub(crate) fn is_of_a_user(&self) -> bool {
        self.access.as_deref().is_some_and(|access| access.eq_ignore_ascii_case("delegated"))
    }

    pub(crate) fn set(&self, name: &str) -> Option<&ReportedSet> {
        self.data_sets.iter().find(|set| set.name == name)
    }
}
