//! Both results side by side, for people and for spreadsheets.

use std::fmt::Write as _;
use std::io::Write;

use comfy_table::ColumnConstraint;
use idscore_assess::{ReconciledControl, Reconciliation, Verdict};
use idscore_history::word;
use idscore_output_encoding::{markdown_cell, spreadsheet_safe};
use idscore_words::reconciled::{
    all, by_points, capital, difference, instants, microsofts, of, ours, short, short_of, sides, together,
};

use crate::error::CliError;
use crate::page::{Page, Tone};
use crate::report::{Call, words};
use crate::terminal::Terminal;

/// For a person at a terminal.
pub fn table(result: &Reconciliation, name: &str, call: &Call, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    page.paragraph(0, Tone::Strong, &format!("{}: idscore beside Microsoft's own score", words::visible(name)));
    page.paragraph(0, Tone::Quiet, &words::visible(&instants(result)));
    page.gap();
    let mut table = page.table(&["Control", "Ours", "Microsoft", "Difference", "Likely reason"]);
    for control in &result.controls {
        let tone = tone(control);
        table.add_row(vec![
            page.cell(Tone::Plain, &words::visible(&control.id)),
            page.number(Tone::Plain, &short_of(&ours(control))),
            page.number(Tone::Plain, &short_of(&microsofts(control))),
            page.number(tone, &difference(control)),
            page.cell(tone, short(control)),
        ]);
    }
    let totals = &result.totals;
    table.add_row(vec![
        page.cell(Tone::Strong, "All"),
        page.number(Tone::Strong, &short_of(&of(totals.ours.score, totals.ours.max_score))),
        page.number(Tone::Strong, &short_of(&of(totals.microsoft.score, totals.microsoft.max_score))),
        page.number(Tone::Strong, &all(totals)),
        page.cell(Tone::Strong, ""),
    ]);
    if let Some(column) = table.column_mut(0) {
        // An id is copied into other commands, so it keeps its line.
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    page.put(&table);
    page.heading("Together");
    for line in together(result) {
        page.paragraph(2, Tone::Plain, &words::visible(&line));
    }
    let explained: Vec<_> = by_points(result);
    if !explained.is_empty() {
        page.heading("Why they differ, most points first");
        for control in explained {
            let heading = format!("{} ({}){}", control.id, difference(control), sides(control));
            page.paragraph(2, Tone::Strong, &words::visible(&heading));
            for reason in &control.reasons {
                page.paragraph(4, Tone::Plain, &words::visible(&capital(&reason.says)));
            }
        }
    }
    if let Some(first) = by_points(result).first().filter(|control| control.ours.is_some()) {
        page.gap();
        page.line("Next: the objects behind our side");
        let mut call = call.clone();
        if !call.options.iter().any(|option| option.starts_with("--profile")) {
            call.options.push("--profile compat".to_owned());
        }
        let command = page.paint(Tone::Command, &words::visible(&call.command("explain", &[&first.id])));
        page.line(&format!("  {command}"));
    }
    page.into_text()
}

/// For a wiki, an issue or a pull request.
pub fn markdown(result: &Reconciliation, name: &str) -> String {
    let mut page = format!("# {}: idscore beside Microsoft's own score\n\n", markdown_cell(name));
    // Writing into a String cannot fail.
    let _ = writeln!(page, "{}\n", markdown_cell(&instants(result)));
    page.push_str(
        "| Control | Ours | Microsoft's | Difference | Likely reason |\n| --- | ---: | ---: | ---: | --- |\n",
    );
    for control in &result.controls {
        let says: Vec<_> = control.reasons.iter().map(|reason| markdown_cell(&reason.says)).collect();
        let says = if says.is_empty() { short(control).to_owned() } else { says.join("; ") };
        let cells = [ours(control), microsofts(control), difference(control)].map(|cell| markdown_cell(&cell));
        let _ = writeln!(page, "| {} | {} | {says} |", markdown_cell(&control.id), cells.join(" | "));
    }
    let totals = &result.totals;
    let _ = writeln!(
        page,
        "| **All** | {} | {} | {} | |\n",
        of(totals.ours.score, totals.ours.max_score),
        of(totals.microsoft.score, totals.microsoft.max_score),
        all(totals)
    );
    for line in together(result) {
        let _ = writeln!(page, "- {}", markdown_cell(&line));
    }
    page
}

/// One row per control.
pub fn csv(result: &Reconciliation, out: impl Write) -> Result<(), CliError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "controlId",
        "verdict",
        "difference",
        "ourScore",
        "ourMaxScore",
        "ourCount",
        "ourTotal",
        "ourUnknown",
        "ourOutcome",
        "microsoftScore",
        "microsoftMaxScore",
        "microsoftCount",
        "microsoftTotal",
        "microsoftLastSynced",
        "microsoftState",
        "reasonKinds",
        "reasons",
    ])?;
    for control in &result.controls {
        let points = |points: Option<f64>| points.map(|points| points.to_string()).unwrap_or_default();
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let (ours, theirs) = (control.ours.as_ref(), control.microsoft.as_ref());
        let kinds: Vec<_> = control.reasons.iter().map(|reason| word(&reason.kind)).collect();
        let says: Vec<_> = control.reasons.iter().map(|reason| reason.says.as_str()).collect();
        csv.write_record([
            spreadsheet_safe(&control.id),
            word(&control.verdict),
            points(control.difference),
            points(ours.and_then(|ours| ours.score)),
            points(ours.and_then(|ours| ours.max_score)),
            count(ours.map(|ours| ours.count)),
            count(ours.map(|ours| ours.total)),
            count(ours.map(|ours| ours.unknown)),
            ours.map(|ours| words::outcome_key(ours.outcome)).unwrap_or_default().to_owned(),
            points(theirs.and_then(|theirs| theirs.score)),
            points(theirs.and_then(|theirs| theirs.max_score)),
            count(theirs.and_then(|theirs| theirs.count)),
            count(theirs.and_then(|theirs| theirs.total)),
            theirs.and_then(|theirs| theirs.last_synced).map(|instant| instant.to_string()).unwrap_or_default(),
            spreadsheet_safe(theirs.and_then(|theirs| theirs.state.as_deref()).unwrap_or_default()),
            kinds.join("; "),
            spreadsheet_safe(&says.join("; ")),
        ])?;
    }
    csv.flush().map_err(|source| CliError::WriteOutput { path: "csv".into(), source })
}

fn tone(control: &ReconciledControl) -> Tone {
    match control.verdict {
        Verdict::Equal => Tone::Good,
        Verdict::Differs => Tone::Half,
        Verdict::OnlyHere | Verdict::OnlyMicrosoft | Verdict::NotCounted => Tone::Quiet,
    }
}
