//! What is wrong with a file of the catalogue.

use std::fmt;
use std::path::PathBuf;

/// One mistake in a control, protection or framework file, with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line in the file, from 1.
    pub line: usize,
    /// The character within the line, from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether the file can be used nevertheless.
    pub severity: Severity,
}

/// How bad a mistake is. The lint fails on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used: its meaning is unclear.
    Refused,
    /// The file judges as written, but is not finished: a case is missing, an old control is named.
    Flaw,
}

impl fmt::Display for Problem {
    /// `path:line:column: message`, and the hint on a line of its own.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:", self.path.display(), self.line)?;
        if let Some(column) = self.column {
            write!(formatter, "{column}:")?;
        }
        write!(formatter, " {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(formatter, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// More mistakes than this in one file are not listed: the file is not what it seems to be.
pub(crate) const MAX_PER_FILE: usize = 200;

/// The mistakes found in one file so far.
#[derive(Debug)]
pub(crate) struct Problems {
    path: PathBuf,
    found: Vec<Problem>,
}

impl Problems {
    pub(crate) fn of(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), found: Vec::new() }
    }

    /// A mistake that makes the file unusable.
    pub(crate) fn refuse(&mut self, at: impl Into<Place>, message: impl Into<String>) -> &mut Problem {
        self.add(at.into(), message.into(), Severity::Refused)
    }

    /// A mistake that leaves the file usable.
    pub(crate) fn flaw(&mut self, at: impl Into<Place>, message: impl Into<String>) -> &mut Problem {
        self.add(at.into(), message.into(), Severity::Flaw)
    }

    fn add(&mut self, at: Place, message: String, severity: Severity) -> &mut Problem {
        let problem =
            Problem { path: self.path.clone(), line: at.line, column: at.column, message, hint: None, severity };
        // A rule that two profiles share is read twice; its mistake is one mistake.
        let index = match self.found.iter().position(|known| known.same_place_and_message(&problem)) {
            Some(index) => index,
            None if self.found.len() > MAX_PER_FILE => MAX_PER_FILE,
            None if self.found.len() == MAX_PER_FILE => {
                let message = "the file has more mistakes, which are not listed".to_owned();
                self.found.push(Problem { message, severity: Severity::Refused, ..problem });
                MAX_PER_FILE
            }
            None => {
                self.found.push(problem);
                self.found.len() - 1
            }
        };
        &mut self.found[index]
    }

    /// Whether any mistake so far makes the file unusable.
    pub(crate) fn refused(&self) -> bool {
        self.found.iter().any(|problem| problem.severity == Severity::Refused)
    }

    /// Adds the mistakes found elsewhere in the same file.
    pub(crate) fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}

impl Problem {
    fn same_place_and_message(&self, other: &Self) -> bool {
        (self.line, self.column, &self.message) == (other.line, other.column, &other.message)
    }

    pub(crate) fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }

    pub(crate) fn maybe_hint(&mut self, hint: Option<String>) {
        self.hint = hint;
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: Option<usize>,
}

impl From<usize> for Place {
    /// A whole line.
    fn from(line: usize) -> Self {
        Self { line, column: None }
    }
}
