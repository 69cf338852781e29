//! What a backup says of its own files.

use std::io;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::sha256::hex;

/// Its name, and its place: before everything else.
pub(super) const MANIFEST: &str = "manifest.json";
/// Bytes of it at most: a million files have fewer.
pub(super) const MOST: u64 = 256 << 20;
const FORMAT: u32 = 1;

/// All files of a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    pub(super) created_by: String,
    pub(super) files: Vec<BackupFile>,
}

/// A file of a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct BackupFile {
    /// Below the data folder.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Manifest {
    pub(super) fn of(files: &[BackupFile]) -> Self {
        Self { format: FORMAT, created_by: format!("idscore {}", env!("CARGO_PKG_VERSION")), files: files.to_vec() }
    }

    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let manifest: Self =
            serde_json::from_slice(text).map_err(|error| format!("`{MANIFEST}` can't be read: {error}"))?;
        if manifest.format != FORMAT {
            return Err(format!("`{MANIFEST}` has format {}, and this program reads {FORMAT}", manifest.format));
        }
        Ok(manifest)
    }

    /// Bytes of all files; none where that is more than there can be.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.bytes))
    }
}

/// SHA-256 of what is written to it.
#[derive(Default)]
pub(super) struct Digest(sha2::Sha256);

impl Digest {
    pub(super) fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
