//! Stores of both kinds.

use idscore_history::Tenant;
use idscore_score::Zones;
use idscore_store::{Actor, History};
use tempfile::TempDir;

#[path = "../../../history/tests/it/judged.rs"]
mod judged;
pub use judged::kept;

/// A store that goes away with the test.
pub struct Store {
    pub history: History,
    pub url: String,
    _folder: TempDir,
}

impl Store {
    /// An empty store: in SQLite, or with the feature `postgres` in a database of its own on `IDSCORE_POSTGRES`.
    pub async fn empty() -> Self {
        let (url, folder) = Self::address().await;
        Self { history: History::open(&url).await.unwrap(), url, _folder: folder }
    }

    /// The address of a database that is not there yet; its folder goes away with the second value.
    pub async fn address() -> (String, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let file = || format!("sqlite:{}", folder.path().join("history.db").display());
        (database().await.unwrap_or_else(file), folder)
    }

    /// A store that knows the tenants `a`, `b`, ….
    pub async fn with_tenants(ids: &[&str]) -> Self {
        let store = Self::empty().await;
        for id in ids {
            store.history.register(&actor(), &tenant(id)).await.unwrap();
        }
        store
    }
}

/// An empty database in PostgreSQL; none where SQLite is tested.
pub async fn database() -> Option<String> {
    if !cfg!(feature = "postgres") {
        return None;
    }
    let server = std::env::var("IDSCORE_POSTGRES").expect("./test starts PostgreSQL and sets IDSCORE_POSTGRES");
    let name = format!("idscore_{}", uuid::Uuid::now_v7().simple());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    pool.close().await;
    Some(format!("{server}/{name}"))
}

pub fn actor() -> Actor {
    Actor::operator("ada@example.org")
}

pub fn tenant(id: &str) -> Tenant {
    Tenant {
        id: id.to_owned(),
        display_name: id.to_uppercase(),
        industry: String::new(),
        seats: None,
        zones: Zones::default(),
        invented: true,
    }
}
