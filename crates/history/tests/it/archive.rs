//! Snapshots, evidence and assessments are kept together.

use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_history::{ActionChange, Archive, Cause, Change, Mark, invented};
use idscore_score::{Set, Status};
use idscore_snapshot::{ReadOptions, write_snapshot};

use crate::support::{actor, database, kept, tenant};

pub async fn keep(archive: &Archive, tenant: &str) -> idscore_history::Kept {
    let export = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(tenant);
    let folder = tempfile::tempdir_in(archive.incoming().unwrap()).unwrap();
    let snapshot = folder.path().join("snapshot");
    write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
    archive.keep(&actor(), &snapshot, &Catalogue::embedded().unwrap(), &Configuration::default()).await.unwrap()
}

#[tokio::test]
async fn a_snapshot_is_kept_with_its_evidence_and_a_reference_to_both() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let kept = keep(&archive, "risky").await;
    let newest = archive.history.newest(&kept.assessment.tenant_id).await.unwrap().unwrap();
    assert!(idscore_snapshot::is_snapshot(&archive.snapshot(&newest).unwrap()));
    let rows = archive.evidence(&newest, "AdminMFAV2").unwrap();
    assert_eq!(rows.len(), 7);
    // All seven are privileged: who has no method comes first.
    let mut told = kept.judgement.evidence["AdminMFAV2"].clone();
    assert!(told.iter().all(|row| row.urgency.is_privileged()));
    told.sort_by_key(|row| row.urgency);
    assert!(told.first().unwrap().urgency.is_without_method());
    assert_eq!(serde_json::to_value(&rows).unwrap(), serde_json::to_value(&told).unwrap());
    let tenant = archive.history.tenant(&newest.tenant_id).await.unwrap();
    assert_eq!((tenant.display_name.as_str(), tenant.seats), ("Fabrikam Logistics", Some(25)));
}

#[tokio::test]
async fn decisions_hold_for_the_next_snapshot_and_the_same_instant_again_is_a_reassessment() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let first = keep(&archive, "risky").await;
    assert_eq!((first.assessment.cause, first.previous), (Cause::Snapshot, None));
    let change =
        ActionChange { control_id: "AdminMFAV2".to_owned(), status: Some(Status::Planned), ..ActionChange::default() };
    let tenant_id = &first.assessment.tenant_id;
    archive.history.update_actions(&actor(), tenant_id, &[change], first.assessment.assessed_at).await.unwrap();
    let second = keep(&archive, "risky").await;
    assert_eq!(second.assessment.cause, Cause::Reassessment);
    assert_eq!(second.assessment.control("AdminMFAV2").unwrap().status, Status::Planned);
    let (shown, kept) = (second.shown(), &second.assessment);
    assert_eq!(idscore_history::SetNumbers::from(&shown.core), kept.core, "what is shown is what was kept");
    for (result, control) in shown.controls.iter().zip(&kept.controls) {
        let points = result.score.as_ref().map(idscore_score::Points::to_f64);
        assert_eq!((&result.id, points, result.status), (&control.id, control.score, control.status));
    }
    assert_ne!(archive.snapshot(&first.assessment), archive.snapshot(&second.assessment));
}

#[tokio::test]
async fn a_kept_control_is_the_result_that_was_judged_with_its_exact_points() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let kept = keep(&archive, "risky").await;
    let newest = archive.history.newest(&kept.assessment.tenant_id).await.unwrap().unwrap();
    for result in &kept.judgement.assessment.controls {
        let again = newest.result(&result.id).unwrap();
        assert_eq!((&again.score, &again.impact_percent), (&result.score, &result.impact_percent), "{}", result.id);
        assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(result).unwrap());
    }
    assert!(newest.result("nothing").is_none());
}

