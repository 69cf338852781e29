//! Archives: unpacked into a temporary folder, with every entry checked before it is written.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tempfile::TempDir;

use crate::ReadError;

/// The most that an archive may unpack to, against its own size; small archives may always unpack to `FREE`.
const MAX_RATIO: u64 = 200;
const FREE: u64 = if cfg!(test) { 1 << 16 } else { 64 << 20 };
/// The most that any archive may unpack to, in bytes.
const MAX_TOTAL: u64 = 64 << 30;
/// The most entries.
const MAX_ENTRIES: usize = 5_000_000;

/// Unpacks `.zip`, `.tar`, `.tar.gz`; None when the file is no archive.
pub(super) fn unpack(archive: &Path) -> Result<Option<TempDir>, ReadError> {
    let failed = |source| ReadError::io("read archive", archive, source);
    let mut file = File::open(archive).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut head = Vec::new();
    (&mut file).take(262).read_to_end(&mut head).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let name = archive.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let is_zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
    let is_tar = head.get(257..262) == Some(b"ustar");
    let is_tgz = head.starts_with(&[0x1f, 0x8b]) && (name.ends_with(".tar.gz") || name.ends_with(".tgz"));
    if !(is_zip || is_tar || is_tgz) {
        if [".zip", ".tar", ".tgz", ".tar.gz"].iter().any(|end| name.ends_with(end)) {
            return Err(refused(archive, "", "it is no such archive, or its beginning is damaged"));
        }
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("idscore-export-").tempdir().map_err(failed)?;
    let mut unpacker = Unpacker {
        archive,
        root: folder.path(),
        budget: size.saturating_mul(MAX_RATIO).clamp(FREE, MAX_TOTAL),
        entries: 0,
    };
    if is_zip {
        unpacker.zip(file)?;
    } else if is_tgz {
        unpacker.tar(MultiGzDecoder::new(BufReader::new(file)))?;
    } else {
        unpacker.tar(BufReader::new(file))?;
    }
    Ok(Some(folder))
}

fn refused(archive: &Path, entry: &str, reason: impl Into<String>) -> ReadError {
    ReadError::Archive { archive: archive.display().to_string(), entry: entry.to_owned(), reason: reason.into() }
}

struct Unpacker<'a> {
    archive: &'a Path,
    root: &'a Path,
    /// Bytes that may still be written.
    budget: u64,
    entries: usize,
}

impl Unpacker<'_> {
    fn zip(&mut self, file: File) -> Result<(), ReadError> {
        let damaged = |entry: &str, error: &dyn std::fmt::Display| refused(self.archive, entry, error.to_string());
        let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| damaged("", &error))?;
        for index in 0..zip.len() {
            let mut entry =
                zip.by_index(index).map_err(|error| refused(self.archive, &format!("#{index}"), error.to_string()))?;
            let name = entry
                .name()
                .map_err(|error| refused(self.archive, &format!("#{index}"), error.to_string()))?
                .into_owned();
            let is_file = !entry.is_dir();
            if entry.is_symlink() {
                return Err(refused(self.archive, &name, "links are not allowed"));
            }
            self.entry(&name, is_file, &mut entry)?;
        }
        Ok(())
    }

    fn tar(&mut self, reader: impl Read) -> Result<(), ReadError> {
        let mut tar = tar::Archive::new(reader);
        let archive = self.archive;
        let damaged = |error: &io::Error| refused(archive, "", error.to_string());
        for entry in tar.entries().map_err(|error| damaged(&error))? {
            let mut entry = entry.map_err(|error| damaged(&error))?;
            let name = entry.path().map_err(|error| damaged(&error))?.to_string_lossy().into_owned();
            let kind = entry.header().entry_type();
            if kind.is_symlink() || kind.is_hard_link() {
                return Err(refused(archive, &name, "links are not allowed"));
            }
            if kind.is_block_special() || kind.is_character_special() || kind.is_fifo() {
                return Err(refused(archive, &name, "devices and pipes are not allowed"));
            }
            if kind.is_file() || kind.is_dir() || kind.is_contiguous() || kind.is_gnu_sparse() {
                self.entry(&name, !kind.is_dir(), &mut entry)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, name: &str, is_file: bool, content: &mut dyn Read) -> Result<(), ReadError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(refused(self.archive, name, format!("it has more than {MAX_ENTRIES} entries")));
        }
        let Some(path) = inside(name) else {
            return Err(refused(self.archive, name, "its path leaves the folder"));
        };
        if !is_file || path.as_os_str().is_empty() {
            return Ok(());
        }
        let target = self.root.join(path);
        let failed = |source| ReadError::io("unpack", &target, source);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut file = File::create(&target).map_err(failed)?;
        let mut bounded = content.take(self.budget.saturating_add(1));
        let written =
            io::copy(&mut bounded, &mut file).map_err(|error| refused(self.archive, name, error.to_string()))?;
        match self.budget.checked_sub(written) {
            Some(budget) => self.budget = budget,
            None => return Err(refused(self.archive, name, "the archive unpacks to far more than it weighs")),
        }
        Ok(())
    }
}

/// The relative path of an entry; None when it is absolute or climbs out.
fn inside(name: &str) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    if name.starts_with('/') || name.as_bytes().get(1) == Some(&b':') || name.contains('\0') {
        return None;
    }
    let mut path = PathBuf::new();
    for component in Path::new(&name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn an_archive_that_unpacks_to_far_more_than_it_weighs_is_refused() {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        zip.start_file("users.json", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&vec![b' '; 1 << 20]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.zip");
        fs::write(&path, zip.finish().unwrap().into_inner()).unwrap();
        let error = unpack(&path).err().unwrap();
        assert!(error.to_string().contains("unpacks to far more than it weighs"), "{error}");
    }

    #[test]
    fn only_paths_inside_are_unpacked() {
        for bad in ["../x.json", "a/../../x", "/etc/passwd", "C:/x", "..\\x.json", "\\x"] {
            assert_eq!(inside(bad), None, "{bad}");
        }
        assert_eq!(inside("./users/1.json"), Some(PathBuf::from("users/1.json")));
    }
}
