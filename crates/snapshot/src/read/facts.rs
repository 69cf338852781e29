//! How whole a data set is: what its pages, its collection report and Graph's refusals say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use idscore_catalogue::data_sets::data_set;

use super::counted;
use super::opening::{Aside, Heading, Refusal};
use super::report::ReportedSet;
use super::sets::Reading;
use crate::ids::normal;
use crate::json::PageFacts;
use crate::layout::DataFile;
use crate::manifest::{DataSetRecord, DataSetStatus};

/// What reading the files of a data set has shown.
#[derive(Debug, Default)]
pub(crate) struct SetFacts {
    pub(crate) rows: u64,
    pages: u64,
    with_next: u64,
    /// The most objects that a page says all pages have.
    count: Option<u64>,
    /// Pages whose `value` is null.
    unread: u64,
    owners: HashMap<String, OwnerFacts>,
    /// Error bodies in place of pages, with their files.
    refusals: Vec<(String, Refusal)>,
    /// Files of other collections, with their paths in Graph, and whether nothing is missing for them.
    elsewhere: Vec<(String, String, bool)>,
    version: Version,
    /// Numbers of pages, by folder.
    numbers: BTreeMap<String, BTreeSet<u64>>,
    /// Something is missing, and nobody knows of which owner.
    pub(super) missing_somewhere: bool,
}

/// What the pages of one owner say.
#[derive(Debug, Default)]
struct OwnerFacts {
    rows: u64,
    pages: u64,
    with_next: u64,
    count: Option<u64>,
    /// A page was refused or not read.
    broken: bool,
}

/// The version of Graph that served the pages.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Version {
    #[default]
    Unseen,
    One(&'static str),
    /// A page doesn't say, or the pages disagree.
    Unknown,
}

impl SetFacts {
    /// Elements of a page, and whether its file ends with them.
    pub(crate) fn page(&mut self, owner: Option<&str>, facts: PageFacts, ends_file: bool) {
        let (pages, next) = (u64::from(ends_file), u64::from(facts.next_link));
        self.rows += facts.rows;
        self.pages += pages;
        self.with_next += next;
        self.count = self.count.max(facts.count);
        self.unread += u64::from(facts.unread);
        if let Some(owner) = owner {
            let of_owner = self.owners.entry(normal(owner).into_owned()).or_default();
            of_owner.rows += facts.rows;
            of_owner.pages += pages;
            of_owner.with_next += next;
            of_owner.count = of_owner.count.max(facts.count);
            of_owner.broken |= facts.unread;
        }
    }

    /// A file whose pages were read.
    pub(super) fn file(&mut self, name: &str, file: &DataFile, heading: Heading) {
        self.version = match (self.version, heading.version) {
            (Version::Unseen, Some(version)) => Version::One(version),
            (Version::One(one), Some(version)) if one == version => Version::One(one),
            _ => Version::Unknown,
        };
        if let Some(number) = file.page_number(name).filter(|_| heading.is_list) {
            self.numbers.entry(file.folder().to_owned()).or_default().insert(number);
        }
    }

    /// A file in place of a page.
    pub(super) fn aside(&mut self, file: &DataFile, aside: Aside) {
        let whole = matches!(aside, Aside::Elsewhere { sure: true, .. });
        if let Some(owner) = file.owner.as_deref().filter(|_| !whole) {
            self.owners.entry(normal(owner).into_owned()).or_default().broken = true;
        }
        match aside {
            Aside::Refusal(refusal) => self.refusals.push((file.file.name.clone(), refusal)),
            Aside::Elsewhere { path, sure } => self.elsewhere.push((file.file.name.clone(), path, sure)),
        }
    }

    /// Whether all pages of an owner were read. Where it is not known whose are missing, no owner's are.
    pub(crate) fn complete(&self, owner: &str) -> bool {
        !self.missing_somewhere && self.owners.get(&*normal(owner)).is_some_and(OwnerFacts::is_whole)
    }

    fn version(&self) -> Option<&'static str> {
        if let Version::One(version) = self.version { Some(version) } else { None }
    }

    /// Why pages that were read can't be all of the data set.
    fn lack(&self) -> Option<String> {
        if let Some((file, refusal)) = self.refusals.first() {
            return Some(format!("Graph refused a page: `{file}` is the error {}", refusal.code));
        }
        if self.unread > 0 {
            return Some("a page was not read: its `value` is null".to_owned());
        }
        if let Some((file, path, _)) = self.elsewhere.iter().find(|(_, _, sure)| !sure) {
            return Some(format!("`{file}` is no page of it, but of `{path}`"));
        }
        let cut_off = self.pages > 0 && self.with_next >= self.pages;
        if cut_off || self.owners.values().any(|owner| owner.pages > 0 && owner.with_next >= owner.pages) {
            return Some("the last page names a next page: collecting stopped before the end".to_owned());
        }
        let counts = self.owners.values().map(|owner| (owner.rows, owner.count)).chain([(self.rows, self.count)]);
        for (rows, count) in counts {
            if let Some(count) = count.filter(|count| *count > rows) {
                return Some(format!("Graph counts {}, {rows} are there", counted(count, "object")));
            }
        }
        self.gap().map(|number| format!("page {number} is not there"))
    }

    /// The first number that is missing among numbered pages.
    fn gap(&self) -> Option<u64> {
        self.numbers.values().find_map(|numbers| {
            let first = numbers.first().copied()?.min(1);
            let mut expected = first..;
            numbers.iter().find_map(|number| expected.next().filter(|expected| expected != number))
        })
    }
}

