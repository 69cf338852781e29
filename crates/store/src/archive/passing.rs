//! Folders that pass: files on their way, which go with the program that made them, also when it was killed.
//!
//! The program holds the lock of a file beside its folder. A lock ends with the program that holds it, so that what can be locked
//! belongs to nobody. Names are never used twice, and a folder is made only under a lock whose file is still there: whoever takes
//! away what nobody holds never takes away what a program is just beginning.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What the name of a lock ends with.
const LOCK: &str = ".lock";
/// How often a new name is tried: only who cleans up at that very moment takes one away.
const TRIES: usize = 100;

/// A folder that goes away when it is dropped, or at the next start of any command.
#[derive(Debug)]
pub struct Passing {
    folder: PathBuf,
    lock: PathBuf,
    /// Whether the folder stays when this is dropped.
    left: bool,
    /// Held until both are gone; the last field, so that it is.
    _held: File,
}

impl Passing {
    /// Makes a folder in another one, under a new name that begins with `prefix`.
    pub(crate) fn create(parent: &Path, prefix: &str) -> io::Result<Self> {
        for _ in 0..TRIES {
            let folder = parent.join(format!("{prefix}{}", uuid::Uuid::now_v7().simple()));
            let lock = lock_of(&folder);
            let held = OpenOptions::new().write(true).create_new(true).open(&lock)?;
            match held.lock() {
                // A file system without locks: nobody can lock, so nobody takes it away.
                Err(error) if error.kind() == ErrorKind::Unsupported => {}
                locked => locked?,
            }
            // Whoever cleaned up between the two steps has taken the file away again.
            if lock.exists() {
                let passing = Self { folder, lock, left: false, _held: held };
                private(&passing.folder)?;
                return Ok(passing);
            }
        }
        Err(io::Error::new(ErrorKind::WouldBlock, "its name is taken away again and again"))
    }

    /// What dead programs left in a folder under names that begin with `prefix`; each goes away when it is dropped.
    pub(crate) fn leftovers(parent: &Path, prefix: &str) -> io::Result<Vec<Self>> {
        let entries = match fs::read_dir(parent) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = BTreeSet::new();
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(prefix) {
                names.insert(name.strip_suffix(LOCK).unwrap_or(&name).to_owned());
            }
        }
        let left = |name: String| {
            let folder = parent.join(name);
            let lock = lock_of(&folder);
            let held = OpenOptions::new().write(true).create(true).truncate(false).open(&lock).ok()?;
            // What is locked belongs to a program at work; what can't be told may.
            held.try_lock().ok()?;
            Some(Self { folder, lock, left: false, _held: held })
        };
        Ok(names.into_iter().filter_map(left).collect())
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Takes the folder away.
    ///
    /// # Errors
    /// When the disk refuses; the next start of a command tries again.
    pub fn close(mut self) -> io::Result<()> {
        let removed = remove(&self.folder);
        self.left = removed.is_err();
        removed
    }

    /// Leaves the folder to the next start of a command.
    pub(crate) fn leave(mut self) {
        self.left = true;
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // What can't be removed now is a leftover for the next start, as long as the lock is beside it.
        if !self.left && remove(&self.folder).is_ok() {
            let _ = fs::remove_file(&self.lock);
        }
    }
}

fn lock_of(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(LOCK);
    folder.with_file_name(name)
}

fn private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Removes a file or a folder; what isn't there is gone.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(kind) if kind.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_passing_folder_is_nobodys_once_its_program_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let held = Passing::create(folder.path(), "upload-").unwrap();
        fs::write(held.path().join("export.zip"), "half").unwrap();
        assert!(Passing::leftovers(folder.path(), "").unwrap().is_empty(), "a program is at work in it");
        held.leave();
        let left = Passing::leftovers(folder.path(), "").unwrap();
        assert_eq!(left.len(), 1);
        assert!(Passing::leftovers(folder.path(), "").unwrap().is_empty(), "somebody takes it away already");
        drop(left);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn what_has_no_lock_is_nobodys_and_other_names_stay() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("snapshot-x/half")).unwrap();
        fs::write(folder.path().join("snapshot-y"), "").unwrap();
        fs::write(folder.path().join("letter"), "").unwrap();
        drop(Passing::leftovers(folder.path(), "snapshot-").unwrap());
        assert_eq!(names(folder.path()), ["letter"]);
    }

    #[test]
    fn whoever_cleans_up_never_takes_what_a_program_just_begins() {
        let folder = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            let cleaning = scope.spawn(|| {
                for _ in 0..400 {
                    drop(Passing::leftovers(folder.path(), "").unwrap());
                }
            });
            while !cleaning.is_finished() {
                let passing = Passing::create(folder.path(), "evidence-").unwrap();
                fs::write(passing.path().join("file"), "mine").unwrap();
                thread::yield_now();
                assert_eq!(fs::read_to_string(passing.path().join("file")).unwrap(), "mine");
            }
        });
        assert!(names(folder.path()).is_empty());
    }
}
