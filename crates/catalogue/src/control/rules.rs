//! Reads `[check]` and what profiles replace of it, and `[evidence]`.

use std::collections::BTreeMap;

use idscore_score::{Points, Profile, Scoring};

use super::{Check, EvidenceRows, Note, Part, Rule};
use crate::columns::Columns;
use crate::document::{Section, Text};
use crate::nearest;
use crate::predicate::Predicate;
use crate::problem::{Place, Problems};
use crate::tables::{TABLES, Table, table};
use crate::words::{PROFILES, SCORINGS, word};

/// What one `[check]` says, before profiles are laid over each other.
#[derive(Debug, Clone, Default)]
struct RawCheck {
    of: Option<Text>,
    filter: Option<Text>,
    met: Option<Text>,
    evidence: Option<Vec<Text>>,
    every: Option<Text>,
    parts: Option<Vec<RawPart>>,
}

#[derive(Debug, Clone)]
struct RawPart {
    title: String,
    points: Points,
    met: Text,
    place: Place,
}

impl RawCheck {
    fn read(section: &mut Section<'_, '_>, problems: &mut Problems) -> Self {
        Self {
            of: section.text("of", problems),
            filter: section.text("where", problems),
            met: section.text("met", problems),
            evidence: section.texts("evidence", problems),
            every: section.text("every", problems),
            parts: section
                .sections("part", problems)
                .map(|parts| parts.into_iter().filter_map(|part| RawPart::read(part, problems)).collect()),
        }
    }

    fn replaced_by(&self, other: &Self) -> Self {
        Self {
            of: other.of.clone().or_else(|| self.of.clone()),
            filter: other.filter.clone().or_else(|| self.filter.clone()),
            met: other.met.clone().or_else(|| self.met.clone()),
            evidence: other.evidence.clone().or_else(|| self.evidence.clone()),
            every: other.every.clone().or_else(|| self.every.clone()),
            parts: other.parts.clone().or_else(|| self.parts.clone()),
        }
    }
}

impl RawPart {
    fn read(mut section: Section<'_, '_>, problems: &mut Problems) -> Option<Self> {
        let title = section.required_text("title", problems);
        let points = points(&mut section, problems);
        let met = section.required_text("met", problems);
        let place = section.place();
        section.finish(problems);
        Some(Self { title: title?.text, points: points?, met: met?, place })
    }
}

/// `points`: a positive decimal.
pub(super) fn points(section: &mut Section<'_, '_>, problems: &mut Problems) -> Option<Points> {
    let text = section.required_number("points", problems)?;
    match text.text.parse::<Points>() {
        Ok(points) if points.is_positive() => Some(points),
        _ => {
            problems
                .refuse(section.place_of(&text), format!("`{}` is no number of points", text.text))
                .hint("write a number above zero like 9 or 1.5");
            None
        }
    }
}

/// The rule under each profile, and which profiles replace something.
pub(super) struct Rules {
    pub(super) checks: BTreeMap<Profile, Check>,
    pub(super) replaced: Vec<Profile>,
}

/// Reads `[check]`, `[check.<profile>]` and `[evidence]` of a control that is scored this way.
pub(super) fn read(
    root: &mut Section<'_, '_>,
    scoring: Option<Scoring>,
    points: Option<&Points>,
    columns: &Columns,
    problems: &mut Problems,
) -> Option<Rules> {
    let rows = root.section("evidence", problems);
    let Some(mut section) = root.section("check", problems) else {
        if scoring == Some(Scoring::Attested) {
            if let Some(rows) = rows {
                problems.refuse(rows.place(), "an attested control has no rows to show").hint("remove [evidence]");
            }
            let check = without_rows(Rule::Attested)?;
            return Some(Rules { checks: every_profile(&check), replaced: Vec::new() });
        }
        if scoring.is_some() {
            problems.refuse(1, "the control lacks `[check]`").hint("with `of`, `where`, `met` and `evidence`");
        }
        return None;
    };
    let base = RawCheck::read(&mut section, problems);
    let mut replacements = Vec::new();
    for (profile, key) in [(Profile::Compat, "compat"), (Profile::Standard, "standard"), (Profile::Strict, "strict")] {
        if let Some(mut replacement) = section.section(key, problems) {
            replacements.push((profile, RawCheck::read(&mut replacement, problems), replacement.place()));
            replacement.finish(problems);
        }
    }
    let builder = Builder { section: &section, scoring: scoring?, points, columns };
    let evidence_rows = rows.map(|rows| (rows.place(), evidence_rows(rows, columns, problems)));
    let mut checks = BTreeMap::new();
    for profile in [Profile::Compat, Profile::Standard, Profile::Strict] {
        let replacement = replacements.iter().find(|(of, ..)| *of == profile);
        let raw = replacement.map_or_else(|| base.clone(), |(_, replacement, _)| base.replaced_by(replacement));
        let place = replacement.map_or_else(|| section.place(), |(.., place)| *place);
        let Some(mut check) = builder.check(&raw, place, problems) else { continue };
        if let Some((place, rows)) = &evidence_rows {
            if check.of.name == "tenant" && !matches!(check.rule, Rule::Task { .. } | Rule::Attested) {
                check.evidence_rows.clone_from(rows);
            } else {
                problems
                    .refuse(*place, "only a control of the `tenant` table has [evidence]")
                    .hint("the rows of the judged table are the evidence; name columns in check.evidence");
            }
        }
        checks.insert(profile, check);
    }
    section.finish(problems);
    Some(Rules { checks, replaced: replacements.into_iter().map(|(profile, ..)| profile).collect() })
}

