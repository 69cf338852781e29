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
    #[error("`{}` is not valid, line {line}: {reason}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The reason without the line itself: somebody may have written a secret there.
        reason: String,
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
    let file = toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        SettingsError::Toml { path: path.to_owned(), line, reason: error.message().trim().to_owned() }
    })?;
    settings(file).map_err(|reason| SettingsError::Invalid { path: path.to_owned(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_wrong_place_is_told_by_its_line_and_never_shown() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[expect(dead_code, reason = "a key that is known")]
            name: String,
        }
        for text in ["name = \"a\"\nsecret = \"hunter2\"\n", "name = \"a\"\nsecret = \"hunter2\n"] {
            let error = parse(text, Path::new("x.toml"), |file: File| Ok(file)).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(error.to_string().starts_with("`x.toml` is not valid, line 2: "), "{error}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
