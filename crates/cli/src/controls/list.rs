//! `idscore controls list`

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use idscore_catalogue::control::{Control, ControlStatus};
use idscore_output_encoding::{markdown_cell, spreadsheet_safe};
use idscore_score::Set;
use serde_json::json;

use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::{Sets, words};
use crate::terminal::{Data, Terminal};

/// All controls in a table.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How to print the list.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Which controls.
    #[arg(long, value_enum, default_value_t, value_name = "SET")]
    set: Sets,
}

/// How to print the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// One object per control.
    Json,
    /// One row per control.
    Csv,
    /// For a wiki.
    Markdown,
}

/// Prints the list.
pub fn run(arguments: &Arguments, folders: &[PathBuf], terminal: Terminal) -> Result<Exit, CliError> {
    let catalogue = catalogue::load(folders)?;
    let controls: Vec<_> =
        catalogue.controls.iter().filter(|control| arguments.set.list().contains(&control.set)).collect();
    let mut data = Data::open(None)?;
    let text = match arguments.format {
        Format::Table => table(&controls, arguments.set, terminal),
        Format::Markdown => markdown(&controls),
        Format::Json => json(&controls)?,
        Format::Csv => {
            csv(&controls, &mut data)?;
            String::new()
        }
    };
    data.write_all(text.as_bytes()).map_err(|source| CliError::WriteOutput { path: "stdout".into(), source })?;
    data.finish()?;
    Ok(Exit::Done)
}

/// The licences that a control needs, such as "P1, P2"; empty when none.
pub fn licenses(control: &Control) -> String {
    control.license.iter().map(|license| format!("{license:?}")).collect::<Vec<_>>().join(", ")
}

fn table(controls: &[&Control], sets: Sets, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    for set in sets.list() {
        let of_set: Vec<_> = controls.iter().filter(|control| control.set == *set).collect();
        if of_set.is_empty() {
            continue;
        }
        page.heading(match set {
            Set::Core => "Core: Microsoft's controls, the headline",
            Set::Extended => "Extended: an own percentage",
        });
        let mut table = page.table(&["Points", "Needs", "Asks for"]);
        for control in of_set {
            let retired = control.status == ControlStatus::Deprecated;
            let title = if retired { format!("{} (deprecated)", control.title) } else { control.title.clone() };
            table.add_row(vec![
                page.number(Tone::Plain, &words::points(&control.points)),
                page.cell(Tone::Plain, &licenses(control)),
                page.cell(if retired { Tone::Quiet } else { Tone::Strong }, &words::visible(&title)),
            ]);
            let empty = || page.cell(Tone::Plain, "");
            table.add_row(vec![empty(), empty(), page.cell(Tone::Quiet, &control.id)]);
        }
        page.put(&table);
    }
    page.gap();
    page.line("Next: everything about one of them");
    let command = page.paint(Tone::Command, &format!("{} controls show AdminMFAV2", words::program()));
    page.line(&format!("  {command}"));
    page.into_text().trim_start().to_owned()
}

fn markdown(controls: &[&Control]) -> String {
    let mut lines =
        vec!["| Control | Set | Points | Needs | Asks for |".to_owned(), "| --- | --- | ---: | --- | --- |".to_owned()];
    lines.extend(controls.iter().map(|control| {
        format!(
            "| `{}` | {} | {} | {} | {} |",
            control.id,
            words::set(control.set),
            words::points(&control.points),
            licenses(control),
            markdown_cell(&control.title)
        )
    }));
    lines.join("\n") + "\n"
}

fn json(controls: &[&Control]) -> Result<String, CliError> {
    let list: Vec<_> = controls
        .iter()
        .map(|control| {
            json!({
                "id": control.id,
                "set": control.set,
                "area": control.area,
                "title": control.title,
                "points": control.points,
                "scoring": control.scoring,
                "status": words::control_status(control.status),
                "since": control.since,
                "license": control.license,
                "userImpact": words::level(control.user_impact),
                "effort": words::level(control.effort),
                "tier": control.tier,
                "service": control.service,
                "actionUrl": control.action_url,
                "threats": control.threats,
            })
        })
        .collect();
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

fn csv(controls: &[&Control], out: impl Write) -> Result<(), CliError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["id", "set", "area", "points", "license", "status", "title"])?;
    for control in controls {
        csv.write_record([
            control.id.as_str(),
            words::set(control.set),
            &spreadsheet_safe(&control.area),
            &words::points(&control.points),
            &licenses(control),
            words::control_status(control.status),
            &spreadsheet_safe(&control.title),
        ])?;
    }
    csv.flush().map_err(|source| CliError::WriteOutput { path: "csv".into(), source })
}
