//! The formats as other programs read them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{idscore, run, stdout};

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(arguments)).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn score_json_keeps_every_field_of_the_contract() {
    let score = json(&["score", "tenants/risky", "--format", "json"]);
    let has = |value: &Value, names: &[&str]| {
        for name in names {
            assert!(keys(value).contains(name), "{name}");
        }
    };
    has(
        &score,
        &[
            "tenantId",
            "displayName",
            "takenAt",
            "takenAtSource",
            "profile",
            "catalogueVersion",
            "configHash",
            "core",
            "extended",
            "controls",
        ],
    );
    let lines = [
        "percent",
        "currentScore",
        "maxScore",
        "coverage",
        "compatPercent",
        "plannedPercent",
        "currentLicensePercent",
        "achievablePercent",
        "attestedPercent",
    ];
    has(&score["core"], &lines);
    has(&score["extended"], &lines);
    for control in score["controls"].as_array().unwrap() {
        has(
            control,
            &[
                "id",
                "set",
                "title",
                "outcome",
                "score",
                "maxScore",
                "scoreInPercentage",
                "impactPercent",
                "count",
                "total",
                "unknown",
                "status",
                "missing",
                "notes",
            ],
        );
        let outcome = control["outcome"].as_str().unwrap();
        assert!(["met", "partial", "notMet", "notApplicable", "notAssessed"].contains(&outcome), "{outcome}");
        for missing in control["missing"].as_array().unwrap() {
            assert_eq!(keys(missing), BTreeSet::from(["dataSet", "kind", "name"]));
        }
    }
}

#[test]
fn the_points_of_the_controls_add_up_to_the_points_of_the_set() {
    for tenant in ["tenants/careful", "tenants/risky", "tenants/free-licence", "tenants/partial-permissions"] {
        let score = json(&["score", tenant, "--format", "json"]);
        for set in ["core", "extended"] {
            let of_set = score["controls"].as_array().unwrap().iter().filter(|control| control["set"] == set);
            let (mut earned, mut possible) = (0.0, 0.0);
            for control in of_set {
                earned += control["score"].as_f64().unwrap_or_default();
                possible += control["maxScore"].as_f64().unwrap_or_default();
            }
            assert!((earned - score[set]["currentScore"].as_f64().unwrap()).abs() < 1e-9, "{tenant} {set}");
            assert!((possible - score[set]["maxScore"].as_f64().unwrap()).abs() < 1e-9, "{tenant} {set}");
        }
    }
}

#[test]
fn a_control_that_is_not_assessed_says_what_is_missing() {
    let score = json(&["score", "tenants/partial-permissions", "--format", "json"]);
    let unassessed: Vec<_> =
        score["controls"].as_array().unwrap().iter().filter(|control| control["outcome"] == "notAssessed").collect();
    assert!(!unassessed.is_empty());
    for control in unassessed {
        let reasons = control["missing"].as_array().unwrap().len() + control["notes"].as_array().unwrap().len();
        assert!(reasons > 0, "{}", control["id"]);
        assert!(control["score"].is_null() && control["maxScore"].is_null() && control["impactPercent"].is_null());
    }
    assert!(score["core"]["coverage"].as_f64().unwrap() < 1.0);
}

