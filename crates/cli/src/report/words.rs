//! The words that people read, and those that a shell reads.

use std::path::{Path, PathBuf};

pub use idscore_words::*;

/// How to call this program: by its name where the shell finds it, else as it was called.
pub fn program() -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let folder = called.parent().filter(|folder| !folder.as_os_str().is_empty());
    let found = |folder: &Path| {
        std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|known| known == folder))
    };
    match folder {
        Some(folder) if called.file_stem().is_some_and(|stem| stem == "idscore") && !found(folder) => {
            shell_word(&called.to_string_lossy())
        }
        _ => "idscore".to_owned(),
    }
}

/// A word that a shell reads as one word.
pub fn shell_word(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:+,@%=".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_space_stays_one_word_in_the_shell() {
        assert_eq!(shell_word("my tenant's"), r"'my tenant'\''s'");
        assert_eq!(shell_word("tenants/careful"), "tenants/careful");
    }
}
