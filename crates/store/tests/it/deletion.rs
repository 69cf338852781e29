//! A tenant that goes takes everything along, and the audit log stays whole.

use std::path::Path;

use idscore_assess::Configuration;
use idscore_score::Profile;
use idscore_store::{Archive, HistoryError, Token};
use sqlx::{AnyPool, Row};

use crate::archive::{keep, keep_by};
use crate::support::{Store, actor};

/// Every table with a tenant's rows, and how they are found.
const TABLES: [(&str, &str); 15] = [
    ("assessment", "tenant_id"),
    ("action_update", "tenant_id"),
    ("review", "tenant_id"),
    ("attestation", "tenant_id"),
    ("recommendation_update", "tenant_id"),
    ("token", "tenant_id"),
    ("peer_average", "tenant_id"),
    ("alert_watched", "tenant_id"),
    ("alert_event", "tenant_id"),
    ("import_failure", "tenant_id"),
    ("tenant_day", "tenant_id"),
    ("collection_connection", "tenant_id"),
    ("collection_run", "tenant_id"),
    ("configuration", "tenant_id"),
    ("tenant", "id"),
];

async fn rows(pool: &AnyPool, tenant: &str) -> Vec<i64> {
    let mut found = Vec::new();
    for (table, column) in TABLES {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE {column} = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant).fetch_one(pool).await.unwrap();
        found.push(row.try_get("n").unwrap());
    }
    found
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            found.push(path.display().to_string());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[tokio::test]
async fn a_deleted_tenant_leaves_no_row_and_no_file_and_others_stay() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let strict = Configuration::default().with_profile(Profile::Strict);
    let gone = keep_by(&archive, "risky", &strict).await;
    let stays = keep(&archive, "careful").await;
    let (gone, stays) = (gone.assessment.tenant_id, stays.assessment.tenant_id);
    let token = Token {
        id: String::new(),
        tenant_id: gone.clone(),
        name: "portal".to_owned(),
        scopes: vec![],
        created_at: 0,
        expires_at: i64::MAX,
        last_used_at: None,
        revoked_at: None,
    };
    let secret = archive.history.create_token(&actor(), &token, &[7; 32]).await.unwrap().secret;
    archive.note_failed_import(&gone, "export.zip", "damaged", 1).await.unwrap();
    archive.history.connect(&actor(), &gone, "gone.test", "app", 1, 1).await.unwrap();
    archive.history.begin_run(&gone, 1).await.unwrap();
    std::fs::create_dir_all(archive.exports(&gone)).unwrap();
    let configurations = folder.path().join("configurations");
    std::fs::create_dir(&configurations).unwrap();
    std::fs::write(configurations.join(format!("{gone}.toml")), "").unwrap();
    let pool = AnyPool::connect(&store.url).await.unwrap();
    let (before, others) = (rows(&pool, &gone).await, rows(&pool, &stays).await);
    assert!(before[0] > 0 && before[5] == 1 && before[9] == 1 && before[11..] == [1; 4], "{before:?}");
    let kept_files = files(folder.path()).iter().filter(|path| path.contains(&stays)).count();
    assert!(kept_files > 2 && files(folder.path()).iter().any(|path| path.contains(&gone)));
    let head = archive.history.verify_audit().await.unwrap();

    let deleted = archive.delete_tenant(&actor(), &gone).await.unwrap();
    assert_eq!(rows(&pool, &gone).await, [0; 15]);
    assert_eq!(rows(&pool, &stays).await, others);
    assert_eq!(deleted.assessments, u64::try_from(before[0]).unwrap());
    assert!(!files(folder.path()).iter().any(|path| path.contains(&gone) || path.contains("deleted-")));
    assert_eq!(files(folder.path()).iter().filter(|path| path.contains(&stays)).count(), kept_files);
    assert!(archive.history.token_of(&secret, 1).await.unwrap().is_none());
    assert!(matches!(archive.delete_tenant(&actor(), &gone).await, Err(HistoryError::NotFound { .. })));

    let verified = archive.history.verify_audit().await.unwrap();
    assert_eq!(verified.entries, head.entries + 1, "one entry says that it went");
    assert!(verified.emptied > 0 && u64::try_from(verified.emptied).unwrap() == deleted.emptied);
    assert_eq!(
        archive.history.audit_sequence(&head.head).await.unwrap(),
        Some(head.entries),
        "a head kept before still holds"
    );
    let log = archive.history.audit(Some(&gone), 0, 1_000).await.unwrap();
    let (last, earlier) = log.split_last().unwrap();
    assert_eq!((last.action.as_str(), last.subject.as_str()), ("tenant.delete", gone.as_str()));
    assert!(earlier.iter().all(|entry| entry.detail.is_empty() && !entry.actor.is_empty()));
    let detail: String = log.iter().map(|entry| entry.detail.clone()).collect();
    assert!(!detail.contains("Fabrikam"), "{detail}");

    let again = keep(&archive, "risky").await;
    assert_eq!(again.assessment.tenant_id, gone, "the same export can be kept again");
    archive.history.verify_audit().await.unwrap();
}

#[tokio::test]
async fn an_entry_that_was_emptied_by_somebody_else_breaks_the_log() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let (gone, stays) = (keep(&archive, "risky").await, keep(&archive, "careful").await);
    archive.delete_tenant(&actor(), &gone.assessment.tenant_id).await.unwrap();
    let pool = AnyPool::connect(&store.url).await.unwrap();
    let changed = sqlx::query("UPDATE audit SET detail = '' WHERE tenant_id = $1").bind(&stays.assessment.tenant_id);
    assert!(changed.execute(&pool).await.unwrap().rows_affected() > 0);
    assert!(matches!(archive.history.verify_audit().await, Err(HistoryError::Audit { .. })));
}

#[tokio::test]
async fn the_bytes_of_a_deleted_tenant_are_gone_from_the_file_of_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), None).await.unwrap();
    let kept = keep(&archive, "risky").await;
    let holds = || {
        let all =
            ["history.db", "history.db-wal"].map(|name| std::fs::read(folder.path().join(name)).unwrap_or_default());
        all.concat().windows(8).any(|eight| eight == b"Fabrikam")
    };
    assert!(holds());
    assert!(archive.delete_tenant(&actor(), &kept.assessment.tenant_id).await.unwrap().reclaimed);
    assert!(!holds());
}
