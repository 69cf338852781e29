//! What is acknowledged is on the disk: files and the folders that name them are synced before the database says that they exist.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::{HistoryError, with_file};

/// Syncs a file, or a folder with everything in it, the innermost first.
pub(crate) fn sync_tree(path: &Path) -> Result<(), HistoryError> {
    let kind = fs::symlink_metadata(path).map_err(with_file("sync", path))?;
    if kind.is_dir() {
        for entry in fs::read_dir(path).map_err(with_file("sync", path))? {
            sync_tree(&entry.map_err(with_file("sync", path))?.path())?;
        }
        sync_folder(path)
    } else if kind.is_file() {
        sync_file(path).map_err(with_file("sync", path))
    } else {
        Ok(())
    }
}

/// Syncs the folders that lead to a file or folder, from the one it is in up to `top`: after that its name is on the disk.
pub(crate) fn sync_way(path: &Path, top: &Path) -> Result<(), HistoryError> {
    let within = |folder: &&Path| folder.starts_with(top);
    path.ancestors().skip(1).take_while(within).try_for_each(sync_folder)
}

/// Syncs the names in a folder. Windows has no such call: names are in its journal by then.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), HistoryError> {
    if cfg!(windows) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some network file systems can't sync a folder: they do it by themselves.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        done => done.map_err(with_file("sync", folder)),
    }
}

/// Syncs the name of a folder of ours in somebody's, which may let us pass without letting us read.
pub(crate) fn sync_parent(path: &Path) -> Result<(), HistoryError> {
    match sync_folder(parent(path)) {
        Err(HistoryError::File { source, .. }) if source.kind() == ErrorKind::PermissionDenied => Ok(()),
        done => done,
    }
}

/// The folder that a path is in.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Bytes that can still be written to the disk of a folder; none where the system doesn't say.
#[cfg(unix)]
pub(crate) fn room(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Bytes that can still be written to the disk of a folder; none where the system doesn't say.
#[cfg(not(unix))]
pub(crate) fn room(_: &Path) -> Option<u64> {
    None
}

fn sync_file(path: &Path) -> io::Result<()> {
    // Windows syncs only what may be written to.
    OpenOptions::new().read(true).write(cfg!(windows)).open(path)?.sync_all()
}
