//! The score as SARIF, for code scanning and its viewers.
//!
//! The form is [SARIF 2.1.0](https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html). A control is a rule and
//! its verdict one result; the frameworks are taxonomies. A tenant has no source files, so places are logical locations.

use idscore_assess::EvidenceRow;
use idscore_catalogue::framework::Framework;
use idscore_score::{Outcome, Status};
use idscore_words::prose;
use serde_json::{Value, json};

use super::{Action, Report, Severity, fields, words};
use crate::error::CliError;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The controls of the shown sets as one run of SARIF 2.1.0.
///
/// # Errors
/// When it can't be written as JSON.
pub fn write_sarif(report: &Report<'_>) -> Result<String, CliError> {
    let version = env!("CARGO_PKG_VERSION");
    let assessment = report.assessment;
    fields::pretty(json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "idscore",
                "version": version,
                "semanticVersion": version,
                "rules": report.actions().map(|action| rule(report, action)).collect::<Vec<_>>(),
                "supportedTaxonomies": report.frameworks.iter().enumerate().map(taxonomy_reference).collect::<Vec<_>>(),
            } },
            "taxonomies": report.frameworks.iter().map(taxonomy).collect::<Vec<_>>(),
            "automationDetails": { "id": format!("idscore/{}/{}", assessment.tenant_id, assessment.taken_at) },
            "invocations": [invocation(report)],
            "results": report.actions().enumerate().map(|(index, action)| result(report, action, index)).collect::<Vec<_>>(),
            "properties": {
                "tenantId": assessment.tenant_id,
                "takenAt": assessment.taken_at,
                "profile": words::profile(assessment.profile),
                "catalogueVersion": assessment.catalogue_version,
                "configHash": assessment.config_hash,
                "core": assessment.core,
                "extended": assessment.extended,
            },
        }],
    }))
}

/// The tool ran through; what the reader should know besides are its notifications.
fn invocation(report: &Report<'_>) -> Value {
    let warnings = report.assessment.warnings.iter();
    json!({
        "executionSuccessful": true,
        // The instant that was judged: the same export gives the same bytes on any day.
        "endTimeUtc": report.assessment.taken_at,
        "toolExecutionNotifications":
            warnings.map(|warning| json!({ "level": "warning", "message": message(warning) })).collect::<Vec<_>>(),
    })
}

fn rule(report: &Report<'_>, action: Action<'_>) -> Value {
    let (result, control) = (action.result, action.control);
    let relationships: Vec<_> = report
        .sections(&result.id)
        .map(|(framework, section)| {
            json!({
                "target": { "id": section.id, "toolComponent": component(report, framework) },
                "kinds": ["relevant"],
            })
        })
        .collect();
    let tags: Vec<_> =
        [Some(words::set(result.set)), control.map(|control| control.area.as_str())].into_iter().flatten().collect();
    json!({
        "id": result.id,
        "shortDescription": message(&result.title),
        "fullDescription": control.map(|control| prose(&control.why)),
        "help": control.map(|control| prose(&control.fix)),
        "helpUri": control.and_then(|control| control.action_url.as_deref()),
        "defaultConfiguration": { "level": level(action) },
        "relationships": relationships,
        "properties": {
            "set": words::set(result.set),
            "points": control.map(|control| control.points.to_f64()),
            "tags": tags,
        },
    })
}

fn result(report: &Report<'_>, action: Action<'_>, index: usize) -> Value {
    let outcome = action.result.outcome;
    let id = &action.result.id;
    let tenant = &report.assessment.tenant_id;
    json!({
        "ruleId": id,
        "ruleIndex": index,
        "kind": kind(outcome),
        // The standard asks for no level where nothing failed.
        "level": if kind(outcome) == "fail" { level(action) } else { "none" },
        "message": message(&action.message()),
        "locations": [{ "logicalLocations": [{
            "name": words::visible(report.tenant()),
            "fullyQualifiedName": tenant,
            "kind": "tenant",
        }] }],
        "relatedLocations":
            report.rows(id).iter().enumerate().map(|(at, row)| place(tenant, action, row, at + 1)).collect::<Vec<_>>(),
        "partialFingerprints": { "controlOfTenant/v1": format!("{tenant}/{id}") },
        "suppressions": suppressions(report, action),
        "properties": fields::own(action),
    })
}

/// `fail` where points are lost, `open` where nobody could tell.
fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "pass",
        Outcome::Partial | Outcome::NotMet => "fail",
        Outcome::NotApplicable => "notApplicable",
        Outcome::NotAssessed => "open",
    }
}

