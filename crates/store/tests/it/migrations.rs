//! A database of an older version is brought up to date with all that is in it.

use std::process::{Child, Command, Stdio};

use idscore_history::instants::day_of_date;
use idscore_history::{Ascending, Tenant};
use idscore_store::{History, HistoryError};
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
    let noted: String = sqlx::query_scalar("SELECT hash FROM audit WHERE sequence = 5").fetch_one(&pool).await.unwrap();
    let id: String = sqlx::query_scalar("SELECT id FROM tenant").fetch_one(&pool).await.unwrap();
    pool.close().await;

    let new = History::open(&url.0).await.unwrap();
    let newest = new.newest(&id).await.unwrap().unwrap();
    assert_eq!((newest.core.percent, newest.controls.is_empty()), (84.63, false));
    assert_eq!(
        (newest.core.percent_at_least, newest.extended.percent_at_most),
        (None, None),
        "nobody asked for floors"
    );
    assert!(newest.controls.iter().all(|control| control.score_at_least.is_none()));
    let result = newest.result("AdminMFAV2").unwrap();
    assert_eq!((result.score_at_least, result.score_at_most), (None, None), "none is worked out afterwards");
    let log = new.verify_audit().await.unwrap();
    assert_eq!((log.entries, log.sealed), (6, 5), "one entry seals those that were there");
    assert_eq!(new.audit_sequence(&noted).await.unwrap(), Some(5), "a head that somebody noted still holds");
    new.close().await;
    let new = History::open(&url.0).await.unwrap();
    assert_eq!(new.verify_audit().await.unwrap(), log, "a log is sealed once");
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
    let trend = new.trend(&id, day_of_date("2026-11-21".parse().unwrap()), 99_999).await.unwrap();
    let [point] = trend.as_slice() else { panic!("{trend:?}") };
    assert_eq!(point.core, new.newest(&id).await.unwrap().unwrap().core);
    assert!(point.core.percent_at_least <= Some(point.core.percent) && point.core.percent_at_least.is_some());
    assert!(point.sight.is_some());
    assert_eq!(new.verify_audit().await.unwrap().entries, 7);
}

#[tokio::test]
async fn a_log_whose_seal_was_cut_off_is_not_sealed_again() {
    let url = Store::address().await;
    History::open_with_schema(&url.0, 1).await.unwrap().close().await;
    let pool = AnyPool::connect(&url.0).await.unwrap();
    sqlx::raw_sql(SCHEMA_1).execute(&pool).await.unwrap();
    History::open(&url.0).await.unwrap().close().await;
    sqlx::raw_sql("DELETE FROM audit WHERE action = 'log.seal'").execute(&pool).await.unwrap();
    let history = History::open(&url.0).await.unwrap();
    let broken = history.verify_audit().await.unwrap_err();
    assert!(matches!(broken, HistoryError::Audit { sequence: 6, .. }), "{broken}");
}

// PostgreSQL takes no text as a number.
#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn a_log_that_was_damaged_before_is_brought_up_to_date_and_found_damaged() {
    let url = Store::address().await;
    History::open_with_schema(&url.0, 1).await.unwrap().close().await;
    let pool = AnyPool::connect(&url.0).await.unwrap();
    sqlx::raw_sql(SCHEMA_1).execute(&pool).await.unwrap();
    sqlx::raw_sql("UPDATE audit SET at = 'noon' WHERE sequence = 3").execute(&pool).await.unwrap();
    let history = History::open(&url.0).await.unwrap();
    let broken = history.verify_audit().await.unwrap_err();
    assert!(matches!(broken, HistoryError::Audit { sequence: 3, .. }), "{broken}");
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

const OPENER: &str = "IDSCORE_TEST_OPENER";

/// A process of its own: waits until its input ends, then opens the database and writes.
#[tokio::test]
#[ignore = "started by the tests below"]
async fn opener() {
    let url = std::env::var(OPENER).unwrap();
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
    let history = History::open(&url).await.unwrap();
    history.register(&actor(), &tenant(&format!("opener-{}", std::process::id()))).await.unwrap();
    history.close().await;
}

/// Six processes open a database at once, and each of them writes.
async fn six_open_at_once(url: &str) {
    let open = |_| {
        let mut process = Command::new(std::env::current_exe().unwrap());
        process.args(["--exact", "migrations::opener", "--ignored"]).env(OPENER, url);
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut processes: Vec<Child> = (0..6).map(open).collect();
    let inputs: Vec<_> = processes.iter_mut().map(|process| process.stdin.take()).collect();
    drop(inputs);
    for process in processes {
        let ended = process.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    }
    let history = History::open(url).await.unwrap();
    let openers = history.tenants().await.unwrap().iter().filter(|one| one.id.starts_with("opener-")).count();
    assert_eq!(openers, 6);
    history.verify_audit().await.unwrap();
    history.close().await;
}

#[tokio::test]
async fn of_six_processes_on_a_new_database_one_makes_it_and_the_others_wait() {
    for _ in 0..20 {
        let (url, _folder) = Store::address().await;
        six_open_at_once(&url).await;
    }
}

#[tokio::test]
async fn of_six_processes_on_a_database_of_schema_1_one_brings_it_up_to_date_and_the_others_wait() {
    for _ in 0..20 {
        let (url, _folder) = Store::address().await;
        History::open_with_schema(&url, 1).await.unwrap().close().await;
        let pool = AnyPool::connect(&url).await.unwrap();
        sqlx::raw_sql(SCHEMA_1).execute(&pool).await.unwrap();
        pool.close().await;
        six_open_at_once(&url).await;
    }
}
