//! Secrets: from the environment or from a file that only its owner may read, and never shown.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::ConfigurationError;

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
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl Source {
    /// Reads the secret.
    ///
    /// # Errors
    /// When it is missing or empty, or when others may read the file.
    pub fn read(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Secret, ConfigurationError> {
        let text = match self {
            Self::Environment(name) => {
                variable(name).ok_or_else(|| ConfigurationError::Variable { name: name.clone() })?
            }
            Self::File(path) => {
                private(path)?;
                std::fs::read_to_string(path)
                    .map_err(|source| ConfigurationError::Read { path: path.clone(), source })?
            }
        };
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(ConfigurationError::Empty { place: self.place() }),
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

#[cfg(unix)]
fn private(path: &Path) -> Result<(), ConfigurationError> {
    use std::os::unix::fs::PermissionsExt;
    let data = std::fs::metadata(path).map_err(|source| ConfigurationError::Read { path: path.to_owned(), source })?;
    let mode = data.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(ConfigurationError::Readable { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), ConfigurationError> {
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
        assert!(matches!(refused, Err(ConfigurationError::Readable { mode: 0o640, .. })));
        mode(0o600);
        assert_eq!(Source::File(path.clone()).read(&|_| None).unwrap(), Secret::new("hunter2hunter2"));
    }
}
