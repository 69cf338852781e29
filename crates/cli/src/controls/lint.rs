//! `idscore controls lint` and `idscore controls test`

use std::io::Write;
use std::path::PathBuf;

use idscore_assess::run_cases;

use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::Data;

/// Prints every mistake with file and line.
pub fn lint(folders: &[PathBuf]) -> Result<Exit, CliError> {
    let (catalogue, problems) = catalogue::lint(folders)?;
    let mut data = Data::open(None)?;
    let failed = |source| CliError::WriteOutput { path: "stdout".into(), source };
    for problem in &problems {
        writeln!(data, "{problem}").map_err(failed)?;
    }
    let verdict = if problems.is_empty() { "no mistakes".to_owned() } else { words::plural(problems.len(), "mistake") };
    let looked_at = [
        words::plural(catalogue.controls.len(), "control"),
        words::plural(catalogue.protections.len(), "protection"),
        words::plural(catalogue.frameworks.len(), "framework"),
    ];
    writeln!(data, "{}: {verdict}", looked_at.join(", ")).map_err(failed)?;
    data.finish()?;
    Ok(if problems.is_empty() { Exit::Done } else { Exit::GateFailed })
}

/// Runs the cases of all control files.
pub fn test(folders: &[PathBuf]) -> Result<Exit, CliError> {
    let catalogue = catalogue::load(folders)?;
    let results = run_cases(&catalogue);
    let mut data = Data::open(None)?;
    let failed = |source| CliError::WriteOutput { path: "stdout".into(), source };
    let mut failures = 0_usize;
    for result in &results {
        if let Some(failure) = &result.failure {
            failures += 1;
            writeln!(data, "{}:{}: {}: {failure}", result.path.display(), result.line, result.title).map_err(failed)?;
        }
    }
    let cases = words::plural(results.len(), "case");
    let controls = words::plural(catalogue.controls.len(), "control");
    writeln!(data, "{cases} of {controls}: {} passed, {failures} failed", results.len() - failures).map_err(failed)?;
    data.finish()?;
    // A run that tried nothing has shown nothing.
    Ok(if failures == 0 && !results.is_empty() { Exit::Done } else { Exit::GateFailed })
}
