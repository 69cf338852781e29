//! What can go wrong while history is read or written.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use idscore_history::{FileProblem, Invalid, KeptFile};
use sqlx::migrate::MigrateError;

/// Why history could not be read or written. Nothing is half-written when it is returned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A folder that is no data folder holds something.
    #[error("`{}` is no data folder, and holds `{found}`", folder.display())]
    ForeignFolder {
        /// The folder.
        folder: PathBuf,
        /// One of the names in it.
        found: String,
    },
    /// The address of the database is of no known kind.
    #[error("`{url}` is no address of a database that is supported")]
    Address {
        /// The address without its password.
        url: String,
    },
    /// Work on files panicked.
    #[error("work on {what} ended by a mistake in this program; please report it")]
    Panicked {
        /// On what.
        what: &'static str,
    },
    /// The system has no thread for work on files.
    #[error("no thread could be started for work on {what}")]
    NoThread {
        /// On what.
        what: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// The database can't be reached or opened.
    #[error("cannot open the database `{url}`")]
    Open {
        /// The address without its password.
        url: String,
        /// The cause.
        source: sqlx::Error,
    },
    /// The database is reached through a pool that lends sessions by transaction.
    #[error(
        "the database `{url}` lends its sessions by transaction, as PgBouncer does with pool_mode = transaction, and prepared statements need a session of their own"
    )]
    Pooled {
        /// The address without its password.
        url: String,
    },
    /// The schema is of a newer version, or could not be brought up to date.
    #[error("cannot bring the database up to date")]
    Migrate(#[source] MigrateError),
    /// A statement failed.
    #[error("the database refused to {action}")]
    Database {
        /// What we were doing.
        action: &'static str,
        /// The cause.
        source: sqlx::Error,
    },
    /// Others are at work in the database, and our turn did not come.
    #[error("the database is too busy to {action}")]
    Busy {
        /// What we were doing.
        action: &'static str,
        /// The cause.
        source: sqlx::Error,
    },
    /// The data folder, or its database, can only be read.
    #[error("cannot {action}: the data folder can only be read")]
    ReadOnly {
        /// What we were doing.
        action: &'static str,
    },
    /// Bytes of the database are not what SQLite or PostgreSQL wrote.
    #[error("the database is damaged, and can't {action}")]
    DamagedDatabase {
        /// What we were doing.
        action: &'static str,
        /// The cause.
        source: sqlx::Error,
    },
    /// A value in the database is not what this program writes.
    #[error("the database holds a damaged {what}")]
    Damaged {
        /// What it is.
        what: &'static str,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was asked for is not there.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// No assessment is meant by what somebody named.
    #[error("{reason}")]
    NoAssessment {
        /// What was named, and what is not there.
        reason: String,
    },
    /// Two assessments measure differently, so that nothing moved between them.
    #[error("one is Microsoft's own number and the other is ours; they measure differently")]
    OtherMeasure,
    /// What was to be written breaks its own rules.
    #[error("{reason}")]
    Invalid {
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// The audit log was changed behind this program's back.
    #[error("the audit log is broken at entry {sequence}: {reason}")]
    Audit {
        /// The first entry that does not fit.
        sequence: i64,
        /// What does not fit.
        reason: String,
    },
    /// A file beside the database can't be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What we were doing.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A month was written for other organisations before.
    #[error("{month} was written before, with epsilon {epsilon} in all")]
    Written {
        /// The month.
        month: String,
        /// What its files may tell about one tenant.
        epsilon: f64,
    },
    /// There is no randomness, and what hides behind noise can't be written without.
    #[error("the operating system gives no random numbers")]
    Random(#[source] io::Error),
    /// The configuration of a tenant can't be used.
    #[error(transparent)]
    Configuration(#[from] idscore_assess::ConfigurationError),
    /// A file that the database names is missing, damaged or can't be read.
    #[error("the {} `{}` is {}", file.name(), path.display(), problem.name())]
    Unread {
        /// What it is.
        file: KeptFile,
        /// What is wrong with it.
        problem: FileProblem,
        /// Where it should be.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Evidence could not be written.
    #[error("cannot write the evidence `{}`", path.display())]
    Evidence {
        /// The Parquet file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What makes PgBouncer fit.
const POOL: &str = "give this database pool_mode = session in pgbouncer.ini, with ignore_startup_parameters = extra_float_digits; \
                    or name PostgreSQL itself";

impl HistoryError {
    /// The next step, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::ForeignFolder { .. } => {
                "name a new folder, an empty one, or one that `idscore score EXPORT --data DIR` made"
            }
            Self::Address { .. } => "write sqlite:FILE or postgres://USER@HOST/DATABASE",
            Self::Pooled { .. } => POOL,
            Self::Open { source, .. } if source.to_string().contains("unsupported startup parameter") => POOL,
            Self::Open { source, .. } if is_damaged(source) => "it is no database, or a damaged one: restore a backup",
            Self::Open { .. } => "check that the folder or the server is there and may be used",
            Self::Panicked { .. } => "the log says where it happened; what was kept before is intact",
            Self::NoThread { .. } => "let the account of the service run more threads, or make memory free",
            Self::Migrate(_) => "use the version of this program that wrote it, or a newer one",
            Self::ReadOnly { .. } => {
                "name a folder that may be written to; commands that only look, such as `trend` and `audit verify`, work here"
            }
            Self::DamagedDatabase { .. } => "restore a backup",
            Self::Database { source, .. } if is_full(source) => "make room on the disk; what was kept before is intact",
            Self::Busy { .. } => "try again in some seconds; nothing was changed",
            Self::Audit { .. } => "compare with a backup; entries from that one on cannot be trusted",
            Self::NoAssessment { .. } => "`idscore trend` shows the days, its JSON the ids",
            Self::OtherMeasure => "name two assessments of one kind; `idscore trend` says which days are Microsoft's",
            Self::NotFound { .. } | Self::Invalid { .. } | Self::Database { .. } | Self::Configuration(_) => {
                return None;
            }
            Self::Written { .. } => "give that file away again, or write another with --again: what both tell adds up",
            Self::Random(_) => "try again once it has started up",
            Self::Damaged { .. } => "restore a backup",
            Self::Unread { problem: FileProblem::Unreadable, .. } => "see that the user of this program may read it",
            Self::Unread { .. } => {
                "bring it back from a backup of the data folder, or keep a newer export of the tenant"
            }
            Self::File { action: "read the backup", .. } => "it may be cut short or no backup; try another one",
            Self::File { .. } | Self::Evidence { .. } => "check that the data folder is there and may be used",
        })
    }

    /// Whether a service, rather than the input, is at fault.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::Busy { .. })
            || matches!(self, Self::Database { source, .. }
                if matches!(source, sqlx::Error::Io(_) | sqlx::Error::PoolClosed))
    }

    /// Whether PostgreSQL ended the write in favour of another one, so that it may succeed the next time.
    pub(crate) fn lost_a_race(&self) -> bool {
        const SERIALIZATION_FAILURE: &str = "40001";
        const DEADLOCK_DETECTED: &str = "40P01";
        matches!(self, Self::Database { source, .. }
            if code(source).is_some_and(|code| code == SERIALIZATION_FAILURE || code == DEADLOCK_DETECTED))
    }
}

fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error().and_then(|error| error.code())
}

/// No turn came in time: in the pool, with SQLite's SQLITE_BUSY, or with PostgreSQL's `lock_not_available` and `query_canceled`.
fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::PoolTimedOut)
        || code(error).is_some_and(|code| ["5", "261", "517", "55P03", "57014"].contains(&&*code))
}

