//! Which file holds which data set.

mod context;
mod entra_exporter;

pub(crate) use entra_exporter::METHOD_CONFIGURATIONS;

use std::collections::BTreeMap;
use std::io::Read;

use idscore_catalogue::data_sets::{self, DATA_SETS};

use crate::ReadError;
use crate::json::{Chunks, Shape, Sniffed, sniff};
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
}

/// The files of an export by what they are for.
#[derive(Default)]
pub(crate) struct Layout {
    pub(crate) report: Option<FileEntry>,
    pub(crate) scuba_gear: Vec<FileEntry>,
    pub(crate) data: BTreeMap<&'static str, Vec<DataFile>>,
    /// JSON files that nobody knows.
    pub(crate) unknown: Vec<String>,
}

/// A file with elements of a data set.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    pub(crate) file: FileEntry,
    pub(crate) owner: Option<String>,
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
                // What the generator planted is for tests.
                None if is_json(name) && name != "planted.json" && !exporter => layout.unknown.push(file.name.clone()),
                None => {}
            }
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
        if data_set_of_folder(folder).is_some() || !files.iter().all(|file| file.name.starts_with(&deeper)) {
            break;
        }
        root = deeper;
    }
    root
}

fn inner<'a>(name: &'a str, root: &str) -> &'a str {
    name.strip_prefix(root).unwrap_or(name)
}

fn data_set_of_folder(name: &str) -> Option<&'static str> {
    if let Some(data_set) = data_sets::data_set(name) {
        return Some(data_set.name);
    }
    if name.eq_ignore_ascii_case("roleEligibilitySchedules") {
        return Some("roleEligibilityScheduleInstances");
    }
    if name.eq_ignore_ascii_case("settings") {
        return Some("groupSettings");
    }
    DATA_SETS.iter().find(|data_set| data_set.name.eq_ignore_ascii_case(name)).map(|data_set| data_set.name)
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

/// What the first bytes of a file tell; more of it is read only where they leave it open.
fn beginning(file: &FileEntry) -> Result<Sniffed, ReadError> {
    const ENOUGH: u64 = 64 << 10;
    let mut head = Vec::new();
    let read = file.open()?.take(ENOUGH).read_to_end(&mut head);
    read.map_err(|source| ReadError::Io { action: "read", path: file.name.clone(), source })?;
    let sniffed = sniff(&head);
    let open = sniffed.shape == Shape::Single && !sniffed.closed && sniffed.context.is_none();
    if open { Ok(Chunks::open(&file.name, file.open()?, file.size)?.sniffed().clone()) } else { Ok(sniffed) }
}

/// What a file of an unknown tool is for: by what it says itself, then by its folder, then by its name.
fn sniffed_role(file: &FileEntry, name: &str) -> Result<Option<Role>, ReadError> {
    if !is_json(name) {
        return Ok(None);
    }
    let sniffed = beginning(file)?;
    let has = |key: &str| sniffed.keys.iter().any(|seen| seen.eq_ignore_ascii_case(key));
    if sniffed.shape == Shape::Single {
        if has("baseline_version") && (has("conditional_access_policies") || has("scuba_config")) {
            return Ok(Some(Role::ScubaGear));
        }
        if has("formatVersion") && (has("dataSets") || has("tenantId")) {
            return Ok(Some(Role::Report));
        }
    }
    let mut folders: Vec<&str> = name.split('/').collect();
    let stem = folders.pop().and_then(|file| file.split('.').next()).unwrap_or_default();
    if let Some((data_set, owner)) = sniffed.context.as_deref().and_then(context::data_set_of_context) {
        let owner = owner.or_else(|| {
            let per_owner = data_sets::data_set(data_set).is_some_and(|data_set| data_set.per_owner);
            if per_owner {
                folders.last().map(|folder| (*folder).to_owned()).filter(|folder| data_set_of_folder(folder).is_none())
            } else {
                None
            }
        });
        return Ok(Some(Role::Data { data_set, owner }));
    }
    // `groups/<id>/members/1.json` and `members/<id>/1.json` both name the owner.
    for (at, folder) in folders.iter().enumerate().rev() {
        if let Some(data_set) = data_set_of_folder(folder) {
            let per_owner = data_sets::data_set(data_set).is_some_and(|data_set| data_set.per_owner);
            let owner = if !per_owner {
                None
            } else if at + 1 < folders.len() {
                folders.get(at + 1)
            } else {
                at.checked_sub(1).and_then(|before| folders.get(before))
            };
            return Ok(Some(Role::Data { data_set, owner: owner.map(|owner| (*owner).to_owned()) }));
        }
    }
    // `users.json`, `users-2.json`, `users_0001.json`
    let plain = stem.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['-', '_', ' ']);
    Ok(data_set_of_folder(stem)
        .or_else(|| data_set_of_folder(plain))
        .map(|data_set| Role::Data { data_set, owner: None }))
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
