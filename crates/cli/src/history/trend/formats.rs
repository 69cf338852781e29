//! The trend as a table, CSV and Markdown.

use std::fmt::Write;

use idscore_output_encoding::markdown_cell;
use idscore_score::Zone;

use super::super::moves;
use super::{Day, OneSet, Trend};
use crate::error::CliError;
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;
use idscore_history::{Cause, Mark, word};

/// Cells of the bar from 0 to 100 %, and where what is proven stands beside it.
const BAR: u32 = 15;
const SHORT_BAR: u32 = 10;
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The page that `trend` prints.
pub fn table(trend: &Trend, options: &str, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    let name = if trend.display_name.is_empty() { &trend.tenant_id } else { &trend.display_name };
    let name = page.paint(Tone::Strong, &words::visible(name));
    page.line(&name);
    page.paragraph(0, Tone::Quiet, &format!("{} · {}", words::visible(&trend.tenant_id), set(trend.set)));
    let zones = format!("okay from {} %, good from {} %", trend.zones.okay(), trend.zones.good());
    page.paragraph(0, Tone::Quiet, &zones);
    if trend.days.len() > 1 {
        page.gap();
        let line = spark(&trend.days, usize::from(terminal.width.saturating_sub(30)).max(10));
        let line = page.paint(Tone::Command, &line);
        page.line(&format!("  {line}  {}", range(&trend.days)));
    }
    page.gap();
    let with_proven = says_what_is_proven(trend);
    let (heads, cells) = if with_proven {
        (&["Day", "Score", "Proven", "", "Change", "", "Points", ""][..], SHORT_BAR)
    } else {
        (&["Day", "Score", "", "Change", "", "Points", ""][..], BAR)
    };
    let mut table = page.table(heads);
    for day in &trend.days {
        let fell = day.marks.contains(&Mark::Regression);
        let change = match day.change {
            Some(change) if fell => page.number(Tone::Bad, &moves::signed(change)),
            Some(change) if change > 0.0 => page.number(Tone::Good, &moves::signed(change)),
            Some(change) => page.number(Tone::Quiet, &moves::signed(change)),
            None => page.cell(Tone::Plain, ""),
        };
        let mut row = vec![
            page.cell(Tone::Plain, &day.day),
            page.number(Tone::Strong, &moves::headline(day.percent, day.max_score)),
        ];
        row.extend(with_proven.then(|| page.number(Tone::Quiet, &proven(day))));
        row.extend([
            page.cell(day.zone.map_or(Tone::Plain, tone), zone(day)),
            change,
            page.cell(Tone::Command, &bar(day.percent, cells)),
            page.number(Tone::Plain, &points(day)),
            page.cell(if fell { Tone::Bad } else { Tone::Half }, &marks(day)),
        ]);
        table.add_row(row);
    }
    page.put(&table);
    if trend.days.iter().any(is_not_known) {
        page.paragraph(0, Tone::Quiet, &format!("{}.", words::first_upper(moves::NOT_KNOWN)));
    }
    // A difference between Microsoft's number and ours has no meaning; the newest day knows whether it has one.
    if let [.., before, last] = trend.days.as_slice()
        && last.change.is_some()
    {
        page.gap();
        page.line("Next: what moved on the last day, and why");
        let command = format!("{} diff {} {} {options}", words::program(), before.day, last.day);
        let command = page.paint(Tone::Command, &command);
        page.line(&format!("  {command}"));
    }
    page.into_text()
}

fn set(set: OneSet) -> &'static str {
    match set {
        OneSet::Core => "Identity Secure Score",
        OneSet::Extended => "extended set (never part of the score)",
    }
}

fn zone(day: &Day) -> &'static str {
    day.zone.map_or("", Zone::words)
}

fn tone(zone: Zone) -> Tone {
    match zone {
        Zone::Bad => Tone::Bad,
        Zone::Okay => Tone::Half,
        Zone::Good => Tone::Good,
    }
}

/// What stands where no floor was kept.
const NOT_KNOWN: &str = "not known";

fn is_not_known(day: &Day) -> bool {
    day.percent_at_least.is_none() && day.cause != Cause::Microsoft
}

