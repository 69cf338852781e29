//! One configuration travels from the command to uploads and back, and none is ever taken from an export.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::history::{Room, copy};
use crate::program::{idscore, root};
use crate::served::Served;

const CAREFUL: &str = "tenants/careful";
const DECLARED: &str = "tenants/careful/idscore.toml";

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The export as a browser or a script sends it, the configuration that lies in it included.
fn zipped(folder: &Path) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(&fs::read(&path).unwrap()).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn numbers(assessment: &Value) -> (f64, f64) {
    let percent = |set: &str| assessment[set]["percent"].as_f64().unwrap();
    (percent("core"), percent("extended"))
}

#[test]
fn what_a_command_was_told_holds_for_uploads_and_for_the_next_command() {
    let room = Room::empty();
    let told = room.json(&["score", CAREFUL, "--config", DECLARED, "--format", "json"]);
    let tenant = told["tenantId"].as_str().unwrap();
    let plain: Value =
        serde_json::from_slice(&crate::program::run(&["score", CAREFUL, "--format", "json"]).stdout).unwrap();
    assert_ne!(numbers(&told), numbers(&plain), "the configuration counts");

    let served = Served::over(&room, tenant);
    let uploaded = served.upload(tenant, &zipped(&root().join(CAREFUL)));
    assert_eq!(numbers(&uploaded), numbers(&told));
    assert_eq!(uploaded["configHash"], told["configHash"]);
    drop(served);
    let again = room.run(&["score", CAREFUL, "--format", "json"]);
    assert_eq!(numbers(&serde_json::from_slice(&again.stdout).unwrap()), numbers(&told));
    assert!(stderr(&again).contains("using the configuration of the tenant's last assessment"), "{}", stderr(&again));
    assert!(!stderr(&again).contains("another configuration"), "{}", stderr(&again));

    let log = room.json(&["audit", "list", "--format", "json"]);
    let set: Vec<_> = log.as_array().unwrap().iter().filter(|entry| entry["action"] == "configuration.set").collect();
    let [entry] = set.as_slice() else { panic!("{set:?}") };
    assert_eq!((&entry["actor"], &entry["subject"]), (&Value::from("ada"), &told["configHash"]));
}

#[test]
fn another_configuration_is_told_before_it_is_kept_with_the_numbers_by_both() {
    let room = Room::empty();
    let told = room.json(&["score", CAREFUL, "--config", DECLARED, "--format", "json"]);
    let tenant = told["tenantId"].as_str().unwrap();
    let other = room.data().join("other.toml");
    fs::write(&other, "profile = 'strict'").unwrap();
    let changed = room.run(&["score", CAREFUL, "--config", other.to_str().unwrap(), "--format", "json"]);
    let strict: Value = serde_json::from_slice(&changed.stdout).unwrap();
    let both = |before: &Value, after: &Value| {
        let ((core, extended), (core_after, extended_after)) = (numbers(before), numbers(after));
        format!(
            "judged by another configuration than the assessment before: core {core:.2} % by that one, {core_after:.2} % by \
             this one; extended {extended:.2} % and {extended_after:.2} %"
        )
    };
    let said = stderr(&changed);
    let (warning, kept) = (said.find(&both(&told, &strict)), said.find("kept in `"));
    assert!(warning.is_some() && warning < kept, "{said}");

    // A file that was put into the data folder since.
    fs::create_dir_all(room.data().join("configurations")).unwrap();
    fs::copy(root().join(DECLARED), room.data().join(format!("configurations/{tenant}.toml"))).unwrap();
    let served = Served::over(&room, tenant);
    let uploaded = served.upload(tenant, &zipped(&root().join(CAREFUL)));
    assert_eq!(numbers(&uploaded), numbers(&told));
    let warnings = uploaded["warnings"].to_string();
    assert!(warnings.contains(&both(&strict, &told)), "{warnings}");
    drop(served);
    let beside = room.run(&["score", CAREFUL, "--config", other.to_str().unwrap()]);
    assert!(stderr(&beside).contains("which is another configuration"), "{}", stderr(&beside));
}

#[test]
fn a_configuration_inside_the_export_is_never_used_wherever_the_command_runs() {
    let room = Room::empty();
    let export = room.data().with_file_name("export");
    copy(&root().join(CAREFUL), &export);
    fs::write(export.join("users/idscore.toml"), "profile = 'strict'").unwrap();
    let score = |here: &Path, input: &str| {
        let output = idscore(&["score", input, "--format", "json"]).current_dir(here).output().unwrap();
        assert!(!stderr(&output).contains("using the configuration"), "{}", stderr(&output));
        let score: Value = serde_json::from_slice(&output.stdout).unwrap();
        (score["configHash"].clone(), stderr(&output))
    };
    let (outside, _) = score(&root(), export.to_str().unwrap());
    let (inside, said) = score(&export, ".");
    assert_eq!(inside, outside);
    assert!(said.contains("is not used; to use it: --config"), "{said}");
    assert_eq!(score(&export.join("users"), "..").0, outside, "nor deeper inside");
    assert_eq!(score(&export, export.to_str().unwrap()).0, outside);
    #[cfg(unix)]
    {
        let here = room.data().with_file_name("here");
        fs::create_dir(&here).unwrap();
        std::os::unix::fs::symlink(export.join("idscore.toml"), here.join("idscore.toml")).unwrap();
        assert_eq!(score(&here, export.to_str().unwrap()).0, outside, "nor by a link");
    }
}
