//! What can go wrong while history is read or written.

use std::path::PathBuf;

/// Why history could not be read or written. Nothing is half-written when it is returned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The address of the database is of no known kind.
    #[error("`{url}` is no address of a database that is supported")]
    Address {
        /// The address without its password.
        url: String,
    },
    /// The database can't be reached or opened.
    #[error("cannot open the database `{url}`")]
    Open {
        /// The address without its password.
        url: String,
        /// The cause.
        source: sqlx::Error,
    },
    /// The schema is of a newer version, or could not be brought up to date.
    #[error("cannot bring the database up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A statement failed.
    #[error("the database refused to {action}")]
    Database {
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
        reason: &'static str,
    },
    /// A file beside the database can't be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What we were doing.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
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
    Random(#[source] std::io::Error),
    /// Evidence could not be written or read.
    #[error("cannot use the evidence `{}`", path.display())]
    Evidence {
        /// The Parquet file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl HistoryError {
    /// The next step, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Address { .. } => "write sqlite:FILE or postgres://USER@HOST/DATABASE",
            Self::Open { .. } => "check that the folder or the server is there and may be used",
            Self::Migrate(_) => "use the version of this program that wrote it, or a newer one",
            Self::Database { source, .. } if is_full(source) => "make room on the disk; what was kept before is intact",
            Self::Audit { .. } => "compare with a backup; entries from that one on cannot be trusted",
            Self::NoAssessment { .. } => "`idscore trend` shows the days, its JSON the ids",
            Self::OtherMeasure => "name two assessments of one kind; `idscore trend` says which days are Microsoft's",
            Self::NotFound { .. } | Self::Invalid { .. } | Self::Database { .. } => return None,
            Self::Written { .. } => "give that file away again, or write another with --again: what both tell adds up",
            Self::Random(_) => "try again once it has started up",
            Self::Damaged { .. } => "restore a backup",
            Self::File { action: "read the backup", .. } => "it may be cut short or no backup; try another one",
            Self::File { .. } | Self::Evidence { .. } => "check that the data folder is there and may be used",
        })
    }

    /// Whether a service, rather than the input, is at fault.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Open { .. })
            || matches!(self, Self::Database { source, .. }
                if matches!(source, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed))
    }
}

/// SQLITE_FULL, or PostgreSQL's `disk_full`.
fn is_full(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().is_some_and(|code| code == "13" || code == "53100") || error.message().contains("is full")
    })
}

/// Says what we were doing when the database refused.
pub(crate) fn doing(action: &'static str) -> impl Fn(sqlx::Error) -> HistoryError {
    move |source| HistoryError::Database { action, source }
}
