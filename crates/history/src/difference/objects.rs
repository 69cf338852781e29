//! Who loses points on one side only.

use std::collections::BTreeMap;

use idscore_assess::EvidenceRow;
use idscore_score::Outcome;
use serde::Serialize;

use super::Reason;

/// Rows of evidence that are kept of one control, besides everybody privileged; all of them are in the snapshot.
pub const EVIDENCE_ROWS: usize = 100_000;

/// An object that loses points on one side only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Its id.
    pub id: String,
    /// The name people know it by.
    pub name: Option<String>,
    /// What was said about it, on the side on which something was.
    pub why: String,
}

/// The reasons that lie in objects, from the evidence of one control on both sides.
pub(super) fn reasons(before: &[EvidenceRow], after: &[EvidenceRow]) -> Vec<Reason> {
    let complete = is_whole(before.len()) && is_whole(after.len());
    let (was, is) = (by_id(before), by_id(after));
    let only = |here: &BTreeMap<&str, &EvidenceRow>, there: &BTreeMap<&str, &EvidenceRow>, outcome: Outcome| {
        let of = |row: Option<&&EvidenceRow>| row.map(|row| row.outcome);
        here.values()
            .filter(|row| row.outcome == outcome && of(there.get(row.object_id.as_str())) != Some(outcome))
            .map(|row| Object { id: row.object_id.clone(), name: row.name.clone(), why: row.why.clone() })
            .collect::<Vec<_>>()
    };
    let mut reasons = vec![];
    let loses = only(&is, &was, Outcome::NotMet);
    if !loses.is_empty() {
        reasons.push(Reason::LosesPoints { objects: loses, complete });
    }
    let mut no_longer = only(&was, &is, Outcome::NotMet);
    // Of what can't be judged any more nobody knows whether it lost anything.
    no_longer.retain(|object| !is.contains_key(object.id.as_str()));
    if !no_longer.is_empty() {
        reasons.push(Reason::NoLongerLoses { objects: no_longer, complete });
    }
    let unknown = only(&is, &was, Outcome::NotAssessed);
    if !unknown.is_empty() {
        reasons.push(Reason::NoLongerKnown { objects: unknown, complete });
    }
    reasons
}

/// Whether there are no more rows than these. The first version kept no more than ten thousand.
fn is_whole(rows: usize) -> bool {
    rows < EVIDENCE_ROWS && rows != 10_000
}

fn by_id(rows: &[EvidenceRow]) -> BTreeMap<&str, &EvidenceRow> {
    rows.iter().map(|row| (row.object_id.as_str(), row)).collect()
}
