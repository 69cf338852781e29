//! A database of an older version is brought up to date with all that is in it.

use idscore_history::instants::day_of_date;
use idscore_history::{Ascending, History, Tenant};
use sqlx::AnyPool;

use crate::support::{Store, actor, kept, tenant};

/// As a program of the first schema left it. Only what a schema brought stands in it, so that it serves both databases.
const SCHEMA_1: &str = include_str!("schema_1.sql");

#[tokio::test]
async fn a_database_of_schema_1_keeps_its_data() {
    let url = Store::address().await;
    History::open_with_schema(&url.0, 1).await.unwrap().close().await;
    let pool = AnyPool::connect(&url.0).await.unwrap();
    sqlx::raw_sql(SCHEMA_1).execute(&pool).await.unwrap();
    let id: String = sqlx::query_scalar("SELECT id FROM tenant").fetch_one(&pool).await.unwrap();
    pool.close().await;

    let new = History::open(&url.0).await.unwrap();
    let newest = new.newest(&id).await.unwrap().unwrap();
    assert_eq!((newest.core.percent, newest.controls.is_empty()), (84.63, false));
    assert_eq!(new.verify_audit().await.unwrap().entries, 5);
    assert!(new.merged_cells(0, 99_999).await.unwrap().is_empty());

    let trend = new.trend(&id, 0, 99_999).await.unwrap();
    let days = new.newest_per_day(&id, 0, 99_999, 99).await.unwrap();
    assert_eq!(trend.len(), 4);
    for (point, kept) in trend.iter().zip(days.iter().rev()) {
        assert_eq!((&point.id, point.day, point.assessed_at), (&kept.id, kept.day(), kept.assessed_at));
        assert_eq!((&point.catalogue_version, &point.config_hash), (&kept.catalogue_version, &kept.config_hash));
        assert_eq!(point.cause, kept.cause);
        assert!((point.core.current_score - kept.core.current_score).abs() < 1e-9);
        assert_eq!(point.core.percent, kept.core.percent);
        assert_eq!(point.extended.compat_percent, kept.extended.compat_percent);
    }
    let cohort = new.cohort_days("all", 0, 99_999).await.unwrap();
    let [day] = cohort.as_slice() else { panic!("{cohort:?}") };
    assert_eq!((day.day, day.tenants, day.median), (newest.day(), 1, newest.core.compat_percent));
    assert_eq!(day.scores, Ascending::of(&[newest.core.compat_percent]));

    // Writing goes on where the old program ended.
    let next = kept(&id, "careful", "2026-11-21T06:00:00Z");
    new.keep(&actor(), &next).await.unwrap();
    assert_eq!(new.trend(&id, day_of_date("2026-11-21".parse().unwrap()), 99_999).await.unwrap().len(), 1);
    assert_eq!(new.verify_audit().await.unwrap().entries, 6);
}

#[tokio::test]
async fn a_tenant_of_schema_3_gets_the_zones_that_everybody_begins_with() {
    let url = Store::address().await;
    let old = History::open_with_schema(&url.0, 3).await.unwrap();
    old.close().await;
    let pool = AnyPool::connect(&url.0).await.unwrap();
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

#[tokio::test]
async fn the_days_of_a_cohort_of_schema_8_lie_together_and_are_all_there() {
    let url = Store::address().await;
    History::open_with_schema(&url.0, 8).await.unwrap().close().await;
    let pool = AnyPool::connect(&url.0).await.unwrap();
    let days: Vec<i64> = (20_000..20_100).step_by(7).collect();
    for day in &days {
        let sql = "INSERT INTO cohort_distribution (cohort, day, distribution) VALUES ('all', $1, $2)";
        let distribution = format!("[{day},1,{day}.5,{day}.5,{day}.5,\"05286\"]");
        sqlx::query(sql).bind(day).bind(distribution).execute(&pool).await.unwrap();
    }
    pool.close().await;

    let new = History::open(&url.0).await.unwrap();
    let found = new.cohort_days("all", 0, 99_999).await.unwrap();
    assert_eq!(found.iter().map(|day| day.day).collect::<Vec<_>>(), days);
    assert!(found.iter().all(|found| found.median == found.day as f64 + 0.5 && found.scores.len() == 1));
    let cut = new.cohort_days("all", days[2], days[5]).await.unwrap();
    assert_eq!(cut.iter().map(|day| day.day).collect::<Vec<_>>(), days[2..=5]);
}
