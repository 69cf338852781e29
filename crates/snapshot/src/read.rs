//! From the files of an export to a written snapshot.

mod admission;
mod facts;
mod opening;
mod parallel;
mod people;
mod report;
mod run;
mod sets;
mod workloads;

use std::ops::ControlFlow;
use std::path::Path;

use jiff::Timestamp;

use crate::ReadError;
use crate::manifest::Manifest;
use crate::source::{Source, Unpacking};
use crate::write::Output;

/// Told how far reading is; says whether to go on.
pub type Progress<'a> = dyn Fn(Advance<'_>) -> ControlFlow<()> + Sync + 'a;

/// How an export is read.
#[derive(Clone, Copy)]
pub struct ReadOptions<'a> {
    /// The instant that the data describe, where the caller knows it better than the export.
    pub taken_at: Option<Timestamp>,
    /// Keeps names and UPNs of people; without it they are left out after everything has been derived from them.
    pub names: bool,
    /// Told every now and then how far reading is; `Break` ends it with [`ReadError::Interrupted`].
    pub progress: Option<&'a Progress<'a>>,
    /// How far an archive may be unpacked, and where.
    pub unpacking: Unpacking<'a>,
}

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self { taken_at: None, names: true, progress: None, unpacking: Unpacking::default() }
    }
}

/// "1 group", "2 groups".
fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How far reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advance<'a> {
    /// The data set that is being read.
    pub data_set: &'a str,
    /// Objects of it that were read.
    pub rows: u64,
    /// Bytes of all files that were read, as they lie on disk.
    pub bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

/// Reads an export and writes a snapshot to `out`, whole or not at all. An older snapshot there is replaced.
///
/// # Errors
/// When the input is damaged, mixes tenants, holds nothing usable, tries to escape its folder, or says nothing about
/// when it was collected; when `out` is something else than a snapshot; when the disk refuses.
pub fn write_snapshot(input: &Path, out: &Path, options: &ReadOptions) -> Result<Manifest, ReadError> {
    let output = Output::create(out)?;
    let source = Source::open(input, &options.unpacking)?;
    run::run(&source, output, options)
}

/// Reads one file from memory and keeps nothing; for tests that no input can make the reader panic.
///
/// # Errors
/// As [`write_snapshot`].
pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Manifest, ReadError> {
    run::run(&Source::of_bytes(name, bytes), Output::nowhere(), &ReadOptions::default())
}
