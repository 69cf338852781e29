//! The files of the catalogue: those that the program carries, and those of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Problems};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The largest file that is read; the largest of ours has about 10 kB.
const MAX_FILE: u64 = 256 << 10;
/// How deep a folder may be; `controls/<area>/<id>.md` needs two.
const MAX_DEPTH: usize = 4;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// A protection.
    Protection,
    /// A control of this area.
    Control {
        /// The folder it lies in.
        area: String,
    },
    /// A framework.
    Framework,
}

/// One file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
    pub(crate) text: String,
    /// Part of the program, not an organisation's own.
    pub(crate) built_in: bool,
}

/// The files that the program carries, by their path in the repository.
pub(crate) fn embedded() -> Vec<File> {
    EMBEDDED
        .iter()
        .filter_map(|(path, text)| {
            let path = PathBuf::from(path);
            Some(File { role: role(&path)?, path, text: (*text).to_owned(), built_in: true })
        })
        .collect()
}

/// The files of a folder: `protections/*.toml`, `frameworks/*.toml`, and every other `*.md` but README as a control.
pub(crate) fn folder(folder: &Path, built_in: bool) -> (Vec<File>, Vec<Problem>) {
    let mut reader = FolderReader { root: folder, built_in, files: Vec::new(), problems: Vec::new() };
    reader.read(folder, 0);
    (reader.files, reader.problems)
}

/// What a file holds, by its place: none for files that are no part of a catalogue.
fn role(path: &Path) -> Option<Role> {
    let area = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") if area == "protections" => Some(Role::Protection),
        Some("toml") if area == "frameworks" => Some(Role::Framework),
        Some("md") if !path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme")) => {
            Some(Role::Control { area: area.to_owned() })
        }
        _ => None,
    }
}

struct FolderReader<'a> {
    root: &'a Path,
    built_in: bool,
    files: Vec<File>,
    problems: Vec<Problem>,
}

impl FolderReader<'_> {
    fn read(&mut self, folder: &Path, depth: usize) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(folder, format!("cannot read the folder: {error}"), None),
        };
        let mut paths = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => self.refuse(folder, format!("cannot read the folder: {error}"), None),
            }
        }
        paths.sort();
        for path in paths {
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                continue;
            }
            // A link could lead out of the folder, or in a circle.
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_symlink() => {
                    self.refuse(&path, "links are not followed".to_owned(), Some("copy what it points to"));
                }
                Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => self.read(&path, depth + 1),
                Ok(metadata) if metadata.is_dir() => {
                    self.refuse(&path, format!("folders are nested more than {MAX_DEPTH} deep"), None);
                }
                Ok(metadata) => self.read_file(&path, metadata.len()),
                Err(error) => self.refuse(&path, format!("cannot read the file: {error}"), None),
            }
        }
    }

    fn read_file(&mut self, path: &Path, length: u64) {
        // The folder's own name says what lies in it too: `--controls contoso/protections` is possible.
        let Some(mut role) = role(path) else {
            if path.extension().is_some_and(|extension| extension == "toml") {
                let hint = "protections lie in a folder `protections`, frameworks in `frameworks`";
                self.refuse(path, "this file is neither a protection nor a framework".to_owned(), Some(hint));
            }
            return;
        };
        if let Role::Control { area } = &mut role
            && (path.parent() == Some(self.root) || area == "controls")
        {
            "own".clone_into(area);
        }
        if length > MAX_FILE {
            return self.refuse(path, format!("the file has {length} bytes, more than {MAX_FILE}"), None);
        }
        match fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => {
                self.files.push(File { path: path.to_owned(), role, text, built_in: self.built_in });
            }
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
                let mut problems = Problems::of(path);
                problems.refuse(line, "the file is not UTF-8").hint("save it as UTF-8");
                self.problems.extend(problems.into_vec());
            }
            Err(error) => self.refuse(path, format!("cannot read the file: {error}"), None),
        }
    }

    fn refuse(&mut self, path: &Path, message: String, hint: Option<&str>) {
        let mut problems = Problems::of(path);
        problems.refuse(1, message).maybe_hint(hint.map(str::to_owned));
        self.problems.extend(problems.into_vec());
    }
}
