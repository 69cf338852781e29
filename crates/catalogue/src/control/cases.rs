//! Reads `## Cases`: headings `###`, lines `Expect:`, `Profile:`, `Taken at:`, and tables.

use std::collections::BTreeMap;

use idscore_score::{Outcome, Profile};
use jiff::Timestamp;

use super::markdown::{Section, cells, is_rule};
use super::{Case, CaseTable};
use crate::cell;
use crate::nearest;
use crate::problem::Problems;
use crate::words::{OUTCOMES, PROFILES, Words, meaning};

/// The keys that a case may have.
const KEYS: &[&str] = &["Expect", "Profile", "Taken at"];

/// The instant of every case that doesn't say its own: 2026-11-23T00:00:00Z.
pub const CASE_TAKEN_AT: Timestamp = Timestamp::constant(1_795_392_000, 0);

/// A case and where its tables stand.
#[derive(Debug)]
pub(super) struct ReadCase {
    pub(super) case: Case,
    /// The lines of each table: its head, and each of its rows.
    pub(super) lines: BTreeMap<String, (usize, Vec<usize>)>,
}

/// Reads every case of the section.
pub(super) fn read(section: &Section<'_>, problems: &mut Problems) -> Vec<ReadCase> {
    let mut cases: Vec<Section<'_>> = Vec::new();
    for (number, line) in &section.lines {
        if let Some(title) = line.strip_prefix("### ") {
            cases.push(Section { heading: title.trim(), line: *number, lines: Vec::new() });
        } else if let Some(case) = cases.last_mut() {
            case.lines.push((*number, line));
        } else if !line.trim().is_empty() {
            problems.refuse(*number, "this line belongs to no case").hint("begin the case with a heading `### …`");
        }
    }
    let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &cases {
        if let Some(first) = titles.insert(case.heading, case.line) {
            problems.refuse(case.line, format!("the case of line {first} has the same title"));
        }
    }
    cases.iter().filter_map(|case| read_case(case, problems)).collect()
}

fn read_case(section: &Section<'_>, problems: &mut Problems) -> Option<ReadCase> {
    let mut expected = None;
    let mut read = ReadCase {
        case: Case {
            title: section.heading.to_owned(),
            line: section.line,
            profile: Profile::Standard,
            taken_at: CASE_TAKEN_AT,
            outcome: Outcome::NotAssessed,
            counts: None,
            tables: BTreeMap::new(),
        },
        lines: BTreeMap::new(),
    };
    let mut seen: Vec<&str> = Vec::new();
    let mut lines = section.lines.iter().peekable();
    while let Some(&(number, line)) = lines.next() {
        if let Some(head) = cells(line) {
            let mut rows = Vec::new();
            while let Some((row_number, row)) = lines.next_if(|(_, line)| cells(line).is_some()) {
                rows.push((*row_number, cells(row).unwrap_or_default()));
            }
            read_table(&mut read, number, head, rows, problems);
        } else if let Some((key, value)) = key_and_value(line) {
            let Some(key) = KEYS.iter().find(|known| **known == key) else {
                let hint = nearest::hint(key, KEYS.iter().copied());
                problems.refuse(number, format!("unknown key `{key}` in a case")).maybe_hint(hint);
                continue;
            };
            if seen.contains(key) {
                problems.refuse(number, format!("a second `{key}` in one case"));
            }
            seen.push(key);
            match *key {
                "Expect" => {
                    expected = Some(number);
                    if let Some((outcome, counts)) = expectation(value, number, problems) {
                        read.case.outcome = outcome;
                        read.case.counts = counts;
                    }
                }
                "Profile" => {
                    if let Some(profile) = known_word(value, PROFILES, "profile", number, problems) {
                        read.case.profile = profile;
                    }
                }
                _ => match cell::instant(value) {
                    Some(taken_at) => read.case.taken_at = taken_at,
                    None => {
                        problems
                            .refuse(number, format!("`{value}` is no instant"))
                            .hint("write a date like 2026-11-01, or 2026-11-01T08:00:00Z");
                    }
                },
            }
        }
    }
    if expected.is_none() {
        problems
            .refuse(section.line, format!("the case `{}` lacks a line `Expect: …`", section.heading))
            .hint("such as `Expect: partial 1 of 2`");
        return None;
    }
    Some(read)
}