/// SQLITE_FULL, or PostgreSQL's `disk_full`.
fn is_full(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().is_some_and(|code| code == "13" || code == "53100") || error.message().contains("is full")
    })
}

/// Pages that SQLite can't read (SQLITE_CORRUPT, SQLITE_NOTADB), or PostgreSQL's `data_corrupted` and `index_corrupted`.
fn is_damaged(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| ["11", "267", "523", "779", "26", "XX001", "XX002"].contains(&&*code))
}

/// SQLITE_READONLY with its kin, or PostgreSQL's `read_only_sql_transaction`.
fn is_read_only(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| ["8", "264", "520", "776", "1032", "1288", "1544", "25006"].contains(&&*code))
}

impl From<Invalid> for HistoryError {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::UnknownControl { id } => Self::NotFound { what: "control", id },
            Invalid::Rule { reason } => Self::Invalid { reason },
        }
    }
}

impl From<MigrateError> for HistoryError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)
                if [is_busy, is_damaged, is_full].iter().any(|is| is(&source)) =>
            {
                doing("be brought up to date")(source)
            }
            error => Self::Migrate(error),
        }
    }
}

/// Says what we were doing when a file could not be read or written.
pub(crate) fn with_file(action: &'static str, path: &Path) -> impl Fn(io::Error) -> HistoryError {
    move |source| HistoryError::File { action, path: path.to_owned(), source }
}

/// Says what we were doing when the database refused.
pub(crate) fn doing(action: &'static str) -> impl Fn(sqlx::Error) -> HistoryError {
    move |source| match source {
        source if is_busy(&source) => HistoryError::Busy { action, source },
        source if is_damaged(&source) => HistoryError::DamagedDatabase { action, source },
        source if is_read_only(&source) => HistoryError::ReadOnly { action },
        source => HistoryError::Database { action, source },
    }
}
