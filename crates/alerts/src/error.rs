//! What can go wrong while alerts are configured or sent. No text here holds a secret, nor an address beyond its host.

use std::path::PathBuf;

use idscore_secrets::SecretError;

/// Why `alerts.toml` can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// A file can't be read.
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
    /// A table breaks a rule.
    #[error("`{}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which table, what is wrong, and what to write instead.
        reason: String,
    },
    /// A secret of a channel can't be read.
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
        Some(match self {
            Self::Secret(error) => return error.hint(),
            Self::Toml { .. } | Self::Invalid { .. } => "docs/user-guide.md lists every key of alerts.toml".to_owned(),
            Self::Read { .. } | Self::Tls { .. } => return None,
        })
    }
}

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Nobody answered.
    #[error("cannot reach {host}: {reason}")]
    Unreached {
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not answer within {seconds} seconds")]
    TimedOut {
        /// The host.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// It answered with another address, which is not followed.
    #[error("{host} answered {status}, a redirect, which is not followed: write the final address")]
    Redirected {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// It answered, and did not take the message.
    #[error("{host} answered {status}")]
    Refused {
        /// The host.
        host: String,
        /// The status, of HTTP or of SMTP.
        status: u16,
    },
    /// The message can't be written as this channel needs it.
    #[error("cannot write the message: {reason}")]
    Message {
        /// Why.
        reason: String,
    },
}
