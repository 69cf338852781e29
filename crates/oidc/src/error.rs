//! What can go wrong. No text here holds a secret, a code or a token.

use std::path::PathBuf;

use idscore_secrets::SecretError;

/// Why `sign-in.toml` can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// The file can't be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key that is not known.
    #[error("`{}` is not valid", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// The cause, with its place.
        source: Box<toml::de::Error>,
    },
    /// A value breaks a rule.
    #[error("`{}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// The client's secret can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no way to speak TLS.
    #[error("cannot set up TLS")]
    Tls {
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ConfigurationError {
    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Secret(error) => error.hint(),
            Self::Toml { .. } | Self::Invalid { .. } => {
                Some("docs/user-guide.md lists every key of sign-in.toml".to_owned())
            }
            Self::Read { .. } | Self::Tls { .. } => None,
        }
    }
}

/// Why somebody was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The provider can't be reached, or answers what is no OpenID Connect.
    #[error("the provider can't be used: {0}")]
    Unreached(String),
    /// The provider, or the person at its page, said no.
    #[error("the provider refused: {0}")]
    Declined(String),
    /// The provider didn't take the code.
    #[error("the provider did not take the code: {0}")]
    Code(String),
    /// The ID token is not to be believed.
    #[error("the ID token was refused: {0}")]
    Token(&'static str),
    /// The person has no role here.
    #[error("{name} has no role that is mapped")]
    NoRole {
        /// Who.
        name: String,
    },
    /// The person is in so many groups that the token does not list them.
    #[error("the token of {name} does not list their groups, because there are too many")]
    Overage {
        /// Who.
        name: String,
    },
}

impl Refusal {
    /// Who was refused, where that is known for certain.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::NoRole { name } | Self::Overage { name } => Some(name),
            Self::Unreached(_) | Self::Declined(_) | Self::Code(_) | Self::Token(_) => None,
        }
    }
}
