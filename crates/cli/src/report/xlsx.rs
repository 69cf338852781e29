//! The score as an Excel workbook, to sort, filter and hand over.
//!
//! The file is Office Open XML ([ECMA-376](https://ecma-international.org/publications-and-standards/standards/ecma-376/)).
//! Numbers are numbers; text is only ever text, because a cell of type string is never a formula.

use idscore_assess::SetScore;
use idscore_score::{Points, Set};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::{Action, Report, fields, words};
use crate::error::CliError;

/// A cell takes 32,767 units of UTF-16; half as many characters always fit.
const LONGEST_TEXT: usize = 16_383;

/// The workbook: the sheets Score, Actions, Evidence and Data sets.
///
/// # Errors
/// When the instant can't be read or Excel has no room for the rows.
pub fn write_xlsx(report: &Report<'_>) -> Result<Vec<u8>, CliError> {
    let taken_at = ExcelDateTime::from_timestamp(report.taken_at()?.as_second())?;
    let mut workbook = Workbook::new();
    // The instant that was judged: the same export gives the same bytes on any day.
    workbook.set_properties(&DocProperties::new().set_title("Identity Secure Score").set_creation_datetime(&taken_at));
    score(workbook.add_worksheet(), report, &taken_at)?;
    actions(workbook.add_worksheet(), report)?;
    evidence(workbook.add_worksheet(), report)?;
    data_sets(workbook.add_worksheet(), report)?;
    Ok(workbook.save_to_buffer()?)
}

/// What stands in a cell.
enum Cell {
    Text(String),
    Count(u64),
    Points(Option<Points>),
    /// Out of a hundred; Excel wants it out of one.
    Percent(Option<Points>),
    Instant(ExcelDateTime),
}

impl Cell {
    fn text(text: &str) -> Self {
        Self::Text(words::visible_lines(text))
    }

    fn put(self, sheet: &mut Worksheet, row: u32, column: u16) -> Result<(), XlsxError> {
        match self {
            Self::Text(text) => {
                sheet.write_string(row, column, text.chars().take(LONGEST_TEXT).collect::<String>())?;
            }
            Self::Count(count) => {
                let format = Format::new().set_num_format("#,##0");
                // Beyond 2⁵³ a count would be rounded; no tenant has so many objects.
                sheet.write_number_with_format(row, column, count as f64, &format)?;
            }
            Self::Points(Some(points)) => {
                let format = Format::new().set_num_format("0.00");
                sheet.write_number_with_format(row, column, points.to_f64(), &format)?;
            }
            Self::Percent(Some(points)) => {
                let share = points.divided_by(&Points::whole(100)).to_f64();
                let format = Format::new().set_num_format("0.00%");
                sheet.write_number_with_format(row, column, share, &format)?;
            }
            Self::Instant(instant) => {
                let format = Format::new().set_num_format("yyyy-mm-dd hh:mm").set_align(FormatAlign::Left);
                sheet.write_datetime_with_format(row, column, &instant, &format)?;
            }
            Self::Points(None) | Self::Percent(None) => {}
        }
        Ok(())
    }
}

/// A sheet of rows below a header that stays in view and filters.
struct Table<'a> {
    sheet: &'a mut Worksheet,
    columns: u16,
    next: u32,
}

impl<'a> Table<'a> {
    fn new(sheet: &'a mut Worksheet, name: &str, columns: &[(&str, f64)]) -> Result<Self, XlsxError> {
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        let mut at = 0;
        for (title, width) in columns {
            sheet.write_string_with_format(0, at, *title, &bold)?.set_column_width(at, *width)?;
            at += 1;
        }
        Ok(Self { sheet, columns: at, next: 1 })
    }

    fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> Result<(), XlsxError> {
        for (column, cell) in (0..self.columns).zip(cells) {
            cell.put(self.sheet, self.next, column)?;
        }
        self.next += 1;
        Ok(())
    }

    fn filter(self) -> Result<(), XlsxError> {
        self.sheet.autofilter(0, 0, self.next - 1, self.columns.saturating_sub(1))?;
        Ok(())
    }
}

