//! What a program that was ended in the middle leaves in the data folder, and how the next one settles it.
//!
//! Files and database can't change in one step. So whoever puts files into their places before the database names them, or takes
//! them away after it named them, notes the places in a passing folder first. Where that folder is left over, the places that no
//! row names go.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::archive::durable::{parent, sync_folder, sync_tree, sync_way};
use crate::archive::passing::Passing;
use crate::archive::{Archive, CONFIGURATIONS, EXPORTS};
use crate::error::{HistoryError, with_file};

/// The note in a passing folder.
const NOTE: &str = "places.json";
/// Folders whose files the rows of assessments name.
const NAMED: [&str; 2] = ["snapshots", "evidence"];

/// Places in the data folder that stay only as long as the database names them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Places {
    /// Whose they are.
    pub(crate) tenant: String,
    /// Relative to the data folder.
    pub(crate) places: BTreeSet<String>,
}

impl Places {
    /// Writes the note; it is on the disk when this returns.
    pub(crate) fn note(&self, passing: &Passing) -> Result<(), HistoryError> {
        let path = passing.path().join(NOTE);
        let failed = with_file("write", &path);
        let text = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        fs::write(&path, text).map_err(failed)?;
        sync_tree(passing.path())?;
        sync_folder(parent(passing.path()))
    }

    /// The note in a folder; none where there is none, or one that was never finished: nothing was moved then.
    fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(NOTE)) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Archive {
    /// Takes away what dead programs left: half-read exports and uploads, and files in their places that no row names.
    ///
    /// What can't be removed stays for the next start: nothing refers to it, so that it stops nobody from reading.
    pub(crate) async fn clean_up(&self) -> Result<(), HistoryError> {
        let incoming = self.folder().join("incoming");
        let left = Passing::leftovers(&incoming, "").map_err(with_file("list", &incoming))?;
        for passing in left {
            let settled = match Places::read(passing.path()) {
                Ok(Some(places)) => self.settle(&places).await.is_ok(),
                Ok(None) => true,
                Err(_) => false,
            };
            if !settled {
                passing.leave();
            }
        }
        Ok(())
    }

    /// Takes away those of the places that the database doesn't name. They are gone from the disk when this returns.
    pub(crate) async fn settle(&self, places: &Places) -> Result<(), HistoryError> {
        let named: BTreeSet<String> = self.history.files_of(&places.tenant).await?.into_iter().collect();
        let known = match self.history.tenant(&places.tenant).await {
            Ok(_) => true,
            Err(HistoryError::NotFound { .. }) => false,
            Err(error) => return Err(error),
        };
        for place in &places.places {
            let first =
                Path::new(place).components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
            let first = first.unwrap_or_default();
            let goes = if NAMED.contains(&first.as_str()) {
                !named.contains(place)
            } else {
                !known && (first == EXPORTS || first == CONFIGURATIONS)
            };
            let plain = Path::new(place).components().all(|part| matches!(part, Component::Normal(_)));
            if goes && plain {
                self.take_away(place)?;
            }
        }
        Ok(())
    }

    fn take_away(&self, place: &str) -> Result<(), HistoryError> {
        let path = self.folder().join(place);
        let failed = with_file("remove", &path);
        // Moved first: a collection at work that still writes below its name finds nothing there, and nothing comes back.
        let away = self.passing("removed-")?;
        match fs::rename(&path, away.path().join("removed")) {
            Ok(()) => away.close().map_err(failed)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let folder = parent(&path);
        if !folder.is_dir() {
            return Ok(());
        }
        // The folder of a tenant goes with the last that is in it.
        if folder != self.folder().join(EXPORTS) && folder != self.folder().join(CONFIGURATIONS) {
            let _ = fs::remove_dir(folder);
        }
        let left = if folder.is_dir() { &path } else { folder };
        sync_way(left, self.folder())
    }

    /// Places that programs at work have noted: files that no row names yet.
    pub(crate) fn noted(&self) -> Result<BTreeSet<String>, HistoryError> {
        let mut noted = BTreeSet::new();
        for entry in entries(&self.folder().join("incoming"))? {
            let path = entry.path();
            noted.extend(Places::read(&path).map_err(with_file("read", &path))?.into_iter().flat_map(|own| own.places));
        }
        Ok(noted)
    }
}

/// What is in a folder; nothing where there is none.
pub(crate) fn entries(folder: &Path) -> Result<Vec<DirEntry>, HistoryError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries.and_then(Iterator::collect).map_err(with_file("list", folder)),
    }
}
