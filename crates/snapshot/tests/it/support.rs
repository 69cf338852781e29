//! Small exports in view, and tables as text.

use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use idscore_snapshot::{Manifest, ReadError, ReadOptions, Snapshot, write_snapshot};
use tempfile::TempDir;

/// An export in a temporary folder.
pub struct Export {
    folder: TempDir,
}

impl Export {
    /// Files by their path inside the export.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let export = Self { folder: tempfile::tempdir().unwrap() };
        for (path, content) in files {
            export.add(path, content.as_bytes());
        }
        export
    }

    pub fn add(&self, path: &str, content: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    /// Paths of all pages of data in it.
    pub fn pages(&self) -> Vec<String> {
        let root = self.path();
        let mut waiting = vec![root.clone()];
        let mut found = Vec::new();
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                } else if path.extension().is_some_and(|end| end == "json") {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        found.retain(|page| page.contains('/'));
        found.sort();
        found
    }

    pub fn read(&self) -> Result<Read, ReadError> {
        self.read_with(&ReadOptions::default())
    }

    pub fn read_with(&self, options: &ReadOptions) -> Result<Read, ReadError> {
        read(&self.path(), options)
    }
}

pub fn read(input: &Path, options: &ReadOptions) -> Result<Read, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    let manifest = write_snapshot(input, &folder.path().join("snapshot"), options)?;
    let snapshot = Snapshot::open(&folder.path().join("snapshot")).unwrap();
    assert_eq!(*snapshot.manifest(), manifest);
    Ok(Read { snapshot, manifest, _folder: folder })
}

/// A snapshot that was just written.
pub struct Read {
    pub snapshot: Snapshot,
    pub manifest: Manifest,
    _folder: TempDir,
}

impl Read {
    /// Rows of a table as `a | b | c`.
    pub fn rows(&self, table: &str, columns: &[&str]) -> Vec<String> {
        let batches = self.snapshot.read(table, columns).unwrap();
        batches.flat_map(|batch| lines(&batch.unwrap())).collect()
    }

    /// Every stored column of every row of a judged table, one line each.
    pub fn all(&self, table: &str) -> String {
        let declared = idscore_catalogue::tables::table(table).unwrap();
        let stored: Vec<&str> = declared
            .columns
            .iter()
            .filter(|column| column.stage == idscore_catalogue::tables::Stage::Snapshot)
            .map(|column| column.name)
            .collect();
        let mut text = String::new();
        for batch in self.snapshot.read(table, &stored).unwrap() {
            let batch = batch.unwrap();
            for row in 0..batch.num_rows() {
                text.push_str(&format!("[{row}]\n"));
                for (name, column) in stored.iter().zip(batch.columns()) {
                    if *name != "tenant_id" {
                        text.push_str(&format!("  {name}: {}\n", cell(column.as_ref(), row)));
                    }
                }
            }
        }
        text
    }

    pub fn status(&self, data_set: &str) -> String {
        let record = self.manifest.data_set(data_set).unwrap();
        let status = serde_json::to_string(&record.status).unwrap();
        format!("{} {}", status.trim_matches('"'), record.rows)
    }
}

fn lines(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows())
        .map(|row| batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect::<Vec<_>>().join(" | "))
        .collect()
}

fn cell(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return "NULL".to_owned();
    }
    match column.data_type() {
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::Timestamp(..) => {
            let micros = column.as_primitive::<TimestampMicrosecondType>().value(row);
            // The library ends a day before the year 9999 does.
            jiff::Timestamp::from_microsecond(micros)
                .map_or_else(|_| "for ever".to_owned(), |instant| instant.to_string())
        }
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            let items = items.as_string::<i32>();
            format!("[{}]", items.iter().flatten().collect::<Vec<_>>().join(", "))
        }
        other => panic!("no text for {other}"),
    }
}

/// A copy of the invented tenant whose export is whole.
pub fn careful() -> Export {
    let export = Export::of(&[]);
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/careful");
    copy(&from, &export.path());
    export
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub const TENANT: &str = "11111111-0000-4000-8000-000000000001";

/// A minimal organisation, so that a test is about something else.
pub const ORGANIZATION: (&str, &str) = (
    "organization/1.json",
    r#"{"value":[{"id":"11111111-0000-4000-8000-000000000001","displayName":"Example Ltd","createdDateTime":"2020-01-01T00:00:00Z",
        "onPremisesSyncEnabled":null,"verifiedDomains":[{"name":"example.onmicrosoft.com","isInitial":true},{"name":"example.org"}]}]}"#,
);

pub const REPORT: (&str, &str) = (
    "collection.json",
    r#"{"formatVersion":1,"tenantId":"11111111-0000-4000-8000-000000000001","startedAt":"2026-11-20T06:00:00Z","dataSets":[]}"#,
);
