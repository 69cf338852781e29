//! `idscore reconcile INPUT`

mod formats;

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use idscore_assess::{Evidence, Microsoft, Surroundings, newest_score, reconcile};
use idscore_score::Profile;
use idscore_snapshot::{DataSetStatus, Snapshot};

use crate::error::{CliError, Exit};
use crate::tenant::{Judging, Tenant};
use crate::terminal::{Data, Terminal};

/// Where Microsoft's own score comes from.
const SCORES: &str = "secureScores";

/// Our result under *compat* beside Microsoft's own score.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  idscore reconcile tenants/risky\n  idscore reconcile export.zip --format csv --output differences.csv"
)]
pub struct Arguments {
    #[command(flatten)]
    judging: Judging,
    /// How to print the two results.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the two results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// Everything; fields are only ever added.
    Json,
    /// One row per control.
    Csv,
    /// For a wiki, an issue or a pull request.
    Markdown,
}

/// Judges the input under *compat* and lays it beside Microsoft's newest score.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    if arguments.judging.profile.is_some_and(|profile| profile != Profile::Compat) {
        return Err(CliError::call(
            "only the profile compat can be laid beside Microsoft's numbers",
            "leave --profile out",
        ));
    }
    let mut tenant = Tenant::open(&arguments.judging, terminal)?;
    let scores = tenant.snapshot.microsoft_scores()?;
    let score = newest_score(&scores).ok_or_else(|| none(&tenant.snapshot))?;
    let (profiles, recommendations) =
        (tenant.snapshot.microsoft_profiles()?, tenant.snapshot.microsoft_recommendations()?);
    let surroundings = Surroundings::read(&tenant.snapshot)?;
    tenant.configuration = tenant.configuration.as_compat();
    let judged = tenant.judge(&Evidence::None, terminal)?;
    let microsoft = Microsoft { score, profiles: &profiles, recommendations: &recommendations };
    let result = reconcile(&judged.assessment, &surroundings, microsoft);

    let name = judged.assessment.display_name.as_deref().unwrap_or(&judged.assessment.tenant_id);
    let output = arguments.output.as_deref();
    let mut data = Data::open(output)?;
    let text = match arguments.format {
        Format::Table => formats::table(&result, name, &arguments.judging.call(), terminal.for_output(output)),
        Format::Markdown => formats::markdown(&result, name),
        Format::Csv => {
            formats::csv(&result, &mut data)?;
            String::new()
        }
        Format::Json => serde_json::to_string_pretty(&result)? + "\n",
    };
    data.write_all(text.as_bytes())
        .map_err(|source| CliError::WriteOutput { path: output.unwrap_or("stdout".as_ref()).to_owned(), source })?;
    data.finish()?;
    if let Some(path) = output {
        terminal.note(&format!("wrote `{}`", path.display()));
    }
    Ok(Exit::Done)
}

/// Why there is nothing to lay beside ours, and what would bring it.
fn none(snapshot: &Snapshot) -> CliError {
    let known = idscore_catalogue::data_sets::data_set(SCORES);
    let (endpoint, permission) = known.map_or(("", ""), |set| (set.endpoint, set.permission));
    let record = snapshot.manifest().data_set(SCORES);
    let reason = match record.map(|record| record.status) {
        Some(DataSetStatus::Refused) => format!("Microsoft Graph refused `{SCORES}`, Microsoft's own score"),
        Some(DataSetStatus::Complete) => format!("the export's `{SCORES}`, Microsoft's own score, is empty"),
        _ => format!("the export holds no `{SCORES}`, Microsoft's own score"),
    };
    CliError::call(
        reason,
        format!(
            "grant `{permission}` and collect `{endpoint}`; with `secureScoreControlProfiles` and `recommendations` it says more"
        ),
    )
}
