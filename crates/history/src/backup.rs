//! A data folder in one file, and back.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Component, Path};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::archive::{Archive, CONFIGURATIONS};
use crate::audit::Verified;
use crate::error::HistoryError;
use crate::store::Kind;

/// The database inside the file.
const DATABASE: &str = "history.db";
/// The folders inside the file.
const FOLDERS: [&str; 3] = ["snapshots", "evidence", CONFIGURATIONS];

impl Archive {
    /// Writes database, snapshots and evidence into one `.tar.gz`, while others may go on reading and writing. The file
    /// appears when it is whole.
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
        let incoming = self.incoming()?;
        let passing = tempfile::tempdir_in(&incoming).map_err(failed("write to", &incoming))?;
        // Files are there before the database speaks of them, so the database is copied first.
        let database = passing.path().join(DATABASE);
        self.history.copy_to(&database).await?;
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let target = tempfile::NamedTempFile::new_in(parent).map_err(failed("write", file))?;
        write(target.as_file(), &database, self.folder()).map_err(failed("write", file))?;
        target.persist(file).map_err(|error| failed("write", file)(error.error))?;
        Ok(())
    }

    /// Makes a data folder of such a file, where there is none or an empty one; says what its audit log holds. Nothing is
    /// there afterwards unless the whole of it opens and its audit log is whole.
    ///
    /// # Errors
    /// When the folder isn't empty, the file is damaged, or the audit log is broken.
    pub async fn restore(folder: &Path, file: &Path) -> Result<Verified, HistoryError> {
        if folder.is_file() || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            let reason = format!("the folder `{}` isn't empty; name a new one", folder.display());
            return Err(HistoryError::Invalid { reason });
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let passing = tempfile::Builder::new()
            .prefix(".idscore-restore-")
            .tempdir_in(parent)
            .map_err(failed("write to", parent))?;
        let whole = passing.path().join("data");
        fs::create_dir(&whole).map_err(failed("make", &whole))?;
        read(file, &whole).map_err(failed("read the backup", file))?;
        if !whole.join(DATABASE).is_file() {
            let reason = format!("`{}` is no backup of a data folder: it has no {DATABASE}", file.display());
            return Err(HistoryError::Invalid { reason });
        }
        let archive = Self::open(&whole, None).await?;
        let verified = archive.history.verify_audit().await;
        archive.history.close().await;
        let verified = verified?;
        if folder.is_dir() {
            fs::remove_dir(folder).map_err(failed("replace", folder))?;
        }
        fs::rename(&whole, folder).map_err(failed("make", folder))?;
        Ok(verified)
    }
}

fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> HistoryError {
    let path = path.to_owned();
    move |source| HistoryError::File { action, path: path.clone(), source }
}

fn write(target: &File, database: &Path, folder: &Path) -> io::Result<()> {
    let mut all = tar::Builder::new(GzEncoder::new(BufWriter::new(target), Compression::default()));
    all.follow_symlinks(false);
    all.append_path_with_name(database, DATABASE)?;
    for name in FOLDERS {
        let path = folder.join(name);
        if path.is_dir() {
            all.append_dir_all(name, &path)?;
        }
    }
    all.into_inner()?.finish()?.flush()?;
    target.sync_all()
}

/// Unpacks files and folders only, and only such as a backup has: the file may come from elsewhere.
fn read(file: &Path, folder: &Path) -> io::Result<()> {
    let mut all = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(file)?)));
    all.set_preserve_permissions(false);
    for entry in all.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        let first = path.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        let known = first.is_some_and(|first| first == DATABASE || FOLDERS.contains(&first.as_str()));
        let kind = entry.header().entry_type();
        if !plain || !known || !(kind.is_file() || kind.is_dir()) {
            return Err(io::Error::other(format!("`{}` does not belong into a backup", path.display())));
        }
        entry.unpack_in(folder)?;
    }
    Ok(())
}
