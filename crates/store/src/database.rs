//! The database: SQLite in a file, or PostgreSQL for teams. One schema, one set of statements.

pub(crate) mod columns;
pub(crate) mod migrations;
pub(crate) mod read_only;
pub(crate) mod writer;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Once};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor, Row};

use crate::access::uses::Uses;
use crate::database::migrations::{bring_up_to_date, check_version};
use crate::database::read_only::Reading;
use crate::error::{HistoryError, doing, with_file};

/// Connections that serve readers side by side.
const READERS: u32 = 8;
/// How long a reader or a writer waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

static DRIVERS: Once = Once::new();

/// Before the first connection of the process.
pub(crate) fn install_drivers() {
    DRIVERS.call_once(sqlx::any::install_default_drivers);
}

/// Assessments over time, and everything that people decide about them.
#[derive(Debug, Clone)]
pub struct History {
    readers: AnyPool,
    /// One connection.
    writer: AnyPool,
    kind: Kind,
    /// Set where nothing can be written; a copy that is read from goes with the last of them.
    reading: Option<Arc<Reading>>,
    pub(crate) uses: Uses,
}

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file beside the data.
    Sqlite,
    /// A server.
    Postgres,
}

impl History {
    /// Opens `sqlite:FILE` (made when it is not there) or `postgres://…`, and brings its schema up to date.
    ///
    /// # Errors
    /// When the address is of no known kind, the database can't be reached, or its schema is newer than this program.
    pub async fn open(url: &str) -> Result<Self, HistoryError> {
        Self::open_with(url, None, i64::MAX).await
    }

    /// As [`History::open`], with the schema of an older version of this program, for tests.
    ///
    /// # Errors
    /// As [`History::open`].
    #[doc(hidden)]
    pub async fn open_with_schema(url: &str, schema: i64) -> Result<Self, HistoryError> {
        Self::open_with(url, None, schema).await
    }

    /// As [`History::open`], and the file may have so many pages only: a disk that is full, for tests.
    ///
    /// # Errors
    /// As [`History::open`].
    #[doc(hidden)]
    pub async fn open_with_pages(url: &str, pages: i64) -> Result<Self, HistoryError> {
        Self::open_with(url, Some(pages), i64::MAX).await
    }

    async fn open_with(url: &str, pages: Option<i64>, schema: i64) -> Result<Self, HistoryError> {
        install_drivers();
        let kind = kind(url)?;
        let address = match kind {
            Kind::Sqlite if !url.contains('?') => Cow::Owned(format!("{url}?mode=rwc")),
            _ => Cow::Borrowed(url),
        };
        Self::open_at(&address, without_password(url), kind, pages, schema).await
    }

    /// Opens SQLite in a file, whatever letters its path has.
    ///
    /// # Errors
    /// As [`History::open`].
    pub(crate) async fn open_file(file: &Path) -> Result<Self, HistoryError> {
        install_drivers();
        let address = format!("{}?mode=rwc", address_of(file)?);
        Self::open_at(&address, shown(file), Kind::Sqlite, None, i64::MAX).await
    }

    /// Opens SQLite in a file that can only be read, with the schema of this program.
    ///
    /// # Errors
    /// As [`History::open`], and when its schema is older.
    pub(crate) async fn open_read_only(file: &Path) -> Result<Self, HistoryError> {
        install_drivers();
        let shown = shown(file);
        let failed = |source| HistoryError::Open { url: shown.clone(), source };
        let reading = Reading::of(file).map_err(with_file("read", file))?;
        let address = match &reading {
            Reading::Immutable => format!("{}?mode=ro&immutable=1", address_of(file)?),
            Reading::Live => format!("{}?mode=ro", address_of(file)?),
            Reading::Copy(folder) => address_of(&folder.path().join(file.file_name().unwrap_or_default()))?,
        };
        let options = AnyConnectOptions::from_str(&address).map_err(failed)?;
        let settings = reader_settings(Kind::Sqlite);
        let readers = pool(&options, READERS, settings).await.map_err(failed)?;
        let writer = pool(&options, 1, settings).await.map_err(failed)?;
        check_version(&readers).await?;
        let reading = Some(Arc::new(reading));
        Ok(Self { readers, writer, kind: Kind::Sqlite, reading, uses: Uses::default() })
    }

