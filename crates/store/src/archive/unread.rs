//! Files that the database names and that can't be read: what is missing, and what is wrong with it.

use std::error::Error;
use std::io;
use std::path::Path;

use idscore_snapshot::OpenError;
use serde::Serialize;

use crate::error::HistoryError;

/// A kind of file beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum KeptFile {
    /// The tables of a tenant on one day.
    Snapshot,
    /// Who loses points.
    Evidence,
}

impl KeptFile {
    /// Its name in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Evidence => "evidence",
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileProblem {
    /// It is not where the database says.
    Missing,
    /// Its bytes are not what was written.
    Damaged,
    /// The system doesn't let us read it, or it is of another version.
    Unreadable,
}

impl FileProblem {
    /// Its name in a sentence: "it is …".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Unreadable => "not readable",
        }
    }

    /// What an error says of a file.
    fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                if error.kind() == io::ErrorKind::NotFound {
                    return Self::Missing;
                }
                if error.raw_os_error().is_some() {
                    return Self::Unreadable;
                }
            }
            cause = error.source();
        }
        Self::Damaged
    }
}

/// Which of two assessments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// The earlier one.
    Before,
    /// The later one.
    After,
}

/// A file that could not be read, so that what it holds is not in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadFile {
    /// What it is.
    pub file: KeptFile,
    /// Whose.
    pub of: Which,
    /// What is wrong with it.
    pub problem: FileProblem,
}

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
