//! The controls that come with the program, and the organisation's own.

use std::path::PathBuf;

use idscore_catalogue::{Catalogue, Problem};

use crate::error::CliError;
use crate::report::words;

/// Problems named in an error before the rest is left to `controls lint`.
const NAMED: usize = 3;

/// Reads the built-in controls and those of the given folders.
pub fn load(folders: &[PathBuf]) -> Result<Catalogue, CliError> {
    there(folders)?;
    Catalogue::load(folders).map_err(|problems| unusable(&problems))
}

/// Reads the same and names every mistake.
pub fn lint(folders: &[PathBuf]) -> Result<(Catalogue, Vec<Problem>), CliError> {
    there(folders)?;
    Ok(Catalogue::lint(folders))
}

fn there(folders: &[PathBuf]) -> Result<(), CliError> {
    match folders.iter().find(|folder| !folder.is_dir()) {
        None => Ok(()),
        Some(folder) => Err(CliError::call(
            format!("cannot read controls from `{}`: there is no such folder", folder.display()),
            "give the folder that holds the control files (<ControlId>.md)",
        )),
    }
}

fn unusable(problems: &[Problem]) -> CliError {
    let mut lines: Vec<_> = problems.iter().take(NAMED).map(|problem| format!("  {problem}")).collect();
    if problems.len() > NAMED {
        lines.push(format!("  and {} more", problems.len() - NAMED));
    }
    CliError::call(
        format!("{} in the controls:\n{}", words::plural(problems.len(), "mistake"), lines.join("\n")),
        "`idscore controls lint --controls DIR` lists all with file and line",
    )
}

/// The id as the catalogue spells it; upper and lower case don't matter to a person who types it.
pub fn known_id(catalogue: &Catalogue, asked: &str) -> Result<String, CliError> {
    spelled(catalogue.controls.iter().map(|control| control.id.as_str()), asked)
}

/// The one of these ids that is meant.
pub fn spelled<'a>(ids: impl Iterator<Item = &'a str> + Clone, asked: &str) -> Result<String, CliError> {
    let ids = || ids.clone();
    if let Some(id) = ids().find(|id| *id == asked).or_else(|| ids().find(|id| id.eq_ignore_ascii_case(asked))) {
        return Ok(id.to_owned());
    }
    let mut near: Vec<_> =
        ids().map(|id| (strsim::jaro_winkler(&id.to_lowercase(), &asked.to_lowercase()), id)).collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    let list = "`idscore controls list` shows all";
    let hint = match near.first() {
        Some((likeness, id)) if *likeness > 0.8 => format!("did you mean {id}? {list}"),
        _ => list.to_owned(),
    };
    Err(CliError::call(format!("there is no control `{}`", words::visible(asked)), hint))
}
