//! Reading one data set after the other, and keeping the record of how whole each is.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use idscore_catalogue::data_sets::data_set;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::report::{Report, ReportedSet};
use super::{Advance, ReadOptions, counted};
use crate::ReadError;
use crate::documents::{Documents, canonical};
use crate::graph::Identified;
use crate::ids::{Id, normal};
use crate::json::{Caseless, Chunks, Counted, Elements, PageFacts, read_chunk};
use crate::layout::{DataFile, Layout};
use crate::manifest::{DataSetRecord, DataSetStatus};

/// An export that is being read.
pub(crate) struct Reading<'o> {
    pub(crate) options: &'o ReadOptions<'o>,
    pub(crate) layout: Layout,
    pub(crate) report: Option<Report>,
    pub(crate) records: BTreeMap<&'static str, DataSetRecord>,
    pub(crate) warnings: Vec<String>,
    /// The newest timestamp of something that has happened.
    pub(crate) newest: Option<i64>,
    /// Data sets of which the export holds only some, and why.
    pub(crate) lower_bounds: BTreeMap<&'static str, &'static str>,
    pub(crate) documents: Documents,
    bytes: Cell<u64>,
    pub(crate) total_bytes: u64,
}

/// An object and the owner of its page.
pub(crate) type Owned<T> = (Option<String>, T);

/// What reading the files of a data set has shown.
#[derive(Debug, Default)]
pub(crate) struct SetFacts {
    pub(crate) rows: u64,
    pages: u64,
    with_next: u64,
    /// Pages and pages with a next page, by owner.
    owners: HashMap<String, (u64, u64)>,
}

impl SetFacts {
    pub(crate) fn page(&mut self, owner: Option<&str>, facts: PageFacts, ends_file: bool) {
        self.rows += facts.rows;
        let (pages, next) = (u64::from(ends_file), u64::from(facts.next_link));
        self.pages += pages;
        self.with_next += next;
        if let Some(owner) = owner {
            let counted = self.owners.entry(normal(owner).into_owned()).or_default();
            counted.0 += pages;
            counted.1 += next;
        }
    }

    /// Every page names a next one, so that the last is missing.
    fn cut_off(&self) -> bool {
        (self.pages > 0 && self.with_next >= self.pages) || self.owners.values().any(|(pages, next)| next >= pages)
    }

    /// Whether all pages of an owner were read.
    pub(crate) fn complete(&self, owner: &str) -> bool {
        self.owners.get(&*normal(owner)).is_some_and(|(pages, next)| next < pages)
    }
}

impl<'o> Reading<'o> {
    pub(crate) fn new(options: &'o ReadOptions<'o>, layout: Layout, report: Option<Report>) -> Self {
        let total_bytes = layout.data.values().flatten().map(|file| file.file.size).sum();
        Self {
            options,
            layout,
            report,
            records: BTreeMap::new(),
            warnings: Vec::new(),
            newest: None,
            lower_bounds: BTreeMap::new(),
            documents: Documents::new(options.names),
            bytes: Cell::new(0),
            total_bytes,
        }
    }

    pub(crate) fn happened(&mut self, micros: Option<i64>) {
        // Year 2100: a date that nobody can have collected is no help in dating the data.
        const LATEST: i64 = 4_102_444_800_000_000;
        self.newest = self.newest.max(micros.filter(|micros| *micros < LATEST));
    }

