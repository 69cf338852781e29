//! Both results side by side, for people and for spreadsheets.

use std::fmt::Write as _;
use std::io::Write;

use comfy_table::ColumnConstraint;
use idscore_assess::{
    MicrosoftSide, OurSide, ReasonKind, ReconciledControl, ReconciledTotals, Reconciliation, Sum, Verdict,
};
use idscore_score::Outcome;
use idscore_words::cells::{markdown_cell, spreadsheet_safe};

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
        let kinds: Vec<_> = control.reasons.iter().map(|reason| key(&reason.kind)).collect();
        let says: Vec<_> = control.reasons.iter().map(|reason| reason.says.as_str()).collect();
        csv.write_record([
            spreadsheet_safe(&control.id),
            key(&control.verdict),
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

/// The word that JSON has for it.
fn key(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn instants(result: &Reconciliation) -> String {
    let day = result
        .created_date_time
        .map_or_else(|| "without a date".to_owned(), |day| format!("of {:.10}", day.to_string()));
    format!("Profile compat at {}, Microsoft's score {day}", words::instant(&result.taken_at))
}

/// What the sums say.
fn together(result: &Reconciliation) -> Vec<String> {
    let totals = &result.totals;
    let mut lines = vec![
        format!("Ours: {}, the core set under compat without insider risk.", in_points(&totals.ours)),
        format!("Microsoft's: {}, its controls of the category Identity.", in_points(&totals.microsoft)),
    ];
    if let Some(served) = &totals.microsoft_served {
        lines.push(format!("Microsoft's own sum of them (identityScore): {}.", in_points(served)));
    }
    lines.push(format!(
        "Over the core controls with points on both sides ({}): ours {}, Microsoft's {}.",
        totals.both,
        in_points(&totals.ours_of_both),
        in_points(&totals.microsoft_of_both)
    ));
    if !totals.not_assessed.is_empty() {
        lines.push(format!("Not assessed here, and in neither of our sums: {}.", totals.not_assessed.join(", ")));
    }
    if !totals.profiles_without_score.is_empty() {
        lines.push(format!(
            "Identity controls of which Microsoft has a profile and no score: {}.",
            totals.profiles_without_score.join(", ")
        ));
    }
    lines.extend(result.averages.iter().map(|average| {
        let who = match (average.basis.as_str(), average.seats_from, average.seats_to) {
            ("AllTenants", ..) => "all tenants".to_owned(),
            ("TotalSeats", Some(from), Some(to)) => format!("tenants of {from} to {to} seats"),
            ("TotalSeats", ..) => "tenants of this size".to_owned(),
            ("IndustryTypes", ..) => "tenants of this industry".to_owned(),
            (other, ..) => other.to_owned(),
        };
        format!("Microsoft's average of {who}: {}.", in_points(&average.identity))
    }));
    lines
}

/// Controls whose points differ or stand on one side, the widest gap first.
fn by_points(result: &Reconciliation) -> Vec<&ReconciledControl> {
    let mut explained: Vec<_> = result.controls.iter().filter(|control| !control.reasons.is_empty()).collect();
    let gap = |control: &ReconciledControl| control.difference.map_or(-1.0, f64::abs);
    explained.sort_by(|one, other| gap(other).total_cmp(&gap(one)));
    explained
}

fn tone(control: &ReconciledControl) -> Tone {
    match control.verdict {
        Verdict::Equal => Tone::Good,
        Verdict::Differs => Tone::Half,
        Verdict::OnlyHere | Verdict::OnlyMicrosoft | Verdict::NotCounted => Tone::Quiet,
    }
}

/// The likeliest reason in a few words.
fn short(control: &ReconciledControl) -> &'static str {
    if control.verdict == Verdict::Equal {
        return "equal";
    }
    let Some(reason) = control.reasons.first() else { return "" };
    match reason.kind {
        ReasonKind::NotAssessedHere => "not assessed here",
        ReasonKind::NotApplicableHere => "does not apply here",
        ReasonKind::InsiderRisk => "in neither sum",
        ReasonKind::NoScoreAtMicrosoft => "no score at Microsoft",
        ReasonKind::NoControlHere => "no such control here",
        ReasonKind::ExtendedHere => "in our extended set",
        ReasonKind::DecidedAtMicrosoft => "decided at Microsoft",
        ReasonKind::DecidedHere => "decided in idscore.toml",
        ReasonKind::ChangedSince => "changed since",
        ReasonKind::OtherMaximum => "other maximum",
        ReasonKind::UnknownHere => "partly unknown here",
        ReasonKind::SecurityDefaults => "security defaults",
        ReasonKind::Licence => "licence not owned",
        ReasonKind::Population => "other population",
        ReasonKind::CountMeaning => "count means the rest",
        ReasonKind::DataAge => "older data",
        ReasonKind::ReportOnly => "report-only policy",
        ReasonKind::ClassicPolicy => "policy of the old kind",
        ReasonKind::TextContradicts => "text says otherwise",
        ReasonKind::OtherVerdict => "other verdict",
        ReasonKind::Unexplained => "not explained",
    }
}

fn ours(control: &ReconciledControl) -> String {
    match &control.ours {
        None => "–".to_owned(),
        Some(OurSide { outcome: Outcome::NotAssessed, .. }) => "not assessed".to_owned(),
        Some(OurSide { score: Some(score), max_score, .. }) => of(*score, *max_score),
        Some(_) => "–".to_owned(),
    }
}

fn microsofts(control: &ReconciledControl) -> String {
    match &control.microsoft {
        Some(MicrosoftSide { score: Some(score), max_score, .. }) => of(*score, *max_score),
        _ => "–".to_owned(),
    }
}

fn difference(control: &ReconciledControl) -> String {
    control.difference.map_or_else(|| "–".to_owned(), signed)
}

/// "5 of 8 objects here, 6 of 9 at Microsoft": objects, not points.
fn sides(control: &ReconciledControl) -> String {
    let ours = control.ours.as_ref().filter(|ours| ours.total > 0);
    let ours = ours.map(|ours| format!("{} here", words::counts(ours.count, ours.total, ours.unknown, "object")));
    let theirs = control.microsoft.as_ref().and_then(|side| side.count.zip(side.total));
    let theirs =
        theirs.map(|(count, total)| format!("{} of {} at Microsoft", words::thousands(count), words::thousands(total)));
    let sides: Vec<_> = ours.into_iter().chain(theirs).collect();
    if sides.is_empty() { String::new() } else { format!(": {}", sides.join(", ")) }
}

/// `6.25/10`, where there is little room.
fn short_of(text: &str) -> String {
    text.replace(" of ", "/")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The difference of the sums; none where they are over other points.
fn all(totals: &ReconciledTotals) -> String {
    let same = totals.microsoft.max_score.is_some() && totals.ours.max_score == totals.microsoft.max_score;
    if same { signed(totals.ours.score - totals.microsoft.score) } else { "–".to_owned() }
}

fn of(score: f64, max: Option<f64>) -> String {
    max.map_or_else(|| plain(score), |max| format!("{} of {}", plain(score), plain(max)))
}

fn in_points(sum: &Sum) -> String {
    let percent = sum.percent.map(|percent| format!(" ({percent:.2} %)")).unwrap_or_default();
    let unit = if sum.max_score.unwrap_or(sum.score) == 1.0 { "point" } else { "points" };
    format!("{} {unit}{percent}", of(sum.score, sum.max_score))
}

fn plain(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn signed(points: f64) -> String {
    let text = plain(points);
    match text.as_str() {
        "0" | "-0" => "0".to_owned(),
        _ if points > 0.0 => format!("+{text}"),
        _ => text.replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_a_sign_unless_there_is_none() {
        assert_eq!([signed(1.5), signed(-2.0), signed(0.0), signed(-0.001)], ["+1.5", "−2", "0", "0"]);
    }
}
