//! Reads one control file, and notes every mistake in it.

use std::path::Path;

use idscore_score::{License, Set};

use super::{Control, ControlStatus, Level, cases, lint, markdown, rules};
use crate::columns::Columns;
use crate::document::{Document, Section, Text};
use crate::nearest;
use crate::predicate::Predicate;
use crate::problem::Problems;
use crate::words::{LEVELS, LICENSES, SCORINGS, SETS, STATUSES, THREATS, TIERS};

/// A control file, as far as reading it needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ControlFile<'a> {
    /// Where it lies.
    pub(crate) path: &'a Path,
    /// The folder it lies in.
    pub(crate) area: &'a str,
    /// What it says.
    pub(crate) text: &'a str,
    /// Part of the program, not an organisation's own.
    pub(crate) built_in: bool,
}

/// The control of a file, when its meaning is clear.
pub(crate) fn read(file: ControlFile<'_>, columns: &Columns, problems: &mut Problems) -> Option<Control> {
    let id = file.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if !is_id(id) {
        problems
            .refuse(1, format!("`{id}` is no control id: it names the file"))
            .hint("letters, digits, `_` and `-`, beginning with a letter, at most 100");
    }
    let parts = markdown::split(file.text, problems)?;
    let document = Document::new(parts.front_matter, 2);
    let mut syntax = Problems::of(file.path);
    let table = document.parse(&mut syntax);
    let well_formed = !syntax.refused();
    problems.extend(syntax);
    // In half a front matter every key after the mistake would seem to be missing.
    let front =
        well_formed.then(|| FrontMatter::read(Section::root(document, &table), file, columns, problems)).flatten();
    for section in &parts.sections {
        if !markdown::HEADINGS.contains(&section.heading) {
            let hint = nearest::hint(section.heading, markdown::HEADINGS.iter().copied());
            problems.refuse(section.line, format!("unknown heading `{}`", section.heading)).maybe_hint(hint);
        }
    }
    let text = |heading: &str, problems: &mut Problems| {
        let mut found = parts.sections.iter().filter(|section| section.heading == heading);
        let first = found.next();
        for second in found {
            problems.refuse(second.line, format!("a second heading `{heading}`"));
        }
        first.map(markdown::Section::text)
    };
    let why = parts.why.text();
    if why.is_empty() {
        problems.flaw(parts.why.line, "the control does not say why it matters").hint("text before the first heading");
    }
    let fix = text("Fix", problems).unwrap_or_default();
    if fix.is_empty() {
        problems.flaw(parts.why.line, "the control does not say how to fix it").hint("text under `## Fix`");
    }
    let user_impact_text = text("User impact", problems).unwrap_or_default();
    let limits = text("Limits", problems).unwrap_or_default();
    text("Cases", problems);
    let read_cases = parts
        .sections
        .iter()
        .find(|section| section.heading == "Cases")
        .map(|section| cases::read(section, problems))
        .unwrap_or_default();
    let front = front?;
    let control = Control {
        id: id.to_owned(),
        area: file.area.to_owned(),
        path: file.path.to_owned(),
        why,
        fix,
        user_impact_text,
        limits,
        cases: read_cases.iter().map(|read| read.case.clone()).collect(),
        ..front.control
    };
    lint::cases(&control, &read_cases, columns, problems);
    lint::outcomes(&control, &front.replaced, columns, parts.why.line, problems);
    (!problems.refused()).then_some(control)
}

/// A word that can name a file on every system.
fn is_id(id: &str) -> bool {
    id.len() <= 100
        && id.starts_with(|first: char| first.is_ascii_alphabetic())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// What stands between the `+++` lines: a control without its texts, and the profiles that replace rules.
struct FrontMatter {
    control: Control,
    replaced: Vec<idscore_score::Profile>,
}

impl FrontMatter {
    fn read(
        mut root: Section<'_, '_>,
        file: ControlFile<'_>,
        columns: &Columns,
        problems: &mut Problems,
    ) -> Option<Self> {
        let title = root.required_text("title", problems);
        let set = root.required_word("set", SETS, problems);
        if set == Some(Set::Core) && !file.built_in {
            problems
                .refuse(root.place_of_key("set"), "`core` is Microsoft's headline and not open to own controls")
                .hint("write `set = \"extended\"`");
        }
        let points = rules::points(&mut root, problems);
        let scoring = root.required_word("scoring", SCORINGS, problems);
        let status = root.word("status", STATUSES, problems).unwrap_or(ControlStatus::Stable);
        let since = root.required_text("since", problems);
        if let Some(since) = &since
            && !is_version(&since.text)
        {
            problems.refuse(root.place_of(since), format!("`{}` is no version", since.text)).hint("such as 0.1.0");
        }
        let license: Vec<License> =
            root.words("license", LICENSES, problems).into_iter().map(|(_, license)| license).collect();
        let applies = match root.text("applies", problems) {
            Some(text) => root.predicate(&text, columns.of("tenant"), problems),
            None => Some(Predicate::always()),
        };
        let user_impact = root.required_word("user_impact", LEVELS, problems);
        let effort = root.required_word("effort", LEVELS, problems);
        if effort == Some(Level::None) {
            problems.refuse(root.place_of_key("effort"), "no action is without effort").hint("low, moderate or high");
        }
        let tier = root.text("tier", problems);
        if let Some(tier) = &tier
            && !TIERS.iter().any(|(word, ())| *word == tier.text)
        {
            let hint = nearest::hint(&tier.text, TIERS.iter().map(|(word, ())| *word));
            problems.refuse(root.place_of(tier), format!("unknown word `{}` for `tier`", tier.text)).maybe_hint(hint);
        }
        let service = root.text("service", problems);
        let action_url = root.text("action_url", problems);
        if let Some(url) = &action_url
            && !url.text.starts_with("https://")
        {
            problems.refuse(root.place_of(url), "`action_url` must begin with https://");
        }
        let recommendation_type = root.text("recommendation_type", problems);
        let threats = root.words("threats", THREATS, problems);
        let rules = rules::read(&mut root, scoring, points.as_ref(), columns, problems);
        let notes = root
            .sections("note", problems)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|note| rules::note(note, columns, problems))
            .collect();
        root.finish(problems);
        let text = |text: Option<Text>, default: &str| text.map_or_else(|| default.to_owned(), |text| text.text);
        let rules = rules?;
        let control = Control {
            id: String::new(),
            area: String::new(),
            path: file.path.to_owned(),
            title: title?.text,
            set: set?,
            points: points?,
            scoring: scoring?,
            status,
            since: since?.text,
            license,
            applies: applies?,
            user_impact: user_impact?,
            effort: effort?,
            tier: text(tier, "core"),
            service: text(service, "AzureAD"),
            action_url: action_url.map(|url| url.text),
            recommendation_type: recommendation_type.map(|text| text.text),
            threats: threats.into_iter().map(|(text, ())| text.text).collect(),
            checks: rules.checks,
            notes,
            why: String::new(),
            fix: String::new(),
            user_impact_text: String::new(),
            limits: String::new(),
            cases: Vec::new(),
        };
        Some(Self { control, replaced: rules.replaced })
    }
}

/// Three numbers with points between them.
fn is_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    numbers.len() == 3
        && numbers
            .iter()
            .all(|number| !number.is_empty() && number.len() <= 5 && number.bytes().all(|byte| byte.is_ascii_digit()))
}
