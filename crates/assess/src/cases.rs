//! Runs the cases in control files: small tables with the outcome they must give.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListBuilder, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field};
use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Case, CaseTable, Check, Control, Rule};
use idscore_catalogue::tables::{Kind, Table, table};
use idscore_score::{ControlScore, Finding, Judged, License, Ownership, ScoreSettings, Sight, Status, Tally};
use jiff::Timestamp;

use crate::evaluate::{EvaluateError, Evaluator};
use crate::frame::Frame;
use crate::judge::{EvidenceLimit, Running};

/// What became of one case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The control.
    pub control_id: String,
    /// The control's file.
    pub path: std::path::PathBuf,
    /// The line of the case's heading.
    pub line: usize,
    /// The case's heading.
    pub title: String,
    /// Nothing, or what the case gave in place of what it expects.
    pub failure: Option<String>,
}

/// Runs every case of every control.
#[must_use]
pub fn run_cases(catalogue: &Catalogue) -> Vec<CaseResult> {
    let cases = catalogue.controls.iter().flat_map(|control| control.cases.iter().map(move |case| (control, case)));
    cases
        .map(|(control, case)| CaseResult {
            control_id: control.id.clone(),
            path: control.path.clone(),
            line: case.line,
            title: case.title.clone(),
            failure: run(catalogue, control, case).err(),
        })
        .collect()
}

/// Judges one case.
fn run(catalogue: &Catalogue, control: &Control, case: &Case) -> Result<(), String> {
    let check = control.checks.get(&case.profile).ok_or("the control has no check for this profile")?;
    let (score, tally) = judge(catalogue, control, check, case).map_err(|error| error.to_string())?;
    let counts = case.counts.map(|expected| (expected, (tally.met, tally.total())));
    let same_counts = counts.is_none_or(|(expected, counted)| expected == counted);
    if score.outcome == case.outcome && same_counts {
        return Ok(());
    }
    let word = |outcome| serde_json::to_value(outcome).ok().and_then(|word| word.as_str().map(str::to_owned));
    Err(format!(
        "expected {}{}, got {} {} of {} ({} unknown)",
        word(case.outcome).unwrap_or_default(),
        case.counts.map_or_else(String::new, |(met, total)| format!(" {met} of {total}")),
        word(score.outcome).unwrap_or_default(),
        tally.met,
        tally.total(),
        tally.unknown,
    ))
}

/// Why a case could not be judged.
#[derive(Debug, thiserror::Error)]
enum CaseError {
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error("the cell `{cell}` in column `{column}` is not {expected}")]
    Cell { cell: String, column: String, expected: &'static str },
}

fn judge(
    catalogue: &Catalogue,
    control: &Control,
    check: &Check,
    case: &Case,
) -> Result<(ControlScore, Tally), CaseError> {
    let taken_at = case.taken_at.as_microsecond();
    let tenant_frame = frame(catalogue, table("tenant").unwrap_or(check.of), case.tables.get("tenant"), 1)?;
    let applies = {
        let mut evaluator = Evaluator::new(&tenant_frame, taken_at);
        evaluator.evaluate(&control.applies.expression)?.iter().next().flatten()
    };
    let mut running = Running::new(control, check, case.profile, EvidenceLimit::First(10));
    if check.of.name == "tenant" {
        running.add(&tenant_frame, &mut Evaluator::new(&tenant_frame, taken_at))?;
    } else {
        let rows = frame(catalogue, check.of, case.tables.get(check.of.name), 0)?;
        running.add(&rows, &mut Evaluator::new(&rows, taken_at))?;
    }
    let finding = match check.rule {
        Rule::Attested => Finding::Attested(stands(case)),
        Rule::Task { every_days } => Finding::Task { age: last_review(case), period: u64::from(every_days) * 86_400 },
        Rule::Met(_) | Rule::Parts(_) => running.finding(),
    };
    let judged = Judged {
        set: control.set,
        points: control.points.clone(),
        applies,
        license: ownership(control, &tenant_frame),
        data_read: true,
        finding,
        sight: Some(Sight::WHOLE),
        status: Status::ToAddress,
    };
    Ok((ControlScore::of(&judged, &ScoreSettings::default()), running.tally()))
}

/// What the case's table `tenant` says of the licences; those that it leaves open count as owned.
fn ownership(control: &Control, tenant: &Frame) -> Ownership {
    let lacks = |license: &License| match license {
        License::P1 => tenant.boolean("has_p1", 0) == Some(false),
        License::P2 => tenant.boolean("has_p2", 0) == Some(false),
    };
    if control.license.iter().any(lacks) { Ownership::NotOwned } else { Ownership::Owned }
}

/// An attested control's case has a table `attestation` with a column `expires`.
fn stands(case: &Case) -> bool {
    dates(case, "attestation", "expires").any(|expires| expires >= case.taken_at)
}

