//! Whether a service can do its work: write, put files on the disk, and read what it kept last.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::Row;

use crate::archive::Archive;
use crate::archive::durable::room;
use crate::error::{HistoryError, doing, with_file};

/// How long a write may wait for its turn before the database counts as busy.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes that have to be free: below that, uploads and SQLite's log begin to fail.
const FLOOR: u64 = 64 << 20;
/// Assessments whose files are looked at, the newest.
const NEWEST: i64 = 8;

/// Why a service can't do its work now. None of them says where anything lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// The database does not answer.
    Unreachable,
    /// No write had its turn in time.
    Busy,
    /// The database refuses to be written to.
    NotWritable,
    /// Files can't be written into the data folder.
    FolderNotWritable,
    /// The disk of the data folder is nearly full.
    DiskFull,
    /// A snapshot or the evidence of one of the newest assessments is not there.
    FilesMissing,
}

impl NotReady {
    /// What is wrong, for whoever watches.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unreachable => "the database does not answer",
            Self::Busy => "the database is busy: a write had no turn within 2 seconds",
            Self::NotWritable => "the database can't be written to",
            Self::FolderNotWritable => "the data folder can't be written to",
            Self::DiskFull => "the disk of the data folder has less than 64 MiB left",
            Self::FilesMissing => "snapshots or evidence of the newest assessments are missing from the data folder",
        }
    }
}

impl Archive {
    /// Everything that keeps a service from its work; nothing where it is ready. Takes some seconds at most, and leaves nothing.
    pub async fn not_ready(&self) -> Vec<NotReady> {
        let mut found = Vec::new();
        match tokio::time::timeout(PATIENCE, self.history.try_write()).await {
            Ok(Ok(())) => {}
            Err(_) | Ok(Err(HistoryError::Busy { .. })) => found.push(NotReady::Busy),
            Ok(Err(error)) if error.is_unreachable() => found.push(NotReady::Unreachable),
            Ok(Err(_)) => found.push(NotReady::NotWritable),
        }
        // Names in the database may lead anywhere on a slow disk.
        let names = self.history.newest_files();
        let names = match tokio::time::timeout(PATIENCE, names).await {
            Ok(Ok(names)) => names,
            // Which files there should be is not known then.
            Ok(Err(_)) | Err(_) => {
                if found.is_empty() {
                    found.push(NotReady::Unreachable);
                }
                Vec::new()
            }
        };
        let archive = self.clone();
        let look = self.look("the data folder", move || archive.files_not_ready(&names));
        found.extend(match tokio::time::timeout(PATIENCE, look).await {
            Ok(Ok(files)) => files,
            Ok(Err(_)) | Err(_) => vec![NotReady::FolderNotWritable],
        });
        found
    }

    fn files_not_ready(&self, names: &[PathBuf]) -> Vec<NotReady> {
        let mut found = Vec::new();
        let written = self.passing("ready-").and_then(|passing| {
            let path = passing.path().join("file");
            let written = File::create(&path).and_then(|mut file| file.write_all(b"ready"));
            written.map_err(with_file("write", &path))
        });
        if written.is_err() {
            found.push(NotReady::FolderNotWritable);
        }
        if room(self.folder()).is_some_and(|bytes| bytes < FLOOR) {
            found.push(NotReady::DiskFull);
        }
        if names.iter().any(|name| !self.folder().join(name).exists()) {
            found.push(NotReady::FilesMissing);
        }
        found
    }
}

impl crate::database::History {
    /// The files of the newest assessments.
    async fn newest_files(&self) -> Result<Vec<PathBuf>, HistoryError> {
        let failed = doing("name its newest files");
        let sql = "SELECT snapshot, evidence FROM assessment WHERE snapshot <> '' ORDER BY sequence DESC LIMIT $1";
        let rows = sqlx::query(sql).bind(NEWEST).fetch_all(self.pool()).await.map_err(&failed)?;
        let mut names = Vec::new();
        for row in rows {
            for column in ["snapshot", "evidence"] {
                let name: String = row.try_get(column).map_err(&failed)?;
                names.push(PathBuf::from(name));
            }
        }
        names.retain(|name| !name.as_os_str().is_empty());
        names.sort();
        names.dedup();
        Ok(names)
    }
}
