//! What can go wrong for the person at the terminal, and what to do about it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use idscore_alerts::heads::RecordedError;
use idscore_assess::AssessError;
use idscore_graph::{CollectError, Kind};
use idscore_graph_server::StartError;
use idscore_snapshot::ReadError;
use idscore_store::{HistoryError, ReceiveError, TakeInError};

/// How a command ended when it worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0
    Done,
    /// 1: everything worked, and the answer is below what was demanded.
    GateFailed,
    /// 2: it was said already what is wrong.
    Wrong,
    /// 3: somebody else's service could not be reached, or did not take what it was sent.
    Unreached,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::GateFailed => Self::from(1),
            Exit::Wrong => Self::from(2),
            Exit::Unreached => Self::from(3),
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file that an option names could not be read.
    #[error("cannot read `{}`", path.display())]
    ReadInput {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Output could not be written.
    #[error("cannot write `{}`", path.display())]
    WriteOutput {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The operating system refused to tell of Ctrl-C.
    #[error("cannot watch for signals")]
    Signals(#[from] io::Error),
    /// The address can't be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The operating system refused something else.
    #[error("cannot {action}")]
    System {
        /// What we were doing.
        action: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// A row could not be written.
    #[error("cannot write CSV")]
    Csv(#[from] csv::Error),
    /// A result could not be written as JSON.
    #[error("cannot write JSON")]
    Json(#[from] serde_json::Error),
    /// The HTML report could not be made.
    #[error("cannot make the HTML report")]
    Html(#[from] askama::Error),
    /// The JUnit report could not be made.
    #[error("cannot make the JUnit report")]
    JUnit(#[from] quick_junit::SerializeError),
    /// The workbook could not be made.
    #[error("cannot make the workbook")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// The result's instant can't be read.
    #[error("cannot read the instant of the result, `{text}`")]
    Instant {
        /// What stands there.
        text: String,
        /// The cause.
        source: jiff::Error,
    },
    /// The export could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The snapshot could not be opened.
    #[error(transparent)]
    Open(#[from] idscore_snapshot::OpenError),
    /// The tenant could not be judged.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// The tenant could not be invented.
    #[error(transparent)]
    Generate(#[from] idscore_tenantsim::GenerateError),
    /// The Graph server doesn't start.
    #[error(transparent)]
    GraphServer(#[from] StartError),
    /// A secret can't be read.
    #[error(transparent)]
    Secret(#[from] idscore_secrets::SecretError),
    /// Something about the call that clap cannot see.
    #[error("{reason}")]
    Call {
        /// What is wrong.
        reason: String,
        /// What to do instead.
        hint: String,
    },
    /// The configuration could not be used.
    #[error(transparent)]
    Configuration(#[from] idscore_assess::ConfigurationError),
    /// Alerts or signing in could not be configured.
    #[error(transparent)]
    Settings(#[from] idscore_secrets::SettingsError),
    /// The certificate can't be used.
    #[error(transparent)]
    Tls(#[from] idscore_server::TlsError),
    /// The tenant could not be collected.
    #[error(transparent)]
    Collect(#[from] CollectError),
    /// History could not be read or written.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl From<ReceiveError> for CliError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Read(error) => error.into(),
            ReceiveError::Open(error) => error.into(),
            ReceiveError::Folder(error) => error.into(),
        }
    }
}

impl From<TakeInError> for CliError {
    fn from(error: TakeInError) -> Self {
        match error {
            TakeInError::Receive(error) => error.into(),
            TakeInError::Refused(reason) => Self::call(reason, "give another export"),
            TakeInError::Keep(error) => error.into(),
        }
    }
}

impl From<RecordedError> for CliError {
    fn from(error: RecordedError) -> Self {
        match error {
            RecordedError::Read { path, source } => Self::ReadInput { path, source },
            RecordedError::History(error) => error.into(),
        }
    }
}

impl CliError {
    /// A mistake in the call.
    pub fn call(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Call { reason: reason.into(), hint: hint.into() }
    }

    /// 2, 3 where a server could not be reached, or what a shell expects of a command that was interrupted.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            _ if self.is_interrupt() => 130,
            // A file is no service: where it can't be opened, the call is wrong.
            Self::History(HistoryError::Open { url, .. }) if url.starts_with("sqlite:") => 2,
            _ if self.is_unreachable() => 3,
            _ => 2,
        })
    }

    /// Whether somebody ended the work.
    pub fn is_interrupt(&self) -> bool {
        match self {
            Self::Read(ReadError::Interrupted) => true,
            Self::Collect(error) => error.kind() == Kind::Interrupted,
            _ => false,
        }
    }

    /// Whether a service could not be reached.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::History(error) => error.is_unreachable(),
            Self::Collect(error) => error.kind() == Kind::Unreachable,
            _ => false,
        }
    }

    /// The error and its causes on one line, each said once.
    pub fn with_causes(&self) -> String {
        idscore_store::with_causes(self)
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Call { hint, .. } => Some(hint.clone()),
            Self::Listen { .. } | Self::GraphServer(StartError::Listen { .. }) => {
                Some("choose another one: --listen 127.0.0.1:0 takes a free port".to_owned())
            }
            Self::Read(error) => error.hint().map(str::to_owned),
            Self::Configuration(_) | Self::History(HistoryError::Configuration(_)) => {
                Some("docs/user-guide.md lists every key of idscore.toml".to_owned())
            }
            Self::History(error) => error.hint().map(str::to_owned),
            Self::Settings(error) => error.hint(),
            Self::Collect(error) => error.hint(),
            Self::GraphServer(StartError::Export(_)) => {
                Some("`idscore generate DIR` writes an export; docs/user-guide.md says how one looks".to_owned())
            }
            Self::Secret(error) => error.hint(),
            Self::Tls(error) => Some(error.hint()),
            Self::Instant { .. } => Some("give it with --taken-at, such as 2026-11-20T06:00:00Z".to_owned()),
            Self::JUnit(_) | Self::Xlsx(_) => Some("--format json has the whole result".to_owned()),
            Self::Assess(AssessError::UnknownControl { .. }) => Some("`idscore controls list` shows all".to_owned()),
            Self::WriteOutput { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("make the folder first".to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_we_were_doing_then_its_cause() {
        let error = CliError::WriteOutput { path: "out/score.json".into(), source: io::Error::other("disk full") };
        assert_eq!(error.with_causes(), "cannot write `out/score.json`: disk full");
    }
}