    async fn open_at(
        address: &str,
        shown: String,
        kind: Kind,
        pages: Option<i64>,
        schema: i64,
    ) -> Result<Self, HistoryError> {
        let failed = |source| HistoryError::Open { url: shown.clone(), source };
        let options = AnyConnectOptions::from_str(address).map_err(failed)?;
        // Before a session is given any setting: it may be somebody else's.
        if kind == Kind::Postgres && !has_own_sessions(&options).await.map_err(failed)? {
            return Err(HistoryError::Pooled { url: shown });
        }
        let mut connection = AnyConnection::connect_with(&options).await.map_err(failed)?;
        bring_up_to_date(&mut connection, kind, schema).await?;
        connection.close().await.map_err(failed)?;
        let mut settings = writer_settings(kind).to_vec();
        let limit = pages.map(|pages| format!("PRAGMA max_page_count = {pages}"));
        settings.extend(limit.as_deref());
        let writer = pool(&options, 1, &settings).await.map_err(failed)?;
        let readers = pool(&options, READERS, reader_settings(kind)).await.map_err(failed)?;
        Ok(Self { readers, writer, kind, reading: None, uses: Uses::default() })
    }

    /// Whether nothing can be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.reading.is_some()
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Writes a consistent copy of an SQLite database into a new file.
    pub(crate) async fn copy_to(&self, file: &Path) -> Result<(), HistoryError> {
        // Its own connection, because it takes long, and one that may write, because the copy is a database too.
        let failed = doing("copy itself");
        let mut connection = self.readers.acquire().await.map_err(&failed)?.detach();
        connection.execute("PRAGMA query_only = OFF").await.map_err(&failed)?;
        // A name that begins with `file:` would be read as an address; an absolute one doesn't.
        let file = absolute(file);
        let name = file.to_str().ok_or_else(|| not_unicode(&file))?.to_owned();
        sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await.map_err(&failed)?;
        connection.close().await.map_err(failed)
    }

    pub(crate) fn pool(&self) -> &AnyPool {
        &self.readers
    }

    /// A connection for several questions in a row.
    pub(crate) async fn read(&self) -> Result<PoolConnection<Any>, HistoryError> {
        self.readers.acquire().await.map_err(doing("answer"))
    }

    pub(crate) fn writer(&self) -> &AnyPool {
        &self.writer
    }
}

/// How long a connection was not used of which it is asked whether it still stands.
const IDLE: Duration = Duration::from_secs(1);

/// Connections that each begin with the same settings. Whoever waits for one of them too long is told that the database is
/// busy; they are served in the order in which they came.
async fn pool(options: &AnyConnectOptions, size: u32, settings: &[&str]) -> Result<AnyPool, sqlx::Error> {
    let settings = settings.join(";");
    let pool = AnyPoolOptions::new().max_connections(size).acquire_timeout(PATIENCE);
    // One that was idle is asked whether its database is still there; one that was at work just now is not, which would cost
    // every statement of a busy service a second way to PostgreSQL and back.
    let pool = pool.test_before_acquire(false).before_acquire(|connection, met| {
        Box::pin(async move {
            if met.idle_for > IDLE {
                connection.ping().await?;
            }
            Ok(true)
        })
    });
    let pool = pool.after_connect(move |connection, _| {
        let settings = AssertSqlSafe(settings.clone());
        Box::pin(async move { sqlx::raw_sql(settings).execute(connection).await.map(|_| ()) })
    });
    pool.connect_with(options.clone()).await
}

/// What the one connection that writes begins with.
fn writer_settings(kind: Kind) -> &'static [&'static str] {
    match kind {
        // An acknowledged write survives a loss of power; readers don't wait for the writer.
        Kind::Sqlite => &[
            "PRAGMA busy_timeout = 10000",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
            "PRAGMA cache_size = -8192",
        ],
        // Nothing waits for ever, neither for another writer nor for one that stands still.
        Kind::Postgres => &[
            "SET default_transaction_isolation = 'read committed'",
            "SET lock_timeout = '10s'",
            "SET statement_timeout = '60s'",
            "SET idle_in_transaction_session_timeout = '60s'",
        ],
    }
}

/// What connections that only read begin with: the database itself lets them change nothing.
fn reader_settings(kind: Kind) -> &'static [&'static str] {
    match kind {
        // 8 MiB a connection: a year of the cohorts that every comparison reads stays in memory.
        Kind::Sqlite => &["PRAGMA busy_timeout = 10000", "PRAGMA query_only = ON", "PRAGMA cache_size = -8192"],
        Kind::Postgres => &["SET default_transaction_read_only = on"],
    }
}

