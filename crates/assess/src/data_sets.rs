//! Which data were read, and what is missing for a control.

use std::collections::BTreeSet;

use idscore_catalogue::data_sets::data_set;
use idscore_catalogue::tables::Need;
use idscore_score::{License, Missing, MissingKind};
use idscore_snapshot::{AbsentProperty, DataSetStatus, Manifest};

/// The manifest's data sets, and the licences that excuse some of them.
#[derive(Debug)]
pub(crate) struct DataSets<'a> {
    manifest: &'a Manifest,
    has_p1: Option<bool>,
    has_p2: Option<bool>,
    /// Data sets of which nothing is named here, or that are about nothing here.
    not_named: BTreeSet<&'static str>,
}

/// What a control lacks.
#[derive(Debug, Default)]
pub(crate) struct Lack {
    /// Without these nothing can be said.
    pub blocking: BTreeSet<Missing>,
    /// Without these some rows are unknown.
    pub partial: BTreeSet<Missing>,
    /// Without these it was judged all the same.
    pub refining: BTreeSet<Missing>,
}

impl<'a> DataSets<'a> {
    pub(crate) fn new(manifest: &'a Manifest, has_p1: Option<bool>, has_p2: Option<bool>) -> Self {
        Self { manifest, has_p1, has_p2, not_named: BTreeSet::new() }
    }

    /// Says that nothing of these data sets is named, so that their absence costs nothing.
    pub(crate) fn without_names(self, not_named: BTreeSet<&'static str>) -> Self {
        Self { not_named, ..self }
    }

    pub(crate) fn status(&self, name: &str) -> DataSetStatus {
        self.manifest.data_set(name).map_or(DataSetStatus::Absent, |record| record.status)
    }

    /// Whether every object was read.
    pub(crate) fn whole(&self, name: &str) -> bool {
        self.status(name) == DataSetStatus::Complete
    }

    /// Whether what is there is certain, although there may be more.
    pub(crate) fn some(&self, name: &str) -> bool {
        matches!(self.status(name), DataSetStatus::Complete | DataSetStatus::LowerBound)
    }

    /// Whether the data set is empty because the edition that brings it isn't owned.
    pub(crate) fn empty_without_license(&self, name: &str) -> bool {
        let owned = data_set(name).and_then(|data_set| data_set.license).map(|license| match license {
            License::P1 => self.has_p1,
            License::P2 => self.has_p2,
        });
        owned == Some(Some(false))
    }

    /// A property that objects of a data set lacked, or the one around it, and how many objects there are.
    pub(crate) fn absent(&self, data_set: &str, property: &str) -> Option<(&'a AbsentProperty, u64)> {
        let is_it =
            |name: &str| property.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let absent =
            self.manifest.absent_properties.iter().find(|one| one.data_set == data_set && is_it(&one.property))?;
        Some((absent, self.manifest.data_set(data_set).map_or(0, |record| record.rows)))
    }

    /// What would bring a data set, if it isn't whole.
    pub(crate) fn missing(&self, name: &str) -> Option<Missing> {
        let known = data_set(name);
        let record = self.manifest.data_set(name);
        let (kind, what) = match self.status(name) {
            DataSetStatus::Complete => return None,
            DataSetStatus::Refused => {
                let told = record.and_then(|record| record.permission.clone());
                (MissingKind::Permission, told.or_else(|| known.map(|known| known.permission.to_owned())))
            }
            DataSetStatus::NotLicensed => {
                let license = known.and_then(|known| known.license);
                (MissingKind::Licence, license.map(|license| format!("{license:?}")))
            }
            DataSetStatus::Failed
            | DataSetStatus::NotInCloud
            | DataSetStatus::Incomplete
            | DataSetStatus::LowerBound
            | DataSetStatus::Absent => {
                (MissingKind::Collection, known.map(|known| known.option.unwrap_or(known.endpoint).to_owned()))
            }
        };
        Some(Missing { kind, data_set: name.to_owned(), name: what.unwrap_or_else(|| name.to_owned()) })
    }

    /// Adds what a need lacks. `range`: the column holds ranges, so that certain objects are enough, and what only adds to them
    /// leaves it open above.
    pub(crate) fn lack(&self, need: &Need, range: bool, lack: &mut Lack) {
        let there = |name: &str| self.whole(name) || (range && self.some(name));
        match need {
            Need::Needs(name) if !there(name) => lack.blocking.extend(self.missing(name)),
            Need::NeedsSome(name) if !self.some(name) && !self.empty_without_license(name) => {
                lack.blocking.extend(self.missing(name));
            }
            Need::IfLicensed(name) | Need::WhenEligible(name)
                if !there(name) && !self.empty_without_license(name) && !self.not_named.contains(name) =>
            {
                let lack = if range { &mut lack.partial } else { &mut lack.blocking };
                lack.extend(self.missing(name));
            }
            Need::OneOf(names) if !names.iter().any(|name| there(name)) => {
                lack.blocking.extend(names.iter().filter_map(|name| self.missing(name)));
            }
            Need::WhenNamed(name) if !there(name) && !self.not_named.contains(name) => {
                lack.partial.extend(self.missing(name))
            }
            Need::Refines(name) if !there(name) => lack.refining.extend(self.missing(name)),
            _ => {}
        }
    }
}
