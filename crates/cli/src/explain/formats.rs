//! The evidence of one control, for people and for programs.

use std::collections::BTreeSet;
use std::io::Write;

use idscore_output_encoding::{markdown_cell, spreadsheet_safe};
use idscore_score::Outcome;
use idscore_words::arithmetic;
use serde_json::{Value, json};

use super::Explanation;
use crate::error::CliError;
use crate::page::{Page, Tone};
use crate::report::words;
use crate::terminal::Terminal;

/// For a person at a terminal.
pub fn table(explanation: &Explanation<'_>, terminal: Terminal) -> String {
    let result = explanation.result;
    let mut page = Page::new(terminal);
    page.paragraph(0, Tone::Strong, &words::visible(&result.title));
    let mut about = vec![result.id.clone(), words::set(result.set).to_owned()];
    about.extend(words::status(result.status).map(str::to_owned));
    about.extend(result.needs_license.as_ref().map(|license| format!("needs {license}")));
    page.paragraph(0, Tone::Quiet, &about.join(" · "));
    if let Some(control) = explanation.control {
        page.gap();
        page.prose(0, &control.why);
    }
    page.heading("Outcome");
    page.paragraph(2, Tone::of(result.outcome), &explanation.action().verdict());
    for sentence in arithmetic::in_words(result, explanation.control) {
        page.paragraph(2, Tone::Plain, &sentence);
    }
    for missing in &result.missing {
        page.paragraph(2, Tone::Half, &format!("Missing `{}`: {}", missing.data_set, words::remedy(missing)));
    }
    for note in &result.notes {
        page.paragraph(2, Tone::Quiet, &format!("Note: {}", words::visible(note)));
    }
    rows(&mut page, explanation);
    if let Some(control) = explanation.control
        && result.outcome != Outcome::Met
    {
        page.heading("How to fix it");
        page.prose(2, &control.fix);
        if let Some(url) = &control.action_url {
            // A broken address can't be opened, so it keeps its line.
            let address = page.paint(Tone::Quiet, &words::visible(url));
            page.line(&format!("  {address}"));
        }
    }
    next(&mut page, explanation);
    page.into_text()
}

fn rows(page: &mut Page, explanation: &Explanation<'_>) {
    if explanation.rows.is_empty() {
        return;
    }
    page.heading(super::heading(explanation.rows));
    for row in explanation.rows {
        let name = row.name.as_deref().unwrap_or(&row.object_id);
        page.paragraph(2, Tone::Strong, &words::visible(name));
        let tone = Tone::of(row.outcome);
        let why = words::visible(&row.why);
        if row.outcome == Outcome::NotAssessed {
            page.paragraph(4, tone, &format!("not assessed: {why}"));
        } else {
            page.paragraph(4, Tone::Plain, &why);
        }
        if let Some(witness) = row.witness.as_deref().filter(|witness| !row.why.contains(*witness)) {
            page.paragraph(4, tone, &words::visible(witness));
        }
        let cells = words::visible(&words::evidence_cells(row));
        if row.name.is_some() || !cells.is_empty() {
            let id = row.name.as_ref().map(|_| words::visible(&row.object_id));
            let parts: Vec<_> = id.into_iter().chain((!cells.is_empty()).then_some(cells)).collect();
            page.paragraph(4, Tone::Quiet, &parts.join(" · "));
        }
    }
    let more = explanation.more();
    if more > 0 {
        page.paragraph(
            2,
            Tone::Quiet,
            &format!("and {} more: --all shows them, --format csv exports them", words::thousands(more)),
        );
    }
}

fn next(page: &mut Page, explanation: &Explanation<'_>) {
    // Behind a review there is no list of objects.
    let no_list = explanation.result.outcome == Outcome::Met || explanation.result.review.is_some();
    let (what, command) = if no_list {
        ("Next: what else there is to win", explanation.call.command("score", &[]))
    } else {
        let id = &explanation.result.id;
        (
            "Next: the list to hand over",
            explanation.call.command("explain", &[id, "--format csv", &format!("--output {id}.csv")]),
        )
    };
    page.gap();
    page.line(what);
    let command = page.paint(Tone::Command, &words::visible(&command));
    page.line(&format!("  {command}"));
}

/// For a wiki, an issue or a pull request.
pub fn markdown(explanation: &Explanation<'_>) -> String {
    let result = explanation.result;
    let mut parts = vec![
        format!("# {}", markdown_cell(&result.title)),
        format!(
            "`{}`: **{}**. {}",
            result.id,
            explanation.action().verdict(),
            arithmetic::in_words(result, explanation.control).join(" ")
        ),
    ];
    parts.extend(
        result.missing.iter().map(|missing| format!("Missing `{}`: {}.", missing.data_set, words::remedy(missing))),
    );
    parts.extend(result.notes.iter().map(|note| format!("Note: {}.", markdown_cell(note))));
    if let Some(control) = explanation.control {
        parts.push(control.why.trim().to_owned());
    }
    if !explanation.rows.is_empty() {
        parts.push(format!("## {}", super::heading(explanation.rows)));
        let mut table = vec!["| Name | Object | Outcome | Why |".to_owned(), "| --- | --- | --- | --- |".to_owned()];
        table.extend(explanation.rows.iter().map(|row| {
            let why = match row.witness.as_deref().filter(|witness| !row.why.contains(*witness)) {
                Some(witness) => format!("{}: {}", markdown_cell(&row.why), markdown_cell(witness)),
                None => markdown_cell(&row.why),
            };
            format!(
                "| {} | {} | {} | {why} |",
                markdown_cell(row.name.as_deref().unwrap_or_default()),
                markdown_cell(&row.object_id),
                words::outcome(row.outcome)
            )
        }));
        parts.push(table.join("\n"));
        if explanation.more() > 0 {
            parts.push(format!("And {} more.", words::thousands(explanation.more())));
        }
    }
    if let Some(control) = explanation.control {
        parts.push(format!("## How to fix it\n\n{}", control.fix.trim()));
    }
    parts.join("\n\n") + "\n"
}