/// Whether a connection keeps its session. Behind a pool that lends sessions by transaction, such as PgBouncer with
/// `pool_mode = transaction`, it doesn't: prepared statements and the lock around migrations would be somebody else's.
///
/// One connection marks its session. In a pool the next transaction is given that same session, or the first connection
/// finds itself in another one. Others may be at work in the pool meanwhile, so it is tried more than once.
async fn has_own_sessions(options: &AnyConnectOptions) -> Result<bool, sqlx::Error> {
    const TRIES: usize = 3;
    let mut one = AnyConnection::connect_with(options).await?;
    let mut other = AnyConnection::connect_with(options).await?;
    for _ in 0..TRIES {
        if !keeps_its_session(&mut one, &mut other).await? {
            return Ok(false);
        }
    }
    one.close().await?;
    other.close().await?;
    Ok(true)
}

async fn keeps_its_session(one: &mut AnyConnection, other: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    const READ: &str = "SELECT COALESCE(current_setting('idscore.session', true), '') AS mark";
    let mark = uuid::Uuid::now_v7().simple().to_string();
    let set = |mark: &str| AssertSqlSafe(format!("SELECT set_config('idscore.session', '{mark}', false) AS mark"));
    // Simple queries: nothing is prepared before it is known where it would be kept.
    sqlx::raw_sql(set(&mark)).execute(&mut *one).await?;
    sqlx::raw_sql("BEGIN").execute(&mut *other).await?;
    let seen_by_other: String = sqlx::raw_sql(READ).fetch_one(&mut *other).await?.try_get("mark")?;
    let seen_by_one: String = sqlx::raw_sql(READ).fetch_one(&mut *one).await?.try_get("mark")?;
    sqlx::raw_sql("ROLLBACK").execute(&mut *other).await?;
    sqlx::raw_sql(set("")).execute(&mut *one).await?;
    Ok(seen_by_one == mark && seen_by_other != mark)
}

/// The address of SQLite in a file: letters that mean something in an address are escaped.
pub(crate) fn address_of(file: &Path) -> Result<String, HistoryError> {
    let file = absolute(file);
    let name = file.to_str().ok_or_else(|| not_unicode(&file))?;
    let mut address = "sqlite:".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(address)
}

/// The file by its whole path without `..`, which an address would take together by its letters, past symbolic links.
fn absolute(file: &Path) -> PathBuf {
    let folder = crate::archive::durable::parent(file);
    let whole = if cfg!(windows) { std::path::absolute(folder) } else { folder.canonicalize() };
    whole.map_or_else(|_| file.to_owned(), |folder| folder.join(file.file_name().unwrap_or_default()))
}

fn not_unicode(file: &Path) -> HistoryError {
    let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, "SQLite opens names in Unicode only");
    with_file("open", file)(source)
}

/// As the address of a file is shown: with the letters of its path.
fn shown(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

fn kind(url: &str) -> Result<Kind, HistoryError> {
    match url.split_once(':') {
        // A database in memory is another one for each connection.
        Some(("sqlite", file)) if !file.contains(":memory:") => Ok(Kind::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Kind::Postgres),
        _ => Err(HistoryError::Address { url: without_password(url) }),
    }
}

/// The address as it may be shown: `postgres://idscore:***@host/db`, `…/db?password=***`.
#[must_use]
pub fn without_password(url: &str) -> String {
    let shown = without_password_of_user(url);
    let Some((address, query)) = shown.split_once('?').filter(|_| shown.contains("://")) else { return shown };
    let hide = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().ends_with("password") => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    format!("{address}?{}", query.split('&').map(hide).collect::<Vec<_>>().join("&"))
}

fn without_password_of_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match user.split_once(':') {
        Some((name, _)) => format!("{scheme}://{name}:***@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(without_password("postgres://ada:p@ss:word@db/x"), "postgres://ada:***@db/x");
        assert_eq!(without_password("postgres://ada@db/x"), "postgres://ada@db/x");
        assert_eq!(
            without_password("postgres://ada@db/x?sslmode=require&sslPassword=p&password=q"),
            "postgres://ada@db/x?sslmode=require&sslPassword=***&password=***"
        );
        assert_eq!(without_password("sqlite:/var/lib/idscore/history.db"), "sqlite:/var/lib/idscore/history.db");
    }
}
