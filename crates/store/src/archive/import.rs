//! An export on its way into the data folder: read into a passing snapshot, or noted as one that could not be kept.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use idscore_history::events::ImportFailure;
use idscore_snapshot::{OpenError, ReadError, ReadOptions, Snapshot, is_snapshot, write_snapshot};

use crate::archive::Archive;
use crate::archive::passing::Passing;
use crate::error::{HistoryError, with_file};

/// A snapshot beside its place in the data folder, ready for [`Archive::take_in`]. What was not moved goes away with it.
#[derive(Debug)]
pub struct Received {
    /// The snapshot.
    pub snapshot: Snapshot,
    folder: PathBuf,
    passing: Passing,
}

/// Why an export could not be received.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The export can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A snapshot can't be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The data folder can't be written to.
    #[error(transparent)]
    Folder(#[from] HistoryError),
}

impl Received {
    /// The folder of the snapshot.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes away what was not moved to its place.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn clear(self) -> Result<(), HistoryError> {
        let path = self.passing.path().to_owned();
        self.passing.close().map_err(with_file("remove", &path))
    }
}

impl Archive {
    /// Reads an export straight into a passing folder of the data folder; a folder that is a snapshot already is copied.
    ///
    /// # Errors
    /// When the input can't be read or the folder can't be written to: nothing is left then.
    pub fn receive(&self, input: &Path, options: &ReadOptions<'_>) -> Result<Received, ReceiveError> {
        let passing = self.passing("snapshot-")?;
        let folder = passing.path().join("snapshot");
        if is_snapshot(input) {
            copy(input, &folder)?;
        } else {
            write_snapshot(input, &folder, options)?;
        }
        Ok(Received { snapshot: Snapshot::open(&folder)?, folder, passing })
    }

    /// Notes for whoever watches that an export could not be kept; `tenant_id` is empty where that was not known yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_failed_import(
        &self,
        tenant_id: &str,
        input: &str,
        reason: &str,
        at: i64,
    ) -> Result<(), HistoryError> {
        // PostgreSQL takes no NUL in a text.
        let without_nul = |text: &str| text.replace('\0', "\u{fffd}");
        let failure = ImportFailure {
            tenant_id: tenant_id.to_owned(),
            input: without_nul(input),
            reason: without_nul(reason),
            at,
        };
        self.history.note_import_failure(&failure).await
    }
}

/// An error and its causes on one line, each said once.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        let said = said.trim_end();
        if !text.contains(said) {
            // TOML and the like show the place over several lines.
            text.push_str(if said.contains('\n') { ":\n" } else { ": " });
            text.push_str(said);
        }
        cause = error.source();
    }
    text
}

fn copy(from: &Path, to: &Path) -> Result<(), HistoryError> {
    fs::create_dir(to).map_err(with_file("make", to))?;
    for entry in fs::read_dir(from).map_err(with_file("list", from))? {
        let entry = entry.map_err(with_file("list", from))?;
        if entry.path().is_file() {
            let target = to.join(entry.file_name());
            fs::copy(entry.path(), &target).map_err(with_file("write", &target))?;
        }
    }
    Ok(())
}
