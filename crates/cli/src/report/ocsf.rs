//! The score as OCSF events, for a SIEM or a data lake.
//!
//! A control is one event of the class [Compliance Finding](https://schema.ocsf.io/1.5.0/classes/compliance_finding) (2003)
//! of OCSF 1.5.0. The events are one JSON array, as other producers of findings write it; `jq -c '.[]'` makes lines of it.

use idscore_assess::EvidenceRow;
use idscore_score::{Outcome, Status};
use idscore_words::prose;
use serde_json::{Value, json};

use super::{Action, Report, Severity, fields, words};
use crate::error::CliError;

const SCHEMA_VERSION: &str = "1.5.0";
const CLASS: u32 = 2003;
/// The finding is created; nothing is known of an earlier one.
const CREATE: u32 = 1;

/// The controls of the shown sets as an array of OCSF Compliance Findings.
///
/// # Errors
/// When the instant can't be read or the events can't be written as JSON.
pub fn write_ocsf(report: &Report<'_>) -> Result<String, CliError> {
    let time = report.taken_at()?.as_millisecond();
    fields::pretty(report.actions().map(|action| finding(report, action, time)).collect())
}

fn finding(report: &Report<'_>, action: Action<'_>, time: i64) -> Value {
    let result = action.result;
    let (severity_id, severity) = severity(action);
    let (status_id, status) = status(action);
    json!({
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "activity_id": CREATE,
        "activity_name": "Create",
        "type_uid": CLASS * 100 + CREATE,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_code": words::outcome_key(result.outcome),
        "status_detail": words::visible(&action.message()),
        "message": words::visible(&format!("{}: {}", result.title, action.verdict())),
        "metadata": metadata(report, action),
        "finding_info": finding_info(report, action, time),
        "compliance": compliance(report, action),
        "remediation": remediation(action),
        "resources": resources(report, action),
        "unmapped": fields::own(action),
    })
}

fn metadata(report: &Report<'_>, action: Action<'_>) -> Value {
    json!({
        "version": SCHEMA_VERSION,
        "product": { "name": "idscore", "vendor_name": "idscore", "version": env!("CARGO_PKG_VERSION") },
        "tenant_uid": report.assessment.tenant_id,
        "event_code": action.result.id,
        "labels": [words::set(action.result.set)],
    })
}

fn finding_info(report: &Report<'_>, action: Action<'_>, time: i64) -> Value {
    let result = action.result;
    json!({
        // The same finding has the same id in every export of the tenant.
        "uid": format!("{}/{}", report.assessment.tenant_id, result.id),
        "title": words::visible(&result.title),
        "desc": action.control.map(|control| words::visible_lines(&prose::to_text(control.why.trim()))),
        "created_time": time,
        "analytic": {
            "uid": result.id,
            "name": words::visible(&result.title),
            "type_id": 1,
            "type": "Rule",
            "version": report.assessment.catalogue_version,
        },
    })
}

/// The published catalogues are the standards, their sections the requirements.
fn compliance(report: &Report<'_>, action: Action<'_>) -> Value {
    let result = action.result;
    let (status_id, status) = match result.outcome {
        Outcome::Met => (1, "Pass"),
        // In the schema's words: no result, for want of information.
        Outcome::NotAssessed => (2, "Warning"),
        Outcome::Partial | Outcome::NotMet => (3, "Fail"),
        Outcome::NotApplicable => (99, "Not applicable"),
    };
    let (mut standards, mut requirements) = (vec![], vec![]);
    for (framework, section) in report.sections(&result.id) {
        let standard = framework.full_name();
        requirements.push(format!("{standard}: {} {}", section.id, section.title));
        if standards.last() != Some(&standard) {
            standards.push(standard);
        }
    }
    json!({
        "control": result.id,
        "desc": words::visible(&result.title),
        "category": action.control.map(|control| control.area.as_str()),
        "standards": (!standards.is_empty()).then_some(standards),
        "requirements": (!requirements.is_empty()).then_some(requirements),
        "status_id": status_id,
        "status": status,
    })
}

fn remediation(action: Action<'_>) -> Option<Value> {
    let control = action.control?;
    Some(json!({
        "desc": words::visible_lines(&prose::to_text(control.fix.trim())),
        "references": control.action_url.as_ref().map(|url| [url]),
    }))
}

/// The tenant, then the objects that lose points.
fn resources(report: &Report<'_>, action: Action<'_>) -> Vec<Value> {
    let tenant = json!({
        "uid": report.assessment.tenant_id,
        "name": words::visible(report.tenant()),
        "type": "tenant",
    });
    let object = |row: &EvidenceRow| {
        let mut data = fields::of_row(row);
        data["why"] = fields::why(row).into();
        json!({
            "uid": words::visible(&row.object_id),
            "name": row.name.as_deref().map(words::visible),
            "type": action.evidence_unit(),
            "data": data,
        })
    };
    std::iter::once(tenant).chain(report.rows(&action.result.id).iter().map(object)).collect()
}

