//! 0 done, 1 the gate failed, 2 the input or the call is wrong.

use std::io::Write;
use std::process::Stdio;

use crate::program::{idscore, run};

fn code(arguments: &[&str]) -> Option<i32> {
    run(arguments).status.code()
}

#[test]
fn a_score_below_the_gate_is_1_and_still_printed() {
    let output = run(&["score", "tenants/risky", "--fail-under", "90", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
    assert_eq!(code(&["score", "tenants/risky", "--fail-under", "1"]), Some(0));
}

#[test]
fn the_gate_compares_what_is_proven_and_names_both_numbers() {
    let tenant = "tenants/partial-permissions";
    let told = run(&["score", tenant, "--format", "json"]).stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let number = |member: &str| told["core"][member].as_f64().unwrap();
    let (floor, headline) = (number("percentAtLeast"), number("percent"));
    assert!(floor + 2.0 < headline, "much of it was not seen: {floor} and {headline}");
    let between = format!("{:.1}", f64::midpoint(floor, headline));
    let gate = |percent: &str, more: &[&str]| {
        let output = run(&[&["score", tenant, "--fail-under", percent][..], more].concat());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let both = |message: &str| {
        for number in [floor, headline] {
            // The headline is rounded, and in the message cut off.
            let cut = format!("{number:.2}");
            assert!(message.contains(&cut[..cut.len() - 1]), "{cut} is not in {message}");
        }
    };
    for more in [&[][..], &["--gate", "floor"]] {
        let (code, message) = gate(&between, more);
        assert_eq!(code, Some(1), "{message}");
        both(&message);
    }
    assert_eq!(gate(&between, &["--gate", "headline"]).0, Some(0));
    assert_eq!(gate(&format!("{:.1}", floor - 0.1), &[]).0, Some(0));
    let (code, message) = gate("99", &["--gate", "headline"]);
    assert_eq!(code, Some(1));
    both(&message);
    assert_eq!(code_of_gate_alone(tenant), Some(2));
}

/// A gate that nothing is demanded of.
fn code_of_gate_alone(tenant: &str) -> Option<i32> {
    code(&["score", tenant, "--gate", "floor"])
}

#[test]
fn a_wrong_call_is_2() {
    assert_eq!(code(&["scores"]), Some(2));
    assert_eq!(code(&["score"]), Some(2));
    assert_eq!(code(&["score", "tenants/risky", "--fail-under", "101"]), Some(2));
    assert_eq!(code(&["score", "tenants/risky", "--taken-at", "yesterday"]), Some(2));
    assert_eq!(code(&["explain", "tenants/risky", "NoSuchControl"]), Some(2));
    assert_eq!(code(&["score", "tenants/risky", "--config", "no-such.toml"]), Some(2));
}

#[test]
fn damaged_input_is_2_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    std::fs::create_dir_all(export.join("users")).unwrap();
    std::fs::write(export.join("users/1.json"), r#"{"value": [{"id": "a""#).unwrap();
    let (page, snapshot) = (folder.path().join("score.html"), folder.path().join("snapshot"));
    let output = run(&[
        "score",
        export.to_str().unwrap(),
        "--output",
        page.to_str().unwrap(),
        "--keep-snapshot",
        snapshot.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("error: `users/1.json`, line 1") && message.contains("hint: "), "{message}");
    assert!(!page.exists() && !snapshot.exists());
}

#[test]
fn a_snapshot_inside_the_export_is_2() {
    let tenants = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants/risky");
    let output = run(&["score", tenants, "--keep-snapshot", &format!("{tenants}/new/snapshot")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!std::path::Path::new(tenants).join("new").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_read_leaves_nothing_behind_and_is_130() {
    let folder = tempfile::tempdir().unwrap();
    let (export, passing) = (folder.path().join("export"), folder.path().join("passing"));
    std::fs::create_dir_all(export.join("users")).unwrap();
    std::fs::create_dir_all(&passing).unwrap();
    std::fs::create_dir_all(export.join("organization")).unwrap();
    std::fs::write(export.join("organization/1.json"), r#"[{"id":"a0"}]"#).unwrap();
    for file in 0..40_000 {
        std::fs::write(export.join(format!("users/{file}.json")), format!(r#"[{{"id":"{file}"}}]"#)).unwrap();
    }
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_idscore"))
        .args(["score", export.to_str().unwrap()])
        .env("TMPDIR", &passing)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while std::fs::read_dir(&passing).unwrap().next().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(&passing).unwrap().count(), 0);
}

#[test]
fn own_controls_with_a_mistake_are_1_for_lint_and_2_for_score() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(folder.path().join("our_control.md")).unwrap();
    writeln!(file, "+++\ntitle = \"Ours\"\nunknown_key = 1\n+++\n\nWhy.\n").unwrap();
    let folder = folder.path().to_str().unwrap();
    let output = run(&["controls", "lint", "--controls", folder]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("our_control.md:3:"));
    assert_eq!(code(&["score", "tenants/risky", "--controls", folder]), Some(2));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = idscore(&["controls", "list", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