fn score(sheet: &mut Worksheet, report: &Report<'_>, taken_at: &ExcelDateTime) -> Result<(), XlsxError> {
    let assessment = report.assessment;
    let sets = report.sets.list();
    let mut columns = vec![("Identity Secure Score", 34.0)];
    columns.extend(sets.iter().map(|set| (words::set(*set), 40.0)));
    let mut table = Table::new(sheet, "Score", &columns)?;
    let mut line = |label: &str, cell: &dyn Fn(&SetScore) -> Cell| {
        let cells = sets.iter().map(|set| cell(report.score(*set)));
        table.row(std::iter::once(Cell::text(label)).chain(cells))
    };
    let percent = |percent: &Points| Cell::Percent(Some(percent.clone()));
    // A score of nothing is no score.
    line("Score", &|score| Cell::Percent(score.max_score.is_positive().then(|| score.percent.clone())))?;
    // Cut off and rounded up, as everywhere.
    let end = |percent: Option<Points>| Cell::Percent(percent);
    line("Proven at least", &|score| {
        end(score.percent_at_least.as_ref().map(|percent| percent.truncated().to_points()))
    })?;
    line("Possible at most", &|score| {
        end(score.percent_at_most.as_ref().map(|percent| percent.rounded_up().to_points()))
    })?;
    line("Points earned", &|score| Cell::Points(Some(score.current_score.clone())))?;
    line("Points that count", &|score| Cell::Points(Some(score.max_score.clone())))?;
    // Cut off, so that 100 % means everything.
    line("Coverage", &|score| percent(&score.coverage.times(&Points::whole(100)).truncated().to_points()))?;
    line("With what is planned", &|score| percent(&score.planned_percent))?;
    line("Within the owned licences", &|score| percent(&score.current_license_percent))?;
    line("And without accepted risks", &|score| percent(&score.achievable_percent))?;
    line("Earned by attestation only", &|score| percent(&score.attested_percent))?;
    if sets.contains(&Set::Core) {
        // Microsoft has no number for the extended set.
        table.row([Cell::text("To lay beside Microsoft's"), percent(&report.score(Set::Core).compat_percent)])?;
    }
    table.row([])?;
    for (label, cell) in [
        ("Tenant", Cell::text(report.tenant())),
        ("Tenant id", Cell::text(&assessment.tenant_id)),
        ("Instant (UTC)", Cell::Instant(taken_at.clone())),
        ("Where the instant comes from", Cell::text(&words::instant_source(&assessment.taken_at_source))),
        ("Profile", Cell::text(words::profile(assessment.profile))),
        ("Version of the controls", Cell::text(&assessment.catalogue_version)),
        ("Configuration", Cell::text(&assessment.config_hash)),
        ("Users", Cell::Count(assessment.users.total)),
        ("Enabled members", Cell::Count(assessment.users.enabled_members)),
        ("Enabled guests", Cell::Count(assessment.users.enabled_guests)),
    ] {
        table.row([Cell::text(label), cell])?;
    }
    for declared in &assessment.declared {
        let name = declared.name.as_deref().unwrap_or(&declared.id);
        let until = declared.expires.as_deref().unwrap_or("no end");
        let says = format!("{name}: {} ({}), until {until}: {}", declared.reason, declared.owner, declared.effect);
        table.row([Cell::text(&format!("Declared: {}", words::declared(&declared.kind))), Cell::text(&says)])?;
    }
    for warning in &assessment.warnings {
        table.row([Cell::text("Warning"), Cell::text(warning)])?;
    }
    Ok(())
}

fn actions(sheet: &mut Worksheet, report: &Report<'_>) -> Result<(), XlsxError> {
    let columns = [
        ("Control", 34.0),
        ("Set", 10.0),
        ("Title", 60.0),
        ("Outcome", 18.0),
        ("To win", 9.0),
        ("Score", 9.0),
        ("Points", 9.0),
        ("Impact", 10.0),
        ("Met", 9.0),
        ("Judged", 9.0),
        ("Unknown", 10.0),
        ("Status", 20.0),
        ("Needs licence", 14.0),
        ("Remarks", 60.0),
        ("Where to change it", 50.0),
        ("Proven", 9.0),
        ("Possible", 9.0),
    ];
    let mut table = Table::new(sheet, "Actions", &columns)?;
    for action in report.actions() {
        let result = action.result;
        table.row([
            Cell::text(&result.id),
            Cell::text(words::set(result.set)),
            Cell::text(&result.title),
            Cell::text(action.outcome()),
            Cell::Points(result.max_score.as_ref().map(|_| action.winnable())),
            Cell::Points(result.score.clone()),
            Cell::Points(result.max_score.clone()),
            Cell::Percent(result.impact_percent.clone()),
            Cell::Count(result.count),
            Cell::Count(result.total),
            Cell::Count(result.unknown),
            Cell::text(words::status(result.status).unwrap_or_default()),
            Cell::text(result.needs_license.as_deref().unwrap_or_default()),
            Cell::text(&notes(&action).join("; ")),
            Cell::text(action.control.and_then(|control| control.action_url.as_deref()).unwrap_or_default()),
            Cell::Points(result.score_at_least.as_ref().map(|points| points.truncated().to_points())),
            Cell::Points(result.score_at_most.as_ref().map(|points| points.rounded_up().to_points())),
        ])?;
    }
    table.filter()
}

