//! `idscore demo`

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use idscore_assess::Evidence;
use idscore_tenantsim::demo_options;

use crate::error::{CliError, Exit};
use crate::generate::invent;
use crate::report::{self, Report, Sets, words};
use crate::score::EVIDENCE_ON_PAGE;
use crate::tenant::{Judging, Tenant};
use crate::terminal::{Data, Terminal};

/// Invents a tenant, scores it, and opens the report.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Don't open the report in the browser.
    #[arg(long)]
    no_open: bool,
    /// Where the invented tenant and the report go: a new or an empty folder [default: idscore-demo beside other temporary files].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Invents, scores, prints, writes the report, says where it is.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let folder = match &arguments.out {
        Some(folder) => folder.clone(),
        None => tempfile::Builder::new()
            .prefix("idscore-demo-")
            .tempdir()
            .map_err(|source| CliError::WriteOutput { path: std::env::temp_dir(), source })?
            .keep(),
    };
    let export = folder.join("northwind");
    invent(&export, &demo_options(), terminal)?;
    let judging = Judging::of(&export, Some(export.join("idscore.toml")).filter(|path| path.is_file()));
    let tenant = Tenant::open(&judging, terminal)?;
    let judged = tenant.judge(&Evidence::First(EVIDENCE_ON_PAGE), terminal)?;
    let mut report = Report::new(&judged.assessment, &tenant.catalogue.controls, Sets::All, judging.call());
    report.evidence = judged.evidence;

    let mut data = Data::open(None)?;
    data.write_all(report::write_table(&report, terminal).as_bytes())
        .map_err(|source| CliError::WriteOutput { path: "stdout".into(), source })?;
    data.finish()?;

    let page = folder.join("score.html");
    let mut data = Data::open(Some(&page))?;
    data.write_all(report::write_html(&report)?.as_bytes())
        .map_err(|source| CliError::WriteOutput { path: page.clone(), source })?;
    data.finish()?;
    terminal
        .note(&format!("the tenant is invented; its export lies in {}", words::shell_word(&export.to_string_lossy())));
    terminal.note(&format!("the report, one page that you can mail: {}", page.display()));
    if !arguments.no_open && std::io::stdout().is_terminal() {
        open(&page);
    }
    Ok(Exit::Done)
}

/// Opens a page in the browser where there is one; where there is none, the path was said already.
fn open(page: &Path) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    // The browser outlives the command, so nobody waits for it.
    let _ = Command::new(opener).arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
