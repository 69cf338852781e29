//! A log that was changed behind our back shows where.

use idscore_history::HistoryError;
use sqlx::AnyPool;

use crate::support::{Store, actor, kept};

async fn tampered(statement: &'static str) -> HistoryError {
    let store = Store::with_tenants(&["a", "b", "c"]).await;
    store.history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
    assert_eq!(store.history.verify_audit().await.unwrap().entries, 4);
    let pool = AnyPool::connect(&store.url).await.unwrap();
    sqlx::raw_sql(statement).execute(&pool).await.unwrap();
    store.history.verify_audit().await.unwrap_err()
}

#[tokio::test]
async fn a_changed_entry_breaks_the_chain_there() {
    let error = tampered("UPDATE audit SET actor = 'somebody else' WHERE sequence = 2").await;
    assert!(matches!(error, HistoryError::Audit { sequence: 2, .. }), "{error}");
}

#[tokio::test]
async fn a_removed_entry_breaks_the_chain_there() {
    let error = tampered("DELETE FROM audit WHERE sequence = 3").await;
    assert!(matches!(error, HistoryError::Audit { sequence: 3, .. }), "{error}");
}

#[tokio::test]
async fn an_entry_put_in_between_breaks_the_chain_there() {
    let error = tampered(
        "UPDATE audit SET sequence = 9 WHERE sequence = 4;
         INSERT INTO audit SELECT 4, at, actor, tenant_id, action, subject, detail, previous_hash, hash FROM audit WHERE sequence = 3",
    )
    .await;
    assert!(matches!(error, HistoryError::Audit { sequence: 4, .. }), "{error}");
}

#[tokio::test]
async fn entries_name_who_did_what() {
    let store = Store::with_tenants(&["a", "b"]).await;
    let entries = store.history.audit(Some("b"), 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].actor.as_str(), entries[0].action.as_str()), ("ada@example.org", "tenant.register"));
}
