//! `idscore score INPUT`, and `idscore score --tenant T`, which collects first.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use idscore_assess::{Assessment, Evidence, EvidenceRow, SetScore};
use idscore_catalogue::control::Control;
use idscore_catalogue::framework::Framework;
use idscore_score::{Points, Set};
use tempfile::TempDir;

use crate::collect::connection::Connecting;
use crate::collect::{self, Extent};
use crate::error::{CliError, Exit};
use crate::history::{self, Keeping};
use crate::report::{self, Report, Sets};
use crate::tenant::{Judging, Tenant};
use crate::terminal::{Data, Terminal};

/// Evidence rows of one control in a report; a page that is mailed must stay small.
pub const EVIDENCE_ON_PAGE: usize = 25;

/// The score of an export or snapshot, or of a tenant that is collected first.
#[derive(Debug, clap::Args)]
#[command(
    mut_arg("input", |input| input.required(false).default_value(NO_INPUT).hide_default_value(true)),
    after_help = "Examples:\n  idscore score tenants/risky\n  idscore score --tenant contoso.onmicrosoft.com --sign-in azure-cli --keep-export export\n  idscore score export.zip --format html --output score.html\n  idscore score export --profile strict --fail-under 80\n  idscore score export --data data --fail-on-regression"
)]
pub struct Arguments {
    #[command(flatten)]
    judging: Judging,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    collecting: Collecting,
    /// How to print the score.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Which controls to show; the two sets never mix.
    #[arg(long, value_enum, default_value_t, value_name = "SET")]
    set: Sets,
    /// Exit with 1 when what is proven of the shown score (core, unless `--set extended`) is below this percentage.
    #[arg(long, value_name = "PERCENT", value_parser = percentage)]
    fail_under: Option<Points>,
    /// What --fail-under compares: what is proven whatever the unseen part turns out to be, or the headline.
    #[arg(long, value_enum, default_value_t, value_name = "NUMBER", requires = "fail_under")]
    gate: Gate,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The number that --fail-under compares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Gate {
    /// The score, which leaves out what could not be judged.
    Headline,
    /// What the score is at least: what is unknown counts as not met.
    #[default]
    Floor,
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
    // People write the sign, and one number is meant with it and without.
    let number = text.strip_suffix('%').map_or(text, str::trim_end);
    let points: Points = number.parse().map_err(|error| format!("{error}"))?;
    if points > Points::whole(100) { Err("a percentage is at most 100".to_owned()) } else { Ok(points) }
}

/// Judges the input and prints the score.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    // Said before a large export is read.
    if arguments.format == Format::Xlsx && arguments.output.is_none() {
        return Err(CliError::call("a workbook is no text to print", "name its file: --output score.xlsx"));
    }
    let collected = collected(arguments, terminal)?;
    let judging = &collected.judging;
    if arguments.keeping.is_asked() {
        return keep(arguments, judging, terminal);
    }
    let tenant = Tenant::open(judging, terminal)?;
    let evidence = if arguments.format.shows_evidence() { Evidence::First(EVIDENCE_ON_PAGE) } else { Evidence::None };
    let judged = tenant.judge(&evidence, terminal)?;
    let frameworks = &tenant.catalogue.frameworks;
    show(&judged.assessment, judged.evidence, &tenant.catalogue.controls, frameworks, arguments, judging, terminal)
}

/// Stands for an input that was not given.
const NO_INPUT: &str = "-";

/// Collecting first.
#[derive(Debug, clap::Args)]
struct Collecting {
    #[command(flatten)]
    connecting: Connecting,
    #[command(flatten)]
    extent: Extent,
    /// Keep the export that --tenant collects in this new folder; without it, the export goes away again.
    #[arg(long, value_name = "DIR", help_heading = "Collect from Microsoft Graph", requires = "tenant")]
    keep_export: Option<PathBuf>,
}

/// What to judge, and the export that goes away with it.
struct Collected {
    judging: Judging,
    _passing: Option<TempDir>,
}

