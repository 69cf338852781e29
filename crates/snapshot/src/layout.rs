//! Which file holds which data set.

mod context;
mod copies;
mod entra_exporter;
mod foreign;
mod names;

pub(crate) use context::{Context, Told};
pub(crate) use entra_exporter::METHOD_CONFIGURATIONS;
pub(crate) use foreign::{DRAFT, Foreign, NAMELESS};

use std::collections::BTreeMap;
use std::io::Read;

use idscore_catalogue::data_sets;
use names::{data_set_of_file, data_set_of_name};

use crate::ReadError;
use crate::json::{Chunks, Shape, Sniffed, first_element, sniff};
use crate::source::{FileEntry, Source};

/// What a file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// Elements of a data set, and of which owner.
    Data { data_set: &'static str, owner: Option<String> },
    /// The collection report of our own exports.
    Report,
    /// ScubaGear's provider settings.
    ScubaGear,
    /// Something of another tool, or that nobody can judge.
    Foreign(Foreign),
    /// Objects of Graph that no data set holds, by their path there.
    Elsewhere(String),
}

/// The files of an export by what they are for.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) report: Option<FileEntry>,
    pub(crate) scuba_gear: Vec<FileEntry>,
    pub(crate) data: BTreeMap<&'static str, Vec<DataFile>>,
    /// JSON files that nobody knows.
    pub(crate) unknown: Vec<String>,
    /// Files of other tools.
    pub(crate) foreign: Vec<(String, Foreign)>,
    /// Pages of collections that no data set holds, with their paths in Graph.
    pub(crate) elsewhere: Vec<(String, String)>,
}

/// A file with elements of a data set.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    pub(crate) file: FileEntry,
    pub(crate) owner: Option<String>,
}

impl DataFile {
    /// Its number among the pages of a data set, where the name has one.
    pub(crate) fn page_number(&self, data_set: &str) -> Option<u64> {
        names::page_number(stem(&self.file.name), data_set)
    }

    /// Whether it lies in a folder of the data set's name, so that its name is only a number.
    pub(crate) fn folder(&self) -> &str {
        self.file.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Layout {
    /// Sorts the files of an export.
    pub(crate) fn of(source: &Source) -> Result<Self, ReadError> {
        let mut layout = Self::default();
        let root = common_folder(&source.files);
        let own = source.files.iter().any(|file| inner(&file.name, &root).eq_ignore_ascii_case("collection.json"));
        let exporter = source
            .files
            .iter()
            .any(|file| inner(&file.name, &root).eq_ignore_ascii_case("organization/organization.json") && !own);
        for file in &source.files {
            let name = inner(&file.name, &root);
            let role = if own {
                own_role(name)
            } else if exporter {
                entra_exporter::role(name)
            } else {
                sniffed_role(file, name)?
            };
            match role {
                Some(Role::Data { data_set, owner }) => {
                    layout.data.entry(data_set).or_default().push(DataFile { file: file.clone(), owner });
                }
                Some(Role::Report) => {
                    if let Some(first) = layout.report.replace(file.clone()) {
                        return Err(ReadError::TwoExports { first: first.name, second: file.name.clone() });
                    }
                }
                Some(Role::ScubaGear) => layout.scuba_gear.push(file.clone()),
                Some(Role::Foreign(foreign)) => layout.foreign.push((file.name.clone(), foreign)),
                Some(Role::Elsewhere(path)) => layout.elsewhere.push((file.name.clone(), path)),
                // What the generator planted is for tests.
                None if is_json(name) && name != "planted.json" && !exporter => layout.unknown.push(file.name.clone()),
                None => {}
            }
        }
        if !own && !exporter {
            layout.without_copies()?;
        }
        Ok(layout)
    }

    /// Whether a file was found that holds data.
    pub(crate) fn is_usable(&self) -> bool {
        !(self.data.is_empty() && self.scuba_gear.is_empty())
    }
}

/// The folder that all files share, with its slash: an archive often has one outer folder.
fn common_folder(files: &[FileEntry]) -> String {
    let mut root = String::new();
    while let Some((folder, _)) = files.first().and_then(|file| inner(&file.name, &root).split_once('/')) {
        let deeper = format!("{root}{folder}/");
        // `users/1.json` alone is a data set, no outer folder.
        if data_set_of_name(folder).is_some() || !files.iter().all(|file| file.name.starts_with(&deeper)) {
            break;
        }
        root = deeper;
    }
    root
}

fn inner<'a>(name: &'a str, root: &str) -> &'a str {
    name.strip_prefix(root).unwrap_or(name)
}

/// `<dataSet>/<page>.json`, `<dataSet>/<ownerId>/<page>.json`, `collection.json`.
fn own_role(name: &str) -> Option<Role> {
    if name.eq_ignore_ascii_case("collection.json") {
        return Some(Role::Report);
    }
    let mut parts = name.split('/');
    let data_set = data_sets::data_set(parts.next()?)?.name;
    let second = parts.next()?;
    let owner = parts.next().map(|_| second.to_owned());
    (parts.next().is_none() && is_json(name)).then_some(Role::Data { data_set, owner })
}

fn is_json(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    ["json", "ndjson", "jsonl"].iter().any(|known| end.eq_ignore_ascii_case(known))
}

/// The first bytes of a file.
fn head(file: &FileEntry) -> Result<Vec<u8>, ReadError> {
    const ENOUGH: u64 = 64 << 10;
    let mut head = Vec::new();
    let read = file.open()?.take(ENOUGH).read_to_end(&mut head);
    read.map_err(|source| ReadError::Io { action: "read", path: file.name.clone(), source })?;
    Ok(head)
}

