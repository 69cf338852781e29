//! Tenants that are collected on a schedule: one run at a time, and what became of each.

use idscore_store::{HistoryError, RunDataSet, RunEnd, RunOutcome};

use crate::support::{Store, actor};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

async fn connected() -> Store {
    let store = Store::with_tenants(&["a", "b"]).await;
    store.history.connect(&actor(), "a", "a.test", "app", DAY, 1_000).await.unwrap();
    store
}

fn end(outcome: RunOutcome, at: i64, next_at: i64) -> RunEnd {
    RunEnd { at, outcome, reason: String::new(), data_sets: vec![], assessment_id: None, next_at }
}

#[tokio::test]
async fn a_tenant_is_collected_by_one_run_at_a_time() {
    let store = connected().await;
    let first = store.history.begin_run("a", 2_000).await.unwrap().unwrap();
    assert_eq!(store.history.begin_run("a", 3_000).await.unwrap(), None);
    assert!(store.history.begin_run("b", 3_000).await.unwrap().is_some(), "another tenant has its own");
    store.history.end_run("a", &first, &end(RunOutcome::Kept, 4_000, DAY)).await.unwrap();
    assert!(store.history.begin_run("a", 5_000).await.unwrap().is_some());
}

#[tokio::test]
async fn a_run_whose_process_died_makes_room_after_two_minutes() {
    let store = connected().await;
    let died = store.history.begin_run("a", 0).await.unwrap().unwrap();
    store.history.run_is_alive(&died, MINUTE).await.unwrap();
    assert_eq!(store.history.begin_run("a", 3 * MINUTE - 1).await.unwrap(), None, "it was alive a moment ago");
    assert!(store.history.begin_run("a", 3 * MINUTE).await.unwrap().is_some());
    let runs = store.history.runs("a", 9).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.outcome).collect::<Vec<_>>(), [RunOutcome::Running, RunOutcome::Interrupted]);
    assert_eq!(runs[1].finished_at, Some(MINUTE));
}

#[tokio::test]
async fn failures_are_counted_until_a_run_is_kept() {
    let store = connected().await;
    let outcomes = [RunOutcome::Failed, RunOutcome::Failed, RunOutcome::Interrupted, RunOutcome::Kept];
    let mut counted = Vec::new();
    for (number, outcome) in (1_i64..).zip(outcomes) {
        let id = store.history.begin_run("a", number * DAY).await.unwrap().unwrap();
        let end = RunEnd {
            reason: "no network".to_owned(),
            data_sets: vec![RunDataSet { name: "users".to_owned(), status: "complete".to_owned(), rows: 7 }],
            ..end(outcome, number * DAY + MINUTE, (number + 1) * DAY)
        };
        store.history.end_run("a", &id, &end).await.unwrap();
        let connection = store.history.connection("a").await.unwrap().unwrap();
        counted.push((connection.failures, connection.next_at / DAY));
        let newest = store.history.runs("a", 1).await.unwrap().remove(0);
        assert_eq!((newest.outcome, newest.data_sets, newest.reason), (outcome, end.data_sets, end.reason));
    }
    assert_eq!(counted, [(1, 2), (2, 3), (2, 4), (0, 5)]);
}

#[tokio::test]
async fn whoever_asks_while_a_run_is_at_work_gets_another() {
    let store = connected().await;
    let id = store.history.begin_run("a", 2 * DAY).await.unwrap().unwrap();
    store.history.collect_now(&actor(), "a", 2 * DAY + MINUTE).await.unwrap();
    store.history.end_run("a", &id, &end(RunOutcome::Kept, 2 * DAY + 2 * MINUTE, 3 * DAY)).await.unwrap();
    assert_eq!(store.history.connection("a").await.unwrap().unwrap().next_at, 2 * DAY + MINUTE);
}

#[tokio::test]
async fn what_people_change_is_in_the_audit_log_and_a_stranger_is_not_found() {
    let store = connected().await;
    store.history.pause_collection(&actor(), "a", true).await.unwrap();
    assert!(store.history.connection("a").await.unwrap().unwrap().paused);
    store.history.pause_collection(&actor(), "a", false).await.unwrap();
    store.history.collect_now(&actor(), "a", 5_000).await.unwrap();
    store.history.disconnect(&actor(), "a").await.unwrap();
    assert_eq!(store.history.connection("a").await.unwrap(), None);
    let log = store.history.audit(Some("a"), 0, 99).await.unwrap();
    let actions: Vec<&str> =
        log.iter().map(|entry| entry.action.as_str()).filter(|is| is.starts_with("coll")).collect();
    let expected =
        ["collection.connect", "collection.pause", "collection.resume", "collection.ask", "collection.disconnect"];
    assert_eq!(actions, expected);
    let unknown = store.history.connect(&actor(), "none", "none.test", "app", DAY, 0).await;
    assert!(matches!(unknown, Err(HistoryError::NotFound { .. })));
    for refused in [
        store.history.disconnect(&actor(), "b").await,
        store.history.collect_now(&actor(), "b", 0).await,
        store.history.pause_collection(&actor(), "b", true).await,
    ] {
        assert!(matches!(refused, Err(HistoryError::NotFound { .. })));
    }
}
