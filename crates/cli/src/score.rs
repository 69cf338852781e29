//! `idscore score INPUT`

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use idscore_assess::{Assessment, Evidence, EvidenceRow};
use idscore_catalogue::control::Control;
use idscore_catalogue::framework::Framework;
use idscore_score::{Points, Set};

use crate::error::{CliError, Exit};
use crate::history::{self, Keeping};
use crate::report::{self, Report, Sets};
use crate::tenant::{Judging, Tenant};
use crate::terminal::{Data, Terminal};

/// Evidence rows of one control in a report; a page that is mailed must stay small.
pub const EVIDENCE_ON_PAGE: usize = 25;

/// The score of an export or snapshot.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore score tenants/risky\n  idscore score export.zip --format html --output score.html\n  idscore score export --profile strict --fail-under 80\n  idscore score export --data history --fail-on-regression"
)]
pub struct Arguments {
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    keeping: Keeping,
    /// How to print the score.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Which controls to show; the two sets never mix.
    #[arg(long, value_enum, default_value_t, value_name = "SET")]
    set: Sets,
    /// Exit with 1 when the shown score (core, unless `--set extended`) is below this percentage.
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    fail_under: Option<Points>,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// The whole result; fields are only ever added.
    Json,
    /// One row per control.
    Csv,
    /// One self-contained page that can be mailed.
    Html,
    /// For a wiki, an issue or a pull request.
    Markdown,
    /// SARIF 2.1.0, for code scanning and its viewers.
    Sarif,
    /// JUnit XML, one test case per control, for a pipeline.
    Junit,
    /// OCSF Compliance Findings as one JSON array, for a SIEM or a data lake.
    Ocsf,
    /// An Excel workbook; needs --output.
    Xlsx,
}

impl Format {
    /// Whether the first rows of evidence stand beside each control.
    fn shows_evidence(self) -> bool {
        matches!(self, Self::Html | Self::Sarif | Self::Junit | Self::Ocsf | Self::Xlsx)
    }
}

fn percentage(text: &str) -> Result<Points, String> {
    let points: Points = text.parse().map_err(|error| format!("{error}"))?;
    if points > Points::whole(100) { Err("a percentage is at most 100".to_owned()) } else { Ok(points) }
}

/// Judges the input and prints the score.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    // Said before a large export is read.
    if arguments.format == Format::Xlsx && arguments.output.is_none() {
        return Err(CliError::call("a workbook is no text to print", "name its file: --output score.xlsx"));
    }
    if arguments.keeping.is_asked() {
        return keep(arguments, terminal);
    }
    let tenant = Tenant::open(&arguments.judging, terminal)?;
    let evidence = if arguments.format.shows_evidence() { Evidence::First(EVIDENCE_ON_PAGE) } else { Evidence::None };
    let judged = tenant.judge(&evidence, terminal)?;
    let frameworks = &tenant.catalogue.frameworks;
    show(&judged.assessment, judged.evidence, &tenant.catalogue.controls, frameworks, arguments, terminal)
}

/// The same, and keeps it: what is shown is what was kept, decisions of the action plan included.
fn keep(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let history::KeptScore { shown, mut evidence, catalogue, regressed } =
        arguments.keeping.keep(&arguments.judging, arguments.set, terminal)?;
    evidence.values_mut().for_each(|rows| rows.truncate(EVIDENCE_ON_PAGE));
    let shown = show(&shown, evidence, &catalogue.controls, &catalogue.frameworks, arguments, terminal)?;
    Ok(if regressed { Exit::GateFailed } else { shown })
}

fn show(
    assessment: &Assessment,
    evidence: BTreeMap<String, Vec<EvidenceRow>>,
    controls: &[Control],
    frameworks: &[Framework],
    arguments: &Arguments,
    terminal: Terminal,
) -> Result<Exit, CliError> {
    let mut report = Report::new(assessment, controls, arguments.set, arguments.judging.call());
    report.evidence = evidence;
    report.frameworks = frameworks;
    write(&report, arguments, terminal)?;
    Ok(gate(&report, arguments, terminal))
}

fn write(report: &Report<'_>, arguments: &Arguments, terminal: Terminal) -> Result<(), CliError> {
    let output = arguments.output.as_deref();
    let mut data = Data::open(output)?;
    let failed = |source| CliError::WriteOutput { path: output.unwrap_or("stdout".as_ref()).to_owned(), source };
    let bytes = match arguments.format {
        Format::Table => report::write_table(report, terminal.for_output(output)).into_bytes(),
        Format::Markdown => report::write_markdown(report).into_bytes(),
        Format::Html => report::write_html(report)?.into_bytes(),
        Format::Sarif => report::write_sarif(report)?.into_bytes(),
        Format::Junit => report::write_junit(report)?.into_bytes(),
        Format::Ocsf => report::write_ocsf(report)?.into_bytes(),
        Format::Xlsx => report::write_xlsx(report)?,
        Format::Csv => {
            report::write_csv(report, &mut data)?;
            vec![]
        }
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&report.shown())?;
            text.push('\n');
            text.into_bytes()
        }
    };
    data.write_all(&bytes).map_err(failed)?;
    data.finish()?;
    if let Some(path) = output {
        terminal.note(&format!("wrote `{}`", path.display()));
    }
    Ok(())
}

fn gate(report: &Report<'_>, arguments: &Arguments, terminal: Terminal) -> Exit {
    let Some(demanded) = &arguments.fail_under else { return Exit::Done };
    let set = if arguments.set == Sets::Extended { Set::Extended } else { Set::Core };
    let score = report.score(set);
    // A score of nothing is no score: where nothing could be judged, nothing was shown to be good enough.
    if score.percent >= *demanded && score.max_score.is_positive() {
        return Exit::Done;
    }
    terminal.warn(&format!(
        "the {} score {} is below the demanded {}",
        report::words::set(set),
        // Cut off, so that it never reads as what is demanded.
        report::words::gain(&score.percent),
        report::words::percent(demanded)
    ));
    Exit::GateFailed
}