/// Collects, where a tenant is named in place of an input.
fn collected(arguments: &Arguments, terminal: Terminal) -> Result<Collected, CliError> {
    let given = arguments.judging.input.as_os_str() != NO_INPUT;
    let collecting = &arguments.collecting;
    if collecting.connecting.tenant.is_none() {
        if given {
            return Ok(Collected { judging: arguments.judging.clone(), _passing: None });
        }
        return Err(CliError::call(
            "nothing says what to score",
            "give an export or a snapshot: idscore score INPUT; or collect first: idscore score --tenant TENANT",
        ));
    }
    if given {
        return Err(CliError::call(
            format!("`{}` and --tenant exclude each other", arguments.judging.input.display()),
            "give the export alone, or the tenant alone",
        ));
    }
    let connection = collecting.connecting.connection(terminal)?;
    let (folder, passing) = match &collecting.keep_export {
        Some(folder) => (folder.clone(), None),
        None => {
            let passing = tempfile::Builder::new()
                .prefix("idscore-")
                .tempdir()
                .map_err(|source| CliError::WriteOutput { path: std::env::temp_dir(), source })?;
            (passing.path().join("export"), Some(passing))
        }
    };
    let wanted = collecting.extent.wanted(folder.clone(), false, None);
    let collection = collect::one(&connection, &wanted, terminal).map_err(|error| match &passing {
        // What was read goes away: there is nothing to go on with.
        Some(_) if error.is_interrupt() => idscore_snapshot::ReadError::Interrupted.into(),
        _ => error,
    })?;
    let missing: Vec<&str> = collection.missing().map(|set| set.name.as_str()).collect();
    if !missing.is_empty() {
        terminal.note(&format!(
            "not read, so that what needs it is not assessed: {}; `idscore collect --dry-run` says what would bring it",
            missing.join(", ")
        ));
    }
    Ok(Collected { judging: Judging { input: folder, ..arguments.judging.clone() }, _passing: passing })
}

/// The same, and keeps it: what is shown is what was kept, decisions of the action plan included.
fn keep(arguments: &Arguments, judging: &Judging, terminal: Terminal) -> Result<Exit, CliError> {
    let history::KeptScore { shown, mut evidence, catalogue, regressed } =
        arguments.keeping.keep(judging, arguments.set, terminal)?;
    evidence.values_mut().for_each(|rows| rows.truncate(EVIDENCE_ON_PAGE));
    let shown = show(&shown, evidence, &catalogue.controls, &catalogue.frameworks, arguments, judging, terminal)?;
    Ok(if regressed { Exit::GateFailed } else { shown })
}

fn show(
    assessment: &Assessment,
    evidence: BTreeMap<String, Vec<EvidenceRow>>,
    controls: &[Control],
    frameworks: &[Framework],
    arguments: &Arguments,
    judging: &Judging,
    terminal: Terminal,
) -> Result<Exit, CliError> {
    let mut call = judging.call();
    if arguments.collecting.connecting.tenant.is_some() && arguments.collecting.keep_export.is_none() {
        // The passing export is gone when somebody reads this.
        call.input = "EXPORT".to_owned();
    }
    let mut report = Report::new(assessment, controls, arguments.set, call);
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
    let compared = match arguments.gate {
        Gate::Headline => Some(&score.percent),
        Gate::Floor => score.percent_at_least.as_ref(),
    };
    // A score of nothing is no score: where nothing could be judged, nothing was shown to be good enough.
    if compared.is_some_and(|compared| compared >= demanded) && score.max_score.is_positive() {
        return Exit::Done;
    }
    terminal.warn(&below(score, set, arguments.gate, demanded));
    Exit::GateFailed
}

/// Why the gate failed, with both numbers, cut off so that neither reads as what is demanded.
fn below(score: &SetScore, set: Set, gate: Gate, demanded: &Points) -> String {
    let (set, demanded) = (report::words::set(set), report::words::percent(demanded));
    let headline = report::words::gain(&score.percent);
    let floor = score.percent_at_least.as_ref().map_or_else(|| "nothing".to_owned(), report::words::gain);
    match gate {
        Gate::Headline => format!("the {set} score {headline} is below the demanded {demanded}; {floor} is proven"),
        Gate::Floor => format!(
            "of the {set} score {headline}, {floor} is proven, below the demanded {demanded}; \
             --gate headline compares the score itself"
        ),
    }
}
