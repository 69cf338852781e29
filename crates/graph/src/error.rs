//! Why a tenant can't be collected, and what to do about it. No text here holds a secret or a token.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use idscore_secrets::SecretError;

/// Who has to do something so that it works next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The call or what it names is wrong.
    Wrong,
    /// A service could not be reached, or the clocks are too far apart to speak to it.
    Unreachable,
    /// Somebody ended the work.
    Interrupted,
}

/// Why a tenant can't be collected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The call is wrong.
    #[error("{reason}")]
    Call {
        /// What is wrong.
        reason: String,
        /// What to do instead.
        hint: String,
    },
    /// A secret can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A certificate can't be used.
    #[error("cannot sign in with the certificate `{}`: {reason}", path.display())]
    Certificate {
        /// Its file.
        path: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// Microsoft Entra ID doesn't let the application in.
    #[error("cannot sign in: {reason}")]
    SignIn {
        /// Why, in a sentence.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The two clocks are too far apart.
    #[error("cannot sign in: this machine's clock is {minutes} minutes {direction} Microsoft's")]
    ClockSkew {
        /// How far.
        minutes: i64,
        /// `ahead of` or `behind`.
        direction: &'static str,
    },
    /// Nobody answers.
    #[error("cannot reach `{host}`: {reason}")]
    Unreachable {
        /// Whom we asked.
        host: String,
        /// The cause.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The export's folder can't be written or read.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What we were doing.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Somebody ended the work.
    #[error("the collection was interrupted; what was read so far lies in `{}`", out.display())]
    Interrupted {
        /// The export's folder.
        out: PathBuf,
    },
}

impl CollectError {
    /// A mistake in the call.
    pub fn call(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Call { reason: reason.into(), hint: hint.into() }
    }

    pub(crate) fn sign_in(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::SignIn { reason: reason.into(), hint: hint.into() }
    }

    /// This machine's clock is so many seconds ahead of Microsoft's, or behind.
    pub(crate) fn clock_skew(seconds: i64) -> Self {
        let direction = if seconds > 0 { "ahead of" } else { "behind" };
        Self::ClockSkew { minutes: seconds.saturating_abs().saturating_add(30) / 60, direction }
    }

    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File { action, path: path.into(), source }
    }

    /// A request that found nobody.
    pub(crate) fn unreachable(host: &str, error: &(dyn Error + 'static)) -> Self {
        let reason = deepest(error);
        let all = chain(error);
        let hint = if all.contains("proxy") || all.contains("tunnel") {
            "the proxy of HTTPS_PROXY doesn't let it through: check its address and password, or ask who runs it to \
             allow this host"
        } else if all.contains("certificate") || all.contains("UnknownIssuer") {
            "the certificate of the other side isn't trusted here: where a proxy looks into TLS, add its certificate to this system's"
        } else {
            "check the network and HTTPS_PROXY, then run it again; what was read is kept and --resume goes on from there"
        };
        Self::Unreachable { host: host.to_owned(), reason, hint: hint.to_owned() }
    }

    /// Who has to do something.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::ClockSkew { .. } | Self::Unreachable { .. } => Kind::Unreachable,
            Self::Interrupted { .. } => Kind::Interrupted,
            _ => Kind::Wrong,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Call { hint, .. }
            | Self::Certificate { hint, .. }
            | Self::SignIn { hint, .. }
            | Self::Unreachable { hint, .. } => hint.clone(),
            Self::Secret(error) => return error.hint(),
            Self::ClockSkew { .. } => {
                "set this machine's clock, for example with a time service, then run it again".to_owned()
            }
            Self::Interrupted { .. } => "the same command with --resume goes on from there".to_owned(),
            Self::File { .. } => return None,
        })
    }
}

/// The cause behind all others: the system's or the certificate's, which name no address.
pub(crate) fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error;
    while let Some(next) = cause.source() {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next;
    }
    text
}
