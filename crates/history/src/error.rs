//! What can be wrong with a change or a file.

/// Why a change of the plan or a file of another organisation is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// No control has this id.
    #[error("there is no control `{id}`")]
    UnknownControl {
        /// Its id.
        id: String,
    },
    /// It breaks its own rules.
    #[error("{reason}")]
    Rule {
        /// What is wrong, and what to write instead.
        reason: String,
    },
}
