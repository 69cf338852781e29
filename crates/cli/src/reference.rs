//! `idscore reference DIR`: writes a page for every control, table and command, or says which are stale.

mod commands;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::report::words;
use crate::terminal::{Data, Terminal};

/// Writes the reference pages.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder of the pages.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write nothing; name the pages that are stale and exit with 1 when there is one.
    #[arg(long)]
    check: bool,
}

/// Pages by their path inside the folder.
type Pages = BTreeMap<String, String>;

/// Writes the pages, or checks them.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let catalogue = catalogue::load(&[])?;
    let of_catalogue = idscore_catalogue::reference::pages(&catalogue);
    let mut pages: Pages = of_catalogue.into_iter().map(|page| (page.path, page.text)).collect();
    commands::add(&mut pages);
    if arguments.check { check(&arguments.folder, &pages) } else { write(&arguments.folder, &pages, terminal) }
}

fn write(folder: &Path, pages: &Pages, terminal: Terminal) -> Result<Exit, CliError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| CliError::WriteOutput { path, source }
    };
    for (name, page) in pages {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        fs::write(&path, page).map_err(failed(&path))?;
    }
    for name in existing(folder)?.iter().filter(|name| !pages.contains_key(*name)) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(failed(&path))?;
    }
    terminal.note(&format!("wrote {} to {}", words::plural(pages.len(), "page"), folder.display()));
    Ok(Exit::Done)
}

fn check(folder: &Path, pages: &Pages) -> Result<Exit, CliError> {
    let existing = existing(folder)?;
    let mut stale: Vec<_> = existing
        .iter()
        .filter(|name| !pages.contains_key(*name))
        .map(|name| format!("{name}: belongs to nothing"))
        .collect();
    for (name, page) in pages {
        match fs::read_to_string(folder.join(name)) {
            Ok(text) if text == *page => {}
            Ok(_) => stale.push(format!("{name}: stale")),
            Err(_) => stale.push(format!("{name}: missing")),
        }
    }
    let mut data = Data::open(None)?;
    let failed = |source| CliError::WriteOutput { path: "stdout".into(), source };
    for line in &stale {
        writeln!(data, "{line}").map_err(failed)?;
    }
    let verdict = if stale.is_empty() {
        "up to date".to_owned()
    } else {
        format!("{} stale; run `idscore reference {}`", stale.len(), folder.display())
    };
    writeln!(data, "{}: {verdict}", words::plural(pages.len(), "reference page")).map_err(failed)?;
    data.finish()?;
    Ok(if stale.is_empty() { Exit::Done } else { Exit::GateFailed })
}

/// The pages that are there, by their path inside the folder; other files are left alone.
fn existing(folder: &Path) -> Result<BTreeSet<String>, CliError> {
    let mut found = BTreeSet::new();
    for part in ["", "commands", "controls", "tables"] {
        let Ok(entries) = fs::read_dir(folder.join(part)) else { continue };
        for entry in entries {
            let entry = entry.map_err(|source| CliError::WriteOutput { path: folder.to_owned(), source })?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") {
                found.insert(if part.is_empty() { name } else { format!("{part}/{name}") });
            }
        }
    }
    Ok(found)
}
