//! A full disk: a clear error, and what was kept before is intact.

use idscore_history::{History, HistoryError};
use sqlx::AnyPool;

use crate::support::{Store, actor, kept};

#[tokio::test]
async fn a_full_disk_refuses_the_write_and_keeps_what_was_there() {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
    let before = store.history.newest("a").await.unwrap();
    store.history.close().await;
    // SQLite's own limit on the pages of a file stands for the disk: it lives with the connection.
    let address = format!("{}?mode=rwc", store.url);
    let pool = AnyPool::connect(&address).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&pool).await.unwrap();
    pool.close().await;
    let history = History::open_with_pages(&store.url, pages + 1).await.unwrap();
    let mut refused = None;
    for hour in 10..24 {
        if let Err(error) = history.keep(&actor(), &kept("a", "careful", &format!("2026-11-21T{hour}:00:00Z"))).await {
            refused = Some(error);
            break;
        }
    }
    let error = refused.expect("the file is full");
    assert!(matches!(error, HistoryError::Database { .. }), "{error}");
    assert!(error.hint().unwrap().contains("make room"), "{error:?}");
    let entries = history.verify_audit().await.unwrap().entries;
    history.close().await;
    let again = History::open(&store.url).await.unwrap();
    assert_eq!(again.verify_audit().await.unwrap().entries, entries);
    assert_eq!(again.assessment("a", &before.as_ref().unwrap().id).await.unwrap(), before.unwrap());
    again.keep(&actor(), &kept("a", "careful", "2026-11-22T06:00:00Z")).await.unwrap();
}
