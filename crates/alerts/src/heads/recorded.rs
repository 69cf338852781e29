//! A file of heads: a line each, and whether the log still holds them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use idscore_history::instants::rfc3339;
use idscore_store::{Head, History, HistoryError};

/// Bytes of the longest line that can be a head.
const LONGEST: u64 = 200;

/// The line of a head that is written at an instant: when, which entry, its hash.
#[must_use]
pub fn line(at: i64, head: &Head) -> String {
    format!("{} {} {}", rfc3339(at), head.sequence, head.hash)
}

/// Whether a text can be the hash of an entry: 64 hexadecimal digits.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What holding the log against a file gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Heads that the log holds.
    pub held: usize,
    /// Lines that are no heads, cut short perhaps.
    pub unreadable: usize,
    /// The first line whose head the log does not hold.
    pub contradiction: Option<Contradiction>,
}

/// A head that was recorded and is not in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The line of the file, from 1.
    pub line: u64,
    /// The number of the entry.
    pub sequence: i64,
    /// Whether the log has an entry of that number, with another hash then.
    pub is_there: bool,
}

/// Holds the log against every head of a file; nothing where there is no such file yet.
///
/// # Errors
/// When the file can't be read, or the database refuses.
pub async fn recorded(path: &Path, history: &History) -> Result<Option<Compared>, RecordedError> {
    let failed = |source| RecordedError::Read { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let (mut compared, mut number, mut bytes) = (Compared::default(), 0, Vec::new());
    loop {
        bytes.clear();
        if file.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
            return Ok(Some(compared));
        }
        number += 1;
        let Some((sequence, hash)) = head(&bytes) else {
            compared.unreadable += 1;
            // The rest of a line that is too long is no line of its own.
            while bytes.last() != Some(&b'\n') {
                bytes.clear();
                if file.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(failed)? == 0 {
                    break;
                }
            }
            continue;
        };
        let found = history.audit_hash(sequence).await?;
        if found.as_deref() == Some(hash) {
            compared.held += 1;
        } else if compared.contradiction.is_none() {
            compared.contradiction = Some(Contradiction { line: number, sequence, is_there: found.is_some() });
        }
    }
}

fn head(line: &[u8]) -> Option<(i64, &str)> {
    let mut words = std::str::from_utf8(line).ok()?.trim_end().split(' ');
    let (Some(_), Some(sequence), Some(hash), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return None;
    };
    is_hash(hash).then_some((sequence.parse().ok()?, hash))
}

/// Why the log could not be held against a file.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The file can't be read.
    #[error("cannot read the heads in `{}`", path.display())]
    Read {
        /// The file.
        path: std::path::PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The database can't be read.
    #[error(transparent)]
    History(#[from] HistoryError),
}
