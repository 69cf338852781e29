//! Why a snapshot could not be judged.

use crate::evaluate::EvaluateError;

/// Why a snapshot could not be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssessError {
    /// The snapshot's files can't be read.
    #[error("cannot read the snapshot's {what}")]
    Snapshot {
        /// The table or document kind.
        what: String,
        /// The cause.
        source: idscore_snapshot::OpenError,
    },
    /// A predicate and its table don't fit.
    #[error("cannot judge control `{control}`")]
    Evaluate {
        /// The control.
        control: String,
        /// The cause.
        source: EvaluateError,
    },
    /// A configuration names a control that doesn't exist.
    #[error("the configuration names control `{control}`, which the catalogue doesn't have")]
    UnknownControl {
        /// The name.
        control: String,
    },
    /// A configuration attests or reviews a control that the data decide.
    #[error(
        "the configuration attests or reviews control `{control}`, which is measured; use [[status]] to declare a resolution"
    )]
    Measured {
        /// The control.
        control: String,
    },
    /// The snapshot's instant is not a time.
    #[error("the snapshot's instant `{text}` is no RFC 3339 time")]
    Instant {
        /// The text.
        text: String,
    },
    /// The evidence could not be kept.
    #[error("the evidence cannot be kept")]
    Evidence {
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// More users than rows can be numbered for.
    #[error("the snapshot has more than 4,294,967,295 users")]
    TooManyUsers,
}

/// Names what was being read when the snapshot failed.
pub(crate) fn reading<T>(what: &str, result: Result<T, idscore_snapshot::OpenError>) -> Result<T, AssessError> {
    result.map_err(|source| AssessError::Snapshot { what: what.to_owned(), source })
}
