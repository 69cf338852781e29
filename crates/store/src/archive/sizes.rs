//! How much lies in the data folder.

use std::path::Path;

use crate::archive::Archive;
use crate::error::{HistoryError, with_file};

/// Bytes of the data folder, by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Snapshots of tenants.
    pub snapshots: u64,
    /// Evidence of assessments.
    pub evidence: u64,
    /// The database with what it has not folded in yet; none where it lies on a server.
    pub database: Option<u64>,
}

impl Archive {
    /// How much lies in the data folder. It looks at every file, so that it takes a moment where there are many.
    ///
    /// # Errors
    /// When a folder can't be read.
    pub async fn sizes(&self) -> Result<Sizes, HistoryError> {
        let folder = self.folder().to_owned();
        let look = move || {
            let file = |name: &str| std::fs::metadata(folder.join(name)).ok().map(|file| file.len());
            Ok(Sizes {
                snapshots: below(&folder.join("snapshots"))?,
                evidence: below(&folder.join("evidence"))?,
                database: file("history.db").map(|bytes| bytes + file("history.db-wal").unwrap_or(0)),
            })
        };
        self.look("the data folder", look).await?
    }
}

/// Bytes of all files below a folder; links are not followed.
fn below(folder: &Path) -> Result<u64, HistoryError> {
    let failed = with_file("list", folder);
    if !folder.exists() {
        return Ok(0);
    }
    let mut bytes = 0_u64;
    for entry in std::fs::read_dir(folder).map_err(&failed)? {
        let entry = entry.map_err(&failed)?;
        // What goes away meanwhile has no size.
        let Ok(file) = entry.metadata() else { continue };
        bytes = bytes.saturating_add(if file.is_dir() { below(&entry.path())? } else { file.len() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_at_any_depth_are_added_up_and_what_is_not_there_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("one"), [0; 10]).unwrap();
        std::fs::write(folder.path().join("a/b/two"), [0; 5]).unwrap();
        assert_eq!(below(folder.path()).unwrap(), 15);
        assert_eq!(below(&folder.path().join("none")).unwrap(), 0);
    }
}
