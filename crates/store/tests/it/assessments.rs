//! Assessments are kept whole and found again by instant and by day.

use idscore_history::instants::{day_of, micros};
use idscore_history::{Cause, KeptAssessment};
use idscore_score::Set;
use idscore_store::{History, HistoryError};

use crate::support::{Store, actor, kept};

#[tokio::test]
async fn what_was_kept_comes_back_the_same() {
    let store = Store::with_tenants(&["a"]).await;
    let assessment = kept("a", "careful", "2026-11-20T06:00:00Z");
    let id = store.history.keep(&actor(), &assessment).await.unwrap();
    let back = store.history.newest("a").await.unwrap().unwrap();
    assert_eq!(back, KeptAssessment { id: id.clone(), sequence: 1, ..assessment });
    assert_eq!(store.history.assessment("a", &id).await.unwrap(), back);
    assert!(matches!(store.history.assessment("b", &id).await, Err(HistoryError::NotFound { .. })));
}

#[tokio::test]
async fn the_latest_of_a_day_stands_for_it_in_whatever_order_they_arrive() {
    let store = Store::with_tenants(&["a"]).await;
    for at in ["2026-11-20T12:00:00Z", "2026-11-20T06:00:00Z", "2026-11-18T06:00:00Z", "2026-11-20T09:00:00Z"] {
        store.history.keep(&actor(), &kept("a", "careful", at)).await.unwrap();
    }
    let days = store.history.newest_per_day("a", 0, 99_999, 10).await.unwrap();
    let instants: Vec<_> = days.iter().map(|kept| idscore_history::instants::rfc3339(kept.assessed_at)).collect();
    assert_eq!(instants, ["2026-11-20T12:00:00Z", "2026-11-18T06:00:00Z"]);
    let trend = store.history.trend("a", 0, 99_999).await.unwrap();
    assert_eq!(trend.iter().map(|point| point.day).collect::<Vec<_>>(), [days[1].day(), days[0].day()]);
    let at = micros("2026-11-19T00:00:00Z").unwrap();
    assert_eq!(store.history.assessment_at("a", at).await.unwrap().unwrap().day(), day_of(at) - 1);
    assert_eq!(store.history.assessment_at("a", 0).await.unwrap(), None);
}

#[tokio::test]
async fn our_own_assessment_stands_before_microsofts_of_the_same_day() {
    let store = Store::with_tenants(&["a"]).await;
    let theirs = KeptAssessment { cause: Cause::Microsoft, ..kept("a", "risky", "2026-11-20T23:00:00Z") };
    let ours = kept("a", "careful", "2026-11-20T06:00:00Z");
    for order in [[&theirs, &ours], [&ours, &theirs]] {
        for assessment in order {
            store.history.keep(&actor(), assessment).await.unwrap();
        }
        let days = store.history.newest_per_day("a", 0, 99_999, 10).await.unwrap();
        assert_eq!((days.len(), days[0].cause), (1, Cause::Snapshot));
    }
    assert_eq!(store.history.newest("a").await.unwrap().unwrap().cause, Cause::Snapshot);
}

#[tokio::test]
async fn an_assessment_of_an_unknown_tenant_is_refused_and_leaves_nothing() {
    let store = Store::empty().await;
    assert!(store.history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.is_err());
    assert_eq!(store.history.newest("a").await.unwrap(), None);
    assert_eq!(store.history.verify_audit().await.unwrap().entries, 0);
}

#[tokio::test]
async fn a_store_that_is_opened_again_has_everything() {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
    store.history.close().await;
    let again = History::open(&store.url).await.unwrap();
    assert!(again.newest("a").await.unwrap().is_some());
    assert_eq!(again.tenants().await.unwrap().len(), 1);
}

#[tokio::test]
async fn writers_side_by_side_lose_nothing() {
    let store = Store::with_tenants(&["a", "b"]).await;
    let other = History::open(&store.url).await.unwrap();
    let assessment = kept("a", "careful", "2026-11-20T06:00:00Z");
    let mut tasks = Vec::new();
    for number in 0..20_i64 {
        let history = if number % 2 == 0 { store.history.clone() } else { other.clone() };
        let tenant_id = if number % 3 == 0 { "b" } else { "a" };
        let mut assessment = KeptAssessment { tenant_id: tenant_id.to_owned(), ..assessment.clone() };
        assessment.assessed_at += number * 1_000_000;
        tasks.push(tokio::spawn(async move { history.keep(&actor(), &assessment).await.unwrap() }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.history.verify_audit().await.unwrap().entries, 22);
    let newest = store.history.newest("a").await.unwrap().unwrap();
    assert_eq!(newest.assessed_at, assessment.assessed_at + 19_000_000);
    assert_eq!(store.history.newest_per_day("a", 0, 99_999, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused_without_its_password() {
    let error = History::open("mysql://ada:secret@host/db").await.unwrap_err();
    assert!(!error.to_string().contains("secret") && error.hint().is_some(), "{error}");
    let error = History::open("sqlite:/nowhere/at/all/history.db").await.unwrap_err();
    assert!(error.is_unreachable() && error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[tokio::test]
async fn what_went_before_rests_on_older_data_and_a_control_has_its_days() {
    let store = Store::with_tenants(&["a"]).await;
    let on = |day: &str| kept("a", "risky", &format!("{day}T06:00:00Z"));
    for day in ["2026-11-18", "2026-11-19"] {
        store.history.keep(&actor(), &on(day)).await.unwrap();
    }
    // A decision about yesterday's data lies between: it is no other data.
    let decided = KeptAssessment { cause: Cause::Decision, taken_at: on("2026-11-19").taken_at, ..on("2026-11-20") };
    store.history.keep(&actor(), &decided).await.unwrap();
    let newest = store.history.newest("a").await.unwrap().unwrap();
    let previous = store.history.previous(&newest).await.unwrap().unwrap();
    assert_eq!(previous.assessed_at, on("2026-11-18").assessed_at);
    assert_eq!(store.history.previous(&previous).await.unwrap(), None);
    let microsoft = KeptAssessment { cause: Cause::Microsoft, ..on("2026-11-10") };
    store.history.keep(&actor(), &microsoft).await.unwrap();
    let theirs = store.history.newest_of_microsoft("a").await.unwrap().unwrap();
    assert_eq!(theirs.assessed_at, microsoft.assessed_at);
    for set in [Set::Core, Set::Extended] {
        let control = newest.of_set(set).next().unwrap();
        let days = store.history.control_days("a", set, &control.id, 0, i64::MAX).await.unwrap();
        assert_eq!(days.len(), 4);
        assert_eq!((days[3].day, days[3].control.score), (newest.day(), control.score));
        assert_eq!(days[0].cause, Cause::Microsoft);
        assert!(store.history.control_days("a", set, "nothing", 0, i64::MAX).await.unwrap().is_empty());
    }
}
