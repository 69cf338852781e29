//! `collection.json`: what was read, and what stopped the rest.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cloud::Cloud;
use crate::error::CollectError;
use crate::write::write_whole;

/// How a data set ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Every object was read.
    Complete,
    /// Of what is read per object, some objects are whole and others weren't read.
    Incomplete,
    /// A permission is missing.
    Refused,
    /// Something else stopped it.
    Failed,
    /// The tenant doesn't own what it takes.
    NotLicensed,
    /// This cloud doesn't have it.
    NotInCloud,
}

impl Status {
    /// Its word in `collection.json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::NotLicensed => "notLicensed",
            Self::NotInCloud => "notInCloud",
        }
    }
}

/// As whom the data were read. Graph shows some settings to a person only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// As an application.
    Application,
    /// As a signed-in person, every page of it.
    Delegated,
}

/// What became of one data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataSetReport {
    /// Its name; the folder of its pages.
    pub name: String,
    /// The path that was asked.
    pub endpoint: String,
    /// `v1.0` or `beta`.
    pub api_version: String,
    /// Pages on disk.
    pub pages: u64,
    /// Objects in them.
    pub rows: u64,
    /// How it ended.
    pub status: Status,
    /// The least permission that reads it.
    pub permission: String,
    /// Graph's code, where it wasn't complete.
    pub error_code: Option<String>,
    /// The reason in words.
    pub message: Option<String>,
}

/// The report of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    /// 1.
    pub format_version: u32,
    /// The tenant, once something told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// When it began, by Graph's clock.
    pub started_at: Option<Timestamp>,
    /// When it ended, by Graph's clock.
    pub finished_at: Option<Timestamp>,
    /// The cloud.
    pub cloud: String,
    /// As whom; not told by reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Every data set that was asked for.
    pub data_sets: Vec<DataSetReport>,
}

/// The report's name in an export.
pub(crate) const REPORT: &str = "collection.json";

impl Collection {
    pub(crate) fn new(cloud: Cloud, tenant_id: Option<String>, started_at: Option<Timestamp>, access: Access) -> Self {
        Self {
            format_version: 1,
            tenant_id,
            started_at,
            finished_at: None,
            cloud: cloud.name().to_owned(),
            access: Some(access),
            data_sets: Vec::new(),
        }
    }

    /// What was read.
    pub fn complete(&self) -> impl Iterator<Item = &DataSetReport> {
        self.data_sets.iter().filter(|set| set.status == Status::Complete)
    }

    /// What was not, or not wholly.
    pub fn missing(&self) -> impl Iterator<Item = &DataSetReport> {
        self.data_sets.iter().filter(|set| set.status != Status::Complete)
    }

    /// Writes it so that whoever looks sees the old one or the new one.
    pub(crate) fn write(&self, out: &Path) -> Result<(), CollectError> {
        let path = out.join(REPORT);
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| CollectError::file("write", &path, std::io::Error::other(error)))?;
        text.push(b'\n');
        write_whole(&path, &text)
    }
}
