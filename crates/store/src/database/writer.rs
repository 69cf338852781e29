//! The one writer: a connection of its own behind a fair queue. Everything that a write needs is read through it.

use std::ops::{Deref, DerefMut};
use std::pin::Pin;

use sqlx::{Any, AnyConnection, Connection, Transaction};

use crate::database::{History, Kind};
use crate::error::{HistoryError, doing};

/// PostgreSQL's lock that lets one writer in at a time, whichever process it is in; any constant would do.
const WRITER_LOCK: i64 = 0x1d5c_07e5;
/// How a transaction of SQLite begins that is the only one to write.
const IMMEDIATE: &str = "BEGIN IMMEDIATE";
/// How often a write is tried again that lost against another program's.
const TRIES_AGAIN: usize = 5;

/// A write that has begun: a connection that sees what it changed, and holds all of it or none.
pub(crate) struct Write {
    transaction: Transaction<'static, Any>,
    action: &'static str,
    /// The number and the hash of the newest entry of the audit log, once it was read or written.
    pub(crate) last_entry: Option<(i64, String)>,
}

impl Write {
    /// Says what we were doing when the database refused.
    pub(crate) fn failed(&self) -> impl Fn(sqlx::Error) -> HistoryError + use<> {
        doing(self.action)
    }
}

/// What is done within a write.
pub(crate) type Writing<'a, T> = Pin<Box<dyn Future<Output = Result<T, HistoryError>> + Send + 'a>>;

impl Deref for Write {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

impl History {
    /// Writes, all or nothing: one writer at a time, so that sequences have no gaps and the audit log has one order.
    ///
    /// `work` is a function, which holds on to nothing: it can't reach the store, only the write and its arguments. It may run
    /// more than once, because PostgreSQL ends one of two writes that wait for each other.
    pub(crate) async fn write<A, T>(
        &self,
        action: &'static str,
        arguments: A,
        work: for<'a> fn(&'a mut Write, &'a A) -> Writing<'a, T>,
    ) -> Result<T, HistoryError> {
        if self.is_read_only() {
            return Err(HistoryError::ReadOnly { action });
        }
        let mut again = 0;
        loop {
            let mut write = self.begin(action).await?;
            let done = match work(&mut write, &arguments).await {
                Ok(value) => write.transaction.commit().await.map(|()| value).map_err(doing(action)),
                Err(error) => {
                    // A connection that can't roll back is broken: the pool opens another one.
                    let _ = write.transaction.rollback().await;
                    Err(error)
                }
            };
            match done {
                Err(error) if error.lost_a_race() && again < TRIES_AGAIN => again += 1,
                done => return done,
            }
        }
    }

    /// Writes a row and takes it back: whether a write would be taken.
    ///
    /// # Errors
    /// When it would not.
    pub(crate) async fn try_write(&self) -> Result<(), HistoryError> {
        let mut write = self.begin("be written to").await?;
        let failed = write.failed();
        let sql =
            "INSERT INTO import_failure (sequence, tenant_id, input, reason, at, raised) VALUES (-1, '', '', '', 0, 1)";
        sqlx::query(sql).execute(&mut *write).await.map_err(&failed)?;
        write.transaction.rollback().await.map_err(failed)
    }

    async fn begin(&self, action: &'static str) -> Result<Write, HistoryError> {
        let failed = doing(action);
        let transaction = match self.kind() {
            Kind::Sqlite => self.writer().begin_with(IMMEDIATE).await.map_err(failed)?,
            Kind::Postgres => {
                let mut transaction = self.writer().begin().await.map_err(&failed)?;
                take_turn(&mut transaction).await.map_err(failed)?;
                transaction
            }
        };
        Ok(Write { transaction, action, last_entry: None })
    }
}

/// Begins a transaction while no other process writes.
pub(crate) async fn begin_alone(
    connection: &mut AnyConnection,
    kind: Kind,
) -> Result<Transaction<'_, Any>, sqlx::Error> {
    match kind {
        Kind::Sqlite => connection.begin_with(IMMEDIATE).await,
        Kind::Postgres => {
            let mut transaction = connection.begin().await?;
            take_turn(&mut transaction).await?;
            Ok(transaction)
        }
    }
}

/// Waits in PostgreSQL until no other transaction writes.
async fn take_turn(transaction: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let lock = sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)").bind(WRITER_LOCK);
    lock.execute(transaction).await.map(|_| ())
}