fn evidence(sheet: &mut Worksheet, report: &Report<'_>) -> Result<(), XlsxError> {
    let columns = [
        ("Control", 34.0),
        ("Title", 40.0),
        ("Kind", 18.0),
        ("Name", 40.0),
        ("Object", 38.0),
        ("Outcome", 14.0),
        ("Why", 80.0),
        ("Details", 60.0),
    ];
    let mut table = Table::new(sheet, "Evidence", &columns)?;
    for action in report.actions() {
        let rows = report.rows(&action.result.id);
        for row in rows {
            table.row([
                Cell::text(&action.result.id),
                Cell::text(&action.result.title),
                Cell::text(action.evidence_unit()),
                Cell::text(row.name.as_deref().unwrap_or_default()),
                Cell::text(&row.object_id),
                Cell::text(words::outcome(row.outcome)),
                Cell::text(&fields::why(row)),
                Cell::text(&words::evidence_cells(row)),
            ])?;
        }
        let more = action.beyond(rows);
        if more > 0 && !rows.is_empty() {
            let all =
                format!("{} --format csv --output {}.csv", report.explain_command(&action.result.id), action.result.id);
            table.row([
                Cell::text(&action.result.id),
                Cell::text(&action.result.title),
                Cell::text(action.evidence_unit()),
                Cell::text(&format!("and {} more", words::thousands(more))),
                Cell::text(""),
                Cell::text(""),
                Cell::text(&format!("All of them: {all}")),
            ])?;
        }
    }
    table.filter()
}

fn data_sets(sheet: &mut Worksheet, report: &Report<'_>) -> Result<(), XlsxError> {
    let columns = [
        ("Data set", 40.0),
        ("What became of it", 20.0),
        ("Rows", 12.0),
        ("What would bring it", 50.0),
        ("Costs", 80.0),
    ];
    let mut table = Table::new(sheet, "Data sets", &columns)?;
    for set in &report.assessment.data_sets {
        table.row([
            Cell::text(&set.name),
            Cell::text(words::data_set_status(&set.status)),
            Cell::Count(set.rows),
            Cell::text(&set.missing.as_ref().map(words::remedy).unwrap_or_default()),
            Cell::text(&set.costs.join(", ")),
        ])?;
    }
    table.filter()
}

/// When the work was done, what is missing, and the notes.
fn notes(action: &Action<'_>) -> Vec<String> {
    action.result.review.iter().map(words::review).chain(action.reasons()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{Cursor, Read};

    use idscore_assess::EvidenceRow;
    use idscore_score::Outcome;

    use super::super::{Call, Sets, samples};
    use super::*;

    fn workbook() -> Vec<u8> {
        let mut assessment = samples::assessment();
        "=1+1".clone_into(&mut assessment.controls[0].title);
        let mut report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        let row = EvidenceRow {
            object_id: "7b0c".into(),
            name: Some("=HYPERLINK(\"http://evil\")\u{1b}".into()),
            outcome: Outcome::NotMet,
            why: "x".repeat(40_000),
            witness: None,
            evidence: BTreeMap::new(),
            urgency: idscore_assess::Urgency::default(),
        };
        report.evidence.insert("AdminMFAV2".to_owned(), vec![row]);
        write_xlsx(&report).unwrap()
    }

    fn part(name: &str) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(workbook())).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_sheets_are_score_actions_evidence_and_data_sets() {
        let book = part("xl/workbook.xml");
        let names: Vec<_> =
            book.split("<sheet name=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert_eq!(names, ["Score", "Actions", "Evidence", "Data sets"]);
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for sheet in 1..=4 {
            assert!(!part(&format!("xl/worksheets/sheet{sheet}.xml")).contains("<f>"));
        }
        let strings = part("xl/sharedStrings.xml");
        assert!(strings.contains("<t>=1+1</t>") && strings.contains("=HYPERLINK(\"http://evil\")\u{fffd}"));
    }

    #[test]
    fn the_header_stays_in_view_and_filters() {
        for sheet in 2..=4 {
            let text = part(&format!("xl/worksheets/sheet{sheet}.xml"));
            assert!(text.contains("state=\"frozen\"") && text.contains("<autoFilter ref=\"A1:"), "sheet {sheet}");
        }
    }

    #[test]
    fn the_same_result_gives_the_same_bytes_made_at_the_instant_of_the_tenant() {
        assert_eq!(workbook(), workbook());
        assert!(part("docProps/core.xml").contains("2026-11-02T08:00:00Z"));
    }
}
