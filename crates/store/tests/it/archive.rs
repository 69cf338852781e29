//! Snapshots, evidence and assessments are kept together.

use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_history::{ActionChange, Cause, Mark, invented};
use idscore_score::{Set, Status};
use idscore_snapshot::{ReadOptions, write_snapshot};
use idscore_store::{Archive, Change};

use crate::support::{Store, actor, database, kept, tenant};

pub async fn keep(archive: &Archive, tenant: &str) -> idscore_store::Kept {
    keep_by(archive, tenant, &Configuration::default()).await
}

pub async fn keep_by(archive: &Archive, tenant: &str, configuration: &Configuration) -> idscore_store::Kept {
    let export = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(tenant);
    let folder = tempfile::tempdir_in(archive.incoming().unwrap()).unwrap();
    let snapshot = folder.path().join("snapshot");
    write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
    archive.keep(&actor(), &snapshot, &Catalogue::embedded().unwrap(), configuration).await.unwrap()
}

#[tokio::test]
async fn a_snapshot_is_kept_with_its_evidence_and_a_reference_to_both() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let kept = keep(&archive, "risky").await;
    let newest = archive.history.newest(&kept.assessment.tenant_id).await.unwrap().unwrap();
    assert!(idscore_snapshot::is_snapshot(&archive.snapshot(&newest).unwrap()));
    let found = archive.evidence(&newest, "AdminMFAV2", "").await.unwrap();
    let rows = archive.rows(&found, 0..found.found()).await.unwrap();
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

#[tokio::test]
async fn what_dead_programs_left_is_gone_when_the_next_one_opens_and_what_others_work_on_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::empty().await;
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let at_work = archive.passing("upload-").unwrap();
    std::fs::write(at_work.path().join("export.zip"), "half").unwrap();
    let incoming = archive.incoming().unwrap();
    for left in ["snapshot-x/half", "evidence-y"] {
        std::fs::create_dir_all(incoming.join(left)).unwrap();
    }
    std::fs::write(incoming.join("upload-z"), "").unwrap();
    Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    assert!(at_work.path().join("export.zip").is_file());
    drop(at_work);
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
}

#[tokio::test]
async fn files_that_were_put_into_their_places_and_never_named_are_gone_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::empty().await;
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let kept = keep(&archive, "risky").await.assessment;
    let (snapshot, evidence) = (folder.path().join(&kept.snapshot), folder.path().join(&kept.evidence));
    let other = [snapshot.with_file_name("other-1"), evidence.with_file_name("other-1.parquet")];
    std::fs::create_dir(&other[0]).unwrap();
    std::fs::write(&other[1], "").unwrap();
    // As a program leaves it that was killed before its database said a word, and one that was killed after.
    let left = folder.path().join("incoming/evidence-left");
    std::fs::create_dir_all(&left).unwrap();
    let relative = |path: &std::path::Path| path.strip_prefix(folder.path()).unwrap().display().to_string();
    let places = [&other[0], &other[1], &snapshot, &evidence].map(|path| relative(path));
    let note = serde_json::json!({"tenant": kept.tenant_id, "places": places});
    std::fs::write(left.join("places.json"), note.to_string()).unwrap();
    Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    assert!(!other[0].exists() && !other[1].exists(), "no row names them");
    assert!(snapshot.is_dir() && evidence.is_file(), "a row names them");
    assert!(!left.exists());
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn a_data_folder_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["100% of it", "what?mode=ro", "number #1", "a&b=c;d", "it's \"so\"", "ümläut 漢字", "a%20b", "file:x"]
    {
        let data = folder.path().join(name).join("data");
        let archive = Archive::open(&data, None).await.unwrap();
        let kept = keep(&archive, "risky").await.assessment;
        archive.history.close().await;
        assert!(data.join("history.db").is_file(), "{name}");
        let again = Archive::open(&data, None).await.unwrap();
        assert_eq!(again.history.newest(&kept.tenant_id).await.unwrap().unwrap().id, kept.id, "{name}");
        let file = folder.path().join(name).join("backup.tar.gz");
        again.backup(&file).await.unwrap();
        let restored = folder.path().join(name).join("restored");
        Archive::restore(&restored, &file).await.unwrap();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 8, "nothing lies elsewhere");
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
