//! Files that come in from a client.
//!
//! What comes in quickly would lie in memory until the system writes all of it at once, and every write of the database, which waits
//! for the same disk, would wait behind hundreds of megabytes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Archive;

/// Bytes that may wait for the disk, of each file.
const PART: usize = 4 << 20;

/// A file that goes to the disk a part at a time, one file after the other.
#[derive(Debug)]
pub struct ArrivingFile {
    file: File,
    /// Bytes that were written since the last part.
    waiting: usize,
    turn: Arc<Mutex<()>>,
}

impl Archive {
    /// Makes a file for what comes in.
    ///
    /// # Errors
    /// When there is one, or the disk refuses.
    pub fn arriving_file(&self, path: &Path) -> io::Result<ArrivingFile> {
        Ok(ArrivingFile { file: File::create_new(path)?, waiting: 0, turn: Arc::clone(&self.disk_turn) })
    }
}

impl Write for ArrivingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.waiting += written;
        if self.waiting >= PART {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            self.file.sync_data()?;
            self.waiting = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn what_comes_in_lies_whole_in_its_file_and_no_file_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&folder.path().join("data"), None).await.unwrap();
        let path = archive.incoming().unwrap().join("export.zip");
        let bytes: Vec<u8> = (0..PART * 2 + PART / 3).map(|at| (at % 251).to_le_bytes()[0]).collect();
        let mut file = archive.arriving_file(&path).unwrap();
        bytes.chunks(PART / 3 + 1).for_each(|part| file.write_all(part).unwrap());
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert!(archive.arriving_file(&path).is_err());
    }
}
