//! The whole catalogue: what the program carries, and what an organisation adds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use idscore_access::Protection;
use idscore_score::Set;
use sha2::{Digest, Sha256};

use crate::columns::{ColumnRef, Columns};
use crate::control::{self, Control, ControlFile};
use crate::files::{self, File, Role};
use crate::framework::{self, ControlIds, Framework};
use crate::problem::{Problem, Problems, Severity};
use crate::protection;

/// Every control, protection and framework, and the columns that controls may name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The program's version and the beginning of a hash over all files, such as `0.1.0+3f2a9c01d4e7`.
    pub version: String,
    /// The controls in the order core, extended, then id; deprecated ones too.
    pub controls: Vec<Control>,
    /// The statements about sign-ins, by column.
    pub protections: Vec<Protection>,
    /// The frameworks, by name.
    pub frameworks: Vec<Framework>,
    columns: Columns,
}

impl Catalogue {
    /// What the program carries.
    ///
    /// # Errors
    /// When a built-in file is unusable, which the tests of this crate rule out.
    pub fn embedded() -> Result<Self, Vec<Problem>> {
        Self::load(&[])
    }

    /// What the program carries, and an organisation's own folders. Such a folder holds control files, alone or in
    /// folders by area, and may hold `protections/*.toml` and `frameworks/*.toml`. Own controls count as extended.
    ///
    /// # Errors
    /// When a file is unusable, or takes an id that another has. Mere flaws, such as a missing case, are no error here;
    /// [`Catalogue::lint`] names them too.
    pub fn load(own: &[PathBuf]) -> Result<Self, Vec<Problem>> {
        let (catalogue, problems) = Self::lint(own);
        let refused: Vec<Problem> =
            problems.into_iter().filter(|problem| problem.severity == Severity::Refused).collect();
        if refused.is_empty() { Ok(catalogue) } else { Err(refused) }
    }

    /// Like [`Catalogue::load`], with every mistake by file and line, and the catalogue of all files that are usable.
    #[must_use]
    pub fn lint(own: &[PathBuf]) -> (Self, Vec<Problem>) {
        let (mut files, mut problems) = (files::embedded(), Vec::new());
        for folder in own {
            let (found, unreadable) = files::folder(folder, false);
            if found.is_empty() && unreadable.is_empty() {
                let mut empty = Problems::of(folder);
                empty
                    .refuse(1, "the folder holds no control, protection or framework")
                    .hint("controls are files `<id>.md`");
                problems.extend(empty.into_vec());
            }
            files.extend(found);
            problems.extend(unreadable);
        }
        Self::of(&files, problems)
    }

    /// Reads a checkout of the project, `controls/`, `protections/` and `frameworks/` below `root`, in place of what the
    /// program carries: for those who work on these files.
    #[must_use]
    pub fn lint_repository(root: &Path) -> (Self, Vec<Problem>) {
        let (mut files, mut problems) = (Vec::new(), Vec::new());
        for folder in ["controls", "protections", "frameworks"] {
            let (found, unreadable) = files::folder(&root.join(folder), true);
            files.extend(found);
            problems.extend(unreadable);
        }
        Self::of(&files, problems)
    }

