//! A folder on which exports are judged, one after the other, by the way that every program takes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use idscore_assess::{AssessError, Assessment, Configuration, Evidence, assess};
use idscore_catalogue::Catalogue;
use idscore_snapshot::{OpenError, ReadError, ReadOptions, Snapshot, write_snapshot};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::export::{Content, Export};

/// Why an export was not judged.
#[derive(Debug)]
#[expect(dead_code, reason = "shown by Debug")]
pub enum Refused {
    Reading(ReadError),
    Opening(OpenError),
    Judging(AssessError),
}

pub struct Bench<'a> {
    catalogue: &'a Catalogue,
    folder: TempDir,
    /// The instant of the export, told to the reader, because a damaged report may not tell it any more.
    taken_at: Option<Timestamp>,
    written: BTreeMap<String, Content>,
}

impl<'a> Bench<'a> {
    /// Lays an export on the bench.
    pub fn new(catalogue: &'a Catalogue, export: &Export) -> Self {
        let mut bench = Self { catalogue, folder: in_memory(), taken_at: None, written: BTreeMap::new() };
        let report = export.files.get(crate::export::REPORT).unwrap();
        bench.taken_at = Some(report["startedAt"].as_str().unwrap().parse().unwrap());
        for (file, value) in &export.files {
            bench.write(file, &Content::Json(value.clone()));
            bench.written.insert(file.clone(), Content::Json(value.clone()));
        }
        bench
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("export").join(file)
    }

    fn write(&self, file: &str, content: &Content) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content.bytes()).unwrap();
    }

    /// Judges the export with some of its files changed (`None`: gone), and puts them back.
    pub fn judge(
        &self,
        changes: &BTreeMap<String, Option<Content>>,
        configuration: &Configuration,
    ) -> Result<Assessment, Refused> {
        for (file, content) in changes {
            match content {
                Some(content) => self.write(file, content),
                None => fs::remove_file(self.path(file)).unwrap_or_default(),
            }
        }
        let judged = self.judge_as_it_lies(configuration);
        for file in changes.keys() {
            match self.written.get(file) {
                Some(content) => self.write(file, content),
                None => fs::remove_file(self.path(file)).unwrap(),
            }
        }
        judged
    }

    fn judge_as_it_lies(&self, configuration: &Configuration) -> Result<Assessment, Refused> {
        let stored = self.folder.path().join("snapshot");
        let options = ReadOptions { taken_at: self.taken_at, ..ReadOptions::default() };
        write_snapshot(&self.folder.path().join("export"), &stored, &options).map_err(Refused::Reading)?;
        let snapshot = Snapshot::open(&stored).map_err(Refused::Opening)?;
        let judgement = assess(&snapshot, self.catalogue, configuration, &Evidence::None).map_err(Refused::Judging)?;
        Ok(judgement.assessment)
    }
}

/// A temporary folder, in memory where the system has such a place: an export and a snapshot are written each time.
fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new();
    builder.tempdir_in(memory).or_else(|_| builder.tempdir()).unwrap()
}
