//! Lines that the runners of pipelines read as commands.
//!
//! GitHub Actions reads `::name …::` at the start of a line, blanks before it left out, and `##[name]` anywhere in it; Azure
//! Pipelines reads `##vso[…]` anywhere, `TeamCity` `##teamcity[…]`. None of them asks who wrote the line.

use std::io::{self, Write};

/// Hands everything on, but for what a runner would read as a command: that is broken by a blank, and in JSON, where a blank
/// would change the data, by writing its `#` as `\u0023`.
#[derive(Debug)]
pub struct WithoutCommands<W: Write> {
    to: W,
    /// Whether it is JSON: the first character says it.
    json: Option<bool>,
    line: Line,
    /// Marks that were held back until it is known what follows.
    hashes: usize,
    /// What is written next, kept so that a write makes no new one.
    out: Vec<u8>,
}

/// How far a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Blanks at most.
    Start,
    /// And one colon.
    Colon,
    Inside,
}

impl<W: Write> WithoutCommands<W> {
    /// Around where text goes.
    pub const fn new(to: W) -> Self {
        Self { to, json: None, line: Line::Start, hashes: 0, out: Vec::new() }
    }

    /// Writes what was held back.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn finish(&mut self) -> io::Result<()> {
        let held = "#".repeat(std::mem::take(&mut self.hashes));
        self.to.write_all(held.as_bytes())?;
        self.to.flush()
    }

    fn put(&mut self, byte: u8) {
        if self.json.is_none() && !byte.is_ascii_whitespace() {
            self.json = Some(matches!(byte, b'{' | b'['));
        }
        if byte == b'#' {
            self.hashes += 1;
            self.line = Line::Inside;
            return;
        }
        let held = std::mem::take(&mut self.hashes);
        self.out.extend(std::iter::repeat_n(b'#', held.saturating_sub(1)));
        if held > 0 {
            let command = held > 1 && (byte == b'[' || byte.is_ascii_alphabetic());
            self.out.extend_from_slice(match (command, self.json) {
                (false, _) => b"#",
                (true, Some(true)) => b"\\u0023",
                (true, _) => b" #",
            });
        }
        self.line = match (self.line, byte) {
            (_, b'\n' | b'\r') => Line::Start,
            (Line::Start, b':') => Line::Colon,
            (Line::Colon, b':') => {
                self.out.push(b' ');
                Line::Inside
            }
            // Beyond ASCII it may be a blank.
            (Line::Start, byte) if byte.is_ascii_whitespace() || !byte.is_ascii() => Line::Start,
            _ => Line::Inside,
        };
        self.out.push(byte);
    }
}

impl<W: Write> Write for WithoutCommands<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.clear();
        bytes.iter().for_each(|byte| self.put(*byte));
        self.to.write_all(&self.out)?;
        Ok(bytes.len())
    }

    /// What is held back stays so: what follows decides about it.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A text in which no runner finds a command.
#[must_use]
pub fn without_commands(text: &str) -> String {
    let mut harmless = WithoutCommands { json: Some(false), ..WithoutCommands::new(Vec::new()) };
    // Writing into memory does not fail, and what is written is text as before.
    let _ = harmless.write_all(text.as_bytes()).and_then(|()| harmless.finish());
    String::from_utf8(harmless.to).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_at_the_start_of_a_line_commands_no_runner() {
        for (text, written) in [
            ("::error::x", ": :error::x"),
            ("a\n  ::add-mask::b", "a\n  : :add-mask::b"),
            ("\u{a0}::error::x", "\u{a0}: :error::x"),
            ("see ##[error]x", "see # #[error]x"),
            ("##vso[task.setvariable]", "# #vso[task.setvariable]"),
            ("###teamcity[x]", "## #teamcity[x]"),
            ("a :: b", "a :: b"),
            ("# One\n\n## Two\n### Three", "# One\n\n## Two\n### Three"),
            ("C## ", "C## "),
            ("##", "##"),
        ] {
            assert_eq!(without_commands(text), written);
        }
    }

    #[test]
    fn data_in_json_stay_what_they_are() {
        let value = serde_json::json!({"name": "##vso[x] ::error:: ##[y]", "list": ["##"]});
        let mut written = WithoutCommands::new(Vec::new());
        serde_json::to_writer_pretty(&mut written, &value).unwrap();
        written.finish().unwrap();
        let text = String::from_utf8(written.to).unwrap();
        assert!(!text.contains("##vso[") && !text.contains("##["), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    proptest! {
        #[test]
        fn however_a_text_is_cut_into_writes_no_line_holds_a_command(parts in prop::collection::vec("[:# \n\u{a0}\\[va]{0,5}", 1..6)) {
            let mut written = WithoutCommands::new(Vec::new());
            for part in &parts {
                written.write_all(part.as_bytes()).unwrap();
                written.flush().unwrap();
            }
            written.finish().unwrap();
            for line in String::from_utf8(written.to).unwrap().lines() {
                prop_assert!(!line.trim().starts_with("::") && !line.contains("##[") && !line.contains("##v"), "{}", line);
            }
        }
    }
}
