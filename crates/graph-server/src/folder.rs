//! The export that is served: its data sets, opened when they are first asked for, and its own report.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use crate::endpoints::ENDPOINTS;
use crate::rows::{Cursor, ExportError, Rows};
use crate::scan::text;

/// What the report of an export says of one data set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Recorded {
    pub name: String,
    pub status: String,
    pub rows: u64,
    pub error_code: Option<String>,
    pub message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Report {
    tenant_id: Option<String>,
    data_sets: Vec<Recorded>,
}

/// Owners whose pages stay open; the index of one is small.
const OWNERS_OPEN: usize = 4096;
/// The tenant of an export that doesn't say its own.
const NAMELESS: &str = "00000000-0000-4000-8000-000000000000";

type Opened = HashMap<(&'static str, String), Option<Arc<Rows>>>;

/// One export.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Counts the exports that were served.
    pub generation: u32,
    report: Report,
    opened: Mutex<Opened>,
}

impl Folder {
    /// Looks at a folder. Pages are read when they are asked for.
    pub fn open(root: &Path, generation: u32) -> Result<Self, ExportError> {
        let unread = |path: &Path, source| ExportError::Read { path: path.to_owned(), source };
        std::fs::read_dir(root).map_err(|source| unread(root, source))?;
        let path = root.join("collection.json");
        let report = match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|source| ExportError::Report { path: path.clone(), source })?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Report::default(),
            Err(source) => return Err(unread(&path, source)),
        };
        if report.data_sets.is_empty() && !ENDPOINTS.iter().any(|endpoint| root.join(endpoint.name).is_dir()) {
            return Err(ExportError::NoExport { path: root.to_owned() });
        }
        Ok(Self { root: root.to_owned(), generation, report, opened: Mutex::default() })
    }

    /// Where it lies.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tenant's id: of the report, or of the organization.
    pub fn tenant_id(&self) -> String {
        let organization = || {
            let rows = self.rows("organization").ok()??;
            text(&rows.at(Cursor::default()).ok()??, "id")
        };
        self.report.tenant_id.clone().or_else(organization).unwrap_or_else(|| NAMELESS.to_owned())
    }

    /// How many users there are, which decides the limits.
    pub fn users(&self) -> u64 {
        match self.recorded("users") {
            Some(recorded) if recorded.rows > 0 => recorded.rows,
            _ => self.rows("users").ok().flatten().and_then(|rows| rows.count().ok()).unwrap_or(0),
        }
    }

    /// What the report says of a data set.
    pub fn recorded(&self, name: &str) -> Option<&Recorded> {
        self.report.data_sets.iter().find(|recorded| recorded.name == name)
    }

    /// Whether the export has this data set, if only as an empty one.
    pub fn holds(&self, name: &str) -> bool {
        self.recorded(name).is_some_and(|recorded| recorded.status == "complete") || self.root.join(name).is_dir()
    }

    /// The rows of a data set.
    pub fn rows(&self, name: &'static str) -> Result<Option<Arc<Rows>>, ExportError> {
        self.opened(name, String::new())
    }

    /// The rows that one owner has.
    pub fn rows_of(&self, name: &'static str, owner: &str) -> Result<Option<Arc<Rows>>, ExportError> {
        if is_file_name(owner) { self.opened(name, owner.to_owned()) } else { Ok(None) }
    }

    fn opened(&self, name: &'static str, owner: String) -> Result<Option<Arc<Rows>>, ExportError> {
        let key = (name, owner);
        let found = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(rows) = found {
            return Ok(rows);
        }
        let rows = Rows::open(&self.root.join(name).join(&key.1))?.map(Arc::new);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= OWNERS_OPEN {
            opened.retain(|(_, owner), _| owner.is_empty());
        }
        opened.insert(key, rows.clone());
        Ok(rows)
    }
}

/// Whether an id from a request can be the name of a folder, and of none but one beside the others.
fn is_file_name(owner: &str) -> bool {
    !owner.is_empty()
        && owner.len() <= 200
        && !owner.starts_with('.')
        && owner.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@' | b'#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_never_leads_out_of_the_folder_of_its_data_set() {
        for owner in ["", ".", "..", "../users", "a/b", "a\\b", "a\0b", "..%2f"] {
            assert!(!is_file_name(owner), "{owner:?}");
        }
        assert!(is_file_name("b0000000-0000-4000-8000-000000000001") && is_file_name("plant-fabrikam.example"));
    }

    #[test]
    fn a_folder_without_any_data_set_is_no_export() {
        let folder = tempfile::tempdir().unwrap();
        let error = Folder::open(folder.path(), 1).unwrap_err();
        assert!(matches!(error, ExportError::NoExport { .. }), "{error}");
    }
}
