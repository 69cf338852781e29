//! The log of the service, on stderr.

use std::io::{self, Write};

use idscore_output_encoding::{visible, without_commands};
use tracing_subscriber::fmt::MakeWriter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LogFormat {
    /// One line for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Begins to log.
pub fn begin(format: LogFormat) {
    let log = tracing_subscriber::fmt().with_ansi(false);
    match format {
        LogFormat::Text => log.with_target(false).with_writer(Lines).init(),
        LogFormat::Json => log.json().flatten_event(true).with_writer(Lines).init(),
    }
}

/// Lines of stderr, one an event, whatever the names in it hold.
struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Self::Writer {
        Line(Vec::new())
    }
}

/// One event.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let line = shown(&String::from_utf8_lossy(&self.0));
        // Where stderr is closed, nobody can be told.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }
}

fn shown(event: &str) -> String {
    let mut line = without_commands(&visible(event.trim_end_matches('\n')));
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_adds_no_line_and_steers_nothing() {
        assert_eq!(
            shown("INFO read tenant=Contoso\nERROR all is lost\u{1b}[2J\n"),
            "INFO read tenant=Contoso�ERROR all is lost�[2J\n"
        );
        assert_eq!(shown("##vso[task.complete]\n"), "# #vso[task.complete]\n");
    }
}