#[tokio::test]
async fn without_a_decision_what_is_shown_is_what_was_judged() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let kept = keep(&archive, "careful").await;
    let json = |assessment| serde_json::to_value(assessment).unwrap();
    assert_eq!(json(&kept.shown()), json(&kept.judgement.assessment));
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_folder_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    Archive::open(&data, None).await.unwrap();
    assert_eq!(std::fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn a_backup_restores_database_snapshots_and_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(&folder.path().join("it's data"), None).await.unwrap();
    let kept = keep(&archive, "risky").await.assessment;
    let file = folder.path().join("backup.tar.gz");
    archive.backup(&file).await.unwrap();
    let restored = folder.path().join("restored");
    let verified = Archive::restore(&restored, &file).await.unwrap();
    assert_eq!(verified, archive.history.verify_audit().await.unwrap());
    let again = Archive::open(&restored, None).await.unwrap();
    let newest = again.history.newest(&kept.tenant_id).await.unwrap().unwrap();
    assert_eq!((&newest.id, newest.core), (&kept.id, kept.core));
    assert_eq!(again.evidence(&newest, "AdminMFAV2").unwrap().len(), 7);
    assert!(idscore_snapshot::is_snapshot(&again.snapshot(&newest).unwrap()));
    let refused = Archive::restore(&restored, &file).await;
    assert!(matches!(refused, Err(idscore_history::HistoryError::Invalid { .. })), "it isn't empty");
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn a_damaged_or_foreign_backup_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(&folder.path().join("data"), None).await.unwrap();
    keep(&archive, "risky").await;
    let (file, restored) = (folder.path().join("backup.tar.gz"), folder.path().join("restored"));
    archive.backup(&file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(Archive::restore(&restored, &file).await.is_err());
    let mut foreign = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    foreign.append_link(&mut header, "snapshots/a", "/etc").unwrap();
    std::fs::write(&file, foreign.into_inner().unwrap().finish().unwrap()).unwrap();
    assert!(Archive::restore(&restored, &file).await.is_err());
    assert!(!restored.exists());
}

#[tokio::test]
async fn what_a_killed_program_left_is_swept_away_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let left = archive.incoming().unwrap().join("snapshot-x");
    std::fs::create_dir_all(left.join("half")).unwrap();
    let now = std::time::SystemTime::now();
    archive.sweep(now).unwrap();
    assert!(left.is_dir(), "somebody may be at work");
    archive.sweep(now + std::time::Duration::from_secs(86_500)).unwrap();
    assert!(!left.exists());
}

/// Keeps the tenant `risky` as of an instant, whose policies are as they are after `change`.
async fn keep_at(archive: &Archive, taken_at: &str, change: impl Fn(String) -> String) {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/risky");
    let folder = tempfile::tempdir_in(archive.incoming().unwrap()).unwrap();
    let export = folder.path().join("export");
    let mut folders = vec![(source, export.clone())];
    while let Some((from, to)) = folders.pop() {
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(&from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push((entry.path(), to));
            } else if from.ends_with("policies") {
                std::fs::write(to, change(std::fs::read_to_string(entry.path()).unwrap())).unwrap();
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let snapshot = folder.path().join("snapshot");
    let options = ReadOptions { taken_at: Some(taken_at.parse().unwrap()), ..ReadOptions::default() };
    write_snapshot(&export, &snapshot, &options).unwrap();
    let (catalogue, configuration) = (Catalogue::embedded().unwrap(), Configuration::default());
    archive.keep(&actor(), &snapshot, &catalogue, &configuration).await.unwrap();
}

#[tokio::test]
async fn a_day_is_marked_when_conditional_access_policies_changed() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let same = |text: String| text;
    let switched = |text: String| text.replacen("\"state\": \"enabled\"", "\"state\": \"disabled\"", 1);
    keep_at(&archive, "2026-11-01T06:00:00Z", same).await;
    keep_at(&archive, "2026-11-02T06:00:00Z", same).await;
    keep_at(&archive, "2026-11-03T06:00:00Z", switched).await;
    keep_at(&archive, "2026-11-04T06:00:00Z", switched).await;
    let tenant = archive.history.tenants().await.unwrap().remove(0).id;
    let points = archive.history.trend(&tenant, 0, i64::MAX).await.unwrap();
    let before = std::iter::once(None).chain(points.iter().map(Some));
    let marks: Vec<bool> = points
        .iter()
        .filter(|point| point.cause != Cause::Microsoft)
        .zip(before.filter(|point| point.is_none_or(|point| point.cause != Cause::Microsoft)))
        .map(|(point, before)| point.marks(before, Set::Core).contains(&Mark::PoliciesChanged))
        .collect();
    assert_eq!(marks, [false, false, true, false]);
    // The log says it of the same assessment.
    let log = archive.history.changes(&tenant, None, false, 0, 100).await.unwrap();
    let said = log.entries.iter().filter_map(|change| match change {
        Change::Assessment(step) if step.now.cause != Cause::Microsoft => {
            Some(step.marks(Set::Core).contains(&Mark::PoliciesChanged))
        }
        _ => None,
    });
    assert_eq!(said.collect::<Vec<_>>(), [false, true, false, false]);
}

#[test]
fn an_invented_year_begins_with_policies_one_after_the_other_and_ends_with_those_of_its_template() {
    let mut template = kept("a", "careful", "2026-11-20T06:00:00Z");
    template.details.policies = "as judged".to_owned();
    let year = invented::InventedTenant::of(tenant("a"), 7).history(&template, 365, 1);
    let mut seen: Vec<&str> = year.iter().map(|kept| kept.details.policies.as_str()).collect();
    seen.dedup();
    assert!((2..=4).contains(&seen.len()), "{seen:?}");
    assert_eq!(seen.last(), Some(&"as judged"));
    assert!(invented::fleet(1, 7)[0].history(&template, 10, 1).iter().all(|kept| kept.details.policies.is_empty()));
}
