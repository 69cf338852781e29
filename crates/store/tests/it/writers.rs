//! Many who write at once, and what those see who have to wait.

use idscore_history::ActionChange;
use idscore_store::{Attempted, History, HistoryError};
use sqlx::{AnyPool, Executor};

use crate::support::{Store, actor, kept};

const AT: i64 = 1_800_000_000_000_000;

fn decision(note: usize) -> ActionChange {
    ActionChange { control_id: "AdminMFAV2".to_owned(), note: Some(note.to_string()), ..ActionChange::default() }
}

async fn assessed() -> Store {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &kept("a", "risky", "2026-11-20T06:00:00Z")).await.unwrap();
    store
}

/// Another program that writes, and does not end.
async fn other_writer(url: &str) -> sqlx::pool::PoolConnection<sqlx::Any> {
    let other = AnyPool::connect(url).await.unwrap();
    let mut writing = other.acquire().await.unwrap();
    if url.starts_with("sqlite:") {
        writing.execute("BEGIN IMMEDIATE").await.unwrap();
    } else {
        writing.execute("BEGIN").await.unwrap();
        writing.execute("SELECT CAST(pg_advisory_xact_lock(492570597) AS TEXT)").await.unwrap();
    }
    writing
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_decisions_at_once_are_all_saved_while_others_guess_at_links() {
    const DECISIONS: usize = 40;
    let store = assessed().await;
    let guesses = (0..20).map(|guess| {
        let history = store.history.clone();
        tokio::spawn(async move { history.use_link(&format!("guess-{guess}"), AT).await.unwrap().is_none() })
    });
    let guesses: Vec<_> = guesses.collect();
    let saved = (0..DECISIONS).map(|note| {
        let history = store.history.clone();
        tokio::spawn(async move { history.update_actions(&actor(), "a", &[decision(note)], AT).await.map(|_| ()) })
    });
    for saved in saved.collect::<Vec<_>>() {
        saved.await.unwrap().unwrap();
    }
    for guess in guesses {
        assert!(guess.await.unwrap());
    }
    let mut notes: Vec<usize> = store
        .history
        .action_history("a", "AdminMFAV2")
        .await
        .unwrap()
        .into_iter()
        .map(|state| state.note.parse().unwrap())
        .collect();
    notes.sort_unstable();
    assert_eq!(notes, (0..DECISIONS).collect::<Vec<_>>());
    store.history.verify_audit().await.unwrap();
}

#[tokio::test]
async fn whoever_only_looks_never_waits_for_a_writer() {
    let store = assessed().await;
    store.history.settle("a", AT).await.unwrap();
    let _writing = other_writer(&store.url).await;
    assert_eq!(store.history.use_link("a-guess", AT).await.unwrap(), None);
    assert!(store.history.take_attempt("a-guess", "browser", AT).await.unwrap().is_none());
    assert_eq!(store.history.token_of("a-guess", AT).await.unwrap(), None);
    assert_eq!(store.history.session_of("a-guess", AT).await.unwrap(), None);
    assert!(!store.history.settle("a", AT).await.unwrap(), "nothing has come to its end");
    store.history.take_delivery("mail", AT, AT).await.unwrap();
    assert!(store.history.effect("a", &[decision(1)], AT).await.unwrap().core.is_some());
    // Another process opens what is up to date already.
    History::open(&store.url).await.unwrap();
}

#[tokio::test]
async fn whoever_waits_too_long_is_told_that_the_database_is_busy_and_nothing_is_lost() {
    let store = assessed().await;
    let mut writing = other_writer(&store.url).await;
    let error = store.history.update_actions(&actor(), "a", &[decision(1)], AT).await.unwrap_err();
    assert!(matches!(error, HistoryError::Busy { .. }), "{error:?}");
    assert!(error.to_string().contains("too busy to change the action plan"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("try again")) && error.is_unreachable());
    writing.execute("ROLLBACK").await.unwrap();
    store.history.update_actions(&actor(), "a", &[decision(1)], AT).await.unwrap();
    assert_eq!(store.history.action_history("a", "AdminMFAV2").await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_attempt_to_sign_in_serves_one_of_two_who_bring_it_at_once() {
    let store = Store::empty().await;
    let waits = Attempted { nonce: "n".to_owned(), verifier: "v".to_owned(), back: "/".to_owned() };
    store.history.begin_attempt("state", "browser", &waits, AT).await.unwrap();
    let (one, other) = tokio::join!(
        store.history.take_attempt("state", "browser", AT),
        store.history.take_attempt("state", "browser", AT),
    );
    assert_eq!([one.unwrap(), other.unwrap()].iter().flatten().count(), 1);
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_postgres_ends_in_a_deadlock_is_tried_again() {
    let store = assessed().await;
    let pool = AnyPool::connect(&store.url).await.unwrap();
    let mut other = pool.acquire().await.unwrap();
    // So that the other one is not who is ended.
    other.execute("SET deadlock_timeout = '1h'").await.unwrap();
    other.execute("BEGIN").await.unwrap();
    other.execute("SELECT id FROM tenant WHERE id = 'a' FOR UPDATE").await.unwrap();
    let history = store.history.clone();
    let write = tokio::spawn(async move { history.set_industry(&actor(), "a", "Retail").await });
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    other.execute("SELECT CAST(pg_advisory_xact_lock(492570597) AS TEXT)").await.unwrap();
    other.execute("COMMIT").await.unwrap();
    write.await.unwrap().unwrap();
    assert_eq!(store.history.tenant("a").await.unwrap().industry, "Retail");
}