#[test]
fn explain_names_every_object_that_loses_points() {
    let score = json(&["score", "tenants/risky", "--format", "json"]);
    for control in score["controls"].as_array().unwrap().iter().filter(|control| control["outcome"] == "partial") {
        let id = control["id"].as_str().unwrap();
        let explained = json(&["explain", "tenants/risky", id, "--format", "json"]);
        assert_eq!(explained["controlId"], id);
        let rows = explained["rows"].as_array().unwrap();
        assert!(!rows.is_empty(), "{id} loses points and names nobody");
        for row in rows {
            assert!(row["outcome"] == "notMet" || row["outcome"] == "notAssessed");
            assert!(!row["objectId"].as_str().unwrap().is_empty() && !row["why"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn a_snapshot_gives_the_same_score_as_its_export() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("snapshot");
    let snapshot = snapshot.to_str().unwrap();
    let first = json(&["score", "tenants/careful", "--format", "json", "--keep-snapshot", snapshot]);
    assert_eq!(first, json(&["score", snapshot, "--format", "json"]));
    assert_eq!(run(&["score", snapshot, "--no-names"]).status.code(), Some(2), "names of a snapshot are settled");
}

#[test]
fn without_names_no_user_principal_name_is_printed() {
    let text = stdout(&["explain", "tenants/risky", "MFARegistrationV2", "--no-names", "--format", "json"]);
    assert!(text.contains("a0000000-0000-4000-8000-000000000001"));
    assert!(!text.contains('@'), "{text}");
}

#[test]
fn without_names_no_report_names_a_person() {
    for format in ["html", "sarif", "junit", "ocsf"] {
        let named = stdout(&["score", "tenants/risky", "--format", format]);
        let nameless = stdout(&["score", "tenants/risky", "--format", format, "--no-names"]);
        assert!(named.contains("victor.hale@fabrikam.example"), "{format}");
        assert!(nameless.contains("a0000000-0000-4000-8000-000000000001"), "{format}");
        assert!(!nameless.contains("victor.hale"), "{format}");
    }
}

#[test]
fn every_control_of_the_shown_sets_is_in_every_format_once() {
    let score = json(&["score", "tenants/partial-permissions", "--format", "json", "--set", "core"]);
    let ids: Vec<_> = score["controls"].as_array().unwrap().iter().map(|control| control["id"].clone()).collect();
    let arguments = |format| ["score", "tenants/partial-permissions", "--set", "core", "--format", format];
    let sarif = json(&arguments("sarif"));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.iter().map(|result| result["ruleId"].clone()).collect::<Vec<_>>(), ids);
    let ocsf = json(&arguments("ocsf"));
    let controls = ocsf.as_array().unwrap().iter().map(|finding| finding["compliance"]["control"].clone());
    assert_eq!(controls.collect::<Vec<_>>(), ids);
    let junit = stdout(&arguments("junit"));
    assert_eq!(junit.matches("<testsuite ").count(), 1);
    assert_eq!(junit.matches("<testcase ").count(), ids.len());
}

#[test]
fn a_workbook_goes_to_a_file_only() {
    let output = run(&["score", "tenants/risky", "--format", "xlsx"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("hint: name its file: --output score.xlsx"));
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str| {
        let path = folder.path().join(name);
        stdout(&["score", "tenants/risky", "--format", "xlsx", "--output", path.to_str().unwrap()]);
        std::fs::read(path).unwrap()
    };
    assert_eq!(written("once.xlsx"), written("again.xlsx"), "the same input gives the same bytes");
}

#[test]
fn the_set_option_shows_one_set() {
    let score = json(&["score", "tenants/risky", "--format", "json", "--set", "extended"]);
    assert!(score["controls"].as_array().unwrap().iter().all(|control| control["set"] == "extended"));
}

#[test]
fn csv_has_one_row_per_control() {
    let controls = json(&["score", "tenants/risky", "--format", "json"])["controls"].as_array().unwrap().len();
    let text = stdout(&["score", "tenants/risky", "--format", "csv"]);
    assert_eq!(csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).count(), controls);
}

#[test]
fn the_html_report_is_one_page_that_loads_nothing() {
    let page = stdout(&["score", "tenants/risky", "--format", "html"]);
    let (head, body) = page.split_once("</style>").unwrap();
    assert!(head.contains("http-equiv=\"Content-Security-Policy\"") && head.contains("default-src &#39;none&#39;"));
    for loading in
        ["<script", "<link", "<img", "<iframe", "<object", "<embed", "<style", " src=", " srcset=", "javascript:"]
    {
        assert!(!body.contains(loading), "{loading}");
    }
    assert!(!head.contains("url(") && !head.contains("@import"));
    assert!(page.contains("victor.hale@fabrikam.example"), "the evidence names people");
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let escape = '\u{1b}';
    assert!(!stdout(&["score", "tenants/risky"]).contains(escape));
    assert!(stdout(&["score", "tenants/risky", "--color", "always"]).contains(escape));
    let output = idscore(&["score", "tenants/risky"]).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "0").output().unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains(escape));
}

#[test]
fn a_configuration_inside_an_export_is_not_used_by_itself() {
    let output = run(&["score", "tenants/careful", "--format", "json"]);
    let score: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(score["declared"], serde_json::json!([]));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not used"));
    let declared = json(&["score", "tenants/careful", "--config", "tenants/careful/idscore.toml", "--format", "json"]);
    assert!(!declared["declared"].as_array().unwrap().is_empty());
    assert_ne!(declared["configHash"], score["configHash"]);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["json", "html", "markdown", "csv", "sarif", "junit", "ocsf"] {
        let once = stdout(&["score", "tenants/careful", "--format", format]);
        assert_eq!(once, stdout(&["score", "tenants/careful", "--format", format]), "{format}");
    }
}

#[test]
fn the_reconciled_sum_is_the_compat_score() {
    for tenant in ["tenants/careful", "tenants/risky", "tenants/free-licence"] {
        let score = json(&["score", tenant, "--format", "json"]);
        let reconciled = json(&["reconcile", tenant, "--format", "json"]);
        assert_eq!(reconciled["totals"]["ours"]["percent"], score["core"]["compatPercent"], "{tenant}");
    }
}

#[test]
fn every_control_is_reconciled_in_every_format() {
    let controls = json(&["reconcile", "tenants/risky", "--format", "json"])["controls"].as_array().unwrap().clone();
    let table = stdout(&["reconcile", "tenants/risky"]);
    let markdown = stdout(&["reconcile", "tenants/risky", "--format", "markdown"]);
    let csv = stdout(&["reconcile", "tenants/risky", "--format", "csv"]);
    assert_eq!(csv.lines().count(), controls.len() + 1);
    for control in &controls {
        let id = control["id"].as_str().unwrap();
        assert!(table.contains(id) && csv.contains(id) && markdown.contains(&id.replace('_', "\\_")), "{id}");
        let differs = control["verdict"] == "differs";
        assert!(!differs || !control["reasons"].as_array().unwrap().is_empty(), "{id}");
    }
}

#[test]
fn without_names_microsofts_lists_hold_none() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("snapshot");
    let kept = kept.to_str().unwrap();
    let with = json(&["reconcile", "tenants/risky", "--format", "json"]);
    let without = json(&["reconcile", "tenants/risky", "--format", "json", "--no-names", "--keep-snapshot", kept]);
    assert_eq!(with["totals"], without["totals"]);
    let documents = std::fs::read(folder.path().join("snapshot/documents.parquet")).unwrap();
    assert!(!documents.windows(9).any(|text| text == b"Sam Okoro"));
}
