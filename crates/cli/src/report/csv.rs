//! One row per control, for spreadsheets.

use std::io::Write;

use idscore_output_encoding::spreadsheet_safe;
use idscore_score::Points;

use super::{Report, words};
use crate::error::CliError;

/// Writes the controls of the shown sets.
pub fn write_csv(report: &Report<'_>, out: impl Write) -> Result<(), CliError> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "id",
        "set",
        "title",
        "outcome",
        "score",
        "maxScore",
        "toWin",
        "impactPercent",
        "gainedPercent",
        "count",
        "total",
        "unknown",
        "status",
        "needsLicense",
        "missing",
        "notes",
        "scoreAtLeast",
        "scoreAtMost",
    ])?;
    let exact = |points: &Option<Points>| points.as_ref().map(|points| points.to_f64().to_string()).unwrap_or_default();
    for set in report.sets.list() {
        for action in report.of(*set) {
            let result = action.result;
            let missing: Vec<_> = result.missing.iter().map(words::remedy).collect();
            let notes: Vec<_> = result.review.iter().map(words::review).chain(result.notes.iter().cloned()).collect();
            csv.write_record([
                result.id.clone(),
                words::set(result.set).to_owned(),
                spreadsheet_safe(&result.title),
                words::outcome_key(result.outcome).to_owned(),
                exact(&result.score),
                exact(&result.max_score),
                result.max_score.as_ref().map(|_| action.winnable().to_f64().to_string()).unwrap_or_default(),
                result.impact_percent.as_ref().map(|percent| percent.rounded().to_string()).unwrap_or_default(),
                result.gained_percent.as_ref().map(|percent| percent.truncated().to_string()).unwrap_or_default(),
                result.count.to_string(),
                result.total.to_string(),
                result.unknown.to_string(),
                words::status_key(result.status).to_owned(),
                result.needs_license.clone().unwrap_or_default(),
                spreadsheet_safe(&missing.join("; ")),
                spreadsheet_safe(&notes.join("; ")),
                exact(&result.score_at_least),
                exact(&result.score_at_most),
            ])?;
        }
    }
    csv.flush().map_err(|source| CliError::WriteOutput { path: "csv".into(), source })
}

#[cfg(test)]
mod tests {
    use super::super::{Call, Sets, samples};
    use super::*;

    #[test]
    fn every_control_of_the_set_is_one_row() {
        let mut assessment = samples::assessment();
        "=cmd|' /C calc'!A0".clone_into(&mut assessment.controls[0].title);
        let mut out = vec![];
        write_csv(&Report::new(&assessment, &[], Sets::Core, Call::of("contoso")), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 1 + 5);
        assert!(text.contains("AdminMFAV2,core,'=cmd|' /C calc'!A0,partial,8,10,2,"), "{text}");
    }
}