/// What the first bytes of a file tell; more of it is read only where they leave it open.
fn beginning(file: &FileEntry, head: &[u8]) -> Result<Sniffed, ReadError> {
    let sniffed = sniff(head);
    let open = sniffed.shape == Shape::Single && !sniffed.closed && sniffed.context.is_none();
    if open { Ok(Chunks::open(&file.name, file.open()?, file.size)?.sniffed().clone()) } else { Ok(sniffed) }
}

/// A file's name without folders and endings.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.split('.').next().unwrap_or(file)
}

/// What a file of an unknown tool is for: by what it says itself, then by its own name, then by its folder.
fn sniffed_role(file: &FileEntry, name: &str) -> Result<Option<Role>, ReadError> {
    if !is_json(name) {
        let foreign = foreign::by_bytes(name, b"");
        return Ok(match foreign {
            None if is_database(name) => foreign::by_bytes(name, &head(file)?),
            found => found,
        }
        .map(Role::Foreign));
    }
    let head = head(file)?;
    let sniffed = beginning(file, &head)?;
    let has = |key: &str| sniffed.keys.iter().any(|seen| seen.eq_ignore_ascii_case(key));
    if sniffed.shape == Shape::Single {
        if has("baseline_version") && (has("conditional_access_policies") || has("scuba_config")) {
            return Ok(Some(Role::ScubaGear));
        }
        if has("formatVersion") && (has("dataSets") || has("tenantId")) {
            return Ok(Some(Role::Report));
        }
    }
    let element = if sniffed.shape == Shape::Single { sniffed.keys.clone() } else { first_element(&head) };
    let by_name = role_by_name(name);
    match foreign::by_properties(&element, &head) {
        // A draft among the policies is told when they are read, where the others may have ids.
        Some(foreign) if !(foreign == DRAFT && by_name.is_some()) => return Ok(Some(Role::Foreign(foreign))),
        _ => {}
    }
    match sniffed.context.as_deref().map(|context| Context::of(context).told) {
        Some(Told::DataSet { data_set, owner }) => Ok(Some(of_context(data_set, owner, name, by_name))),
        // Where the name knows a data set, its page is missing now: the reader has to say so.
        Some(Told::Elsewhere { path, sure }) if sure || by_name.is_none() => Ok(Some(Role::Elsewhere(path))),
        _ if name.split('/').any(is_elsewhere) => Ok(Some(Role::Elsewhere(name.to_owned()))),
        _ if by_name.is_none() && matches!(sniffed.shape, Shape::Array | Shape::Envelope | Shape::Lines) => {
            Ok(Some(Role::Foreign(NAMELESS)))
        }
        _ => Ok(by_name),
    }
}

/// A page whose context names its data set; the owner may only stand in the name of its folder.
fn of_context(data_set: &'static str, owner: Option<String>, name: &str, by_name: Option<Role>) -> Role {
    // Graph writes this context for both directions.
    let either = data_set == "appRoleAssignments" && owner.is_none();
    if let Some(Role::Data { data_set: "appRoleAssignedTo", .. }) = by_name.as_ref().filter(|_| either) {
        return Role::Data { data_set: "appRoleAssignedTo", owner: folder_owner(name) };
    }
    let per_owner = data_sets::data_set(data_set).is_some_and(|data_set| data_set.per_owner);
    Role::Data { data_set, owner: owner.or_else(|| folder_owner(name).filter(|_| per_owner)) }
}

/// The last folder, unless it is a data set's.
fn folder_owner(name: &str) -> Option<String> {
    let folder = name.rsplit('/').nth(1)?;
    data_set_of_name(folder).is_none().then(|| folder.to_owned())
}

/// Folders in which Graph, or a tool that copies its paths, keeps other objects under the same words.
fn is_elsewhere(folder: &str) -> bool {
    ["deviceManagement", "deletedItems", "deletedPolicies"].iter().any(|known| known.eq_ignore_ascii_case(folder))
}

fn is_database(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    ["db", "sqlite", "sqlite3"].iter().any(|known| end.eq_ignore_ascii_case(known))
}

/// What a file is for by its folders and its own name.
fn role_by_name(name: &str) -> Option<Role> {
    let mut folders: Vec<&str> = name.split('/').collect();
    folders.pop();
    // `groups/<id>/members/1.json` and `members/<id>/1.json` both name the owner.
    for (at, folder) in folders.iter().enumerate().rev() {
        if let Some(data_set) = data_set_of_name(folder) {
            let per_owner = data_sets::data_set(data_set).is_some_and(|data_set| data_set.per_owner);
            let owner = if !per_owner {
                None
            } else if at + 1 < folders.len() {
                folders.get(at + 1)
            } else {
                at.checked_sub(1).and_then(|before| folders.get(before))
            };
            return Some(Role::Data { data_set, owner: owner.map(|owner| (*owner).to_owned()) });
        }
    }
    data_set_of_file(stem(name)).map(|data_set| Role::Data { data_set, owner: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_layout_is_read_by_folder() {
        let data = |data_set, owner: Option<&str>| Some(Role::Data { data_set, owner: owner.map(str::to_owned) });
        assert_eq!(own_role("users/1.json"), data("users", None));
        assert_eq!(own_role("members/b0/1.json"), data("members", Some("b0")));
        assert_eq!(own_role("planted.json"), None);
        assert_eq!(own_role("collection.json"), Some(Role::Report));
        assert_eq!(own_role("unheardOf/1.json"), None);
    }
}
