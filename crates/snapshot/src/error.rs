//! What can go wrong while reading an export or a snapshot: the thing, the reason, the next step.

use std::path::PathBuf;

/// An export that cannot become a snapshot. Nothing has been written when it is returned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What we were doing.
        action: &'static str,
        /// The file or folder.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is no JSON, is cut off, or a property has another type than Graph gives it.
    #[error("`{file}`, line {line}, column {column}: {reason}")]
    Damaged {
        /// The file, as a path inside the export.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column in bytes, from 1.
        column: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A list or an object was written as one text, as `ConvertTo-Json` does beyond its depth.
    #[error("`{file}`, line {line}: {reason}")]
    CutDepth {
        /// The file, as a path inside the export.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The property, what stands there and what belongs there.
        reason: String,
    },
    /// The file comes from another tool, or holds something that judging can't use.
    #[error("`{file}` is {what}")]
    OtherTool {
        /// The file, as a path inside the export.
        file: String,
        /// What it is.
        what: &'static str,
        /// What to give instead.
        instead: &'static str,
    },
    /// A file and what looks like its copy say different things about one object.
    #[error("`{first}` and `{second}` say different things about one object")]
    TwoCopies {
        /// The file.
        first: String,
        /// The one whose name ends in ` (1)`.
        second: String,
    },
    /// The file is not encoded in UTF-8.
    #[error("`{file}`, byte {byte}: not valid UTF-8")]
    NotUtf8 {
        /// The file, as a path inside the export.
        file: String,
        /// The first byte that does not fit, from 0.
        byte: u64,
    },
    /// One JSON element without an end in sight.
    #[error("`{file}`, byte {byte}: one element is longer than {limit} bytes")]
    Endless {
        /// The file, as a path inside the export.
        file: String,
        /// Where the element starts, from 0.
        byte: u64,
        /// The most that an element may have.
        limit: u64,
    },
    /// The input holds nothing that we know.
    #[error("`{path}` holds no usable file: {reason}")]
    NothingUsable {
        /// The input.
        path: String,
        /// What was looked for.
        reason: String,
    },
    /// Objects of two tenants lie in one export.
    #[error("`{file}` belongs to tenant {second}, but the export began with tenant {first}")]
    TwoTenants {
        /// The file in which the second tenant shows.
        file: String,
        /// The tenant seen first.
        first: String,
        /// The other tenant.
        second: String,
    },
    /// Two exports lie in one folder.
    #[error("`{first}` and `{second}` are two collection reports: these are two exports")]
    TwoExports {
        /// A collection report.
        first: String,
        /// Another one.
        second: String,
    },
    /// An archive that must not be unpacked.
    #[error("archive `{archive}`, entry `{entry}`: {reason}")]
    Archive {
        /// The archive.
        archive: String,
        /// The entry inside.
        entry: String,
        /// Why it is refused.
        reason: String,
    },
    /// A link inside the export points outside of it.
    #[error("link `{link}` leaves the folder: it points to `{target}`")]
    LinkLeaves {
        /// The link.
        link: String,
        /// What it points to.
        target: String,
    },
    /// Neither argument, report, stamp nor data tell when the export was made.
    #[error("nothing in `{path}` says when it was collected")]
    NoInstant {
        /// The input.
        path: String,
    },
    /// The output folder exists and is no snapshot.
    #[error("cannot write a snapshot to `{path}`: it exists and is no snapshot")]
    Occupied {
        /// The output.
        path: String,
    },
    /// The caller asked to stop.
    #[error("interrupted; nothing was kept")]
    Interrupted,
    /// A table could not be written.
    #[error("cannot write table `{table}`")]
    WriteTable {
        /// The table.
        table: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A column that must have a value was left empty: a mistake in this program.
    #[error("table `{table}`: {reason}")]
    Table {
        /// The table.
        table: &'static str,
        /// What does not fit.
        reason: String,
    },
}

impl ReadError {
    /// The next step for whoever made the call, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Io { .. } | Self::Interrupted | Self::WriteTable { .. } | Self::Table { .. } => return None,
            Self::Damaged { .. } | Self::NotUtf8 { .. } => {
                "collect or export this file again; a damaged file is never guessed at"
            }
            Self::CutDepth { .. } => "export it again with `ConvertTo-Json -Depth 20`: what lay deeper is lost",
            Self::OtherTool { instead, .. } => instead,
            Self::TwoCopies { .. } => "remove the older of the two files; which one holds is never guessed",
            Self::Endless { .. } => "check that the file is a JSON export; every object must be smaller",
            Self::NothingUsable { .. } => {
                "give the folder, archive or file of an export: pages of Microsoft Graph, EntraExporter or ScubaGear"
            }
            Self::TwoTenants { .. } | Self::TwoExports { .. } => "put every export into a folder of its own",
            Self::Archive { .. } => "unpack it yourself after checking it, then give the folder",
            Self::LinkLeaves { .. } => "copy the file into the export instead of linking it",
            Self::NoInstant { .. } => "say when it was collected: `--taken-at 2026-11-20T06:00:00Z`",
            Self::Occupied { .. } => "choose another folder, or remove that one first",
        })
    }

    pub(crate) fn io(action: &'static str, path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { action, path: path.display().to_string(), source }
    }
}

/// A snapshot that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder has no manifest, or it can't be read.
    #[error("cannot read manifest `{path}`")]
    ReadManifest {
        /// The manifest.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The manifest is not one of ours.
    #[error("manifest `{path}` is damaged")]
    ParseManifest {
        /// The manifest.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
    /// The snapshot was written by another version of the format.
    #[error("snapshot `{path}` has format version {found}, this program reads {expected}")]
    FormatVersion {
        /// The manifest.
        path: PathBuf,
        /// What the snapshot has.
        found: u32,
        /// What this program knows.
        expected: u32,
    },
    /// A table file is missing or damaged.
    #[error("cannot read table `{path}`")]
    ReadTable {
        /// The Parquet file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The table has no such stored column.
    #[error("table `{table}` has no stored column `{column}`")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column that was asked for.
        column: String,
    },
}
