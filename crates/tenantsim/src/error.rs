//! Why a tenant can't be invented.

use std::path::PathBuf;

use crate::MAX_POLICIES;

/// Why a tenant can't be invented.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// More policies than Microsoft allows.
    #[error("a tenant has at most {MAX_POLICIES} Conditional Access policies, not {0}; ask for fewer")]
    TooManyPolicies(u32),
    /// The folder has something in it already, and mixing two tenants would ruin both.
    #[error("the folder `{}` isn't empty; name a new one", .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder can't be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}
