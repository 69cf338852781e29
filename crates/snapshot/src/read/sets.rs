//! Reading one data set after the other, and keeping the record of how whole each is.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use idscore_catalogue::data_sets::data_set;
use idscore_catalogue::properties::properties_of;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::admission::Admission;
use super::facts::SetFacts;
use super::opening::{Opened, open};
use super::report::{Report, ReportedSet};
use super::{Advance, ReadOptions, counted};
use crate::ReadError;
use crate::documents::{Documents, LISTS, canonical};
use crate::graph::Identified;
use crate::ids::Id;
use crate::json::{Absences, Caseless, Counted, Elements, Open, cut, read_chunk};
use crate::layout::{DataFile, Layout};
use crate::manifest::{AbsentProperty, DataSetRecord, DataSetStatus};

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
    pub(crate) lower_bounds: BTreeMap<&'static str, String>,
    pub(crate) documents: Documents,
    pub(crate) absent: Vec<AbsentProperty>,
    bytes: Cell<u64>,
    pub(crate) total_bytes: u64,
}

/// An object and the owner of its page.
pub(crate) type Owned<T> = (Option<String>, T);

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
            absent: Vec::new(),
            bytes: Cell::new(0),
            total_bytes,
        }
    }

    pub(crate) fn happened(&mut self, micros: Option<i64>) {
        // Year 2100: a date that nobody can have collected is no help in dating the data.
        const LATEST: i64 = 4_102_444_800_000_000;
        self.newest = self.newest.max(micros.filter(|micros| *micros < LATEST));
    }

    /// Notes which properties the objects of a data set lack.
    pub(crate) fn lacking(&mut self, data_set: &str, absent: &Absences) {
        self.absent.extend(absent.counted().map(|(property, objects)| AbsentProperty {
            data_set: data_set.to_owned(),
            property: property.to_owned(),
            objects,
        }));
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

    pub(super) fn reported(&self, name: &str) -> Option<&ReportedSet> {
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
            match open(name, &file)? {
                Opened::Aside(aside) => facts.aside(&file, aside),
                Opened::Page { mut chunks, heading } => {
                    begin(elements, &file)?;
                    while let Some(chunk) = chunks.next_chunk()? {
                        let page = read_chunk(&chunk, elements)?;
                        facts.page(file.owner.as_deref(), page, chunk.ends_file);
                    }
                    facts.file(name, &file, heading);
                }
            }
            self.advance(name, facts.rows, file.file.size)?;
        }
        self.record(name, &facts);
        facts.missing_somewhere = self.is_missing_somewhere(name, &facts);
        Ok(facts)
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
        let absent = Absences::of(properties_of(name));
        let admission = (name == "policies").then(Admission::default);
        let mut objects = Objects { owner: None, as_served, admission, deleted: 0, found: Vec::new(), absent };
        self.each(name, &mut objects, |objects, file| {
            objects.owner.clone_from(&file.owner);
            if let Some(admission) = &mut objects.admission {
                admission.file.clone_from(&file.file.name);
            }
            Ok(())
        })?;
        self.deleted(name, objects.deleted);
        if let Some(admission) = objects.admission.take() {
            self.admitted(name, admission, objects.found.is_empty())?;
        }
        if !self.usable(name) {
            return Ok(None);
        }
        self.lacking(name, &objects.absent);
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

    /// Objects that carry the day of their deletion are gone, wherever they lie.
    pub(crate) fn deleted(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.warnings.push(format!(
                "`{name}`: left out, because `deletedDateTime` says that it is deleted: {}",
                counted(count, "object")
            ));
            if let Some(record) = self.records.get_mut(name) {
                record.rows = record.rows.saturating_sub(count);
            }
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
    admission: Option<Admission>,
    deleted: u64,
    found: Vec<Object<T>>,
    absent: Absences,
}

impl<T: DeserializeOwned> Elements for Objects<T> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.get("@removed").is_some() {
            return Ok(());
        }
        if let Some(reason) = cut::find(&value, LISTS) {
            return Err(D::Error::custom(reason));
        }
        if is_deleted(&value) {
            self.deleted += 1;
            return Ok(());
        }
        if let Some(admission) = &mut self.admission
            && !admission.admits(&value)
        {
            return Ok(());
        }
        self.absent.look(&value);
        let typed = T::deserialize(Caseless(&value)).map_err(D::Error::custom)?;
        let id = Identified::deserialize(Caseless(&value)).map_err(D::Error::custom)?.id;
        let document = if self.as_served { value } else { canonical(value) };
        self.found.push(Object { owner: self.owner.clone(), id, typed, document });
        Ok(())
    }
}

/// Whether an object says when it was deleted. Year 1 and text that is no instant say nothing.
fn is_deleted(object: &Value) -> bool {
    Open(object).instant("deletedDateTime").is_some()
}