    /// Tells the caller how far reading is, who may end it.
    pub(crate) fn advance(&self, data_set: &str, rows: u64, bytes: u64) -> Result<(), ReadError> {
        self.bytes.set(self.bytes.get() + bytes);
        let Some(progress) = self.options.progress else { return Ok(()) };
        match progress(Advance { data_set, rows, bytes: self.bytes.get(), total_bytes: self.total_bytes }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ReadError::Interrupted),
        }
    }

    fn reported(&self, name: &str) -> Option<&ReportedSet> {
        self.report.as_ref().and_then(|report| report.set(name))
    }

    /// The files of a data set that are worth reading: half a set that was refused or failed would look like a small,
    /// safe tenant. What is read per owner is whole per owner.
    pub(crate) fn files(&self, name: &str) -> Vec<DataFile> {
        let whole = self
            .reported(name)
            .is_none_or(|set| matches!(set.status(), DataSetStatus::Complete | DataSetStatus::Incomplete));
        if whole || data_set(name).is_some_and(|set| set.per_owner) {
            self.layout.data.get(name).cloned().unwrap_or_default()
        } else {
            Vec::new()
        }
    }

    /// Whether the data set has data to build on.
    pub(crate) fn usable(&self, name: &str) -> bool {
        use DataSetStatus::{Complete, Incomplete, LowerBound};
        self.records.get(name).is_some_and(|record| matches!(record.status, Complete | Incomplete | LowerBound))
    }

    pub(crate) fn is_complete(&self, name: &str) -> bool {
        self.records.get(name).is_some_and(|record| record.status == DataSetStatus::Complete)
    }

    /// Reads all files of a data set on this thread; `begin` is told the file before its elements come.
    pub(crate) fn each<E: Elements>(
        &mut self,
        name: &'static str,
        elements: &mut E,
        mut begin: impl FnMut(&mut E, &DataFile) -> Result<(), ReadError>,
    ) -> Result<SetFacts, ReadError> {
        let mut facts = SetFacts::default();
        for file in self.files(name) {
            begin(elements, &file)?;
            let mut chunks = Chunks::open(&file.file.name, file.file.open()?, file.file.size)?;
            while let Some(chunk) = chunks.next_chunk()? {
                let page = read_chunk(&chunk, elements)?;
                facts.page(file.owner.as_deref(), page, chunk.ends_file);
            }
            self.advance(name, facts.rows, file.file.size)?;
        }
        self.record(name, &facts);
        Ok(facts)
    }

    /// Writes down how whole a data set is, from the report, the pages and the form of the export.
    pub(crate) fn record(&mut self, name: &'static str, facts: &SetFacts) {
        let source = self.layout.data.get(name).and_then(|files| files.first()).map(|file| file.file.name.clone());
        let reported = self.reported(name).cloned();
        let mut record = DataSetRecord {
            name: name.to_owned(),
            rows: facts.rows,
            source,
            status: DataSetStatus::Absent,
            permission: None,
            error_code: None,
            message: None,
        };
        if let Some(reported) = reported {
            record.status = reported.status();
            (record.permission, record.error_code, record.message) =
                (reported.permission, reported.error_code, reported.message);
            if record.status != DataSetStatus::Complete && record.permission.is_none() {
                record.permission = data_set(name).map(|set| set.permission.to_owned());
            }
            let per_owner = data_set(name).is_some_and(|set| set.per_owner);
            if record.status == DataSetStatus::Complete && facts.pages == 0 && reported.rows.is_none() && !per_owner {
                record.status = DataSetStatus::Absent;
                record.message = Some("the collection report calls it complete, but no file of it is there".to_owned());
            }
            let expected = reported.rows.unwrap_or(0);
            if record.status == DataSetStatus::Complete && facts.rows < expected {
                record.status = DataSetStatus::Incomplete;
                record.message =
                    Some(format!("the collection report counts {expected} objects, {} are there", facts.rows));
            }
        } else if facts.pages > 0 {
            record.status = DataSetStatus::Complete;
        }
        if record.status == DataSetStatus::Complete && facts.cut_off() {
            record.status = DataSetStatus::Incomplete;
            record.message = Some("the last page names a next page: collecting stopped before the end".to_owned());
        }
        if let (DataSetStatus::Complete, Some(why)) = (record.status, self.lower_bounds.get(name)) {
            record.status = DataSetStatus::LowerBound;
            record.message = Some((*why).to_owned());
        }
        self.records.insert(name, record);
    }

    /// Changes a complete data set to incomplete.
    pub(crate) fn incomplete(&mut self, name: &'static str, message: String) {
        if let Some(record) = self.records.get_mut(name)
            && record.status == DataSetStatus::Complete
        {
            record.status = DataSetStatus::Incomplete;
            record.message = Some(message);
        }
    }

    /// All objects of a small data set; None when it has no data to build on.
    pub(crate) fn typed<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<Vec<T>>, ReadError> {
        Ok(self.owned::<T>(name, None)?.map(|found| found.into_iter().map(|(_, object)| object).collect()))
    }

    /// As `typed`, and keeps every object as a document.
    pub(crate) fn documented<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        kind: &'static str,
    ) -> Result<Option<Vec<T>>, ReadError> {
        Ok(self.owned::<T>(name, Some(kind))?.map(|found| found.into_iter().map(|(_, object)| object).collect()))
    }

    /// All objects of a small data set with the owner of their page.
    pub(crate) fn owned<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        kind: Option<&'static str>,
    ) -> Result<Option<Vec<Owned<T>>>, ReadError> {
        let as_served = kind.is_some_and(|kind| AS_SERVED.contains(&kind));
        let mut objects = Objects { owner: None, as_served, found: Vec::new() };
        self.each(name, &mut objects, |objects, file| {
            objects.owner.clone_from(&file.owner);
            Ok(())
        })?;
        if !self.usable(name) {
            return Ok(None);
        }
        let found = self.without_duplicates(name, objects.found);
        let mut typed = Vec::with_capacity(found.len());
        for object in found {
            if let Some(kind) = kind {
                let id = object.id.as_deref().or(object.owner.as_deref()).unwrap_or(name);
                self.documents.push(kind, id, &object.document);
            }
            typed.push((object.owner, object.typed));
        }
        Ok(Some(typed))
    }

    /// Of objects with the same id the later stands.
    fn without_duplicates<T>(&mut self, name: &str, found: Vec<Object<T>>) -> Vec<Object<T>> {
        let mut last: HashMap<Id, usize> = HashMap::new();
        let mut twice = 0_u64;
        for (at, object) in found.iter().enumerate() {
            if let Some(id) = &object.id {
                twice += u64::from(last.insert(Id::of(id), at).is_some());
            }
        }
        if twice == 0 {
            return found;
        }
        self.duplicates(name, twice);
        let stands =
            |(at, object): &(usize, Object<T>)| object.id.as_deref().is_none_or(|id| last.get(&Id::of(id)) == Some(at));
        found.into_iter().enumerate().filter(stands).map(|(_, object)| object).collect()
    }

    pub(crate) fn duplicates(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.warnings.push(format!(
                "`{name}`: the id was read before, the later object stands: {}",
                counted(count, "object")
            ));
        }
    }

    /// Reads a data set that no column needs, so that damage is found and its rows are counted.
    pub(crate) fn count(&mut self, name: &'static str) -> Result<(), ReadError> {
        self.each(name, &mut Counted, |_, _| Ok(()))?;
        Ok(())
    }
}

struct Object<T> {
    owner: Option<String>,
    id: Option<String>,
    typed: T,
    document: Value,
}

/// Documents that are kept letter for letter: of open types, whose members nobody declares.
const AS_SERVED: &[&str] = &["secureScore", "secureScoreControlProfile", "recommendation"];

struct Objects<T> {
    owner: Option<String>,
    as_served: bool,
    found: Vec<Object<T>>,
}

impl<T: DeserializeOwned> Elements for Objects<T> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.get("@removed").is_some() {
            return Ok(());
        }
        let typed = T::deserialize(Caseless(&value)).map_err(D::Error::custom)?;
        let id = Identified::deserialize(Caseless(&value)).map_err(D::Error::custom)?.id;
        let document = if self.as_served { value } else { canonical(value) };
        self.found.push(Object { owner: self.owner.clone(), id, typed, document });
        Ok(())
    }
}
