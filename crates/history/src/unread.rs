//! Files that are kept and that can't be read: what is missing, and what is wrong with it.

use std::error::Error;
use std::io;

use serde::Serialize;

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
    #[must_use]
    pub fn of(error: &(dyn Error + 'static)) -> Self {
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