/// `Key: value`, where the key is a capitalised word or two; other text is explanation.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let like_a_key = key.starts_with(|first: char| first.is_ascii_uppercase())
        && key.len() <= 12
        && key.chars().all(|character| character.is_ascii_alphabetic() || character == ' ');
    like_a_key.then(|| (key, value.trim()))
}

fn known_word<T: Copy>(word: &str, words: &Words<T>, what: &str, line: usize, problems: &mut Problems) -> Option<T> {
    let known = meaning(words, word);
    if known.is_none() {
        let hint = nearest::hint(word, words.iter().map(|(word, _)| *word));
        problems.refuse(line, format!("unknown {what} `{word}`")).maybe_hint(hint);
    }
    known
}

/// What a case must give: an outcome, and `met of total` where it says so.
type Expectation = (Outcome, Option<(u64, u64)>);

/// `partial 1 of 2`, `notAssessed`.
fn expectation(text: &str, line: usize, problems: &mut Problems) -> Option<Expectation> {
    let (word, counts) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let outcome = known_word(word, OUTCOMES, "outcome", line, problems)?;
    if counts.trim().is_empty() {
        return Some((outcome, None));
    }
    let numbers = counts
        .split_once(" of ")
        .and_then(|(met, total)| Some((met.trim().parse::<u64>().ok()?, total.trim().parse::<u64>().ok()?)));
    let Some((met, total)) = numbers else {
        problems.refuse(line, format!("`{}` is no count", counts.trim())).hint("write `Expect: partial 1 of 2`");
        return None;
    };
    let sensible = match outcome {
        Outcome::Met => met == total,
        Outcome::Partial => met < total && met > 0,
        Outcome::NotMet => met < total,
        Outcome::NotApplicable | Outcome::NotAssessed => false,
    };
    if !sensible {
        problems.refuse(line, format!("`{word}` cannot come with {met} of {total}"));
        return None;
    }
    Some((outcome, Some((met, total))))
}

fn read_table(
    read: &mut ReadCase,
    line: usize,
    head: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
    problems: &mut Problems,
) {
    let mut head = head.into_iter();
    let name = head.next().unwrap_or_default();
    let columns: Vec<String> = head.collect();
    for (index, column) in columns.iter().enumerate() {
        if columns.iter().take(index).any(|earlier| earlier == column) {
            problems.refuse(line, format!("the column `{column}` stands twice in the table"));
        }
    }
    let mut rows = rows.into_iter();
    match rows.next() {
        Some((_, rule)) if is_rule(&rule) => {}
        _ => {
            problems.refuse(line, "the table lacks the line `| --- |` under its head");
            return;
        }
    }
    let mut table = CaseTable { columns, rows: Vec::new() };
    let mut lines = Vec::new();
    for (number, row) in rows {
        let cells = row.len();
        if cells != table.columns.len() + 1 {
            let wanted = table.columns.len() + 1;
            problems.refuse(number, format!("the row has {cells} cells, but the head has {wanted}"));
            continue;
        }
        let mut row = row.into_iter();
        let label = row.next().unwrap_or_default();
        if table.rows.iter().any(|(known, _)| *known == label) {
            problems.refuse(number, format!("the label `{label}` stands twice in the table"));
        }
        table.rows.push((label, row.map(|cell| (!cell.is_empty()).then_some(cell)).collect()));
        lines.push(number);
    }
    if read.case.tables.insert(name.clone(), table).is_some() {
        problems.refuse(line, format!("a second table `{name}` in one case"));
    }
    read.lines.insert(name, (line, lines));
}
