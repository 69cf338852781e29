//! Secrets: from the environment or from a file that only its owner may read, and never shown; and the files of settings
//! that name them.

pub mod settings;

use std::fmt;
use std::path::{Path, PathBuf};

pub use settings::SettingsError;

/// Why a secret can't be read. No text here holds one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// A file can't be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A variable is not set.
    #[error("the environment variable `{name}`, which holds a secret, is not set")]
    Variable {
        /// Its name.
        name: String,
    },
    /// A secret is empty.
    #[error("the secret in `{place}` is empty")]
    Empty {
        /// The variable or the file.
        place: String,
    },
    /// Others may read a secret.
    #[error("others may read the secret in `{}` (mode {mode:o})", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
}

impl SecretError {
    /// The next step.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Readable { path, .. } => format!("chmod 600 {}", path.display()),
            Self::Variable { .. } | Self::Empty { .. } => {
                "set it where the service is started, or name a file that only its owner may read".to_owned()
            }
            Self::Read { .. } => return None,
        })
    }
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A variable of the environment.
    Environment(String),
    /// A file, without the line end after it.
    File(PathBuf),
}

/// A text that neither `Debug` nor an error shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

impl Secret {
    /// A secret that was read elsewhere.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Source {
    /// The source that one of two keys of a configuration names: `{what}_env` or `{what}_file`; none where neither is there.
    ///
    /// # Errors
    /// When both are there.
    pub fn of(variable: Option<String>, file: Option<PathBuf>, what: &str) -> Result<Option<Self>, String> {
        match (variable, file) {
            (Some(_), Some(_)) => Err(format!("`{what}_env` and `{what}_file` exclude each other")),
            (Some(name), None) => Ok(Some(Self::Environment(name))),
            (None, Some(path)) => Ok(Some(Self::File(path))),
            (None, None) => Ok(None),
        }
    }

    /// Reads the secret.
    ///
    /// # Errors
    /// When it is missing or empty, or when others may read the file.
    pub fn read(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Secret, SecretError> {
        let text = match self {
            Self::Environment(name) => variable(name).ok_or_else(|| SecretError::Variable { name: name.clone() })?,
            Self::File(path) => {
                private(path)?;
                std::fs::read_to_string(path).map_err(|source| SecretError::Read { path: path.clone(), source })?
            }
        };
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(SecretError::Empty { place: self.place() }),
            text => Ok(Secret(text.to_owned())),
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Environment(name) => name.clone(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// The bytes of a private file that is no text, such as a certificate with its key.
///
/// # Errors
/// When it can't be read or is empty, or when others may read it.
pub fn read_private(path: &Path) -> Result<Vec<u8>, SecretError> {
    private(path)?;
    let bytes = std::fs::read(path).map_err(|source| SecretError::Read { path: path.to_owned(), source })?;
    if bytes.is_empty() { Err(SecretError::Empty { place: path.display().to_string() }) } else { Ok(bytes) }
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;
    let data = std::fs::metadata(path).map_err(|source| SecretError::Read { path: path.to_owned(), source })?;
    let mode = data.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(SecretError::Readable { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), SecretError> {
    // Elsewhere a file takes its permissions from its folder.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(Secret(***))");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "hunter2hunter2\n").unwrap();
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o640);
        let refused = Source::File(path.clone()).read(&|_| None);
        assert!(matches!(refused, Err(SecretError::Readable { mode: 0o640, .. })));
        mode(0o600);
        assert_eq!(Source::File(path.clone()).read(&|_| None).unwrap(), Secret::new("hunter2hunter2"));
    }
}
