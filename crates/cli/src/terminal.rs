//! What the terminal can show, and where data and messages go: data to stdout or a file, everything else to stderr.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use idscore_output_encoding::{WithoutCommands, visible_lines, without_commands};
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::NamedTempFile;

use crate::error::CliError;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn choice(self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        match self {
            Self::Auto => AutoStream::choice(stream),
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Whether text on stdout may carry colour.
    pub color: bool,
    /// Columns that a line on stdout may take.
    pub width: u16,
    messages_in_color: bool,
    color_choice: Color,
}

/// Lines stay readable on very wide terminals.
const WIDEST: u16 = 140;
/// Where nobody says how wide.
const USUAL: u16 = 100;

impl Terminal {
    /// Looks at the process's own streams.
    pub fn detect(color: Color) -> Self {
        let stdout = io::stdout();
        let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let measured =
            if stdout.is_terminal() { terminal_size::terminal_size().map(|(width, _)| width.0) } else { asked };
        Self {
            color: color.choice(&stdout) != ColorChoice::Never,
            width: measured.unwrap_or(USUAL).clamp(40, WIDEST),
            messages_in_color: color.choice(&io::stderr()) != ColorChoice::Never,
            color_choice: color,
        }
    }

    /// A terminal of that width without colour.
    #[cfg(test)]
    pub fn plain(width: u16) -> Self {
        Self { width, ..Self::detect(Color::Never) }
    }

    /// The terminal as seen by data that goes to a file: no colour.
    pub fn for_output(self, output: Option<&Path>) -> Self {
        if output.is_some() && self.color_choice != Color::Always { Self { color: false, ..self } } else { self }
    }

    /// Whether messages go to a terminal that somebody reads, and into no log.
    pub fn is_read(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Something worth knowing, on stderr.
    pub fn note(self, text: &str) {
        self.message("note", "36", text);
    }

    /// Something that may surprise, on stderr.
    pub fn warn(self, text: &str) {
        self.message("warning", "33", text);
    }

    /// Why it did not work and what to do next, on stderr.
    pub fn report(self, error: &CliError) {
        self.message("error", "31;1", &error.with_causes());
        if let Some(hint) = error.hint() {
            self.message("hint", "36", &hint);
        }
    }

    /// A question on stderr; the answer comes from stdin.
    pub fn ask(self, question: &str) {
        let mut stderr = io::stderr().lock();
        // Where stderr is closed, nobody can be asked, and no answer is no.
        let _ = write!(stderr, "{question}").and_then(|()| stderr.flush());
    }

    fn message(self, label: &str, style: &str, text: &str) {
        let text = without_commands(&visible_lines(text));
        let label =
            if self.messages_in_color { format!("\u{1b}[{style}m{label}:\u{1b}[0m") } else { format!("{label}:") };
        // Where stderr is closed, nobody can be told that it is.
        let _ = writeln!(io::stderr().lock(), "{label} {text}");
    }

    /// A sign of life on stderr for work that may take long; silent where stderr is no terminal.
    pub fn progress(self, what: &str) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(bar)
    }
}

/// A sign of life; goes away when dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Says what is being read, and how far all of it is.
    pub fn advance(&self, what: &str, done: u64, all: u64) {
        if self.0.is_hidden() || all == 0 {
            return;
        }
        if self.0.length() != Some(all) {
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {wide_msg} {elapsed}") {
                self.0.set_style(style);
            }
            self.0.set_length(all);
        }
        self.0.set_position(done.min(all));
        self.0.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Where data goes.
pub enum Data {
    /// To stdout; a reader that has seen enough (`| head`) is no error, and the runner of a pipeline finds no command in it.
    Stdout {
        /// The stream.
        stream: BufWriter<WithoutCommands<io::Stdout>>,
        /// Whether the reader is gone.
        closed: bool,
    },
    /// To a file that appears when it is whole.
    File {
        /// The file under its passing name.
        file: BufWriter<NamedTempFile>,
        /// Where it will be.
        path: PathBuf,
    },
}

impl Data {
    /// Opens the place where data goes.
    pub fn open(output: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = output else {
            return Ok(Self::Stdout { stream: BufWriter::new(WithoutCommands::new(io::stdout())), closed: false });
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file =
            NamedTempFile::new_in(folder).map_err(|source| CliError::WriteOutput { path: path.to_owned(), source })?;
        Ok(Self::File { file: BufWriter::new(file), path: path.to_owned() })
    }

    /// Writes what is buffered and, for a file, gives it its name.
    pub fn finish(self) -> Result<(), CliError> {
        match self {
            Self::Stdout { mut stream, closed } => match stream.flush().and_then(|()| stream.get_mut().finish()) {
                Err(source) if !closed && source.kind() != io::ErrorKind::BrokenPipe => {
                    Err(CliError::WriteOutput { path: "stdout".into(), source })
                }
                _ => Ok(()),
            },
            Self::File { file, path } => {
                let named = |source| CliError::WriteOutput { path: path.clone(), source };
                let file = file.into_inner().map_err(|error| named(error.into_error()))?;
                readable(file.path()).map_err(named)?;
                file.persist(&path).map_err(|error| named(error.error))?;
                Ok(())
            }
        }
    }
}

/// A passing file is private; what somebody asked for is as readable as any file of theirs.
#[cfg(unix)]
fn readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> io::Result<()> {
    Ok(())
}

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File { file, .. } => file.write(bytes),
            Self::Stdout { closed: true, .. } => Ok(bytes.len()),
            Self::Stdout { stream, closed } => match stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    *closed = true;
                    Ok(bytes.len())
                }
                other => other,
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File { file, .. } => file.flush(),
            Self::Stdout { closed: true, .. } => Ok(()),
            Self::Stdout { stream, .. } => stream.flush(),
        }
    }
}
