//! A data folder in one file.

mod manifest;
mod restore;
mod schema;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::archive::durable::{parent, sync_folder};
use crate::archive::passing::Passing;
use crate::archive::{Archive, CONFIGURATIONS};
use crate::database::Kind;
use crate::error::{HistoryError, with_file};

use manifest::{BackupFile, Digest, MANIFEST, Manifest};
pub use restore::Restored;

/// The database inside the file.
const DATABASE: &str = "history.db";
/// The folders inside the file.
const FOLDERS: [&str; 3] = ["snapshots", "evidence", CONFIGURATIONS];
/// Folders inside of each other at most: a link that leads back would go on for ever.
const DEPTH: usize = 8;
/// How often it is begun again because somebody changed or deleted a file meanwhile.
const TRIES: usize = 3;

impl Archive {
    /// Writes database, snapshots and evidence into one `.tar.gz`, while others may go on reading and writing. First in it is the
    /// list of all its files with their sizes and hashes. The file appears when it is whole, and on the disk.
    ///
    /// # Errors
    /// When the database is PostgreSQL, which has tools of its own, or a file can't be read or written.
    pub async fn backup(&self, file: &Path) -> Result<(), HistoryError> {
        if self.history.kind() == Kind::Postgres {
            return Err(HistoryError::Invalid {
                reason: "a PostgreSQL database is backed up with its own tools, such as pg_dump; copy the data folder beside it"
                    .to_owned(),
            });
        }
        // Beside the file: the data folder may be one that can only be read.
        let beside = parent(file);
        drop(Passing::leftovers(beside, ".idscore-backup-").map_err(with_file("list", beside))?);
        let passing = Passing::create(beside, ".idscore-backup-").map_err(with_file("write", file))?;
        // Files are there before the database speaks of them, so the database is copied first.
        let database = passing.path().join(DATABASE);
        self.history.copy_to(&database).await?;
        let target = passing.path().join("backup.tar.gz");
        let mut tries = 1;
        loop {
            let written = list(&database, self.folder()).and_then(|files| {
                let hashed = hashed(&files)?;
                write(&target, &files, &hashed)
            });
            match written {
                Err(Failed::Changed(_)) if tries < TRIES => tries += 1,
                Err(Failed::Changed(path) | Failed::Read(path, _)) if !path.exists() => {
                    return Err(with_file("back up", &path)(io::Error::other("it was taken away meanwhile")));
                }
                Err(Failed::Changed(path)) => {
                    return Err(with_file("back up", &path)(io::Error::other("it changes again and again")));
                }
                Err(Failed::Read(path, source)) => return Err(with_file("back up", &path)(source)),
                Err(Failed::Write(source)) => return Err(with_file("write", file)(source)),
                Ok(()) => break,
            }
        }
        fs::rename(&target, file).map_err(with_file("write", file))?;
        sync_folder(beside)
    }
}

/// Why a file could not be taken.
enum Failed {
    Changed(PathBuf),
    Read(PathBuf, io::Error),
    Write(io::Error),
}

/// A file and the name that it has in the backup.
struct Found {
    name: String,
    path: PathBuf,
}

fn list(database: &Path, folder: &Path) -> Result<Vec<Found>, Failed> {
    let mut files = vec![Found { name: DATABASE.to_owned(), path: database.to_owned() }];
    for name in FOLDERS {
        let path = folder.join(name);
        if path.is_dir() {
            add(&mut files, name, &path, DEPTH)?;
        }
    }
    Ok(files)
}

fn add(files: &mut Vec<Found>, name: &str, folder: &Path, depth: usize) -> Result<(), Failed> {
    let failed = |source| Failed::Read(folder.to_owned(), source);
    let mut entries: Vec<_> = fs::read_dir(folder).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let Ok(own) = entry.file_name().into_string() else {
            return Err(Failed::Read(path, io::Error::other("its name is not in Unicode")));
        };
        let name = format!("{name}/{own}");
        // What a link leads to is in the backup: a link would lead nowhere elsewhere.
        let kind = fs::metadata(&path).map_err(|_| Failed::Changed(path.clone()))?;
        match depth.checked_sub(1) {
            Some(depth) if kind.is_dir() => add(files, &name, &path, depth)?,
            _ if kind.is_file() => files.push(Found { name, path }),
            _ => return Err(Failed::Read(path, io::Error::other("it is no file, or lies in too many folders"))),
        }
    }
    Ok(())
}

fn hashed(files: &[Found]) -> Result<Vec<BackupFile>, Failed> {
    let of = |found: &Found| {
        let mut digest = Digest::default();
        let mut file = open(&found.path)?;
        let bytes = io::copy(&mut file, &mut digest).map_err(|source| Failed::Read(found.path.clone(), source))?;
        Ok(BackupFile { path: found.name.clone(), bytes, sha256: digest.hex() })
    };
    files.iter().map(of).collect()
}

fn open(path: &Path) -> Result<File, Failed> {
    File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Failed::Changed(path.to_owned()),
        _ => Failed::Read(path.to_owned(), source),
    })
}

fn write(target: &Path, files: &[Found], hashed: &[BackupFile]) -> Result<(), Failed> {
    let output = File::create(target).map_err(Failed::Write)?;
    let mut all = tar::Builder::new(GzEncoder::new(BufWriter::new(&output), Compression::default()));
    let manifest = serde_json::to_vec_pretty(&Manifest::of(hashed)).map_err(|error| Failed::Write(error.into()))?;
    all.append_data(&mut header(manifest.len() as u64), MANIFEST, manifest.as_slice()).map_err(Failed::Write)?;
    for (found, known) in files.iter().zip(hashed) {
        let mut digest = Digest::default();
        let mut copied = Copied { file: open(&found.path)?, digest: &mut digest, ended: false, failure: None };
        let appended = all.append_data(&mut header(known.bytes), &known.path, (&mut copied).take(known.bytes));
        let (more, failure) = (copied.file.read(&mut [0]).unwrap_or(1), copied.failure.take());
        if let Some(source) = failure {
            return Err(Failed::Read(found.path.clone(), source));
        }
        if copied.ended || more > 0 {
            return Err(Failed::Changed(found.path.clone()));
        }
        appended.map_err(Failed::Write)?;
        if digest.hex() != known.sha256 {
            return Err(Failed::Changed(found.path.clone()));
        }
    }
    let written = all.into_inner().and_then(GzEncoder::finish).and_then(|mut output| output.flush());
    written.and_then(|()| output.sync_all()).map_err(Failed::Write)
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header
}

/// A file on its way into the backup. One that ends too early is filled up, so that what is written keeps its form.
struct Copied<'a> {
    file: File,
    digest: &'a mut Digest,
    ended: bool,
    failure: Option<io::Error>,
}

impl Read for Copied<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.file.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                self.failure = Some(io::Error::new(error.kind(), error.to_string()));
                return Err(error);
            }
        };
        if read == 0 && !buffer.is_empty() {
            self.ended = true;
            buffer.fill(0);
            return Ok(buffer.len());
        }
        self.digest.write_all(buffer.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}
