//! The comparison as a table, CSV and Markdown.

use std::fmt::Write;

use idscore_history::comparison::{Comparison, OwnDay, Point, Series, Source};
use idscore_history::word;
use idscore_output_encoding::{markdown_cell, spreadsheet_safe};

use super::super::moves;
use crate::error::CliError;
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;
use idscore_words::comparison::{about, source, unranked};

const COLUMNS: [&str; 6] = ["Among", "Day", "Tenants", "Median or mean", "P25–P75", "Own rank"];
const HEADINGS: [&str; 7] = ["Among", "Source", "Day", "Tenants", "Median or mean", "P25–P75", "Own rank"];

/// The page that `compare` prints.
pub fn table(comparison: &Comparison, options: &str, terminal: Terminal) -> String {
    let mut page = Page::new(terminal);
    let name = page.paint(Tone::Strong, &words::visible(name(comparison)));
    page.line(&name);
    page.paragraph(0, Tone::Quiet, &words::visible(&comparison.tenant.id));
    page.gap();
    if let Some(own) = comparison.own.last() {
        page.paragraph(0, Tone::Plain, &standing(own));
    }
    let mut shown: Vec<(&Series, &Point)> = comparison.newest().collect();
    while let Some((first, _)) = shown.first() {
        // Series come by source; each has a table of its own, since they have different columns filled.
        let from = source(first);
        let number = shown.iter().take_while(|(series, _)| source(series) == from).count();
        page.heading(&words::visible(&from));
        let mut table = page.table(&COLUMNS);
        for (series, point) in shown.drain(..number) {
            let [group, _, day, tenants, middle, spread, rank] = cells(series, point);
            table.add_row(vec![
                page.cell(Tone::Plain, &words::visible(&group)),
                page.cell(Tone::Plain, &day),
                page.number(Tone::Quiet, &tenants),
                page.number(Tone::Strong, &middle),
                page.number(Tone::Plain, &spread),
                page.number(Tone::Plain, &rank),
            ]);
        }
        page.put(&table);
    }
    page.gap();
    page.paragraph(0, Tone::Quiet, &explained(comparison));
    if comparison.tenant.industry.is_empty() {
        page.gap();
        page.line("Next: say the industry, to stand among the same");
        let command = format!("{} tenant set --industry retail {options}", words::program());
        let command = page.paint(Tone::Command, &command);
        page.line(&format!("  {command}"));
    }
    page.into_text()
}

fn name(comparison: &Comparison) -> &str {
    let tenant = &comparison.tenant;
    if tenant.display_name.is_empty() { &tenant.id } else { &tenant.display_name }
}

fn standing(own: &OwnDay) -> String {
    let by = if own.by == Source::Microsoft { ", by Microsoft's own number" } else { "" };
    format!("{} on {}{by}, identity controls under compat", moves::percent(own.percent), own.day)
}

fn explained(comparison: &Comparison) -> String {
    let mut text = "Identity percentages only; the overall Secure Score is another measure. Microsoft's averages are \
                    average points over average maximum, and the number of tenants behind them is not published."
        .to_owned();
    if comparison.newest().any(|(_, point)| point.epsilon.is_some()) {
        text.push_str(" Files hold noise that protects each tenant: their numbers are near, not exact.");
    }
    text
}

fn cells(series: &Series, point: &Point) -> [String; 7] {
    let about = about(point);
    let spread = point.quartiles.map(|quartiles| format!("{:.2}–{:.2}", quartiles.p25, quartiles.p75));
    let middle = point.quartiles.map(|quartiles| quartiles.median).or(point.average).map(moves::percent);
    let day =
        if series.source == Source::File { point.day.strftime("%Y-%m").to_string() } else { point.day.to_string() };
    [
        series.group.clone(),
        source(series),
        day,
        point.tenants.map_or_else(|| "not published".to_owned(), |tenants| format!("{about}{tenants}")),
        middle.map(|middle| format!("{about}{middle}")).unwrap_or_default(),
        spread.unwrap_or_default(),
        point.percentile_rank.map_or_else(|| unranked(point).to_owned(), |rank| format!("{about}{rank:.0}")),
    ]
}

/// One row per group and day, the tenant itself first.
pub fn csv(comparison: &Comparison) -> Result<String, CliError> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record([
        "group",
        "source",
        "origin",
        "invented",
        "day",
        "tenants",
        "average",
        "p25",
        "median",
        "p75",
        "own",
        "percentileRank",
        "epsilon",
    ])?;
    let number = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
    for own in &comparison.own {
        let by = word(&own.by);
        let (day, percent) = (own.day.to_string(), number(Some(own.percent)));
        rows.write_record(["own", &by, "", "", &day, "1", "", "", "", "", &percent, "", ""])?;
    }
    for series in &comparison.series {
        for point in &series.points {
            rows.write_record([
                &spreadsheet_safe(&series.group),
                &word(&series.source),
                &spreadsheet_safe(series.origin.as_deref().unwrap_or_default()),
                &series.invented.to_string(),
                &point.day.to_string(),
                &point.tenants.map(|tenants| tenants.to_string()).unwrap_or_default(),
                &number(point.average),
                &number(point.quartiles.map(|quartiles| quartiles.p25)),
                &number(point.quartiles.map(|quartiles| quartiles.median)),
                &number(point.quartiles.map(|quartiles| quartiles.p75)),
                &number(point.own),
                &number(point.percentile_rank),
                &point.epsilon.map(|epsilon| epsilon.to_string()).unwrap_or_default(),
            ])?;
        }
    }
    let bytes = rows.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The newest of every group for a wiki.
pub fn markdown(comparison: &Comparison) -> String {
    let mut page = format!("# Comparison: {}\n\n", markdown_cell(name(comparison)));
    if let Some(own) = comparison.own.last() {
        // Writing into a String cannot fail.
        let _ = writeln!(page, "{}.\n", standing(own));
    }
    let _ = writeln!(page, "| {} |\n| --- | --- | --- | ---: | ---: | ---: | ---: |", HEADINGS.join(" | "));
    for (series, point) in comparison.newest() {
        let _ = writeln!(page, "| {} |", cells(series, point).map(|cell| markdown_cell(&cell)).join(" | "));
    }
    let _ = writeln!(page, "\n{}", explained(comparison));
    page
}