fn every_profile(check: &Check) -> BTreeMap<Profile, Check> {
    [Profile::Compat, Profile::Standard, Profile::Strict].into_iter().map(|profile| (profile, check.clone())).collect()
}

/// A check that no rows decide.
fn without_rows(rule: Rule) -> Option<Check> {
    Some(Check { of: table("tenant")?, filter: Predicate::always(), rule, evidence: Vec::new(), evidence_rows: None })
}

/// What all checks of one control share.
struct Builder<'a, 'd, 't> {
    section: &'a Section<'d, 't>,
    scoring: Scoring,
    points: Option<&'a Points>,
    columns: &'a Columns,
}

impl Builder<'_, '_, '_> {
    fn check(&self, raw: &RawCheck, place: Place, problems: &mut Problems) -> Option<Check> {
        self.refuse_misplaced(raw, place, problems);
        match self.scoring {
            Scoring::Task => {
                let Some(every) = &raw.every else {
                    problems.refuse(place, "a task lacks `every`").hint("such as `every = \"P7D\"` in [check]");
                    return None;
                };
                let Some(every_days) = days(&every.text) else {
                    problems
                        .refuse(self.section.place_of(every), format!("`{}` is no period", every.text))
                        .hint("write days or weeks, such as P7D or P4W");
                    return None;
                };
                without_rows(Rule::Task { every_days })
            }
            Scoring::Attested => without_rows(Rule::Attested),
            Scoring::Partial | Scoring::Binary | Scoring::Graded => self.rows(raw, place, problems),
        }
    }

    /// Keys that this scoring has no use for.
    fn refuse_misplaced(&self, raw: &RawCheck, place: Place, problems: &mut Problems) {
        let by_rows = matches!(self.scoring, Scoring::Partial | Scoring::Binary);
        let graded = self.scoring == Scoring::Graded;
        for (key, given, allowed) in [
            ("of", raw.of.is_some(), by_rows || graded),
            ("where", raw.filter.is_some(), by_rows || graded),
            ("met", raw.met.is_some(), by_rows),
            ("evidence", raw.evidence.is_some(), by_rows || graded),
            ("part", raw.parts.is_some(), graded),
            ("every", raw.every.is_some(), self.scoring == Scoring::Task),
        ] {
            if given && !allowed {
                problems
                    .refuse(place, format!("`{key}` has no use when scoring is `{}`", word(SCORINGS, self.scoring)));
            }
        }
    }

    fn rows(&self, raw: &RawCheck, place: Place, problems: &mut Problems) -> Option<Check> {
        let of = judged_table(self.section, raw.of.as_ref(), place, problems)?;
        let columns = self.columns.of(of.name);
        let filter = match &raw.filter {
            Some(text) => self.section.predicate(text, columns, problems),
            None => Some(Predicate::always()),
        };
        let rule = if self.scoring == Scoring::Graded {
            self.parts(raw, of, place, problems).map(Rule::Parts)
        } else if let Some(met) = &raw.met {
            self.section.predicate(met, columns, problems).map(Rule::Met)
        } else {
            problems
                .refuse(place, "the check lacks `met`")
                .hint("a condition: true met, false not met, NULL not assessed");
            None
        };
        let evidence = names(self.section, raw.evidence.as_deref(), of, self.columns, problems);
        if evidence.is_empty() {
            problems
                .flaw(place, "the check lacks `evidence`")
                .hint("name the columns that tell a person why an object loses the points");
        }
        Some(Check { of, filter: filter?, rule: rule?, evidence, evidence_rows: None })
    }

    fn parts(&self, raw: &RawCheck, of: &Table, place: Place, problems: &mut Problems) -> Option<Vec<Part>> {
        let raw_parts = raw.parts.as_deref().unwrap_or_default();
        if raw_parts.is_empty() {
            problems.refuse(place, "a graded control lacks `[[check.part]]`").hint("each with title, points and met");
            return None;
        }
        let sum: Points = raw_parts.iter().map(|part| &part.points).sum();
        if let Some(points) = self.points
            && *points != sum
            && let Some(first) = raw_parts.first()
        {
            let message = format!("the parts sum to {} points, but the control has {}", sum.to_f64(), points.to_f64());
            problems.refuse(first.place, message);
        }
        let columns = self.columns.of(of.name);
        let mut parts = Vec::new();
        for part in raw_parts {
            let met = self.section.predicate(&part.met, columns, problems);
            parts.extend(met.map(|met| Part { title: part.title.clone(), points: part.points.clone(), met }));
        }
        (parts.len() == raw_parts.len()).then_some(parts)
    }
}

