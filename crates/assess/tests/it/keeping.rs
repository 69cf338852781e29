//! Evidence that is handed on while it is found is the evidence that is kept in memory.

use std::collections::BTreeMap;

use idscore_assess::{Configuration, Evidence, EvidenceRow, Judgement, assess, assess_keeping};
use idscore_catalogue::Catalogue;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};

type Rows = BTreeMap<String, Vec<EvidenceRow>>;

fn snapshot(tenant: &str) -> (tempfile::TempDir, Snapshot) {
    let folder = tempfile::tempdir().unwrap();
    let export = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(tenant);
    let path = folder.path().join("snapshot");
    write_snapshot(&export, &path, &ReadOptions::default()).unwrap();
    (folder, Snapshot::open(&path).unwrap())
}

fn keeping(snapshot: &Snapshot, rows: usize) -> (Judgement, Rows) {
    let mut handed: Rows = BTreeMap::new();
    let mut sink = |id: &str, rows: Vec<EvidenceRow>| {
        handed.entry(id.to_owned()).or_default().extend(rows);
        Ok(())
    };
    let catalogue = Catalogue::embedded().unwrap();
    let judgement = assess_keeping(snapshot, &catalogue, &Configuration::default(), rows, &mut sink).unwrap();
    (judgement, handed)
}

#[test]
fn what_is_handed_on_and_what_stays_are_together_all_that_was_found() {
    for tenant in ["risky", "partial-permissions"] {
        let (_folder, snapshot) = snapshot(tenant);
        let whole =
            assess(&snapshot, &Catalogue::embedded().unwrap(), &Configuration::default(), &Evidence::First(usize::MAX))
                .unwrap();
        let (judgement, handed) = keeping(&snapshot, usize::MAX);
        assert_eq!(judgement.evidence.keys().collect::<Vec<_>>(), whole.evidence.keys().collect::<Vec<_>>());
        for (id, rows) in &whole.evidence {
            let kept = handed.get(id).unwrap_or(&judgement.evidence[id]);
            assert_eq!(kept, rows, "{tenant} {id}");
        }
        assert!(handed.keys().any(|id| whole.evidence.contains_key(id)));
    }
}

#[test]
fn beyond_the_first_rows_whoever_is_privileged_is_kept() {
    let (_folder, snapshot) = snapshot("risky");
    let (_, all) = keeping(&snapshot, usize::MAX);
    let (_, few) = keeping(&snapshot, 1);
    let (mut beyond, mut left) = (0, 0);
    for (id, rows) in &all {
        let wanted: Vec<_> = rows
            .iter()
            .enumerate()
            .filter(|(at, row)| *at < 1 || row.urgency.is_privileged())
            .map(|(_, row)| row.clone())
            .collect();
        beyond += wanted.len() - 1;
        left += rows.len() - wanted.len();
        assert_eq!(few[id], wanted, "{id}");
    }
    assert!(beyond > 0 && left > 0, "{beyond} {left}");
}

#[test]
fn evidence_that_nobody_can_keep_ends_the_judging_with_its_cause() {
    let (_folder, snapshot) = snapshot("risky");
    let mut sink = |_: &str, _: Vec<EvidenceRow>| Err("the disk is full".into());
    let catalogue = Catalogue::embedded().unwrap();
    let error = assess_keeping(&snapshot, &catalogue, &Configuration::default(), 10, &mut sink).unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the disk is full");
}
