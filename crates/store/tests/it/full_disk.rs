//! A full disk: a clear error, what was kept before is intact, and writing goes on once there is room.

use idscore_history::KeptAssessment;
use idscore_store::{History, HistoryError};

use crate::support::{actor, kept};

/// Keeps assessments until the disk refuses one; gives back how that was said.
async fn fill(history: &History) -> HistoryError {
    let template = kept("a", "careful", "2026-11-21T00:00:00Z");
    let mut minute = 0;
    loop {
        minute += 1;
        assert!(minute < 2_000, "the disk never became full");
        let at = template.assessed_at + minute * 60_000_000;
        let next = KeptAssessment { assessed_at: at, taken_at: at, ..template.clone() };
        if let Err(error) = history.keep(&actor(), &next).await {
            return error;
        }
    }
}

fn is_clear(error: &HistoryError) {
    assert!(matches!(error, HistoryError::Database { .. }), "{error}");
    assert!(error.hint().unwrap_or_default().contains("make room"), "{error:?}");
}

#[cfg(not(feature = "postgres"))]
mod sqlite {
    use sqlx::AnyPool;

    use super::*;
    use crate::repeated::repeated;
    use crate::support::Store;

    #[tokio::test]
    async fn a_full_disk_refuses_the_write_and_keeps_what_was_there() {
        let store = Store::with_tenants(&["a"]).await;
        store.history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
        let before = store.history.newest("a").await.unwrap().unwrap();
        store.history.close().await;
        // SQLite's own limit on the pages of a file stands for the disk: it lives with the connection.
        let address = format!("{}?mode=rwc", store.url);
        let pool = AnyPool::connect(&address).await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&pool).await.unwrap();
        pool.close().await;
        // As often as figures want it, each time with a little more room.
        for more in 1..=i64::try_from(repeated("IDSCORE_FULL_DISKS", 2)).unwrap() {
            let history = History::open_with_pages(&store.url, pages + 10 * more).await.unwrap();
            is_clear(&fill(&history).await);
            let entries = history.verify_audit().await.unwrap().entries;
            history.close().await;
            let again = History::open(&store.url).await.unwrap();
            assert_eq!(again.verify_audit().await.unwrap().entries, entries);
            assert_eq!(again.assessment("a", &before.id).await.unwrap(), before);
            again.close().await;
        }
        let again = History::open(&store.url).await.unwrap();
        again.keep(&actor(), &kept("a", "careful", "2026-11-22T06:00:00Z")).await.unwrap();
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::fs::File;
    use std::io::Write;
    use std::path::{Path, PathBuf};

    use sqlx::{AnyPool, AssertSqlSafe};

    use super::*;
    use crate::support::tenant;

    /// What the ballast leaves for the database to grow.
    const LEFT: u64 = 1_000_000;

    /// Fills a small disk but for a little; gives back the file that makes room when it goes.
    fn ballast(disk: &Path) -> PathBuf {
        let path = disk.join("ballast");
        let mut file = File::create(&path).unwrap();
        let mut length = 0_u64;
        while file.write_all(&[0; 65_536]).is_ok() {
            length += 65_536;
            assert!(length < 1 << 30, "`{}` is no small disk", disk.display());
        }
        file.set_len(length.saturating_sub(LEFT)).unwrap();
        path
    }

    async fn run(server: &str, statements: &[String]) {
        sqlx::any::install_default_drivers();
        let pool = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement.clone())).execute(&pool).await.unwrap();
        }
        pool.close().await;
    }

    #[tokio::test]
    async fn a_full_disk_refuses_the_write_and_the_same_service_goes_on_when_there_is_room() {
        let variable =
            |name| std::env::var(name).unwrap_or_else(|_| panic!("./test starts PostgreSQL and sets {name}"));
        let (server, disk) = (variable("IDSCORE_POSTGRES"), PathBuf::from(variable("IDSCORE_POSTGRES_SMALL_DISK")));
        let place = disk.join("tablespace");
        run(
            &server,
            &[
                format!("CREATE TABLESPACE small LOCATION '{}'", place.display()),
                "CREATE DATABASE idscore_small TABLESPACE small".to_owned(),
            ],
        )
        .await;
        let history = History::open(&format!("{server}/idscore_small")).await.unwrap();
        history.register(&actor(), &tenant("a")).await.unwrap();
        history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
        let before = history.newest("a").await.unwrap().unwrap();

        // PostgreSQL may open no connection to a database on a full disk ("could not write init file"), so they are open before.
        let readers: Vec<_> = (0..16).map(|_| history.clone()).collect();
        let readers =
            readers.into_iter().map(|history| tokio::spawn(async move { history.newest("a").await.map(|_| ()) }));
        for reader in readers.collect::<Vec<_>>() {
            reader.await.unwrap().unwrap();
        }
        let ballast = ballast(&disk);
        is_clear(&fill(&history).await);
        let full = history.verify_audit().await.unwrap();
        let newest = history.newest("a").await.unwrap();
        assert_eq!(history.assessment("a", &before.id).await.unwrap(), before);

        std::fs::remove_file(ballast).unwrap();
        let next = history.keep(&actor(), &kept("a", "careful", "2026-11-24T06:00:00Z")).await.unwrap();
        assert_ne!(history.newest("a").await.unwrap(), newest);
        assert_eq!(history.newest("a").await.unwrap().unwrap().id, next);
        assert_eq!(history.assessment("a", &before.id).await.unwrap(), before);
        assert_eq!(history.verify_audit().await.unwrap().entries, full.entries + 1);
        history.close().await;
        run(&server, &["DROP DATABASE idscore_small".to_owned(), "DROP TABLESPACE small".to_owned()]).await;
    }
}
