//! An export in memory, as files of JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The collector's report.
pub const REPORT: &str = "collection.json";

/// What a file holds.
#[derive(Debug, Clone)]
pub enum Content {
    Json(Value),
    /// Bytes that are no JSON any more.
    Raw(Vec<u8>),
}

impl Content {
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => serde_json::to_vec(value).unwrap(),
            Self::Raw(bytes) => bytes.clone(),
        }
    }
}

/// Files by their path inside the export.
#[derive(Debug, Clone, Default)]
pub struct Export {
    pub files: BTreeMap<String, Value>,
}

impl Export {
    /// Reads the JSON files of a folder.
    pub fn read(folder: &Path) -> Self {
        let mut export = Self::default();
        export.walk(folder, "");
        export
    }

    fn walk(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                self.walk(&entry.path(), &format!("{name}/"));
            } else if name.ends_with(".json") && name != "planted.json" {
                self.files.insert(name, serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap());
            }
        }
    }

    /// Files of one data set, in their order.
    pub fn pages(&self, data_set: &str) -> Vec<&str> {
        self.files.keys().map(String::as_str).filter(|file| data_set_of(file) == data_set).collect()
    }

    /// The data sets that have a file, the report apart.
    pub fn data_sets(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.files.keys().map(|file| data_set_of(file)).collect();
        names.retain(|name| *name != REPORT);
        names.dedup();
        names
    }
}

/// The data set that a file belongs to.
pub fn data_set_of(file: &str) -> &str {
    file.split('/').next().unwrap()
}