impl OwnerFacts {
    fn is_whole(&self) -> bool {
        self.with_next < self.pages && !self.broken && self.count.is_none_or(|count| count <= self.rows)
    }
}

impl Reading<'_> {
    /// Whether the report counts more than is there, or a page is missing among numbered ones: of any owner.
    pub(crate) fn is_missing_somewhere(&self, name: &str, facts: &SetFacts) -> bool {
        let (rows, pages) = self.reported(name).map_or((None, None), |reported| (reported.rows, reported.pages));
        rows.is_some_and(|rows| rows > facts.rows)
            || pages.is_some_and(|pages| pages > facts.pages)
            || facts.gap().is_some()
    }

    /// Writes down how whole a data set is, from the report, the pages and the form of the export.
    pub(crate) fn record(&mut self, name: &'static str, facts: &SetFacts) {
        let source = self.layout.data.get(name).and_then(|files| files.first()).map(|file| file.file.name.clone());
        let mut record = DataSetRecord {
            name: name.to_owned(),
            rows: facts.rows,
            source,
            api_version: facts.version().map(str::to_owned),
            status: DataSetStatus::Absent,
            permission: None,
            error_code: None,
            message: None,
        };
        if let Some(reported) = self.reported(name).cloned() {
            as_reported(&mut record, reported, name, facts);
        } else if facts.pages > 0 {
            record.status = DataSetStatus::Complete;
        }
        as_refused(&mut record, name, facts);
        if record.status == DataSetStatus::Complete
            && let Some(lack) = facts.lack()
        {
            record.status = DataSetStatus::Incomplete;
            record.message = Some(lack);
        }
        if let (DataSetStatus::Complete, Some(why)) = (record.status, self.lower_bounds.get(name)) {
            record.status = DataSetStatus::LowerBound;
            record.message = Some(why.clone());
        }
        for (file, path, _) in &facts.elsewhere {
            self.warnings.push(format!("left out: `{file}` holds `{path}`, not `{name}`"));
        }
        self.records.insert(name, record);
    }

    /// Data sets that are read per owner and hold nothing, because what names their owners was not read.
    pub(super) fn without_owners(&mut self) {
        use DataSetStatus::{Complete, LowerBound};
        for set in idscore_catalogue::data_sets::DATA_SETS {
            let is_read = |name: &&&str| {
                self.records.get(**name).is_none_or(|record| matches!(record.status, Complete | LowerBound))
            };
            let unread = idscore_catalogue::data_sets::owners_of(set.name).iter().find(|name| !is_read(name));
            let (Some(unread), Some(record)) = (unread, self.records.get(set.name)) else { continue };
            let of_owners = record.status == Complete && record.rows == 0 && self.files(set.name).is_empty();
            if of_owners {
                self.incomplete(set.name, format!("of which objects it is read is not known: `{unread}` was not read"));
            }
        }
    }
}

/// What the collection report says, as far as the files bear it out.
fn as_reported(record: &mut DataSetRecord, reported: ReportedSet, name: &str, facts: &SetFacts) {
    record.status = reported.status();
    record.api_version = reported.api_version().map(str::to_owned).or(record.api_version.take());
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
    if record.status != DataSetStatus::Complete {
        return;
    }
    let (rows, pages) = (reported.rows.unwrap_or(0), reported.pages.unwrap_or(0));
    if facts.rows < rows {
        record.status = DataSetStatus::Incomplete;
        record.message = Some(format!("the collection report counts {rows} objects, {} are there", facts.rows));
    } else if facts.pages < pages {
        record.status = DataSetStatus::Incomplete;
        record.message = Some(format!("the collection report counts {pages} pages, {} are there", facts.pages));
    }
}

/// An error body in place of the data: refused as Graph says, or not whole where other pages were read.
fn as_refused(record: &mut DataSetRecord, name: &str, facts: &SetFacts) {
    use DataSetStatus::{Absent, Complete, Incomplete};
    let Some((_, refusal)) = facts.refusals.first() else { return };
    if !matches!(record.status, Absent | Complete | Incomplete) {
        return;
    }
    record.status = if facts.pages == 0 { refusal.status() } else { Incomplete };
    record.permission = data_set(name).map(|set| set.permission.to_owned());
    record.error_code = Some(refusal.code.clone());
    record.message = refusal.message.clone().or_else(|| facts.lack());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(numbers: &[u64]) -> Option<u64> {
        let numbers = BTreeMap::from([("users".to_owned(), numbers.iter().copied().collect())]);
        SetFacts { numbers, ..SetFacts::default() }.gap()
    }

    #[test]
    fn a_number_that_is_missing_among_the_pages_is_found() {
        assert_eq!(numbered(&[1, 2, 3]), None);
        assert_eq!(numbered(&[0, 1]), None);
        assert_eq!(numbered(&[]), None);
        assert_eq!(numbered(&[1, 3]), Some(2));
        assert_eq!(numbered(&[2]), Some(1));
    }
}