/// A task's case has a table `review` with a column `at`.
fn last_review(case: &Case) -> Option<u64> {
    let ages = dates(case, "review", "at").map(|at| case.taken_at.duration_since(at).as_secs());
    ages.filter_map(|age| u64::try_from(age).ok()).min()
}

fn dates<'a>(case: &'a Case, table: &str, column: &str) -> impl Iterator<Item = Timestamp> + 'a {
    let found = case.tables.get(table).and_then(|table| {
        let index = table.columns.iter().position(|name| name == column)?;
        Some((table, index))
    });
    found.into_iter().flat_map(|(table, index)| {
        table.rows.iter().filter_map(move |(_, cells)| parse_timestamp(cells.get(index)?.as_deref()?))
    })
}

/// A frame from a case's table. Without one there are `rows_without` rows in which nothing is known.
fn frame(
    catalogue: &Catalogue,
    of: &'static Table,
    cells: Option<&CaseTable>,
    rows_without: usize,
) -> Result<Frame, CaseError> {
    let Some(cells) = cells else { return Ok(Frame::of_rows(rows_without)) };
    let mut frame = Frame::of_rows(cells.rows.len());
    let labels = cells.rows.iter().map(|(label, _)| Some(label.as_str())).collect::<StringArray>();
    frame.insert_text(of.key, labels.clone());
    if of.display != of.key {
        frame.insert_text(of.display, labels);
    }
    for (index, column) in cells.columns.iter().enumerate() {
        let Some(kind) = catalogue.column(of.name, column).map(|column| column.kind) else { continue };
        let texts: Vec<Option<&str>> =
            cells.rows.iter().map(|(_, row)| row.get(index).and_then(|cell| cell.as_deref())).collect();
        if kind == Kind::Bounds {
            let ranges = parse_all(column, &texts, "a number like `3`, `2..5` or `2..`", parse_range)?;
            let low = ranges.iter().map(|range| range.map(|range| range.0)).collect::<Float64Array>();
            let high = ranges.iter().map(|range| range.and_then(|range| range.1)).collect::<Float64Array>();
            frame.insert_bounds(column, low, high);
        } else {
            frame.insert(column, array(column, kind, &texts)?);
        }
    }
    Ok(frame)
}

fn array(column: &str, kind: Kind, texts: &[Option<&str>]) -> Result<ArrayRef, CaseError> {
    Ok(match kind {
        Kind::Boolean => {
            Arc::new(BooleanArray::from(parse_all(column, texts, "`true` or `false`", |text| text.parse().ok())?))
        }
        Kind::Integer | Kind::Bounds => {
            Arc::new(Int64Array::from(parse_all(column, texts, "a whole number", |text| text.parse().ok())?))
        }
        Kind::Text => Arc::new(StringArray::from(texts.to_vec())),
        Kind::Timestamp => {
            let instants = parse_all(column, texts, "a date or an RFC 3339 instant", parse_timestamp)?;
            let micros = instants.iter().map(|instant| instant.map(Timestamp::as_microsecond));
            Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        Kind::TextList => {
            let item = Field::new_list_field(DataType::Utf8, false);
            let mut lists = ListBuilder::new(StringBuilder::new()).with_field(item);
            for text in texts {
                if let Some(text) = text {
                    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty() && *item != "none") {
                        lists.values().append_value(item);
                    }
                }
                lists.append(text.is_some());
            }
            Arc::new(lists.finish())
        }
    })
}

fn parse_all<T>(
    column: &str,
    texts: &[Option<&str>],
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<Option<T>>, CaseError> {
    texts
        .iter()
        .map(|text| {
            text.map(|text| {
                parse(text).ok_or_else(|| CaseError::Cell { cell: text.into(), column: column.into(), expected })
            })
            .transpose()
        })
        .collect()
}

fn parse_range(text: &str) -> Option<(f64, Option<f64>)> {
    match text.split_once("..") {
        None => text.parse().ok().map(|number| (number, Some(number))),
        Some((low, "")) => low.parse().ok().map(|low| (low, None)),
        Some((low, high)) => Some((low.parse().ok()?, Some(high.parse().ok()?))),
    }
}

fn parse_timestamp(text: &str) -> Option<Timestamp> {
    idscore_catalogue::cell::instant(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_in_the_control_files_gives_what_it_expects() {
        let catalogue = Catalogue::embedded().unwrap();
        let results = run_cases(&catalogue);
        let failed: Vec<String> = results
            .iter()
            .filter_map(|case| {
                let failure = case.failure.as_ref()?;
                Some(format!("{}:{} {}: {failure}", case.path.display(), case.line, case.title))
            })
            .collect();
        assert!(results.len() > catalogue.controls.len(), "every control has cases");
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    }
}
