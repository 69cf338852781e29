//! Which entries were emptied, and by which deletion of a tenant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::chain::{FIRST, SECOND};
use super::rows;
use crate::database::Kind;
use crate::error::{HistoryError, doing};

/// The action of an entry that names what it emptied.
pub(crate) const DELETE: &str = "tenant.delete";
/// Deletions read at a time; what one names may be long.
const PAGE: i64 = 16;

/// Numbers of entries, first and last of each run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// Adds a number above all others.
    pub(crate) fn push(&mut self, sequence: i64) {
        match self.0.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(sequence) => *last = sequence,
            _ => self.0.push((sequence, sequence)),
        }
    }

    /// How many numbers; none where they are no ascending runs between 1 and `before`.
    fn count(&self, before: i64) -> Option<i64> {
        let (mut count, mut floor) = (0_i64, 0);
        for &(first, last) in &self.0 {
            if first <= floor || last < first || last >= before {
                return None;
            }
            count = count.checked_add(last - first + 1)?;
            floor = last;
        }
        Some(count)
    }
}

/// What the detail of a deletion says of the log.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    emptied_entries: i64,
    emptied: Ranges,
}

/// A deletion of a tenant.
struct Deletion {
    tenant_id: String,
    emptied: i64,
}

/// All that deletions say. It takes 24 bytes for each run of entries that one emptied, and no more.
#[derive(Default)]
pub(crate) struct Emptied {
    /// Runs with the deletion that names them, ascending.
    runs: Vec<(i64, i64, i64)>,
    deletions: BTreeMap<i64, Deletion>,
    /// The last deletion of each tenant in the first format, which names no entry.
    of_first_format: BTreeMap<String, i64>,
}

impl Emptied {
    /// Reads what deletions say. What can't be read is left out: whoever follows the chain finds it broken there.
    pub(crate) async fn read(connection: &mut AnyConnection, kind: Kind) -> Result<Self, HistoryError> {
        let failed = doing("read the audit log");
        let columns = rows::columns(kind);
        let sql = format!(
            "SELECT {columns} FROM audit WHERE action = '{DELETE}' AND audit.sequence > $1 ORDER BY audit.sequence LIMIT {PAGE}"
        );
        let (mut emptied, mut after) = (Self::default(), 0_i64);
        loop {
            let page = sqlx::query(AssertSqlSafe(sql.as_str())).bind(after).fetch_all(&mut *connection).await;
            let page = page.map_err(&failed)?;
            for row in &page {
                after = row.try_get::<i64, _>("sequence").map_err(&failed)?.max(after.saturating_add(1));
                if let Ok(entry) = rows::read(row).map_err(&failed)? {
                    emptied.add(entry.format, entry.sequence, entry.tenant_id, &entry.detail);
                }
            }
            if page.is_empty() {
                emptied.runs.sort_unstable();
                return Ok(emptied);
            }
        }
    }

    fn add(&mut self, format: i64, sequence: i64, tenant_id: String, detail: &str) {
        if format == FIRST {
            self.of_first_format.insert(tenant_id, sequence);
        } else if format == SECOND
            && let Ok(said) = serde_json::from_str::<Said>(detail)
            && said.emptied.count(sequence) == Some(said.emptied_entries)
        {
            self.runs.extend(said.emptied.0.iter().map(|(first, last)| (*first, *last, sequence)));
            self.deletions.insert(sequence, Deletion { tenant_id, emptied: said.emptied_entries });
        }
    }

    /// The deletion that names an entry.
    fn named(&self, sequence: i64) -> Option<(i64, &Deletion)> {
        let after = self.runs.partition_point(|(first, ..)| *first <= sequence);
        let &(_, last, by) = self.runs.get(after.checked_sub(1)?)?;
        (sequence <= last).then(|| self.deletions.get(&by).map(|deletion| (by, deletion))).flatten()
    }

    /// The number of the deletion that says that it emptied an entry.
    pub(crate) fn by(&self, sequence: i64) -> Option<i64> {
        self.named(sequence).map(|(by, _)| by)
    }

    /// Whether a deletion of the tenant names an entry.
    pub(crate) fn names(&self, sequence: i64, tenant_id: &str) -> bool {
        self.named(sequence).is_some_and(|(_, deletion)| deletion.tenant_id == tenant_id)
    }

    /// Whether the tenant was deleted after an entry, as the first format says it.
    pub(crate) fn before_the_seal(&self, sequence: i64, tenant_id: &str) -> bool {
        self.of_first_format.get(tenant_id).is_some_and(|last| sequence < *last)
    }

    /// How many entries a deletion says that it emptied.
    pub(crate) fn count(&self, deletion: i64) -> Option<i64> {
        self.deletions.get(&deletion).map(|deletion| deletion.emptied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emptied(entries: &[(i64, &str, &str)]) -> Emptied {
        let mut emptied = Emptied::default();
        for (sequence, tenant, detail) in entries {
            emptied.add(SECOND, *sequence, (*tenant).to_owned(), detail);
        }
        emptied.runs.sort_unstable();
        emptied
    }

    #[test]
    fn numbers_in_a_row_are_one_run() {
        let mut ranges = Ranges::default();
        for sequence in [1, 2, 3, 7, 9, 10] {
            ranges.push(sequence);
        }
        assert_eq!(serde_json::json!(ranges), serde_json::json!([[1, 3], [7, 7], [9, 10]]));
        assert_eq!((ranges.count(11), ranges.count(10)), (Some(6), None));
    }

    #[test]
    fn an_entry_is_named_by_the_deletion_of_its_own_tenant_only() {
        let emptied = emptied(&[
            (20, "b", r#"{"emptiedEntries":3,"emptied":[[2,2],[4,5]]}"#),
            (10, "a", r#"{"emptiedEntries":2,"emptied":[[1,1],[3,3]]}"#),
        ]);
        assert_eq!(
            [1, 2, 3, 4, 5, 6].map(|one| emptied.by(one)),
            [Some(10), Some(20), Some(10), Some(20), Some(20), None]
        );
        assert!(emptied.names(4, "b") && !emptied.names(4, "a") && !emptied.names(6, "b"));
        assert_eq!(emptied.count(20), Some(3));
    }

    #[test]
    fn a_deletion_that_contradicts_itself_names_nothing() {
        for detail in [
            r#"{"emptiedEntries":2,"emptied":[[1,1]]}"#,
            r#"{"emptiedEntries":10,"emptied":[[1,10]]}"#,
            r#"{"emptiedEntries":2,"emptied":[[3,3],[1,1]]}"#,
            r#"{"emptiedEntries":-1,"emptied":[[3,1]]}"#,
            r#"{"emptiedEntries":2,"emptied":[[-9223372036854775808,9223372036854775807]]}"#,
            r#"{"emptiedEntries":1}"#,
            "",
        ] {
            assert_eq!(emptied(&[(10, "a", detail)]).by(1), None, "{detail}");
        }
    }
}
