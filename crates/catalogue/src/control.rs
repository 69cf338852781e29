//! One control: an improvement action with its rule, its texts and its cases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use idscore_score::{License, Outcome, Points, Profile, Scoring, Set};
use jiff::Timestamp;

use crate::predicate::Predicate;
use crate::tables::Table;

mod cases;
mod lint;
mod markdown;
mod read;
mod rules;
#[cfg(test)]
mod tests;

pub use cases::CASE_TAKEN_AT;
pub(crate) use read::{ControlFile, read};

/// One improvement action, as its file says.
#[derive(Debug, Clone)]
pub struct Control {
    /// The file's name without `.md`; Microsoft's ids are kept, an id is never reused.
    pub id: String,
    /// The folder it lies in, such as `conditional-access`.
    pub area: String,
    /// The file.
    pub path: PathBuf,
    /// A sentence in the imperative.
    pub title: String,
    /// Which percentage it counts towards.
    pub set: Set,
    /// What it is worth.
    pub points: Points,
    /// How points follow from rows.
    pub scoring: Scoring,
    /// Whether it is in use.
    pub status: ControlStatus,
    /// The version that brought it.
    pub since: String,
    /// What the tenant needs to be able to do it.
    pub license: Vec<License>,
    /// Over the tenant row: false is not applicable, NULL not assessed.
    pub applies: Predicate,
    /// What people notice.
    pub user_impact: Level,
    /// What it takes.
    pub effort: Level,
    /// `core`, `defenseInDepth` or `advanced`.
    pub tier: String,
    /// Such as `AzureAD`.
    pub service: String,
    /// Where to change it.
    pub action_url: Option<String>,
    /// Graph's recommendation type.
    pub recommendation_type: Option<String>,
    /// Graph's threat words, such as `accountBreach`.
    pub threats: Vec<String>,
    /// The rule under each profile.
    pub checks: BTreeMap<Profile, Check>,
    /// What a reader of the result is told besides the outcome.
    pub notes: Vec<Note>,
    /// Why it matters: the text before the first heading, Markdown.
    pub why: String,
    /// What to do, Markdown.
    pub fix: String,
    /// What people notice, Markdown; may be empty.
    pub user_impact_text: String,
    /// What the data cannot show, Markdown; may be empty.
    pub limits: String,
    /// Examples with the outcome they must give.
    pub cases: Vec<Case>,
}

/// Whether a control is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlStatus {
    /// Shown, may still change.
    Preview,
    /// In use.
    Stable,
    /// Kept for its id; judged no more.
    Deprecated,
}

/// How much people notice, or how much work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    None,
    /// A little.
    Low,
    /// Some.
    Moderate,
    /// A lot.
    High,
}

/// The rule of a control under one profile.
#[derive(Debug, Clone)]
pub struct Check {
    /// The judged table; one row is one judged object.
    pub of: &'static Table,
    /// Which rows are judged; NULL makes a row unknown.
    pub filter: Predicate,
    /// What is asked of each.
    pub rule: Rule,
    /// Which columns tell a person why a row lost.
    pub evidence: Vec<String>,
    /// For a control of the `tenant` table: the rows that stand behind its numbers.
    pub evidence_rows: Option<EvidenceRows>,
}

/// What is asked of each row.
#[derive(Debug, Clone)]
pub enum Rule {
    /// TRUE met, FALSE not met, NULL not assessed.
    Met(Predicate),
    /// Points for each part.
    Parts(Vec<Part>),
    /// A review recorded within this many days; fades to nothing at twice that.
    Task {
        /// The period in days.
        every_days: u32,
    },
    /// An attestation with owner, reason and expiry.
    Attested,
}

/// One part of a graded rule.
#[derive(Debug, Clone)]
pub struct Part {
    /// What the part is about.
    pub title: String,
    /// What it is worth.
    pub points: Points,
    /// When it is met.
    pub met: Predicate,
}

/// Rows of another table that stand behind a control of the `tenant` table.
#[derive(Debug, Clone)]
pub struct EvidenceRows {
    /// The table.
    pub of: &'static Table,
    /// Which rows.
    pub filter: Predicate,
    /// What to show of each.
    pub columns: Vec<String>,
}

/// A remark on a result; it changes no points.
#[derive(Debug, Clone)]
pub struct Note {
    /// The table whose rows are looked at.
    pub of: &'static Table,
    /// Which rows cause the remark.
    pub when: Predicate,
    /// What is said; `{count}` stands for the number of such rows.
    pub says: String,
    /// The profiles under which it is said.
    pub profiles: Vec<Profile>,
}

/// An example in a control's file.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its heading.
    pub title: String,
    /// The line of the heading in the file, from 1.
    pub line: usize,
    /// The profile, `standard` unless the case says otherwise.
    pub profile: Profile,
    /// The snapshot's instant, [`CASE_TAKEN_AT`] unless the case says otherwise.
    pub taken_at: Timestamp,
    /// The outcome it must give.
    pub outcome: Outcome,
    /// `met of total`, where the case says so.
    pub counts: Option<(u64, u64)>,
    /// The tables by name: columns and rows of cells; an empty cell is NULL, and so is a column that is left out.
    pub tables: BTreeMap<String, CaseTable>,
}

/// A table in a case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseTable {
    /// The columns, in order; the first cell of each row is a label and has no column.
    pub columns: Vec<String>,
    /// The rows: a label and one cell per column.
    pub rows: Vec<(String, Vec<Option<String>>)>,
}