/// "58.93–71.43"; nothing where all of it was seen.
fn proven(day: &Day) -> String {
    if is_not_known(day) {
        return NOT_KNOWN.to_owned();
    }
    moves::span(day.percent_at_least, day.percent_at_most).unwrap_or_default()
}

/// Whether there is anything to say on any day.
fn says_what_is_proven(trend: &Trend) -> bool {
    trend.days.iter().any(|day| !proven(day).is_empty())
}

fn points(day: &Day) -> String {
    format!("{} of {}", moves::points(day.current_score), moves::points(day.max_score))
}

fn marks(day: &Day) -> String {
    day.marks.iter().map(|mark| moves::mark(*mark)).collect::<Vec<_>>().join(", ")
}

fn bar(percent: f64, cells: u32) -> String {
    let filled = (1..=cells).filter(|step| percent >= f64::from(*step) * 100.0 / f64::from(cells)).count();
    "█".repeat(filled)
}

/// The newest days between their lowest and their highest score.
fn spark(days: &[Day], width: usize) -> String {
    let shown = days.get(days.len().saturating_sub(width)..).unwrap_or(days);
    let (low, high) = ends(shown);
    let step = |day: &Day| {
        // One step for each eighth of the way that is reached.
        let reached = |step: &u32| day.percent >= low + (high - low) * f64::from(*step) / 8.0;
        let steps = if high > low { (1..8).filter(reached).count() } else { 3 };
        STEPS.get(steps).copied().unwrap_or('█')
    };
    shown.iter().map(step).collect()
}

fn ends(days: &[Day]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    days.iter().fold(ends, |(low, high), day| (low.min(day.percent), high.max(day.percent)))
}

fn range(days: &[Day]) -> String {
    let (low, high) = ends(days);
    format!("{low:.2} to {high:.2} %")
}

/// One row per day.
pub fn csv(trend: &Trend) -> Result<String, CliError> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record([
        "day",
        "percent",
        "change",
        "currentScore",
        "maxScore",
        "coverage",
        "cause",
        "marks",
        "catalogueVersion",
        "configHash",
        "assessmentId",
        "zone",
        "percentAtLeast",
        "percentAtMost",
    ])?;
    let end = |percent: Option<f64>| percent.map(|percent| format!("{percent:.2}")).unwrap_or_default();
    for day in &trend.days {
        let marks = serde_json::to_value(&day.marks)?;
        let marks: Vec<_> = marks.as_array().into_iter().flatten().filter_map(|mark| mark.as_str()).collect();
        rows.write_record([
            day.day.as_str(),
            &format!("{:.2}", day.percent),
            &day.change.map(|change| format!("{change:.2}")).unwrap_or_default(),
            &day.current_score.to_string(),
            &day.max_score.to_string(),
            &day.coverage.to_string(),
            &word(&day.cause),
            &marks.join(" "),
            &day.catalogue_version,
            &day.config_hash,
            &day.assessment_id,
            zone(day),
            &end(day.percent_at_least),
            &end(day.percent_at_most),
        ])?;
    }
    let bytes = rows.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The trend for a wiki.
pub fn markdown(trend: &Trend) -> String {
    let name = if trend.display_name.is_empty() { &trend.tenant_id } else { &trend.display_name };
    let with_proven = says_what_is_proven(trend);
    let mut page = format!(
        "# Trend: {}\n\n{}, {}; okay from {} %, good from {} %.\n\n| Day | Score | {}Zone | Change | Points | |\n\
         | --- | ---: | {}--- | ---: | ---: | --- |\n",
        markdown_cell(name),
        set(trend.set),
        range(&trend.days),
        trend.zones.okay(),
        trend.zones.good(),
        if with_proven { "Proven, in % | " } else { "" },
        if with_proven { "---: | " } else { "" },
    );
    for day in &trend.days {
        // Writing into a String cannot fail.
        let _ = writeln!(
            page,
            "| {} | {} | {}{} | {} | {} | {} |",
            day.day,
            moves::headline(day.percent, day.max_score),
            if with_proven { format!("{} | ", proven(day)) } else { String::new() },
            zone(day),
            day.change.map(moves::signed).unwrap_or_default(),
            points(day),
            marks(day)
        );
    }
    page
}
