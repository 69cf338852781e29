//! A data folder that can only be read: a mount without writing, a backup on a disk, somebody else's folder.
//!
//! SQLite with a write-ahead log wants to write even to read: the index of its log lies beside the file. So it depends on what the
//! last writer left.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// How a database is opened that can't be written to.
#[derive(Debug)]
pub(crate) enum Reading {
    /// No log beside the file: its last writer ended in order. Nobody changes it, and nothing is locked.
    Immutable,
    /// Log and index lie beside it, from a program at work or one that was killed: SQLite reads both.
    Live,
    /// A log without its index, which can't be made here: the file and its log are read from a copy, which goes with the last reader.
    Copy(TempDir),
}

impl Reading {
    /// Looks beside the file.
    pub(crate) fn of(file: &Path) -> io::Result<Self> {
        let beside = |end: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        let (log, index) = (beside("-wal"), beside("-shm"));
        let Ok(bytes) = fs::metadata(&log).map(|log| log.len()) else { return Ok(Self::Immutable) };
        if index.is_file() {
            return Ok(Self::Live);
        }
        if bytes == 0 {
            return Ok(Self::Immutable);
        }
        let folder = tempfile::Builder::new().prefix("idscore-").tempdir()?;
        for from in [file, &log] {
            // The copy is written to, whatever the modes of the files are.
            let mut to = fs::File::create(folder.path().join(from.file_name().unwrap_or_default()))?;
            io::copy(&mut fs::File::open(from)?, &mut to)?;
        }
        Ok(Self::Copy(folder))
    }
}

/// Whether a data folder can only be read, and its database with it. Asks without writing.
pub(crate) fn is_read_only(folder: &Path, file: &Path) -> bool {
    folder.is_dir() && (!writable(folder) || (file.is_file() && !writable(file)))
}

#[cfg(unix)]
fn writable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    // Root may write whatever the modes say, but not to a mount that is read-only: the system knows both.
    access(path, Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn writable(path: &Path) -> bool {
    path.is_dir() || fs::metadata(path).is_ok_and(|file| !file.permissions().readonly())
}
