//! What a run leaves for the next: `collection.state`, one line of JSON per event, only ever added to.
//!
//! Where a data set goes on needs no line: the last page on disk names its next. So whatever a run that was killed has
//! written is what the next one finds.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::CollectError;
use crate::report::{Access, DataSetReport};

/// The state's name in an export. It is no `.json`: no reader takes it for data.
pub(crate) const STATE: &str = "collection.state";

/// What a collection is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub(crate) collection: u32,
    pub(crate) tenant_id: Option<String>,
    pub(crate) graph: String,
    pub(crate) started_at: Option<Timestamp>,
    #[serde(default)]
    pub(crate) access: Option<Access>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Head(Head),
    /// A data set ended.
    Ended {
        ended: DataSetReport,
    },
    /// Where to ask what has changed since.
    #[serde(rename_all = "camelCase")]
    Delta {
        data_set: String,
        delta: Option<String>,
    },
}

/// The state of a collection, held open and locked while it runs.
#[derive(Debug)]
pub(crate) struct State {
    path: PathBuf,
    file: Mutex<File>,
}

/// What the state says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) head: Option<Head>,
    pub(crate) ended: BTreeMap<String, DataSetReport>,
    pub(crate) delta: BTreeMap<String, String>,
}

impl Known {
    /// Reads the state in a folder; a line that was cut off while it was written is no line.
    pub(crate) fn read(out: &Path) -> Result<Option<Self>, CollectError> {
        let path = out.join(STATE);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CollectError::file("read", path, error)),
        };
        let mut known = Self::default();
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|source| CollectError::file("read", &path, source))?;
            match serde_json::from_slice(&line) {
                Ok(Line::Head(head)) => known.head = Some(head),
                Ok(Line::Ended { ended }) => {
                    known.ended.insert(ended.name.clone(), ended);
                }
                Ok(Line::Delta { data_set, delta: Some(delta) }) => {
                    known.delta.insert(data_set, delta);
                }
                Ok(Line::Delta { data_set, delta: None }) => {
                    known.delta.remove(&data_set);
                }
                Err(_) => {}
            }
        }
        Ok(Some(known))
    }
}

impl State {
    /// Opens the state of a folder, new or as it is, and keeps everybody else out.
    pub(crate) fn open(out: &Path) -> Result<Self, CollectError> {
        private_folder(out).map_err(|source| CollectError::file("make the folder", out, source))?;
        let path = out.join(STATE);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
            .map_err(|source| CollectError::file("write", &path, source))?;
        if file.try_lock().is_err() {
            return Err(CollectError::call(
                format!("another collection is writing `{}`", out.display()),
                "wait until it has ended, or give another folder with --out",
            ));
        }
        let state = Self { path, file: Mutex::new(file) };
        // The line that was being written when the last run was killed ends here.
        state.bytes(b"\n")?;
        Ok(state)
    }

    pub(crate) fn head(&self, head: Head) -> Result<(), CollectError> {
        self.line(&Line::Head(head))
    }

    pub(crate) fn ended(&self, report: &DataSetReport) -> Result<(), CollectError> {
        self.line(&Line::Ended { ended: report.clone() })
    }

    pub(crate) fn delta(&self, data_set: &str, delta: Option<&str>) -> Result<(), CollectError> {
        self.line(&Line::Delta { data_set: data_set.to_owned(), delta: delta.map(str::to_owned) })
    }

    fn line(&self, line: &Line) -> Result<(), CollectError> {
        let mut text = serde_json::to_vec(line)
            .map_err(|error| CollectError::file("write", &self.path, io::Error::other(error)))?;
        text.push(b'\n');
        self.bytes(&text)
    }

    fn bytes(&self, bytes: &[u8]) -> Result<(), CollectError> {
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let written = file.write_all(bytes).and_then(|()| file.sync_data());
        written.map_err(|source| CollectError::file("write", &self.path, source))
    }
}

/// A new folder is its owner's alone: it will hold the names of everybody.
fn private_folder(out: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Status;

    fn report(name: &str, status: Status) -> DataSetReport {
        DataSetReport {
            name: name.to_owned(),
            endpoint: format!("/{name}"),
            api_version: "v1.0".to_owned(),
            pages: 1,
            rows: 2,
            status,
            permission: "User.Read.All".to_owned(),
            error_code: None,
            message: None,
        }
    }

    #[test]
    fn the_last_word_about_a_data_set_stands_and_a_torn_line_says_nothing() {
        let out = tempfile::tempdir().unwrap();
        let head = Head {
            collection: 1,
            tenant_id: Some("t".to_owned()),
            graph: "https://graph.microsoft.com".to_owned(),
            started_at: None,
            access: Some(Access::Delegated),
        };
        let state = State::open(out.path()).unwrap();
        state.head(head.clone()).unwrap();
        state.ended(&report("users", Status::Refused)).unwrap();
        state.delta("users", Some("link 1")).unwrap();
        drop(state);
        let mut file = OpenOptions::new().append(true).open(out.path().join(STATE)).unwrap();
        file.write_all(br#"{"ended":{"name":"groups","stat"#).unwrap();
        let state = State::open(out.path()).unwrap();
        state.ended(&report("users", Status::Complete)).unwrap();
        let known = Known::read(out.path()).unwrap().unwrap();
        assert_eq!(known.head, Some(head));
        assert_eq!(known.ended.keys().collect::<Vec<_>>(), ["users"]);
        assert_eq!(known.ended["users"].status, Status::Complete);
        assert_eq!(known.delta["users"], "link 1");
    }

    #[test]
    fn two_collections_never_write_the_same_folder() {
        let out = tempfile::tempdir().unwrap();
        let first = State::open(out.path()).unwrap();
        assert!(State::open(out.path()).unwrap_err().to_string().starts_with("another collection is writing"));
        drop(first);
        assert!(State::open(out.path()).is_ok());
    }
}
