//! Files that the database names and that can't be read: the error, and what goes on without them.

use std::error::Error;
use std::path::Path;

use idscore_history::{FileProblem, KeptFile, UnreadFile, Which};
use idscore_snapshot::OpenError;

use crate::error::HistoryError;

impl HistoryError {
    /// A snapshot that can't be read.
    #[must_use]
    pub fn of_snapshot(folder: &Path, error: OpenError) -> Self {
        let problem = match &error {
            OpenError::FormatVersion { .. } => FileProblem::Unreadable,
            error => FileProblem::of(error),
        };
        Self::unread(KeptFile::Snapshot, problem, folder, Box::new(error))
    }

    /// Evidence that can't be read.
    pub(crate) fn of_evidence(path: &Path, error: Box<dyn Error + Send + Sync>) -> Self {
        let problem = FileProblem::of(&*error);
        Self::unread(KeptFile::Evidence, problem, path, error)
    }

    fn unread(file: KeptFile, problem: FileProblem, path: &Path, source: Box<dyn Error + Send + Sync>) -> Self {
        Self::Unread { file, problem, path: path.to_owned(), source }
    }
}

/// What could be read; a file that could not is noted.
pub(crate) fn noting<T>(
    unread: &mut Vec<UnreadFile>,
    of: Which,
    read: Result<Option<T>, HistoryError>,
) -> Result<Option<T>, HistoryError> {
    match read {
        Err(HistoryError::Unread { file, problem, .. }) => {
            unread.push(UnreadFile { file, of, problem });
            Ok(None)
        }
        read => read,
    }
}
