//! Names that somebody in a tenant chose, in what the program prints.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::history::{copy, edit};
use crate::program::{root, run};

/// A line of GitHub Actions, one of Azure Pipelines, a call, a direction, and nothing to be seen.
const NAME: &str = "::error::lost ##vso[task.complete] @everyone\u{202e}\u{200b}";

/// A tenant that is called so, with groups that are.
fn named(folder: &TempDir) -> PathBuf {
    let export = folder.path().join("risky");
    copy(&root().join("tenants/risky"), &export);
    for page in ["organization/1.json", "groups/1.json", "applications/1.json"] {
        edit(&export.join(page), |page| {
            for object in page["value"].as_array_mut().unwrap() {
                object["displayName"] = NAME.into();
            }
        });
    }
    export
}

/// As a runner looks at a line.
fn commands(line: &str) -> bool {
    line.trim().starts_with("::") || line.contains("##[") || line.contains("##vso[")
}

#[test]
fn no_form_prints_a_line_that_a_runner_of_pipelines_obeys() {
    let folder = tempfile::tempdir().unwrap();
    let export = named(&folder);
    let export = export.to_str().unwrap();
    let mut calls: Vec<Vec<&str>> = ["table", "json", "markdown", "csv", "html", "sarif", "junit", "ocsf"]
        .into_iter()
        .map(|format| vec!["score", export, "--format", format])
        .collect();
    calls.extend(
        ["table", "json", "markdown", "csv"]
            .into_iter()
            .map(|format| vec!["explain", export, "app_credentials_expiry", "--format", format]),
    );
    for call in calls {
        let output = run(&call);
        assert!(output.status.success(), "{call:?}: {}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        // A file of one row per control names nobody.
        assert!(said.contains("task.complete") || call[0] == "score" && call.contains(&"csv"), "{call:?}:\n{said}");
        assert_eq!(said.lines().find(|line| commands(line)), None, "{call:?}");
        if call.last() == Some(&"json") {
            continue;
        }
        assert!(!said.contains(['\u{202e}', '\u{200b}']), "{call:?} hides characters");
    }
}

#[test]
fn a_report_in_markdown_calls_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let export = named(&folder);
    let said = String::from_utf8(run(&["score", export.to_str().unwrap(), "--format", "markdown"]).stdout).unwrap();
    let outside_code: String = said.split('`').step_by(2).collect();
    assert!(said.contains("`@everyone") && !outside_code.contains('@'), "{said}");
}
