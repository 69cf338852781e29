//! Behind PgBouncer, which ./test starts twice before its PostgreSQL.

use idscore_store::{Archive, History, HistoryError};

use crate::archive::keep;
use crate::support::database;

/// The address of a fresh database behind a PgBouncer.
async fn behind(variable: &str) -> String {
    let server = std::env::var(variable).expect("./test starts PgBouncer");
    let direct = database().await.unwrap();
    format!("{server}/{}", direct.rsplit('/').next().unwrap())
}

#[tokio::test]
async fn a_pool_that_lends_sessions_by_transaction_is_refused_before_anything_is_written() {
    let url = behind("IDSCORE_PGBOUNCER_TRANSACTION").await;
    for _ in 0..20 {
        let error = History::open(&url).await.unwrap_err();
        assert!(matches!(error, HistoryError::Pooled { .. }), "{error:?}");
        assert!(error.to_string().contains("pool_mode = transaction"));
        assert!(error.hint().is_some_and(|hint| hint.contains("pool_mode = session")));
    }
    let direct = format!("{}/{}", std::env::var("IDSCORE_POSTGRES").unwrap(), url.rsplit('/').next().unwrap());
    let pool = sqlx::AnyPool::connect(&direct).await.unwrap();
    let tables = sqlx::query_scalar("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'");
    let tables: i64 = tables.fetch_one(&pool).await.unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn a_pool_that_lends_sessions_whole_works() {
    let url = behind("IDSCORE_PGBOUNCER_SESSION").await;
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), Some(&url)).await.unwrap();
    let kept = keep(&archive, "careful").await.assessment;
    assert_eq!(archive.history.newest(&kept.tenant_id).await.unwrap().unwrap().id, kept.id);
    archive.history.verify_audit().await.unwrap();
}
