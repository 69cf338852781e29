//! `idscore plan show`: the actions, ranked, with what is decided about each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use idscore_catalogue::Catalogue;
use idscore_history::instants::day_of;
use idscore_history::{ActionState, KeptAssessment, RankedAction, Slip, ranked, slips};
use idscore_output_encoding::markdown_cell;
use idscore_score::{Outcome, Set, Status};
use idscore_store::now;
use jiff::Timestamp;
use serde::Serialize;

use super::super::{Of, moves};
use crate::catalogue;
use crate::error::{CliError, Exit};
use crate::page::{Page, Tone};
use crate::report::{Sets, words};
use crate::terminal::Terminal;

/// The actions with points to win.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    of: Of,
    /// Which controls to show; the two sets never mix.
    #[arg(long, value_enum, default_value_t, value_name = "SET")]
    set: Sets,
    /// The instant for which decisions and due days are looked at [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = crate::tenant::instant)]
    at: Option<Timestamp>,
    /// How to print the plan.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write to a file instead of stdout.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// How to print the plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal.
    #[default]
    Table,
    /// One object; fields are only ever added.
    Json,
    /// For a wiki, an issue or a pull request.
    Markdown,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    tenant_id: String,
    display_name: String,
    assessment_id: String,
    assessed_at: String,
    actions: Vec<Action>,
    /// Accepted actions that have slipped further since.
    slips: Vec<Slip>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    control_id: String,
    title: String,
    set: Set,
    outcome: Outcome,
    to_win: f64,
    /// Objects that lose the points; none where the tenant itself is judged.
    open: Option<u64>,
    /// Of them, users known to have no method that they may use; none where it is not known or not about users.
    without_method: Option<u64>,
    /// What one of them is called.
    #[serde(skip)]
    unit: &'static str,
    effort: Option<&'static str>,
    user_impact: Option<&'static str>,
    license_owned: Option<bool>,
    status: Status,
    /// The acceptance or mitigation that came to its end, on the day that `expires` says.
    ended: Option<Status>,
    owner: String,
    due: Option<String>,
    overdue: bool,
    expires: Option<String>,
    note: String,
    reason: String,
    approver: String,
    tags: Vec<String>,
}

/// Reads the plan and prints it.
pub fn run(arguments: &Arguments, terminal: Terminal) -> Result<Exit, CliError> {
    let catalogue = catalogue::load(&[])?;
    let at = arguments.at.map_or_else(now, Timestamp::as_microsecond);
    let plan = super::super::wait(async {
        let (archive, tenant) = arguments.of.open().await?;
        let newest = archive.history.newest(&tenant.id).await?;
        let decided = archive.history.actions(&tenant.id).await?;
        archive.history.close().await;
        let newest = newest.ok_or_else(|| {
            CliError::call("nothing was assessed yet", "`idscore score EXPORT --data DIR` keeps the first assessment")
        })?;
        let actions = actions(&newest, arguments.set, at, &catalogue, &decided);
        Ok(Plan {
            tenant_id: tenant.id,
            display_name: tenant.display_name,
            assessment_id: newest.id.clone(),
            assessed_at: idscore_history::instants::rfc3339(newest.assessed_at),
            actions,
            slips: slips(&decided, &newest),
        })
    })?;
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Table => table(&plan, arguments.set, &arguments.of.options(), terminal.for_output(output)),
        Format::Markdown => markdown(&plan, arguments.set),
        Format::Json => super::super::json(&plan)?,
    };
    super::super::print(&text, output, terminal)?;
    Ok(Exit::Done)
}

fn actions(
    newest: &KeptAssessment,
    sets: Sets,
    at: i64,
    catalogue: &Catalogue,
    decided: &BTreeMap<String, ActionState>,
) -> Vec<Action> {
    let of = |action: RankedAction<'_>| {
        let state = action.decided;
        Action {
            control_id: action.control.id.clone(),
            title: action.control.title.clone(),
            set: action.control.set,
            outcome: action.control.outcome,
            to_win: action.to_win,
            open: action.open,
            without_method: action.control.without_method,
            unit: words::unit(action.table.unwrap_or_default()),
            effort: action.known.map(|known| words::level(known.effort)),
            user_impact: action.known.map(|known| words::level(known.user_impact)),
            license_owned: action.license_owned,
            // What came to its end since the last assessment counts no more.
            status: action.status,
            ended: Some(state.status).filter(|decided| *decided != state.in_force(day_of(at))),
            owner: state.owner,
            due: state.due.map(|due| due.to_string()),
            overdue: action.overdue,
            expires: state.expires.map(|expires| expires.to_string()),
            note: state.note,
            reason: state.reason,
            approver: state.approver,
            tags: state.tags,
        }
    };
    let of_set = |set: &Set| ranked(newest, *set, decided, catalogue, at);
    sets.list().iter().flat_map(of_set).map(of).collect()
}

