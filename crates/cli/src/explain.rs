//! `idscore explain INPUT CONTROL`

mod formats;

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use idscore_assess::{ControlResult, Evidence, EvidenceRow};
use idscore_catalogue::control::Control;
use idscore_score::Outcome;

use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::report::{Action, Call};
use crate::tenant::{Judging, Tenant};
use crate::terminal::{Data, Terminal};

/// Rows that a person reads before asking for more.
const LIMIT: usize = 20;

/// The evidence: who loses the points, and which sign-in escapes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore explain tenants/risky AdminMFAV2\n  idscore explain export MFARegistrationV2 --format csv --output unregistered.csv"
)]
pub struct Arguments {
    #[command(flatten)]
    judging: Judging,
    /// The control's id, such as AdminMFAV2; `idscore controls list` shows all.
    #[arg(value_name = "CONTROL")]
    control: String,
    /// How to print the evidence.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// At most so many rows [default: 20 for table and markdown, all for json and csv].
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// All rows.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// One object with all rows; fields are only ever added.
    Json,
    /// One row per object.
    Csv,
    /// For a wiki, an issue or a pull request.
    Markdown,
}

/// What there is to say about one control.
struct Explanation<'a> {
    result: &'a ControlResult,
    control: Option<&'a Control>,
    rows: &'a [EvidenceRow],
    /// How the tenant was called, for the command that comes next.
    call: Call,
}

impl Explanation<'_> {
    fn action(&self) -> Action<'_> {
        Action { result: self.result, control: self.control }
    }

    /// Objects that lose points or could not be judged and are not among the rows.
    fn more(&self) -> u64 {
        self.action().beyond(self.rows)
    }
}

/// What the rows are: some lose points, or none is known to.
pub fn heading(rows: &[EvidenceRow]) -> &'static str {
    if rows.iter().all(|row| row.outcome == Outcome::NotAssessed) {
        "What could not be judged, and why"
    } else {
        "Who loses the points, and why"
    }
}

/// Judges the input and prints the evidence of one control.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    // A wrong id is said before a large export is read.
    let known = catalogue::load(&arguments.judging.controls)?;
    let id = catalogue::known_id(&known, &arguments.control)?;
    let tenant = Tenant::open(&arguments.judging, terminal)?;
    let for_people = matches!(arguments.format, Format::Table | Format::Markdown);
    let limit = match (arguments.all, arguments.limit) {
        (true, _) => None,
        (false, Some(limit)) => Some(limit),
        (false, None) => for_people.then_some(LIMIT),
    };
    let judged = tenant.judge(&Evidence::Control { id: id.clone(), limit }, terminal)?;
    let result = judged.assessment.controls.iter().find(|result| result.id == id).ok_or_else(|| {
        CliError::call(
            format!("control `{id}` is deprecated and judged no more"),
            "`idscore controls show` says what took its place",
        )
    })?;
    let explanation = Explanation {
        result,
        control: known.controls.iter().find(|control| control.id == id),
        rows: judged.evidence.get(&id).map(Vec::as_slice).unwrap_or_default(),
        call: arguments.judging.call(),
    };
    let output = arguments.output.as_deref();
    let mut data = Data::open(output)?;
    let text = match arguments.format {
        Format::Table => formats::table(&explanation, terminal.for_output(output)),
        Format::Markdown => formats::markdown(&explanation),
        Format::Csv => {
            formats::csv(&explanation, &mut data)?;
            String::new()
        }
        Format::Json => formats::json(&explanation)?,
    };
    data.write_all(text.as_bytes())
        .map_err(|source| CliError::WriteOutput { path: output.unwrap_or("stdout".as_ref()).to_owned(), source })?;
    data.finish()?;
    if let Some(path) = output {
        terminal.note(&format!("wrote `{}`", path.display()));
    }
    Ok(Exit::Done)
}