/// One row per object; the control's own columns follow the common ones.
pub fn csv(explanation: &Explanation<'_>, out: impl Write) -> Result<(), CliError> {
    let columns: BTreeSet<&str> =
        explanation.rows.iter().flat_map(|row| row.evidence.keys().map(String::as_str)).collect();
    let mut csv = csv::Writer::from_writer(out);
    let common = ["controlId", "objectId", "name", "outcome", "why", "witness"];
    csv.write_record(common.iter().chain(&columns))?;
    for row in explanation.rows {
        let mut record = vec![
            explanation.result.id.clone(),
            spreadsheet_safe(&row.object_id),
            spreadsheet_safe(row.name.as_deref().unwrap_or_default()),
            words::outcome_key(row.outcome).to_owned(),
            spreadsheet_safe(&row.why),
            spreadsheet_safe(row.witness.as_deref().unwrap_or_default()),
        ];
        record.extend(columns.iter().map(|column| match row.evidence.get(*column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => spreadsheet_safe(text),
            Some(Value::Array(items)) => {
                let items: Vec<_> =
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
                spreadsheet_safe(&items.join("; "))
            }
            Some(other) => other.to_string(),
        }));
        csv.write_record(record)?;
    }
    csv.flush().map_err(|source| CliError::WriteOutput { path: "csv".into(), source })
}

/// One object with all rows.
pub fn json(explanation: &Explanation<'_>) -> Result<String, CliError> {
    let result = explanation.result;
    let mut value = json!({
        "controlId": result.id,
        "outcome": result.outcome,
        "count": result.count,
        "total": result.total,
        "unknown": result.unknown,
        "scoreAtLeast": result.score_at_least,
        "scoreAtMost": result.score_at_most,
        "missing": result.missing,
        "notes": result.notes,
        "more": explanation.more(),
        "rows": explanation.rows,
    });
    if let (Some(review), Some(fields)) = (&result.review, value.as_object_mut()) {
        fields.insert("review".to_owned(), json!(review));
    }
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use idscore_assess::EvidenceRow;

    use super::*;
    use crate::report::{Call, samples};

    fn row(name: &str, outcome: Outcome) -> EvidenceRow {
        EvidenceRow {
            object_id: "7b0c".into(),
            name: Some(name.into()),
            outcome,
            why: "no policy demands multifactor authentication".into(),
            witness: Some("any app in a browser from outside “Bremen”".into()),
            evidence: BTreeMap::from([("methods_registered".to_owned(), json!(["mobilePhone", "email"]))]),
            urgency: idscore_assess::Urgency::default(),
        }
    }

    fn explained<T>(rows: &[EvidenceRow], show: impl Fn(&Explanation<'_>) -> T) -> T {
        let assessment = samples::assessment();
        let result = assessment.controls.iter().find(|control| control.id == "AdminMFAV2").unwrap();
        show(&Explanation { result, control: None, rows, call: Call::of("contoso") })
    }

    #[test]
    fn every_row_says_who_why_and_which_sign_in_escapes() {
        let page = explained(&[row("anna", Outcome::NotMet)], |explanation| table(explanation, Terminal::plain(80)));
        for text in
            ["  anna\n", "    no policy demands", "    any app in a browser from outside “Bremen”\n", "and 1 more"]
        {
            assert!(page.contains(text), "{text} in\n{page}");
        }
    }

    #[test]
    fn a_formula_in_a_name_reaches_no_spreadsheet() {
        explained(&[row("=cmd()", Outcome::NotMet)], |explanation| {
            let mut bytes = vec![];
            csv(explanation, &mut bytes).unwrap();
            assert!(String::from_utf8(bytes).unwrap().contains(",7b0c,'=cmd(),notMet,"));
        });
    }

    #[test]
    fn json_has_the_contract_fields() {
        let text = explained(&[row("anna", Outcome::NotMet)], |explanation| json(explanation).unwrap());
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["controlId"], "AdminMFAV2");
        assert_eq!(
            value["rows"][0],
            json!({"objectId": "7b0c", "name": "anna", "outcome": "notMet",
                "why": "no policy demands multifactor authentication",
                "witness": "any app in a browser from outside “Bremen”",
                "evidence": {"methods_registered": ["mobilePhone", "email"]}})
        );
    }
}
