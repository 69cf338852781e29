//! The files of an export: a folder, one file, or an archive.

mod archive;
mod decode;

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

pub use archive::Unpacking;

use crate::ReadError;

/// The most files that an export may have.
const MAX_FILES: usize = 5_000_000;
/// The most folders inside folders.
const MAX_DEPTH: usize = 32;

/// The files of an export, in natural order of their names.
pub(crate) struct Source {
    /// The input as the caller gave it.
    pub(crate) input: PathBuf,
    pub(crate) files: Vec<FileEntry>,
    /// Where an archive was unpacked; removed when the source is dropped.
    _unpacked: Option<TempDir>,
}

/// One file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileEntry {
    place: Place,
    /// The path inside the export, with `/`, without `.gz`.
    pub(crate) name: String,
    /// Bytes on disk.
    pub(crate) size: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

impl Source {
    /// Lists the files of an input; an archive is unpacked into a temporary folder first.
    pub(crate) fn open(input: &Path, unpacking: &Unpacking<'_>) -> Result<Self, ReadError> {
        let metadata = fs::metadata(input).map_err(|source| ReadError::io("open", input, source))?;
        if metadata.is_dir() {
            return Ok(Self { input: input.to_owned(), files: list(input)?, _unpacked: None });
        }
        if !metadata.is_file() {
            return Err(ReadError::NothingUsable {
                path: input.display().to_string(),
                reason: "it is neither a file nor a folder".to_owned(),
            });
        }
        if let Some(unpacked) = archive::unpack(input, unpacking)? {
            let files = list(unpacked.path())?;
            return Ok(Self { input: input.to_owned(), files, _unpacked: Some(unpacked) });
        }
        let name = input.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let file = FileEntry { place: Place::Disk(input.to_owned()), name: without_gz(&name), size: metadata.len() };
        Ok(Self { input: input.to_owned(), files: vec![file], _unpacked: None })
    }

    /// One file that is already in memory.
    pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        Self { input: PathBuf::from(name), files: vec![FileEntry::of_bytes(&without_gz(name), bytes)], _unpacked: None }
    }
}

impl FileEntry {
    /// The file's content as UTF-8 without a byte order mark, decompressed.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send>, ReadError> {
        let decoded = match &self.place {
            Place::Disk(path) => decode::decode(File::open(path).map_err(|source| self.failed("open", source))?),
            Place::Memory(bytes) => decode::decode(Cursor::new(bytes.clone())),
        };
        decoded.map_err(|source| self.failed("read", source))
    }

    /// A part of another file, held in memory.
    pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        Self { place: Place::Memory(bytes.into()), name: name.to_owned(), size: bytes.len() as u64 }
    }

    fn failed(&self, action: &'static str, source: std::io::Error) -> ReadError {
        ReadError::Io { action, path: self.name.clone(), source }
    }
}

fn without_gz(name: &str) -> String {
    match name.len().checked_sub(3).and_then(|at| name.split_at_checked(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(".gz") => stem.to_owned(),
        _ => name.to_owned(),
    }
}

fn list(root: &Path) -> Result<Vec<FileEntry>, ReadError> {
    let canonical = fs::canonicalize(root).map_err(|source| ReadError::io("open", root, source))?;
    let mut files = Vec::new();
    walk(root, "", 0, &canonical, &mut files)?;
    files.sort_by(|one, other| natural(&one.name, &other.name));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, depth: usize, root: &Path, files: &mut Vec<FileEntry>) -> Result<(), ReadError> {
    let entries = fs::read_dir(folder).map_err(|source| ReadError::io("list", folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| ReadError::io("list", folder, source))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "__MACOSX" {
            continue;
        }
        let path = entry.path();
        let name = format!("{prefix}{name}");
        let mut kind = entry.file_type().map_err(|source| ReadError::io("list", folder, source))?;
        if kind.is_symlink() {
            let leaves = |target: String| ReadError::LinkLeaves { link: name.clone(), target };
            let target = fs::canonicalize(&path).map_err(|_| {
                leaves(
                    fs::read_link(&path).map_or_else(|_| "nowhere".to_owned(), |target| target.display().to_string()),
                )
            })?;
            if !target.starts_with(root) {
                return Err(leaves(target.display().to_string()));
            }
            kind = fs::metadata(&path).map_err(|source| ReadError::io("open", &path, source))?.file_type();
            // A link to a folder inside would show its files twice, or for ever.
            if kind.is_dir() {
                continue;
            }
        }
        if kind.is_dir() {
            if depth >= MAX_DEPTH {
                return Err(unusable(&path, format!("folders lie more than {MAX_DEPTH} deep")));
            }
            walk(&path, &format!("{name}/"), depth + 1, root, files)?;
        } else if kind.is_file() {
            if files.len() >= MAX_FILES {
                return Err(unusable(&path, format!("it has more than {MAX_FILES} files")));
            }
            let size = entry.metadata().map_err(|source| ReadError::io("open", &path, source))?.len();
            files.push(FileEntry { place: Place::Disk(path), name: without_gz(&name), size });
        }
    }
    Ok(())
}

fn unusable(path: &Path, reason: String) -> ReadError {
    ReadError::NothingUsable { path: path.display().to_string(), reason }
}

/// Compares names so that `users/2.json` comes before `users/10.json`.
fn natural(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one.first(), other.first()) {
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (a, a_rest) = digits(one);
                let (b, b_rest) = digits(other);
                let order = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
                if order != Ordering::Equal {
                    return order;
                }
                (one, other) = (a_rest, b_rest);
            }
            (Some(a), Some(b)) => {
                if a != b {
                    return a.cmp(b);
                }
                (one, other) = (one.get(1..).unwrap_or_default(), other.get(1..).unwrap_or_default());
            }
            (a, b) => return a.cmp(&b),
        }
    }
}

/// The number at the start without leading zeros, and what follows.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    (number.get(zeros..).unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_in_the_order_of_their_numbers() {
        let mut names = ["users/10.json", "users/2.json", "users/0001.json", "a/x.json"];
        names.sort_by(|one, other| natural(one, other));
        assert_eq!(names, ["a/x.json", "users/0001.json", "users/2.json", "users/10.json"]);
    }

    #[test]
    fn a_link_that_leaves_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::write(folder.path().join("users.json"), "[]").unwrap();
        std::os::unix::fs::symlink(folder.path().join("users.json"), folder.path().join("copy.json")).unwrap();
        assert_eq!(Source::open(folder.path(), &Unpacking::default()).map(|source| source.files.len()).unwrap(), 2);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("groups.json")).unwrap();
        let error = Source::open(folder.path(), &Unpacking::default()).err().unwrap();
        assert!(matches!(&error, ReadError::LinkLeaves { link, .. } if link == "groups.json"), "{error}");
    }
}