/// How bad the finding is. Where nothing is wrong there is nothing to do, and where nobody could tell it is unknown.
fn severity(action: Action<'_>) -> (u32, &'static str) {
    match (action.result.outcome, action.severity()) {
        (Outcome::NotAssessed, _) => (0, "Unknown"),
        (Outcome::Met | Outcome::NotApplicable, _) => (1, "Informational"),
        (_, Severity::Low) => (2, "Low"),
        (_, Severity::Medium) => (3, "Medium"),
        (_, Severity::High) => (4, "High"),
    }
}

/// What the organisation decided about the finding.
fn status(action: Action<'_>) -> (u32, &'static str) {
    if action.result.outcome == Outcome::NotApplicable {
        return (99, "Not applicable");
    }
    match action.result.status {
        Status::ToAddress => (1, "New"),
        Status::Planned => (2, "In Progress"),
        Status::RiskAccepted => (3, "Suppressed"),
        Status::ThirdParty | Status::AlternateMitigation | Status::Completed => (4, "Resolved"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use idscore_catalogue::framework::{Framework, Section};

    use super::super::{Call, Sets, samples};
    use super::*;

    fn findings() -> Vec<Value> {
        let assessment = samples::assessment();
        let section = |id: &str| Section { id: id.into(), title: "Roles".into(), controls: vec!["AdminMFAV2".into()] };
        let frameworks = [Framework {
            name: "ours".into(),
            title: "Our Book".into(),
            version: "7".into(),
            url: "https://book.example".into(),
            path: "ours.toml".into(),
            sections: vec![section("1.1"), section("1.2")],
        }];
        let mut report = Report::new(&assessment, &[], Sets::All, Call::of("contoso"));
        report.frameworks = &frameworks;
        let row = EvidenceRow {
            object_id: "7b0c".into(),
            name: None,
            outcome: Outcome::NotMet,
            why: "no policy demands it".into(),
            witness: None,
            evidence: BTreeMap::from([("methods".to_owned(), json!(["a\u{1b}"])), ("manager".to_owned(), Value::Null)]),
            urgency: idscore_assess::Urgency::default(),
        };
        report.evidence.insert("AdminMFAV2".to_owned(), vec![row]);
        serde_json::from_str(&write_ocsf(&report).unwrap()).unwrap()
    }

    fn finding_of(id: &str) -> Value {
        findings().into_iter().find(|finding| finding["compliance"]["control"] == id).unwrap()
    }

    #[test]
    fn every_control_is_one_compliance_finding_at_the_instant_of_the_tenant() {
        let findings = findings();
        assert_eq!(findings.len(), 8);
        for finding in findings {
            assert_eq!((&finding["class_uid"], &finding["type_uid"]), (&json!(2003), &json!(200_301)));
            assert_eq!(finding["time"], json!(1_793_606_400_000_i64));
            assert_eq!(finding["finding_info"]["created_time"], finding["time"]);
        }
    }

    #[test]
    fn an_outcome_is_a_compliance_status() {
        let said = |id: &str| {
            let finding = finding_of(id);
            (finding["compliance"]["status"].as_str().unwrap().to_owned(), finding["severity_id"].as_u64().unwrap())
        };
        assert_eq!(said("PWAgePolicyNew"), ("Pass".to_owned(), 1));
        assert_eq!(said("AdminMFAV2"), ("Fail".to_owned(), 4));
        assert_eq!(said("SelfServicePasswordReset"), ("Warning".to_owned(), 0));
        assert_eq!(said("password_hash_sync"), ("Not applicable".to_owned(), 1));
    }

    #[test]
    fn what_the_organisation_decided_is_the_status_of_the_finding() {
        assert_eq!(finding_of("BlockLegacyAuthentication")["status"], "In Progress");
        assert_eq!(finding_of("AdminMFAV2")["status"], "New");
    }

    #[test]
    fn a_framework_is_a_standard_and_its_sections_are_requirements() {
        let compliance = &finding_of("AdminMFAV2")["compliance"];
        assert_eq!(compliance["standards"], json!(["Our Book 7"]));
        assert_eq!(compliance["requirements"], json!(["Our Book 7: 1.1 Roles", "Our Book 7: 1.2 Roles"]));
        assert!(finding_of("guest_mfa")["compliance"].get("standards").is_none());
    }

    #[test]
    fn the_objects_that_lose_points_are_resources_after_the_tenant() {
        let resources = &finding_of("AdminMFAV2")["resources"];
        assert_eq!(resources[0]["type"], "tenant");
        assert_eq!(resources[1]["uid"], "7b0c");
        assert_eq!(
            resources[1]["data"],
            json!({"methods": ["a\u{fffd}"], "objectId": "7b0c", "outcome": "notMet", "why": "no policy demands it"})
        );
    }
}
