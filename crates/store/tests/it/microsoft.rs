//! Microsoft's own days and averages come with the first snapshot.

use idscore_history::instants::date_of;
use idscore_history::{Basis, Cause};
use idscore_score::{Outcome, Set};
use idscore_store::Archive;

use crate::archive::keep;
use crate::support::database;

async fn open(folder: &tempfile::TempDir) -> Archive {
    Archive::open(folder.path(), database().await.as_deref()).await.unwrap()
}

#[tokio::test]
async fn the_days_before_the_first_snapshot_are_microsofts() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(&folder).await;
    let tenant = keep(&archive, "risky").await.assessment.tenant_id;
    let trend = archive.history.trend(&tenant, 0, 99_999).await.unwrap();
    let shown: Vec<_> = trend
        .iter()
        .map(|point| (date_of(point.day).unwrap().to_string(), point.cause, point.core.current_score))
        .collect();
    let theirs = |day: &str, points| (day.to_owned(), Cause::Microsoft, points);
    assert_eq!(shown[..3], [theirs("2026-11-17", 27.5), theirs("2026-11-18", 27.5), theirs("2026-11-19", 27.75)]);
    assert_eq!((shown.len(), shown[3].1), (4, Cause::Snapshot));
    assert_eq!((trend[2].core.max_score, trend[2].core.compat_percent), (66.0, 42.05));
    assert_eq!(trend[2].extended.max_score, 0.0);
}

#[tokio::test]
async fn points_and_counts_are_as_served_and_other_categories_stay_out() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(&folder).await;
    let tenant = keep(&archive, "careful").await.assessment.tenant_id;
    let days = archive.history.newest_per_day(&tenant, 0, 99_999, 9).await.unwrap();
    let theirs: Vec<_> = days.iter().filter(|day| day.cause == Cause::Microsoft).collect();
    assert_eq!(theirs.len(), 3);
    let admin = theirs[0].control("AdminMFAV2").unwrap();
    assert_eq!((admin.score, admin.max_score, admin.outcome), (Some(6.0), Some(10.0), Outcome::Partial));
    assert_eq!((admin.count, admin.total, admin.set), (3, 5, Set::Core));
    assert!(theirs.iter().all(|day| day.control("meeting_restrictanonymousjoin_v1").is_none()));
    for day in theirs {
        let sum: f64 = day.controls.iter().filter_map(|control| control.score).sum();
        assert!((sum - day.core.current_score).abs() < 1e-9);
    }
}

#[tokio::test]
async fn the_same_export_again_adds_nothing_of_microsofts() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(&folder).await;
    let tenant = keep(&archive, "risky").await.assessment.tenant_id;
    let count = |entries: Vec<idscore_store::AuditEntry>| {
        entries.iter().filter(|entry| entry.detail.contains(r#""cause":"microsoft""#)).count()
    };
    let first = archive.history.peer_averages(&tenant, 0, 99_999).await.unwrap();
    keep(&archive, "risky").await;
    assert_eq!(archive.history.peer_averages(&tenant, 0, 99_999).await.unwrap(), first);
    assert_eq!(count(archive.history.audit(Some(&tenant), 0, 99).await.unwrap()), 3);
    assert_eq!(first.len(), 6);
    let (all, size) = (&first[0], &first[1]);
    assert_eq!((all.basis, all.identity_score, all.seats_from), (Basis::AllTenants, Some(41.6), None));
    assert_eq!((size.basis, size.seats_from, size.seats_to), (Basis::TotalSeats, Some(1), Some(100)));
    assert_eq!(size.identity_percent(), Some(100.0 * 40.7 / 61.3));
}

#[tokio::test]
async fn microsofts_number_has_no_place_among_the_tenants() {
    let folder = tempfile::tempdir().unwrap();
    let archive = open(&folder).await;
    let kept = keep(&archive, "risky").await.assessment;
    let days = archive.history.cohort_days("all", 0, 99_999).await.unwrap();
    let shown: Vec<_> = days.iter().map(|day| (day.day, day.scores.clone())).collect();
    assert_eq!(shown, [(kept.day(), idscore_history::Ascending::of(&[kept.core.compat_percent]))]);
}
