//! A database of an older version is brought up to date with all that is in it.

use idscore_history::{History, Tenant};

use crate::support::{Store, actor, kept, tenant};

#[tokio::test]
async fn a_database_of_schema_1_keeps_its_data() {
    let url = Store::address().await;
    let old = History::open_with_schema(&url.0, 1).await.unwrap();
    old.register(&actor(), &tenant("a")).await.unwrap();
    let id = old.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
    let before = old.assessment("a", &id).await.unwrap();
    assert!(old.merged_cells(0, 99_999).await.is_err(), "schema 1 has no table for it");
    old.close().await;

    let new = History::open(&url.0).await.unwrap();
    assert_eq!(new.assessment("a", &id).await.unwrap(), before);
    assert_eq!(new.cohort_days("all", 0, 99_999).await.unwrap().len(), 1);
    assert_eq!(new.verify_audit().await.unwrap().entries, 2);
    assert!(new.merged_cells(0, 99_999).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_tenant_of_schema_3_gets_the_zones_that_everybody_begins_with() {
    let url = Store::address().await;
    let old = History::open_with_schema(&url.0, 3).await.unwrap();
    old.close().await;
    let pool = sqlx::AnyPool::connect(&url.0).await.unwrap();
    sqlx::query(
        "INSERT INTO tenant (id, display_name, industry, seats, invented, newest_day, newest_percent)
         VALUES ('a', 'A', 'Retail', 12, 1, -1, 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;

    let new = History::open(&url.0).await.unwrap();
    let upgraded = new.tenant("a").await.unwrap();
    assert_eq!(upgraded, Tenant { industry: "Retail".to_owned(), seats: Some(12), ..tenant("a") });
    assert_eq!(upgraded.zones, "50,75".parse().unwrap());
}
