//! `idscore controls show CONTROL`

use std::io::Write;
use std::path::PathBuf;

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Check, Control, Part, Rule};
use idscore_score::Profile;

use super::list::licenses;
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::{Data, Terminal};

/// Everything about one control.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The control's id, such as AdminMFAV2.
    #[arg(value_name = "CONTROL")]
    control: String,
}

/// Prints it.
pub fn run(arguments: &Arguments, folders: &[PathBuf], terminal: Terminal) -> Result<Exit, CliError> {
    let catalogue = catalogue::load(folders)?;
    let id = catalogue::known_id(&catalogue, &arguments.control)?;
    let mut data = Data::open(None)?;
    if let Some(control) = catalogue.controls.iter().find(|control| control.id == id) {
        data.write_all(page(control, &catalogue, terminal).as_bytes())
            .map_err(|source| CliError::WriteOutput { path: "stdout".into(), source })?;
    }
    data.finish()?;
    Ok(Exit::Done)
}

fn page(control: &Control, catalogue: &Catalogue, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    page.paragraph(0, Tone::Strong, &words::visible(&control.title));
    page.paragraph(0, Tone::Quiet, &format!("{} · {} · {}", control.id, words::set(control.set), control.area));
    page.gap();
    let mut facts = vec![
        ("Points", format!("{}, {}", words::points(&control.points), words::scoring(control.scoring))),
        ("Status", format!("{}, since {}", words::control_status(control.status), control.since)),
        ("User impact", words::level(control.user_impact).to_owned()),
        ("Effort", words::level(control.effort).to_owned()),
    ];
    if !control.license.is_empty() {
        facts.push(("Needs", licenses(control)));
    }
    let sections: Vec<_> = catalogue
        .sections_of(&control.id)
        .iter()
        .map(|(framework, section)| format!("{} {}", framework.title, section.id))
        .collect();
    if !sections.is_empty() {
        facts.push(("Frameworks", sections.join("\n")));
    }
    let mut table = page.table(&[]);
    for (label, value) in facts {
        table.add_row(vec![page.cell(Tone::Quiet, label), page.cell(Tone::Plain, &value)]);
    }
    page.put(&table);
    rules(&mut page, control);
    let parts = [
        ("Why it matters", &control.why),
        ("How to fix it", &control.fix),
        ("What people notice", &control.user_impact_text),
        ("What the data cannot show", &control.limits),
    ];
    for (heading, text) in parts {
        if !text.trim().is_empty() {
            page.heading(heading);
            page.prose(2, text);
        }
    }
    if let Some(url) = &control.action_url {
        page.heading("Where");
        page.line(&format!("  {}", words::visible(url)));
    }
    page.gap();
    page.paragraph(
        0,
        Tone::Quiet,
        &format!("{} in {}", words::plural(control.cases.len(), "case"), control.path.display()),
    );
    page.into_text()
}

fn rules(page: &mut Page, control: &Control) {
    let Some(standard) = control.checks.get(&Profile::Standard) else { return };
    page.heading("The rule");
    rule(page, standard);
    for profile in [Profile::Compat, Profile::Strict] {
        let Some(check) = control.checks.get(&profile) else { continue };
        if describe(check) != describe(standard) {
            page.paragraph(2, Tone::Quiet, &format!("Under {}:", words::profile(profile)));
            rule(page, check);
        }
    }
}

fn rule(page: &mut Page, check: &Check) {
    for line in describe(check) {
        page.paragraph(2, Tone::Plain, &line);
    }
}

/// The rule in the words of its file.
fn describe(check: &Check) -> Vec<String> {
    let rows = format!("of {} where {}", check.of.name, check.filter.source);
    match &check.rule {
        Rule::Met(met) => vec![rows, format!("met when {}", met.source)],
        Rule::Parts(parts) => {
            let part =
                |part: &Part| format!("{} points for {}: {}", words::points(&part.points), part.title, part.met.source);
            std::iter::once(rows).chain(parts.iter().map(part)).collect()
        }
        // No rows decide what people do or vouch for.
        Rule::Task { every_days } => {
            vec![format!(
                "met while a review was recorded in the last {every_days} days, fading to nothing at twice that"
            )]
        }
        Rule::Attested => vec!["met while an attestation with owner, reason and expiry stands".to_owned()],
    }
}