    fn of(files: &[File], mut problems: Vec<Problem>) -> (Self, Vec<Problem>) {
        let mut names = Names::default();
        // Protections first, because they add the columns that controls name; frameworks last, because they name controls.
        let mut protections = Vec::new();
        for file in files.iter().filter(|file| file.role == Role::Protection) {
            let mut found = Problems::of(&file.path);
            if let Some(protection) = protection::read(&file.path, &file.text, &mut found)
                && protection::names(&protection.column)
                    .iter()
                    .all(|name| names.take("column", name, &file.path, &mut found))
            {
                protections.push(protection);
            }
            problems.extend(found.into_vec());
        }
        protections.sort_by(|left, right| left.column.cmp(&right.column));
        let columns = Columns::with(&protections);
        let mut controls = Vec::new();
        let mut ids = ControlIds::new();
        for file in files {
            let Role::Control { area } = &file.role else { continue };
            let mut found = Problems::of(&file.path);
            let id = file.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let free = names.take("control", &id, &file.path, &mut found);
            let control_file = ControlFile { path: &file.path, area, text: &file.text, built_in: file.built_in };
            let control = control::read(control_file, &columns, &mut found);
            if free {
                ids.insert(id, control.as_ref().map(|control| control.status));
                controls.extend(control);
            }
            problems.extend(found.into_vec());
        }
        controls.sort_by(|left, right| {
            let rank = |control: &Control| (control.set != Set::Core, control.id.to_lowercase());
            rank(left).cmp(&rank(right))
        });
        let mut frameworks = Vec::new();
        for file in files.iter().filter(|file| file.role == Role::Framework) {
            let mut found = Problems::of(&file.path);
            if let Some(framework) = framework::read(&file.path, &file.text, &ids, &mut found)
                && names.take("framework", &framework.name, &file.path, &mut found)
            {
                frameworks.push(framework);
            }
            problems.extend(found.into_vec());
        }
        frameworks.sort_by(|left, right| left.name.cmp(&right.name));
        problems.sort();
        (Self { version: version(files), controls, protections, frameworks, columns }, problems)
    }

    /// The control of that id, compared exactly.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// The columns of that judged table, with those that protections add.
    #[must_use]
    pub fn columns(&self, table: &str) -> &[ColumnRef] {
        self.columns.of(table)
    }

    /// The column of that name in that table.
    #[must_use]
    pub fn column(&self, table: &str, name: &str) -> Option<ColumnRef> {
        self.columns.column(table, name).cloned()
    }

    /// The sections of frameworks that the control of that id speaks to.
    #[must_use]
    pub fn sections_of(&self, control_id: &str) -> Vec<(&Framework, &framework::Section)> {
        self.frameworks
            .iter()
            .flat_map(|framework| framework.sections.iter().map(move |section| (framework, section)))
            .filter(|(_, section)| section.controls.iter().any(|id| id == control_id))
            .collect()
    }

    /// The same in words, such as `CIS Microsoft 365 Foundations Benchmark 7.0: 5.2.2.3 Legacy clients are blocked`.
    #[must_use]
    pub fn framework_sections(&self, control_id: &str) -> Vec<String> {
        let in_words = |(framework, section): (&Framework, &framework::Section)| {
            format!("{}: {} {}", framework.full_name(), section.id, section.title)
        };
        self.sections_of(control_id).into_iter().map(in_words).collect()
    }
}

/// Which ids are taken, by which file. File systems differ on whether case matters, so it never makes two ids here.
#[derive(Default)]
struct Names(BTreeMap<(&'static str, String), PathBuf>);

impl Names {
    fn take(&mut self, what: &'static str, name: &str, path: &Path, problems: &mut Problems) -> bool {
        match self.0.get(&(what, name.to_lowercase())) {
            Some(holder) => {
                problems
                    .refuse(1, format!("the {what} `{name}` exists already, in {}", holder.display()))
                    .hint("choose a name of your own, such as one that begins with your organisation's");
                false
            }
            None => {
                self.0.insert((what, name.to_lowercase()), path.to_owned());
                true
            }
        }
    }
}

/// The program's version and the first 12 digits of SHA-256 over the roles, names and contents of all files.
fn version(files: &[File]) -> String {
    let mut keyed: Vec<(&Role, String, &str)> = files
        .iter()
        .map(|file| {
            let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (&file.role, name, file.text.as_str())
        })
        .collect();
    keyed.sort();
    let mut hash = Sha256::new();
    for (role, name, text) in keyed {
        for part in [format!("{role:?}").as_str(), &name, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    let digits: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{}+{digits}", env!("CARGO_PKG_VERSION"))
}
