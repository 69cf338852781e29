//! Pages on disk. A page appears under its name when it is whole; until then it has a passing one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::CollectError;
use crate::page::{Envelope, Page};

/// Writes a file so that it is there wholly or not at all, even if the machine stops.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CollectError> {
    write_as(path, bytes, true)
}

fn write_as(path: &Path, bytes: &[u8], settled: bool) -> Result<(), CollectError> {
    let passing = passing_name(path);
    let written = (|| {
        let mut file = File::create(&passing)?;
        file.write_all(bytes)?;
        if settled {
            file.sync_data()?;
        }
        drop(file);
        fs::rename(&passing, path)
    })();
    written.map_err(|source| CollectError::file("write", path, source))
}

fn passing_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// The folder of a data set, or of one owner in it.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Whether each page waits for the disk. Of an owner's pages there may be a million, and one that a power cut took
    /// is read again.
    settled: bool,
}

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Found {
    pub(crate) pages: u64,
    pub(crate) rows: u64,
    /// Where the last page goes on.
    pub(crate) next: Option<String>,
}

impl Folder {
    pub(crate) fn of(out: &Path, data_set: &str) -> Self {
        Self { path: out.join(data_set), settled: true }
    }

    /// The folder of one owner. An id is a name from outside: it is no path.
    pub(crate) fn owner(&self, id: &str) -> Result<Self, CollectError> {
        let is_name = !id.is_empty() && id.len() <= 200 && !id.starts_with('.') && !id.contains(['/', '\\', '\0', ':']);
        if is_name {
            return Ok(Self { path: self.path.join(id), settled: false });
        }
        Err(CollectError::file(
            "use the id of an object as a folder in",
            &self.path,
            io::Error::other(format!("{id:?}")),
        ))
    }

    pub(crate) fn create(&self) -> Result<(), CollectError> {
        fs::create_dir_all(&self.path).map_err(|source| CollectError::file("make the folder", &self.path, source))
    }

    /// Writes the page of that number, in place of one that lies there.
    pub(crate) fn write(&self, number: u64, body: &[u8]) -> Result<(), CollectError> {
        write_as(&self.page(number), body, self.settled)
    }

    pub(crate) fn page(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:05}.json"))
    }

    /// Takes everything away, to begin anew.
    pub(crate) fn clear(&self) -> Result<(), CollectError> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(CollectError::file("clear", &self.path, error))
            }
            _ => Ok(()),
        }
    }

    /// Every page in order, as bytes.
    pub(crate) fn pages(&self) -> impl Iterator<Item = Result<(u64, Vec<u8>), CollectError>> + '_ {
        (1..).map_while(|number| {
            let path = self.page(number);
            match fs::read(&path) {
                Ok(bytes) => Some(Ok((number, bytes))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => Some(Err(CollectError::file("read", path, error))),
            }
        })
    }

    /// Whether an earlier run has left a page.
    pub(crate) fn is_begun(&self) -> bool {
        self.page(1).is_file()
    }

    /// Counts what an earlier run left, and takes away what came after the last page in a row.
    pub(crate) fn found(&self) -> Result<Found, CollectError> {
        let mut found = Found::default();
        for page in self.pages() {
            let (number, bytes) = page?;
            let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(&bytes) else { break };
            found.pages = number;
            found.rows = found.rows.saturating_add(envelope.value.map_or(1, |value| value.len() as u64));
            found.next = envelope.next.map(|next| next.into_owned());
        }
        Ok(found)
    }

    /// The objects of every page, one page at a time.
    pub(crate) fn each(&self, mut object: impl FnMut(&str)) -> Result<(), CollectError> {
        for page in self.pages() {
            let (number, bytes) = page?;
            let damaged = |error| CollectError::file("read", self.page(number), io::Error::other(error));
            let envelope: Envelope<'_> = serde_json::from_slice(&bytes).map_err(damaged)?;
            match envelope.value {
                Some(value) => value.iter().for_each(|one| object(one.get())),
                None => object(&String::from_utf8_lossy(&bytes)),
            }
        }
        Ok(())
    }
}

/// Writes a page away from the thread that speaks to the network.
pub(crate) async fn write_page(folder: &Folder, number: u64, page: Page) -> Result<(), CollectError> {
    let folder = folder.clone();
    let path = folder.page(number);
    tokio::task::spawn_blocking(move || folder.write(number, &page.body))
        .await
        .map_err(|error| CollectError::file("write", path, io::Error::other(error)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_left_is_counted_up_to_the_first_gap() {
        let out = tempfile::tempdir().unwrap();
        let folder = Folder::of(out.path(), "users");
        folder.create().unwrap();
        folder.write(1, br#"{"value":[{"id":"a"},{"id":"b"}],"@odata.nextLink":"two"}"#).unwrap();
        folder.write(2, br#"{"value":[],"@odata.nextLink":"three"}"#).unwrap();
        folder.write(4, br#"{"value":[{"id":"x"}]}"#).unwrap();
        fs::write(folder.path.join("00003.json.part"), b"{\"value\":[{").unwrap();
        assert_eq!(folder.found().unwrap(), Found { pages: 2, rows: 2, next: Some("three".to_owned()) });
    }

    #[test]
    fn an_id_that_is_a_path_is_refused() {
        let folder = Folder::of(Path::new("out"), "members");
        for id in ["", "..", ".hidden", "a/b", "a\\b", "c:", "a\0b"] {
            assert!(folder.owner(id).is_err(), "{id:?}");
        }
        assert!(folder.owner("b0000000-0000-4000-8000-000000000001").is_ok());
        assert!(folder.owner("example.org").is_ok());
    }
}
