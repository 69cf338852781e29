//! Files of settings in TOML, which name secrets and never hold them.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::SecretError;

/// Why a file of settings can't be used. No text here holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
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
    /// A value breaks a rule.
    #[error("`{}`: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which table, what is wrong, and what to write instead.
        reason: String,
    },
    /// A secret that the file names can't be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There is no way to speak TLS.
    #[error("cannot set up TLS")]
    Tls {
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SettingsError {
    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Secret(error) => error.hint(),
            Self::Toml { path, .. } | Self::Invalid { path, .. } => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                Some(format!("docs/user-guide.md lists every key of {}", name.display()))
            }
            Self::Read { .. } | Self::Tls { .. } => None,
        }
    }
}

/// The text of a file of settings.
///
/// # Errors
/// When it can't be read.
pub fn read(path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path).map_err(|source| SettingsError::Read { path: path.to_owned(), source })
}

/// The settings in a text, by what its tables mean; `path` names it in errors.
///
/// # Errors
/// When it is no TOML of that shape, or when `settings` says which rule it breaks.
pub fn parse<File: DeserializeOwned, Settings>(
    text: &str,
    path: &Path,
    settings: impl FnOnce(File) -> Result<Settings, String>,
) -> Result<Settings, SettingsError> {
    let file = toml::from_str(text)
        .map_err(|source| SettingsError::Toml { path: path.to_owned(), source: Box::new(source) })?;
    settings(file).map_err(|reason| SettingsError::Invalid { path: path.to_owned(), reason })
}