fn level(action: Action<'_>) -> &'static str {
    match action.severity() {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// An object that loses points, with the reason.
fn place(tenant: &str, action: Action<'_>, row: &EvidenceRow, number: usize) -> Value {
    json!({
        "id": number,
        "logicalLocations": [{
            "name": fields::name(row),
            "fullyQualifiedName": words::visible(&format!("{tenant}/{}", row.object_id)),
            "kind": action.evidence_unit(),
        }],
        "message": message(&fields::why(row)),
        "properties": fields::of_row(row),
    })
}

/// An accepted risk is a suppression with who accepted it and why. Nothing is hidden: the result stays.
fn suppressions(report: &Report<'_>, action: Action<'_>) -> Vec<Value> {
    let result = action.result;
    if result.status != Status::RiskAccepted || kind(result.outcome) != "fail" {
        return vec![];
    }
    let declared = report.assessment.declared.iter().find(|one| one.kind == "status" && one.id == result.id);
    let justification = declared.map(|declared| format!("{}: {}", declared.owner, declared.reason));
    vec![json!({
        "kind": "external",
        "status": "accepted",
        "justification": justification.map(|text| words::visible(&text)),
    })]
}

fn taxonomy(framework: &Framework) -> Value {
    let taxa = framework.sections.iter();
    json!({
        "name": framework.name,
        "fullName": framework.full_name(),
        "version": framework.version,
        "informationUri": framework.url,
        "taxa": taxa
            .map(|section| json!({ "id": section.id, "shortDescription": message(&section.title) }))
            .collect::<Vec<_>>(),
    })
}

fn taxonomy_reference((index, framework): (usize, &Framework)) -> Value {
    json!({ "name": framework.name, "index": index })
}

fn component(report: &Report<'_>, framework: &Framework) -> Value {
    let index = report.frameworks.iter().position(|known| known.name == framework.name);
    json!({ "name": framework.name, "index": index })
}

/// A text that is only text: viewers make links of `[text](target)` and fill in `{0}`.
fn message(text: &str) -> Value {
    let mut literal = words::visible(text).replace('{', "{{").replace('}', "}}");
    if literal.contains("](") {
        literal = literal.replace('\\', r"\\").replace('[', r"\[").replace(']', r"\]");
    }
    json!({ "text": literal })
}

/// The text of a control, plain and as Markdown.
fn prose(markdown: &str) -> Value {
    let literal = |text: &str| words::visible_lines(text.trim()).replace('{', "{{").replace('}', "}}");
    json!({ "text": literal(&prose::to_text(markdown)), "markdown": literal(markdown) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_sarif::sarif::Sarif;

    use super::super::{Call, Sets, samples};
    use super::*;

    fn sarif() -> Value {
        let mut assessment = samples::assessment();
        assessment.controls[0].status = Status::RiskAccepted;
        let mut report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        let row = EvidenceRow {
            object_id: "7b0c".into(),
            name: Some("[anna](https://evil.example) {0}\u{1b}".into()),
            outcome: Outcome::NotMet,
            why: "no policy demands it of [anna](https://evil.example)".into(),
            witness: None,
            evidence: BTreeMap::new(),
            urgency: idscore_assess::Urgency::default(),
        };
        report.evidence.insert("AdminMFAV2".to_owned(), vec![row]);
        let text = write_sarif(&report).unwrap();
        let read: Sarif = serde_json::from_str(&text).unwrap();
        assert_eq!(read.runs.len(), 1, "read by the types made from the published schema");
        serde_json::from_str(&text).unwrap()
    }

    fn result_of<'a>(sarif: &'a Value, id: &str) -> &'a Value {
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        results.iter().find(|result| result["ruleId"] == id).unwrap()
    }

    #[test]
    fn every_result_points_to_its_rule() {
        let sarif = sarif();
        let run = &sarif["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn only_what_loses_points_fails_and_the_level_follows_the_worth() {
        let sarif = sarif();
        let said = |id: &str| {
            let result = result_of(&sarif, id);
            (result["kind"].as_str().unwrap().to_owned(), result["level"].as_str().unwrap().to_owned())
        };
        let pair = |kind: &str, level: &str| (kind.to_owned(), level.to_owned());
        assert_eq!(said("AdminMFAV2"), pair("fail", "error"));
        assert_eq!(said("PWAgePolicyNew"), pair("pass", "none"));
        assert_eq!(said("SelfServicePasswordReset"), pair("open", "none"));
        assert_eq!(said("password_hash_sync"), pair("notApplicable", "none"));
    }

    #[test]
    fn what_is_missing_stands_in_the_message_of_an_open_result() {
        let sarif = sarif();
        let text = result_of(&sarif, "SelfServicePasswordReset")["message"]["text"].as_str().unwrap();
        assert_eq!(text, "Not assessed: grant `AuditLog.Read.All`.");
    }

    #[test]
    fn an_accepted_risk_is_a_suppression() {
        let sarif = sarif();
        assert_eq!(result_of(&sarif, "AdminMFAV2")["suppressions"][0]["status"], "accepted");
        assert_eq!(result_of(&sarif, "MFARegistrationV2")["suppressions"], json!([]));
    }

    #[test]
    fn a_name_becomes_no_link_and_no_placeholder() {
        let sarif = sarif();
        let place = &result_of(&sarif, "AdminMFAV2")["relatedLocations"][0];
        assert_eq!(place["message"]["text"], r"no policy demands it of \[anna\](https://evil.example)");
        assert_eq!(message("{0}\u{1b}")["text"], "{{0}}\u{fffd}");
        assert!(!place.to_string().contains("\\u001b"));
    }

    #[test]
    fn the_end_is_the_instant_of_the_tenant() {
        assert_eq!(sarif()["runs"][0]["invocations"][0]["endTimeUtc"], "2026-11-02T08:00:00Z");
    }
}
