//! A data folder made of a backup, which may come from elsewhere: nothing is there until all of it was checked.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path};
use std::rc::Rc;

use flate2::read::GzDecoder;

use super::manifest::{BackupFile, Digest, MANIFEST, MOST, Manifest};
use super::{DATABASE, FOLDERS, schema};
use crate::archive::Archive;
use crate::archive::durable::{parent, room, sync_parent, sync_tree};
use crate::archive::passing::Passing;
use crate::audit::Verified;
use crate::error::{HistoryError, with_file};

/// Bytes between two files: their names, and what fills up blocks.
const BETWEEN: u64 = 1 << 20;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What its audit log holds.
    pub verified: Verified,
    /// Files whose hash was checked; none where the backup has no manifest, as older versions of this program wrote it.
    pub checked: Option<usize>,
}

impl Archive {
    /// Makes a data folder of a backup, where there is none or an empty one. Nothing is there afterwards unless every file is as
    /// the manifest says, the database holds nothing but this program's tables, and its audit log is whole.
    ///
    /// # Errors
    /// When the folder isn't empty, the disk has too little room, the file is damaged or holds what doesn't belong into a backup,
    /// or the audit log is broken.
    pub async fn restore(folder: &Path, file: &Path) -> Result<Restored, HistoryError> {
        if folder.is_file() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            let reason = format!("the folder `{}` isn't empty; name a new one", folder.display());
            return Err(HistoryError::Invalid { reason });
        }
        let beside = parent(folder);
        drop(Passing::leftovers(beside, ".idscore-restore-").map_err(with_file("list", beside))?);
        let passing = Passing::create(beside, ".idscore-restore-").map_err(with_file("write to", beside))?;
        let whole = passing.path().join("data");
        fs::create_dir(&whole).map_err(with_file("make", &whole))?;
        let manifest = read(file, &whole).map_err(with_file("read the backup", file))?;
        let database = whole.join(DATABASE);
        if !database.is_file() {
            let reason = format!("`{}` is no backup of a data folder: it has no {DATABASE}", file.display());
            return Err(HistoryError::Invalid { reason });
        }
        schema::check(&database, passing.path(), manifest.is_none()).await.map_err(|error| match error {
            schema::Foreign::Refused(reason) => {
                with_file("read the backup", file)(io::Error::other(format!("`{DATABASE}`: {reason}")))
            }
            schema::Foreign::History(error) => error,
        })?;
        let archive = Self::open(&whole, None).await?;
        let verified = archive.history.verify_audit().await;
        archive.history.close().await;
        let restored = Restored { verified: verified?, checked: manifest.map(|manifest| manifest.files.len()) };
        sync_tree(&whole)?;
        if folder.is_dir() {
            fs::remove_dir(folder).map_err(with_file("replace", folder))?;
        }
        fs::rename(&whole, folder).map_err(with_file("make", folder))?;
        sync_parent(folder)?;
        Ok(restored)
    }
}

/// Unpacks files and folders only, and only such as a backup has.
fn read(file: &Path, folder: &Path) -> io::Result<Option<Manifest>> {
    let left = Rc::new(Cell::new(BETWEEN));
    let packed = GzDecoder::new(BufReader::new(File::open(file)?));
    let mut all = tar::Archive::new(Bounded { inner: packed, left: left.clone() });
    let room = room(folder);
    let mut manifest = None;
    // What the manifest names and was not read yet.
    let mut open: BTreeMap<String, BackupFile> = BTreeMap::new();
    let mut unpacked = 0_u64;
    for (number, entry) in all.entries()?.enumerate() {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let refused = |reason: &str| io::Error::other(format!("`{}` {reason}", path.display()));
        let bytes = entry.size();
        left.set(bytes.saturating_add(BETWEEN));
        let kind = entry.header().entry_type();
        if number == 0 && path == Path::new(MANIFEST) && kind.is_file() {
            if bytes > MOST {
                return Err(refused("has more bytes than any backup needs"));
            }
            let mut text = Vec::new();
            entry.read_to_end(&mut text)?;
            let read = Manifest::read(&text).map_err(io::Error::other)?;
            let all = read.bytes().ok_or_else(|| refused("names more bytes than there can be"))?;
            enough(all, room)?;
            for file in &read.files {
                if open.insert(file.path.clone(), file.clone()).is_some() {
                    return Err(io::Error::other(format!("`{MANIFEST}` names `{}` twice", file.path)));
                }
            }
            manifest = Some(read);
            left.set(BETWEEN);
            continue;
        }
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let first = path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        let known = first.is_some_and(|first| {
            FOLDERS.contains(&first.as_str()) || (first == DATABASE && path == Path::new(DATABASE))
        });
        if !plain || !known || !(kind.is_file() || kind.is_dir()) {
            return Err(refused("does not belong into a backup"));
        }
        let target = folder.join(&path);
        if kind.is_dir() {
            fs::create_dir_all(&target)?;
            left.set(BETWEEN);
            continue;
        }
        let name = path.to_str().unwrap_or_default();
        let said = match &manifest {
            Some(_) => {
                Some(open.remove(name).ok_or_else(|| refused("is not in the manifest, or twice in the backup"))?)
            }
            None => None,
        };
        if said.as_ref().is_some_and(|said| said.bytes != bytes) {
            return Err(refused("has another size than the manifest says"));
        }
        unpacked = unpacked.saturating_add(bytes);
        enough(unpacked, room)?;
        fs::create_dir_all(parent(&target))?;
        let mut to = Hashing { file: File::create_new(&target)?, digest: Digest::default() };
        if io::copy(&mut entry, &mut to)? != bytes {
            return Err(refused("is cut short"));
        }
        if said.is_some_and(|said| !said.sha256.eq_ignore_ascii_case(&to.digest.hex())) {
            return Err(refused("is damaged: its hash is not the one of the manifest"));
        }
        left.set(BETWEEN);
    }
    match open.keys().next() {
        Some(missing) => Err(io::Error::other(format!("`{missing}` is in the manifest and not in the backup"))),
        None => Ok(manifest),
    }
}

fn enough(bytes: u64, room: Option<u64>) -> io::Result<()> {
    match room {
        Some(room) if bytes > room => Err(io::Error::new(
            io::ErrorKind::StorageFull,
            format!("its files need {} MiB, and the disk has room for {} MiB", bytes.div_ceil(1 << 20), room >> 20),
        )),
        _ => Ok(()),
    }
}

/// Gives no more than is left: a name or a size may pretend to be anything.
struct Bounded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            return Err(io::Error::other("something between two of its files is longer than any name"));
        }
        let many = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(buffer.get_mut(..many).unwrap_or_default())?;
        self.left.set(left.saturating_sub(read as u64));
        Ok(read)
    }
}

/// A file that is hashed while it is written.
struct Hashing {
    file: File,
    digest: Digest,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.write_all(bytes.get(..written).unwrap_or_default())?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