fn title(set: Set) -> &'static str {
    match set {
        Set::Core => "Identity Secure Score: most points first, then least effort",
        Set::Extended => "Extended set",
    }
}

fn about(action: &Action) -> String {
    let mut parts = vec![action.control_id.clone()];
    parts.extend(action.open.filter(|open| *open > 0).map(|open| {
        let many = if open == 1 { "" } else { "s" };
        format!("{} {}{many}", words::thousands(open), action.unit)
    }));
    let without = action.without_method.filter(|without| *without > 0);
    parts.extend(without.map(|without| format!("{} without a usable method", words::thousands(without))));
    parts.extend(action.effort.map(|effort| format!("effort {effort}")));
    parts.extend((action.license_owned == Some(false)).then(|| "licence not owned".to_owned()));
    parts.join(" · ")
}

fn decision(action: &Action) -> String {
    let standing = action.ended.unwrap_or(action.status);
    let mut parts: Vec<String> = words::status(standing).map(str::to_owned).into_iter().collect();
    parts.extend((!action.owner.is_empty()).then(|| action.owner.clone()));
    parts.extend(action.due.as_ref().map(|due| format!("due {due}{}", if action.overdue { ", overdue" } else { "" })));
    let end = if action.ended.is_some() { "ended on" } else { "until" };
    parts.extend(action.expires.as_ref().map(|day| format!("{end} {day}")));
    parts.extend((!action.note.is_empty()).then(|| action.note.clone()));
    parts.extend(action.tags.iter().map(|tag| format!("#{tag}")));
    parts.join(" · ")
}

fn slip(slip: &Slip) -> String {
    format!(
        "{}: accepted with {} open, now {}",
        slip.control_id,
        words::thousands(slip.accepted),
        words::thousands(slip.now)
    )
}

fn table(plan: &Plan, sets: Sets, options: &str, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    let name = if plan.display_name.is_empty() { &plan.tenant_id } else { &plan.display_name };
    let name = page.paint(Tone::Strong, &words::visible(name));
    page.line(&name);
    let about_it = format!("{} · assessed {}", plan.tenant_id, words::instant(&plan.assessed_at));
    page.paragraph(0, Tone::Quiet, &words::visible(&about_it));
    if !plan.slips.is_empty() {
        page.heading("Accepted, and slipped further since");
        for slipped in &plan.slips {
            page.paragraph(2, Tone::Bad, &slip(slipped));
        }
    }
    for set in sets.list() {
        let actions: Vec<_> = plan.actions.iter().filter(|action| action.set == *set).collect();
        if actions.is_empty() {
            continue;
        }
        page.heading(title(*set));
        let mut table = page.table(&["To win", "Action"]);
        for action in actions {
            let empty = || page.cell(Tone::Plain, "");
            table.add_row(vec![
                page.number(Tone::Strong, &moves::points(action.to_win)),
                page.cell(Tone::Strong, &words::visible(&action.title)),
            ]);
            table.add_row(vec![empty(), page.cell(Tone::of(action.outcome), &about(action))]);
            let decided = decision(action);
            if !decided.is_empty() {
                let tone = if action.overdue { Tone::Bad } else { Tone::Plain };
                table.add_row(vec![empty(), page.cell(tone, &words::visible(&decided))]);
            }
        }
        page.put(&table);
    }
    page.gap();
    let open = plan.actions.iter().find(|action| action.status == Status::ToAddress);
    match open {
        Some(action) => {
            page.line("Next: decide about the first that is open; the effect is shown first");
            let command = format!("{} plan set {} --status planned {options}", words::program(), action.control_id);
            let command = page.paint(Tone::Command, &command);
            page.line(&format!("  {command}"));
        }
        None => page.line("Everything is decided."),
    }
    page.into_text()
}

fn markdown(plan: &Plan, sets: Sets) -> String {
    let name = if plan.display_name.is_empty() { &plan.tenant_id } else { &plan.display_name };
    let mut page =
        format!("# Action plan: {}\n\nAssessed {}.\n", markdown_cell(name), words::instant(&plan.assessed_at));
    for set in sets.list() {
        page.push_str(&format!(
            "\n## {}\n\n| To win | Action | | Decision |\n| ---: | --- | --- | --- |\n",
            title(*set)
        ));
        for action in plan.actions.iter().filter(|action| action.set == *set) {
            page.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                moves::points(action.to_win),
                markdown_cell(&action.title),
                markdown_cell(&about(action)),
                markdown_cell(&decision(action))
            ));
        }
    }
    if !plan.slips.is_empty() {
        page.push_str("\n## Accepted, and slipped further since\n\n");
        for slipped in &plan.slips {
            page.push_str(&format!("- {}\n", markdown_cell(&slip(slipped))));
        }
    }
    page
}