fn judged_table(
    section: &Section<'_, '_>,
    name: Option<&Text>,
    place: Place,
    problems: &mut Problems,
) -> Option<&'static Table> {
    let Some(name) = name else {
        problems.refuse(place, "`of` is missing").hint("the table whose rows are judged, such as `users`");
        return None;
    };
    let found = table(&name.text);
    if found.is_none() {
        let hint = nearest::hint(&name.text, TABLES.iter().map(|table| table.name));
        problems.refuse(section.place_of(name), format!("unknown table `{}`", name.text)).maybe_hint(hint);
    }
    found
}

/// Column names that exist in the table.
fn names(
    section: &Section<'_, '_>,
    texts: Option<&[Text]>,
    of: &Table,
    columns: &Columns,
    problems: &mut Problems,
) -> Vec<String> {
    let mut names = Vec::new();
    for text in texts.unwrap_or_default() {
        if columns.column(of.name, &text.text).is_none() {
            let hint = nearest::column_hint(&text.text, columns.of(of.name).iter().map(|column| column.name.as_str()));
            let message = format!("unknown column `{}` of table `{}`", text.text, of.name);
            problems.refuse(section.place_of(text), message).hint(hint);
        }
        names.push(text.text.clone());
    }
    names
}

fn evidence_rows(mut section: Section<'_, '_>, columns: &Columns, problems: &mut Problems) -> Option<EvidenceRows> {
    let of = section.text("of", problems);
    let filter = section.required_text("where", problems);
    let shown = section.texts("columns", problems);
    let place = section.place();
    let of = judged_table(&section, of.as_ref(), place, problems);
    let rows = of.and_then(|of| {
        let shown = names(&section, shown.as_deref(), of, columns, problems);
        if shown.is_empty() {
            problems.refuse(place, "[evidence] lacks `columns`").hint("what to show of each row");
        }
        let filter = section.predicate(&filter?, columns.of(of.name), problems)?;
        Some(EvidenceRows { of, filter, columns: shown })
    });
    section.finish(problems);
    rows
}

/// Reads a `[[note]]`.
pub(super) fn note(mut section: Section<'_, '_>, columns: &Columns, problems: &mut Problems) -> Option<Note> {
    let of = section.text("of", problems);
    let when = section.required_text("when", problems);
    let says = section.required_text("says", problems);
    let named = section.words("profiles", PROFILES, problems);
    let of = judged_table(&section, of.as_ref(), section.place(), problems);
    let note = of.and_then(|of| {
        let when = section.predicate(&when?, columns.of(of.name), problems)?;
        let profiles: Vec<Profile> = if named.is_empty() {
            PROFILES.iter().map(|(_, profile)| *profile).collect()
        } else {
            named.into_iter().map(|(_, profile)| profile).collect()
        };
        Some(Note { of, when, says: says?.text, profiles })
    });
    section.finish(problems);
    note
}

/// `P7D` is 7, `P4W` is 28.
fn days(period: &str) -> Option<u32> {
    let amount = period.strip_prefix('P')?;
    let (amount, factor) = match (amount.strip_suffix('D'), amount.strip_suffix('W')) {
        (Some(days), _) => (days, 1),
        (_, Some(weeks)) => (weeks, 7),
        _ => return None,
    };
    if amount.is_empty() || amount.len() > 4 || !amount.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    amount.parse::<u32>().ok()?.checked_mul(factor).filter(|days| *days > 0)
}
