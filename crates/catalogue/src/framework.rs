//! Frameworks: which section of a published catalogue is spoken to by which controls.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::control::ControlStatus;
use crate::document::{Document, Section as TomlSection};
use crate::nearest;
use crate::problem::Problems;

/// A published catalogue of recommendations, mapped to controls.
#[derive(Debug, Clone, PartialEq)]
pub struct Framework {
    /// The file's name without `.toml`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Which edition is meant.
    pub version: String,
    /// Where it is published.
    pub url: String,
    /// The file.
    pub path: PathBuf,
    /// Its sections that some control speaks to, in the file's order.
    pub sections: Vec<Section>,
}

impl Framework {
    /// Title and version, such as `NIST SP 800-53 Revision 5`. A title that ends with the edition says it once.
    #[must_use]
    pub fn full_name(&self) -> String {
        if self.title.ends_with(&format!(" {}", self.version)) {
            self.title.clone()
        } else {
            format!("{} {}", self.title, self.version)
        }
    }
}

/// One section of a framework.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its number or id in the framework.
    pub id: String,
    /// What it is about, in our words.
    pub title: String,
    /// The ids of the controls that speak to it.
    pub controls: Vec<String>,
}

/// The ids of all control files, with their status where the file could be read.
pub(crate) type ControlIds = BTreeMap<String, Option<ControlStatus>>;

/// The framework of a file, when its meaning is clear.
pub(crate) fn read(path: &Path, text: &str, controls: &ControlIds, problems: &mut Problems) -> Option<Framework> {
    let document = Document::new(text, 1);
    let table = document.parse(problems);
    if problems.refused() {
        return None;
    }
    let mut root = TomlSection::root(document, &table);
    let name = root.required_text("name", problems);
    if let Some(name) = &name
        && path.file_stem().and_then(|stem| stem.to_str()) != Some(name.text.as_str())
    {
        problems
            .refuse(root.place_of(name), format!("the name `{}` and the file's name differ", name.text))
            .hint(format!("name the file {}.toml", name.text));
    }
    let title = root.required_text("title", problems);
    let version = root.required_text("version", problems);
    let url = root.required_text("url", problems);
    if let Some(url) = &url
        && !url.text.starts_with("https://")
    {
        problems.refuse(root.place_of(url), "`url` must begin with https://");
    }
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    let mut sections = Vec::new();
    for section in root.sections("section", problems).unwrap_or_default() {
        let line = section.place().line;
        let Some(section) = read_section(section, controls, problems) else { continue };
        if let Some(first) = ids.insert(section.id.clone(), line) {
            problems.refuse(line, format!("the section `{}` stands on line {first} already", section.id));
        }
        sections.push(section);
    }
    if sections.is_empty() {
        problems.refuse(1, "the framework has no sections").hint("[[section]] with id, title and controls");
    }
    root.finish(problems);
    let framework = Framework {
        name: name?.text,
        title: title?.text,
        version: version?.text,
        url: url?.text,
        path: path.to_owned(),
        sections,
    };
    (!problems.refused()).then_some(framework)
}

fn read_section(mut section: TomlSection<'_, '_>, controls: &ControlIds, problems: &mut Problems) -> Option<Section> {
    let id = section.required_text("id", problems);
    let title = section.required_text("title", problems);
    let named = section.texts("controls", problems).unwrap_or_default();
    if named.is_empty() {
        problems
            .refuse(section.place(), "the section names no control")
            .hint("leave out sections that no control speaks to");
    }
    for control in &named {
        let at = section.place_of(control);
        match controls.get(&control.text) {
            None => {
                let hint = nearest::nearest(&control.text, controls.keys().map(String::as_str)).map_or_else(
                    || "`idscore controls list` has all ids".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                problems.refuse(at, format!("there is no control `{}`", control.text)).hint(hint);
            }
            Some(Some(ControlStatus::Deprecated)) => {
                problems.flaw(at, format!("the control `{}` is deprecated", control.text)).hint("remove it here");
            }
            Some(_) => {}
        }
    }
    section.finish(problems);
    Some(Section {
        id: id?.text,
        title: title?.text,
        controls: named.into_iter().map(|control| control.text).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framework_is_called_by_its_title_and_its_edition_once() {
        let name = |title: &str, version: &str| {
            let (name, url, path) = (String::new(), String::new(), PathBuf::new());
            Framework { name, title: title.into(), version: version.into(), url, path, sections: vec![] }.full_name()
        };
        assert_eq!(name("NIST SP 800-53", "Revision 5"), "NIST SP 800-53 Revision 5");
        assert_eq!(name("MITRE ATT&CK for Enterprise", "Enterprise"), "MITRE ATT&CK for Enterprise");
    }
}
