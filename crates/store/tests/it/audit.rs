//! A log that was changed behind our back shows where.

use idscore_store::{Actor, HistoryError};
use sqlx::AnyPool;

use crate::audit_log::{Cell, Log, connect};
use crate::support::{Store, actor, kept, tenant};

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
         INSERT INTO audit SELECT 4, at, actor_kind, actor, actor_id, tenant_id, action, subject, detail, detail_hash, previous_hash, hash,
             format FROM audit WHERE sequence = 3",
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

#[tokio::test]
async fn a_name_of_another_kind_is_no_disguise() {
    let store = Store::empty().await;
    let token = Actor::token("0199");
    let (system, disguised) = (Actor::system(), Actor::person("https://id.example 7", "System"));
    let claimed = Actor::person("https://id.example 8", "token:0199");
    let operator = Actor::operator("root").under_the_name("Ada");
    for (number, actor) in [token, system, disguised, claimed, operator].iter().enumerate() {
        store.history.register(actor, &tenant(&number.to_string())).await.unwrap();
    }
    let log = store.history.audit(None, 0, 10).await.unwrap();
    let who: Vec<_> =
        log.iter().map(|one| (one.actor_kind.word(), one.actor.as_str(), one.actor_id.as_str())).collect();
    assert_eq!(
        who,
        [
            ("token", "token:0199", "0199"),
            ("system", "System", ""),
            ("person", "System", "https://id.example 7"),
            ("person", "token:0199", "https://id.example 8"),
            ("operator", "Ada", "root"),
        ]
    );
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_a_remark() {
    let store = Store::with_tenants(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]).await;
    let pool = connect(&store.url).await;
    let mut log = Log::read(&pool).await;
    let at = log.column("at");
    for (row, back) in [(1, 1_i64), (3, 60_000_000), (5, 3_600_000_000), (7, 86_400_000_000), (9, i64::MAX / 2)] {
        let before = log.number(row - 1, "at");
        log.rows[row][at] = Cell::Number(before - back);
    }
    log.chain(0);
    log.write(&pool).await;
    let verified = store.history.verify_audit().await.unwrap();
    assert_eq!(verified.entries, 10);
    assert_eq!(verified.remarks.iter().map(|remark| remark.sequence).collect::<Vec<_>>(), [2, 4, 6, 8, 10]);
    assert!(verified.remarks.iter().all(|remark| remark.at < remark.before));
}

#[tokio::test]
async fn a_row_that_is_damaged_is_named_with_its_column() {
    for (edit, said) in [
        ("UPDATE audit SET at = 'noon' WHERE sequence = 2", "`at` holds a value of type text"),
        ("UPDATE audit SET actor = X'FF' WHERE sequence = 2", "`actor` holds a value of type blob"),
        ("UPDATE audit SET actor = CAST(X'FF' AS TEXT) WHERE sequence = 2", "`actor` is no text"),
        ("UPDATE audit SET sequence = 1.5 WHERE sequence = 2", "`sequence` holds a value of type real"),
        ("UPDATE audit SET actor_kind = 'Person' WHERE sequence = 2", "`actor_kind` is no kind of actor"),
    ] {
        if cfg!(feature = "postgres") && !edit.contains("kind") {
            continue;
        }
        let error = tampered(edit).await;
        assert!(
            matches!(&error, HistoryError::Audit { sequence: 2, reason } if reason.contains(said)),
            "{edit}: {error}"
        );
    }
}

#[tokio::test]
async fn a_log_of_several_pages_is_followed_to_its_end() {
    let store = Store::with_tenants(&["a"]).await;
    let pool = connect(&store.url).await;
    let mut log = Log::read(&pool).await;
    log.rows = vec![log.rows[0].clone(); 1_700];
    log.renumber();
    log.chain(0);
    log.write(&pool).await;
    assert_eq!(store.history.verify_audit().await.unwrap().entries, 1_700);
    log.set(1_699, "subject", "b");
    log.write(&pool).await;
    let error = store.history.verify_audit().await.unwrap_err();
    assert!(matches!(error, HistoryError::Audit { sequence: 1_700, .. }), "{error}");
}
