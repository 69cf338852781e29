//! A snapshot is there whole or not at all.

use std::fs;
use std::sync::Mutex;

use idscore_snapshot::{OpenError, ReadError, ReadOptions, Snapshot, is_snapshot, write_snapshot};

use crate::support::{Export, ORGANIZATION, REPORT};

#[test]
fn a_folder_that_is_no_snapshot_is_never_replaced() {
    let export = Export::of(&[REPORT, ("users/1.json", "[]")]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let error = write_snapshot(&export.path(), folder.path(), &ReadOptions::default()).err().unwrap();
    assert!(matches!(error, ReadError::Occupied { .. }) && error.hint().is_some());
    assert_eq!(fs::read_to_string(folder.path().join("thesis.txt")).unwrap(), "years of work");
    // Neither is the export itself.
    assert!(write_snapshot(&export.path(), &export.path(), &ReadOptions::default()).is_err());
}

#[test]
fn an_older_snapshot_is_replaced_and_a_failure_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("snapshot");
    let export = Export::of(&[REPORT, ("users/1.json", r#"[{"id":"a1"}]"#)]);
    write_snapshot(&export.path(), &out, &ReadOptions::default()).unwrap();
    assert!(is_snapshot(&out));
    export.add("users/1.json", br#"[{"id":"a1"},{"id":"a2"}]"#);
    write_snapshot(&export.path(), &out, &ReadOptions::default()).unwrap();
    assert_eq!(Snapshot::open(&out).unwrap().manifest().data_set("users").unwrap().rows, 2);
    export.add("users/2.json", b"[{");
    assert!(write_snapshot(&export.path(), &out, &ReadOptions::default()).is_err());
    assert_eq!(Snapshot::open(&out).unwrap().manifest().data_set("users").unwrap().rows, 2);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["snapshot"]);
}

#[test]
fn without_names_people_have_none_but_what_follows_from_names_stays() {
    let export = Export::of(&[
        REPORT,
        ORGANIZATION,
        (
            "users/1.json",
            r##"{"value":[{"id":"a1","displayName":"Ada","userPrincipalName":"ada_x.test#EXT#@example.onmicrosoft.com","userType":"Guest"}]}"##,
        ),
    ]);
    let columns = ["user_principal_name", "display_name", "external_kind", "upn_on_initial_domain"];
    let read = export.read_with(&ReadOptions { names: false, ..ReadOptions::default() }).unwrap();
    assert_eq!(read.rows("users", &columns), ["NULL | NULL | b2bCollaborationGuest | true"]);
    assert!(!read.manifest.names);
}

#[test]
fn columns_come_in_the_order_asked_for_and_unknown_ones_are_errors() {
    let read =
        Export::of(&[REPORT, ORGANIZATION, ("users/1.json", r#"[{"id":"a1","userType":"Member"}]"#)]).read().unwrap();
    assert_eq!(read.rows("users", &["user_type", "id", "tenant_id", "id"]).len(), 1);
    assert_eq!(read.rows("users", &["user_type", "id"]), ["Member | a1"]);
    let error = read.snapshot.read("users", &["excepted"]).err().unwrap();
    assert!(matches!(error, OpenError::UnknownColumn { .. }), "{error}");
}

#[test]
fn progress_counts_every_byte_once() {
    let users: String = format!("[{}]", [r#"{"id":"a1"}"#; 10].join(","));
    let export = Export::of(&[
        REPORT,
        ORGANIZATION,
        ("users/1.json", &users),
        ("groups/1.json", "[]"),
        ("policies/1.json", "[]"),
    ]);
    let last = Mutex::new((0, 0));
    let note = |advance: idscore_snapshot::Advance| {
        *last.lock().unwrap() = (advance.bytes, advance.total_bytes);
        std::ops::ControlFlow::Continue(())
    };
    export.read_with(&ReadOptions { progress: Some(&note), ..ReadOptions::default() }).unwrap();
    let (bytes, total) = last.into_inner().unwrap();
    assert_eq!(bytes, total);
}
