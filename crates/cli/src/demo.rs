//! `idscore demo`

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use idscore_assess::Evidence;
use idscore_catalogue::Catalogue;
use idscore_history::{KeptAssessment, Tenant, invented};
use idscore_score::Zones;
use idscore_server::{Limits, Service};
use idscore_store::{Actor, Archive, policies_of};
use idscore_tenantsim::demo_options;

use crate::error::{CliError, Exit};
use crate::generate::invent;
use crate::history;
use crate::report::{self, Report, Sets, words};
use crate::score::EVIDENCE_ON_PAGE;
use crate::serve;
use crate::tenant::{self, Judging};
use crate::terminal::{Data, Terminal};

/// How far back the invented history goes, in days.
const DAYS: u32 = 365;
/// Tenants to compare with.
const FLEET: u32 = 40;
const SEED: u64 = 7;

/// Invents a tenant with a year of history and a fleet to compare with, scores it, writes the report, and opens the dashboard.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Don't open the dashboard in the browser.
    #[arg(long)]
    no_open: bool,
    /// Where to serve the dashboard and the API; a free port unless asked otherwise.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", conflicts_with = "no_serve")]
    listen: SocketAddr,
    /// Open the report and end, instead of serving the dashboard and the API.
    #[arg(long)]
    no_serve: bool,
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
    let tenant = tenant::Tenant::open(&judging, terminal)?;
    let judged = tenant.judge(&Evidence::First(EVIDENCE_ON_PAGE), terminal)?;
    let mut report = Report::new(&judged.assessment, &tenant.catalogue.controls, Sets::All, judging.call());
    report.evidence.clone_from(&judged.evidence);

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
    if !arguments.listen.ip().is_loopback() {
        return Err(CliError::call(
            "a demonstration is served on loopback only",
            "leave --listen out, or name 127.0.0.1",
        ));
    }
    let mut template = KeptAssessment::of(&judged, tenant.configuration.score, "");
    template.details.policies = policies_of(&tenant.snapshot)?;
    serve::ending(serve::runtime()?, async {
        let archive = fill(&folder.join("data"), &judging, &tenant.catalogue, &template, terminal).await?;
        let opens = !arguments.no_open && std::io::stdout().is_terminal();
        if arguments.no_serve {
            if opens {
                open(page.as_os_str());
            }
            archive.history.close().await;
            return Ok(Exit::Done);
        }
        let known = archive.history.tenant(&template.tenant_id).await?;
        let scopes = idscore_server::api::scope_names().map(str::to_owned);
        let mut secret = None;
        if terminal.is_read() {
            secret = Some(history::token::new(&archive, &known, "demonstration", &scopes, 1).await?);
        }
        let data = folder.join("data");
        let history = archive.history.clone();
        let service = Service::new(archive, tenant.catalogue, Limits::default());
        let listener = serve::listen(arguments.listen).await?;
        let answered = serve::answer(service, listener, None, terminal, |ready| {
            match &secret {
                Some(secret) => terminal.note(&format!(
                    "ask it as you would ask Microsoft Graph:\n  curl -H 'Authorization: Bearer {secret}' \\\n    'http://{}/v1.0/security/secureScores?$top=1'",
                    ready.address
                )),
                None => terminal.note(&format!(
                    "sign in with what `{} sign-in-link --data {} --address http://{}` prints",
                    words::program(),
                    words::shell_word(&data.to_string_lossy()),
                    ready.address
                )),
            }
            if let Some(link) = ready.link.as_ref().filter(|_| opens) {
                open_link(&data, link);
            }
        })
        .await;
        serve::close(&history).await;
        answered
    })
}

/// Keeps the tenant with a year behind it, among forty invented tenants to compare with.
async fn fill(
    data: &Path,
    judging: &Judging,
    catalogue: &Catalogue,
    template: &KeptAssessment,
    terminal: Terminal,
) -> Result<Archive, CliError> {
    let _progress = terminal.progress("inventing a year of history and a fleet of 40 tenants");
    let archive = Archive::open(data, None).await?;
    let actor = Actor::part("demonstration");
    let own = invented::InventedTenant::of(
        Tenant {
            id: template.tenant_id.clone(),
            display_name: String::new(),
            industry: "Manufacturing".to_owned(),
            seats: None,
            zones: Zones::default(),
            invented: true,
        },
        SEED,
    );
    let mut assessments = own.history(template, DAYS, 1);
    assessments.pop();
    archive.history.register(&actor, &own.tenant).await?;
    for tenant in invented::fleet(FLEET, SEED) {
        archive.history.register(&actor, &tenant.tenant).await?;
        assessments.extend(tenant.history(template, DAYS, 7));
    }
    assessments.sort_by_key(|kept| kept.assessed_at);
    archive.history.keep_all(&actor, &assessments).await?;
    tenant::take_in(judging, &archive, &actor, catalogue, terminal).await?;
    Ok(archive)
}

/// Opens a link that signs in. It goes by a file that only its owner can read: others see the arguments of a program.
fn open_link(data: &Path, link: &str) {
    let file = data.join("open.html");
    let leads =
        format!("<!DOCTYPE html><title>idscore</title><meta http-equiv=\"refresh\" content=\"0;url={link}\">\n");
    // Where it can't be written, the terminal has the link.
    if std::fs::write(&file, leads).is_ok() {
        open(file.as_os_str());
    }
}

/// Opens a page in the browser where there is one; where there is none, the path was said already.
fn open(page: &OsStr) {
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
