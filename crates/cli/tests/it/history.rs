//! The commands that look over time, on two snapshots of one tenant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{idscore, root};
use crate::transcripts;

/// A data folder that goes away with the test.
pub struct Room {
    folder: TempDir,
}

impl Room {
    /// An empty one.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The small tenant `risky`.
    pub fn of_one_day() -> Self {
        let room = Self::empty();
        assert!(room.run(&["score", "tenants/risky"]).status.success());
        room
    }

    /// The small tenant `risky` as it is, and a day later: one policy off, one person no longer registered, one gone.
    pub fn of_two_days() -> Self {
        let room = Self::empty();
        for export in [root().join("tenants/risky"), room.next_day()] {
            let output = room.run(&["score", export.to_str().unwrap()]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        room
    }

    /// The export of the second day.
    pub fn next_day(&self) -> PathBuf {
        let export = self.folder.path().join("second");
        copy(&root().join("tenants/risky"), &export);
        edit(&export.join("collection.json"), |report| report["startedAt"] = json!("2026-11-21T06:00:00Z"));
        edit(&export.join("policies/1.json"), |page| named(page, "MFA for admins")["state"] = json!("disabled"));
        edit(&export.join("userRegistrationDetails/1.json"), |page| {
            let person = named(page, "Sam Okoro");
            person["isMfaRegistered"] = json!(false);
            person["isMfaCapable"] = json!(false);
            person["methodsRegistered"] = json!([]);
        });
        export
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        idscore(arguments).env("IDSCORE_DATA", self.data()).env("USER", "ada").stdin(Stdio::null()).output().unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

fn named<'a>(page: &'a mut Value, name: &str) -> &'a mut Value {
    let is = |object: &&mut Value| object["displayName"] == name || object["userDisplayName"] == name;
    page["value"].as_array_mut().unwrap().iter_mut().find(is).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn transcripts_of_the_commands_over_time_hold() {
    for (name, room) in [("keep", Room::empty()), ("over-time", Room::of_two_days()), ("plan", Room::of_one_day())] {
        transcripts::hold(&format!("history/{name}"), &room.data());
    }
}

#[test]
fn a_lost_point_fails_the_gate_and_names_the_control() {
    let room = Room::empty();
    let first = room.run(&["score", "tenants/risky", "--fail-on-regression"]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let export = room.next_day();
    let second = room.run(&["score", export.to_str().unwrap(), "--fail-on-regression"]);
    assert_eq!(second.status.code(), Some(1), "{}", stderr(&second));
    assert!(stderr(&second).contains("MFARegistrationV2 lost points: 5.06 of 9 → 4.5 of 9"), "{}", stderr(&second));
    let again = room.run(&["score", export.to_str().unwrap(), "--fail-on-regression"]);
    assert_eq!(again.status.code(), Some(0), "the same again is no regression: {}", stderr(&again));
}

#[test]
fn less_seen_is_told_and_passes_the_gate() {
    let room = Room::empty();
    assert!(room.run(&["score", "tenants/risky"]).status.success());
    let export = room.next_day();
    // As it was, but nobody may read who has the second factor.
    copy(&root().join("tenants/risky/policies"), &export.join("policies"));
    fs::remove_dir_all(export.join("userRegistrationDetails")).unwrap();
    let output = room.run(&["score", export.to_str().unwrap(), "--fail-on-regression"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("MFARegistrationV2 was assessed before and is not any more"), "{said}");
    assert!(said.contains("less was seen"), "{said}");
    let days = room.json(&["trend", "--format", "json"])["days"].clone();
    let marks = days.as_array().unwrap().last().unwrap()["marks"].clone();
    assert_eq!(marks, json!(["lessSeen"]));
}

#[test]
fn the_gate_needs_a_folder_and_a_folder_needs_a_history() {
    let output = idscore(&["score", "tenants/risky", "--fail-on-regression"]).env_remove("IDSCORE_DATA").output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--data"), "{}", stderr(&output));
    assert_eq!(Room::empty().run(&["trend"]).status.code(), Some(2));
}

#[test]
fn a_snapshot_is_copied_and_stays_where_it_was() {
    let room = Room::empty();
    let snapshot = room.folder.path().join("snapshot");
    let kept = idscore(&["score", "tenants/careful", "--keep-snapshot", snapshot.to_str().unwrap()]);
    assert!({ kept }.env_remove("IDSCORE_DATA").output().unwrap().status.success());
    let direct = room.json(&["score", snapshot.to_str().unwrap(), "--format", "json"]);
    assert!(snapshot.join("manifest.json").is_file());
    let days = room.json(&["trend", "--format", "json"])["days"].clone();
    assert_eq!(days.as_array().unwrap().last().unwrap()["percent"], direct["core"]["percent"]);
    assert_eq!(fs::read_dir(room.data().join("incoming")).unwrap().count(), 0, "nothing passing is left");
}

#[test]
fn of_several_tenants_one_must_be_named() {
    let room = Room::empty();
    for tenant in ["tenants/risky", "tenants/careful"] {
        assert!(room.run(&["score", tenant]).status.success());
    }
    let output = room.run(&["trend"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("33333333-0000-4000-8000-0000000000f1 Fabrikam Logistics"), "{}", stderr(&output));
    let named = room.run(&["trend", "--tenant", "33333333-0000-4000-8000-0000000000f1"]);
    assert_eq!(named.status.code(), Some(0), "{}", stderr(&named));
}

#[test]
fn a_server_that_cannot_be_reached_is_3_and_its_password_is_not_shown() {
    let room = Room::empty();
    let url = "postgres://ada:geheim@127.0.0.1:1/idscore";
    let environment = idscore(&["score", "tenants/risky"])
        .env("IDSCORE_DATA", room.data())
        .env("IDSCORE_DATABASE", url)
        .output()
        .unwrap();
    let argument = room.run(&["score", "tenants/risky", "--database", url]);
    for (output, code) in [(environment, 3), (argument, 2)] {
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(!stderr(&output).contains("geheim"), "{}", stderr(&output));
    }
    assert!(!String::from_utf8_lossy(&room.run(&["score", "--help"]).stdout).contains("geheim"));
}

#[test]
fn a_trend_has_one_entry_per_day_and_says_what_fell() {
    let room = Room::of_two_days();
    let trend = room.json(&["trend", "--format", "json"]);
    let days = trend["days"].as_array().unwrap();
    let marks: Vec<_> = days.iter().map(|day| (day["day"].as_str().unwrap(), day["marks"].clone())).collect();
    let theirs = ["2026-11-17", "2026-11-18", "2026-11-19"].map(|day| (day, json!(["microsoft"])));
    assert_eq!(marks[..3], theirs, "the export holds three days of Microsoft's own");
    assert_eq!(marks[3..], [("2026-11-20", json!([])), ("2026-11-21", json!(["regression", "policiesChanged"]))]);
    let one = room.json(&["trend", "--format", "json", "--from", "2026-11-21"]);
    assert_eq!(one["days"].as_array().unwrap().len(), 1);
    assert_eq!(one["days"][0]["change"], days[4]["change"], "the day before counts although it isn't shown");
    assert_eq!(room.run(&["trend", "--from", "2027-01-01"]).status.code(), Some(2));
}

#[test]
fn a_diff_names_who_loses_points_now_and_the_policy_that_was_switched() {
    let room = Room::of_two_days();
    let found = room.json(&["diff", "2026-11-20", "2026-11-21", "--format", "json"]);
    let control = |id: &str| {
        let controls = found["controls"].as_array().unwrap();
        controls.iter().find(|control| control["id"] == id).unwrap_or_else(|| panic!("{id} did not move"))
    };
    let reason = &control("MFARegistrationV2")["reasons"][0];
    assert_eq!(
        (&reason["kind"], &reason["objects"][0]["name"]),
        (&json!("losesPoints"), &json!("sam.okoro@fabrikam.example"))
    );
    assert_eq!(found["policies"][0]["name"], "MFA for admins");
    let sum: f64 = found["controls"].as_array().unwrap().iter().filter_map(|control| control["points"].as_f64()).sum();
    let headline = found["core"]["points"].as_f64().unwrap() + found["extended"]["points"].as_f64().unwrap();
    assert!((sum - headline).abs() < 1e-9);
    let turned = room.json(&["diff", "2026-11-21T07:00:00Z", "2026-11-20", "--format", "json"]);
    assert_eq!(turned["controls"], found["controls"], "the order of the call doesn't matter");
    let page = String::from_utf8(room.run(&["diff", "2026-11-20", "2026-11-21", "--set", "core"]).stdout).unwrap();
    // The command for the next step keeps its line, however long the path is by which this program was called.
    let mut texts = page.lines().filter(|line| !line.contains("idscore plan"));
    assert!(texts.all(|line| line.chars().count() <= 80), "{page}");
}

/// An organisation's own control.
const TASK: &str = r#"+++
title = "Look through the administrators every month"
set = "extended"
points = 3
scoring = "task"
since = "0.1.0"
user_impact = "none"
effort = "low"

[check]
every = "P30D"
+++

Administrators who left are found by looking.

## Fix

1. Look through the list.

## Cases

### Never done

Expect: notMet
"#;

const ACCEPTED: &str = r#"
[[action]]
control = "UserRiskPolicy"
status = "riskAccepted"
approver = "Greta Lund"
reason = "no P2 yet"
expires = "2099-12-31"
"#;

#[test]
fn decisions_from_a_file_are_applied_all_or_none() {
    let room = Room::of_one_day();
    let file = room.folder.path().join("plan.toml");
    let import = |text: &str| {
        fs::write(&file, text).unwrap();
        room.run(&["plan", "import", file.to_str().unwrap(), "--yes"])
    };
    let broken = import(&format!("{ACCEPTED}\n[[action]]\ncontrol = \"NoSuchControl\"\nstatus = \"planned\"\n"));
    assert_eq!(broken.status.code(), Some(2), "{}", stderr(&broken));
    let exported = || String::from_utf8(room.run(&["plan", "export"]).stdout).unwrap();
    assert!(!exported().contains("UserRiskPolicy"));
    let applied = import(ACCEPTED);
    assert_eq!(applied.status.code(), Some(0), "{}", stderr(&applied));
    assert!(exported().contains("UserRiskPolicy"));
    let again = import(&exported());
    assert!(stderr(&again).contains("nothing to save"), "what was exported changes nothing: {}", stderr(&again));
}

#[test]
fn decisions_hold_for_the_next_score_and_the_table_shows_what_was_kept() {
    let room = Room::of_one_day();
    let set = room.run(&[
        "plan",
        "set",
        "BlockLegacyAuthentication",
        "--status",
        "thirdParty",
        "--approver",
        "Greta",
        "--reason",
        "gateway",
        "--expires",
        "2099-12-31",
        "--yes",
    ]);
    assert_eq!(set.status.code(), Some(0), "{}", stderr(&set));
    let export = room.next_day();
    let shown = room.json(&["score", export.to_str().unwrap(), "--format", "json"]);
    let control =
        shown["controls"].as_array().unwrap().iter().find(|control| control["id"] == "BlockLegacyAuthentication");
    assert_eq!((&control.unwrap()["score"], &control.unwrap()["status"]), (&json!(8.0), &json!("thirdParty")));
    let trend = room.json(&["trend", "--format", "json", "--to", "2026-11-21"]);
    assert_eq!(trend["days"].as_array().unwrap().last().unwrap()["percent"], shown["core"]["percent"]);
}

#[test]
fn a_review_earns_its_points_and_the_log_says_who_recorded_it() {
    let room = Room::empty();
    let controls = room.folder.path().join("controls");
    fs::create_dir(&controls).unwrap();
    fs::write(controls.join("our_admin_review.md"), TASK).unwrap();
    let scored = room.run(&["score", "tenants/risky", "--controls", controls.to_str().unwrap()]);
    assert!(scored.status.success(), "{}", stderr(&scored));
    let recorded = room.run(&["review", "record", "our_admin_review", "--by", "Nora", "--actor", "grace"]);
    assert_eq!(recorded.status.code(), Some(0), "{}", stderr(&recorded));
    assert!(stderr(&recorded).contains("points, met"), "{}", stderr(&recorded));
    let log = room.json(&["audit", "list", "--format", "json"]);
    let entry = log.as_array().unwrap().iter().find(|entry| entry["action"] == "review.record").unwrap();
    assert_eq!((&entry["actor"], &entry["subject"]), (&json!("grace"), &json!("our_admin_review")));
    assert_eq!(entry["actorKind"], "operator");
    assert_eq!(entry["actorId"], "ada", "the user of the operating system, whatever name was given");
    let verified = room.run(&["audit", "verify"]);
    assert_eq!(verified.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("all whole"));
}

#[test]
fn a_log_that_was_cut_short_no_longer_holds_the_head_that_was_kept() {
    let room = Room::of_one_day();
    let copy = room.folder.path().join("before.db");
    fs::copy(room.data().join("history.db"), &copy).unwrap();
    assert_eq!(room.run(&["tenant", "set", "--industry", "Retail"]).status.code(), Some(0));
    let printed = String::from_utf8(room.run(&["audit", "verify"]).stdout).unwrap();
    let head = printed.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_owned();
    let verified = || room.run(&["audit", "verify", "--head", &head]);
    assert_eq!(room.run(&["tenant", "set", "--industry", "Banking"]).status.code(), Some(0));
    assert_eq!(verified().status.code(), Some(0), "the log grew, and the head is in it");
    fs::copy(&copy, room.data().join("history.db")).unwrap();
    assert_eq!(room.run(&["audit", "verify"]).status.code(), Some(0), "the chain alone can't show it");
    let output = verified();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cut short"), "{}", stderr(&output));
}

#[test]
fn a_head_that_was_told_to_a_file_finds_a_log_that_was_cut_short() {
    let room = Room::of_one_day();
    let heads = room.folder.path().join("heads");
    assert_eq!(room.run(&["audit", "head", "--send"]).status.code(), Some(2), "no file says where to");
    fs::write(room.data().join("audit.toml"), format!("[audit]\nhead_to = [{heads:?}]\n")).unwrap();
    let verified = |said: &str| {
        let output = room.run(&["audit", "verify"]);
        let told = String::from_utf8(output.stdout.clone()).unwrap() + &stderr(&output);
        assert!(told.contains(said), "{told}");
        output.status.code()
    };
    assert_eq!(verified("not there yet"), Some(0));
    let copy = room.folder.path().join("before.db");
    fs::copy(room.data().join("history.db"), &copy).unwrap();
    assert_eq!(room.run(&["tenant", "set", "--industry", "Retail"]).status.code(), Some(0));
    let told = String::from_utf8(room.run(&["audit", "head", "--send"]).stdout).unwrap();
    assert!(told.contains(": told"), "{told}");
    assert_eq!(fs::read_to_string(&heads).unwrap().lines().count(), 1);
    assert_eq!(verified("1 head held"), Some(0));
    fs::copy(&copy, room.data().join("history.db")).unwrap();
    assert_eq!(verified("was cut short"), Some(1));
}

#[test]
fn zones_are_set_for_the_trend_and_change_no_score() {
    let room = Room::of_one_day();
    let today = || {
        let trend = room.json(&["trend", "--format", "json", "--from", "2026-11-20"]);
        (trend["zones"].clone(), trend["days"][0].clone())
    };
    let (zones, before) = today();
    assert_eq!((zones, &before["zone"]), (json!({"okay": 50, "good": 75}), &json!("bad")));
    assert_eq!(room.run(&["tenant", "set", "--zones", "10,90"]).status.code(), Some(0));
    let (zones, mut after) = today();
    assert_eq!((zones, &after["zone"]), (json!({"okay": 10, "good": 90}), &json!("okay")));
    after["zone"] = json!("bad");
    assert_eq!(after, before, "neither the score nor the hash of the configuration");
    for format in ["table", "markdown", "csv"] {
        let text = String::from_utf8(room.run(&["trend", "--format", format]).stdout).unwrap();
        assert!(text.contains("okay"), "{text}");
    }
    for zones in ["90,10", "0,50", "50", "good"] {
        assert_eq!(room.run(&["tenant", "set", "--zones", zones]).status.code(), Some(2), "{zones}");
    }
    assert_eq!(room.run(&["tenant", "set"]).status.code(), Some(2));
}

#[test]
fn a_token_is_revoked_by_its_name_as_long_as_that_is_one_token() {
    let room = Room::of_one_day();
    let create = || room.run(&["token", "create", "portal"]).status.code();
    let revoke = |token: &str| room.run(&["token", "revoke", token]);
    assert_eq!((create(), create()), (Some(0), Some(0)));
    let unclear = stderr(&revoke("portal"));
    assert!(unclear.contains("2 tokens are named `portal`"), "{unclear}");
    let id = unclear.lines().last().unwrap().trim();
    assert_eq!(revoke(id).status.code(), Some(0));
    assert_eq!(revoke("portal").status.code(), Some(0), "one is left");
    assert_eq!(revoke("portal").status.code(), Some(2), "none is left");
}

#[test]
fn several_actions_are_decided_at_once_or_not_at_all() {
    let room = Room::of_one_day();
    let set = |controls: &[&str], more: &[&str]| {
        room.run(
            &[&["plan", "set"], controls, &["--owner", "Nora", "--tag", "q1", "--tag", "mfa", "--yes"], more].concat(),
        )
    };
    let actions = || {
        let plan = room.json(&["plan", "show", "--format", "json"]);
        let actions = plan["actions"].as_array().unwrap().clone();
        actions.into_iter().filter(|action| action["owner"] == "Nora").collect::<Vec<_>>()
    };
    let wrong = set(&["AdminMFAV2", "UserRiskPolicy"], &["--status", "riskAccepted", "--approver", "Greta"]);
    assert_eq!(wrong.status.code(), Some(2), "a reason is missing: {}", stderr(&wrong));
    assert_eq!(set(&["AdminMFAV2", "NoSuchControl"], &["--status", "planned"]).status.code(), Some(2));
    assert!(actions().is_empty());
    let planned = ["--status", "planned", "--note", "first batch", "--due", "2027-01-31"];
    assert_eq!(set(&["AdminMFAV2", "UserRiskPolicy"], &planned).status.code(), Some(0));
    let decided = actions();
    let ids: Vec<_> = decided.iter().map(|action| action["controlId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["AdminMFAV2", "UserRiskPolicy"]);
    for action in &decided {
        assert_eq!(
            (&action["tags"], &action["due"], &action["note"]),
            (&json!(["q1", "mfa"]), &json!("2027-01-31"), &json!("first batch"))
        );
    }
}

#[test]
fn a_question_that_nobody_can_answer_is_2_and_saves_nothing() {
    let room = Room::of_one_day();
    let output = room.run(&["plan", "set", "AdminMFAV2", "--status", "planned"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--yes"), "{}", stderr(&output));
    assert!(!String::from_utf8(room.run(&["plan", "export"]).stdout).unwrap().contains("[[action]]"));
}

#[test]
fn a_backup_becomes_a_data_folder_again() {
    let room = Room::of_one_day();
    let (file, restored) = (room.folder.path().join("backup.tar.gz"), room.folder.path().join("restored"));
    let (file, restored) = (file.to_str().unwrap(), restored.to_str().unwrap());
    assert_eq!(room.run(&["backup", file]).status.code(), Some(0));
    let back = room.run(&["restore", file, "--data", restored]);
    assert_eq!(back.status.code(), Some(0), "{}", stderr(&back));
    let trend = room.json(&["trend", "--format", "json"]);
    assert_eq!(room.json(&["trend", "--format", "json", "--data", restored]), trend);
    assert_eq!(room.run(&["restore", file, "--data", restored]).status.code(), Some(2), "it isn't empty");
    let whole = fs::read(file).unwrap();
    fs::write(file, &whole[..whole.len() / 2]).unwrap();
    let never = room.folder.path().join("never");
    let cut = room.run(&["restore", file, "--data", never.to_str().unwrap()]);
    assert_eq!((cut.status.code(), never.exists()), (Some(2), false));
    assert!(stderr(&cut).contains("it may be cut short"), "{}", stderr(&cut));
}

/// A file as another organisation writes it.
fn benchmark() -> Value {
    let mut bins = vec![0; 20];
    (bins[2], bins[8]) = (10, 30);
    json!({
        "format": "idscore-benchmark", "version": 1, "measure": "compat percentage of the core controls",
        "source": "Contoso's fleet", "writtenOn": "2026-11-30", "month": "2026-11", "invented": false,
        "groupedBy": "all", "epsilon": 1.0,
        "cells": [{"industry": "all", "seats": "all", "tenants": 40, "bins": bins}],
    })
}

fn with_file() -> (Room, PathBuf) {
    let room = Room::of_two_days();
    let file = room.folder.path().join("contoso.json");
    fs::write(&file, benchmark().to_string()).unwrap();
    (room, file)
}

#[test]
fn a_comparison_has_every_source_and_its_formats_agree() {
    let (room, file) = with_file();
    assert_eq!(room.run(&["tenant", "set", "--industry", "Retail"]).status.code(), Some(0));
    let merged = room.run(&["benchmark", "merge", file.to_str().unwrap()]);
    assert_eq!(merged.status.code(), Some(0), "{}", stderr(&merged));
    let found = room.json(&["compare", "--format", "json"]);
    let series = found["series"].as_array().unwrap();
    let shown: Vec<_> = series.iter().map(|one| (one["source"].as_str().unwrap(), one["group"].clone())).collect();
    let groups = [
        ("store", "all tenants"),
        ("store", "industry retail"),
        ("store", "1–100 seats"),
        ("microsoft", "all tenants"),
        ("microsoft", "1–100 seats"),
        ("published", "all tenants"),
        ("published", "1–100 seats"),
        ("file", "all tenants"),
    ];
    assert_eq!(shown, groups.map(|(source, group)| (source, json!(group))));
    let points: usize = series.iter().map(|one| one["points"].as_array().unwrap().len()).sum();
    let csv = String::from_utf8(room.run(&["compare", "--format", "csv"]).stdout).unwrap();
    assert_eq!(csv.lines().count(), 1 + found["own"].as_array().unwrap().len() + points);
    let page = String::from_utf8(room.run(&["compare"]).stdout).unwrap();
    for part in ["not published", "file of Contoso's fleet", "≈ 40", "18.66 %"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let wiki = String::from_utf8(room.run(&["compare", "--format", "markdown"]).stdout).unwrap();
    assert_eq!(wiki.lines().filter(|line| line.starts_with("| ")).count(), 2 + groups.len());
    assert_eq!(room.run(&["compare", "--from", "2030-01-01"]).status.code(), Some(2));
}

#[test]
fn of_several_files_with_one_mistake_none_is_merged() {
    let (room, good) = with_file();
    let bad = room.folder.path().join("bad.json");
    let before = room.run(&["audit", "verify"]).stdout;
    let mut small = benchmark();
    small["cells"][0]["tenants"] = json!(4);
    for (text, reason) in [
        (small.to_string(), "stands for 4 tenants"),
        (String::new(), "no benchmark file"),
        (benchmark().to_string().replace("\"version\":1", "\"version\":2"), "version 2"),
        (" ".repeat((4 << 20) + 1), "too large"),
    ] {
        fs::write(&bad, text).unwrap();
        let output = room.run(&["benchmark", "merge", good.to_str().unwrap(), bad.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(reason) && stderr(&output).contains("bad.json"), "{}", stderr(&output));
    }
    assert_eq!(room.run(&["benchmark", "merge", "nowhere.json"]).status.code(), Some(2));
    assert_eq!(room.run(&["audit", "verify"]).stdout, before, "nothing changed");
}

#[test]
fn an_export_costs_its_epsilon_once_and_a_place_that_cannot_be_written_costs_nothing() {
    let room = Room::of_two_days();
    let file = room.folder.path().join("out.json");
    let file = file.to_str().unwrap();
    for wrong in [
        ["--epsilon", "0", "--output", file],
        ["--epsilon", "1", "--output", "/no/such/folder/out.json"],
        ["--epsilon", "1", "--month", "2026-13"],
    ] {
        let output = room.run(&[&["benchmark", "export"], wrong.as_slice()].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
    let first = room.run(&["benchmark", "export", "--epsilon", "1", "--by", "all", "--output", file]);
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert!(stderr(&first).contains("epsilon 1 for this month, and 1 over all"), "{}", stderr(&first));
    let text = fs::read_to_string(file).unwrap();
    assert!(!text.contains("33333333") && !text.contains("Fabrikam"), "{text}");
    let second = room.run(&["benchmark", "export", "--epsilon", "1", "--output", file]);
    assert_eq!(second.status.code(), Some(2), "{}", stderr(&second));
    assert!(stderr(&second).contains("--again"), "{}", stderr(&second));
    assert_eq!(fs::read_to_string(file).unwrap(), text);
    assert_eq!(room.run(&["benchmark", "merge", file]).status.code(), Some(0));
}
