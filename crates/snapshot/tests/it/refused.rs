//! Input that is refused, with file, place and reason.

use idscore_snapshot::{ReadError, ReadOptions};

use crate::forms::{tarred, zipped};
use crate::support::{Export, ORGANIZATION, REPORT, read};

fn refusal(files: &[(&str, &str)]) -> ReadError {
    Export::of(files).read().err().expect("the export must be refused")
}

#[track_caller]
fn damaged(error: &ReadError, expected: &str) {
    let message = error.to_string();
    assert!(message.contains(expected), "{message}");
    assert!(error.hint().is_some());
}

#[test]
fn truncated_json_is_refused_with_its_place() {
    let error = refusal(&[REPORT, ("users/1.json", "{\"value\":[\n{\"id\":\"a1\"},\n{\"id\":\"a")]);
    damaged(&error, "`users/1.json`, line 3, column 8: EOF while parsing a string");
    let error = refusal(&[REPORT, ("users/1.json", "")]);
    damaged(&error, "`users/1.json`, line 1, column 1: the file is empty");
}

#[test]
fn a_property_of_another_type_is_refused_with_its_place() {
    let error = refusal(&[REPORT, ("users/1.json", "{\"value\":[{\"id\":\"a1\",\n\"accountEnabled\":\"yes\"}]}")]);
    damaged(
        &error,
        "`users/1.json`, line 2, column 22: `accountEnabled`: invalid type: string \"yes\", expected a boolean",
    );
    let error = refusal(&[REPORT, ("domains/1.json", "{\"value\":[{\"id\":\"x\",\n\"isVerified\":7}]}")]);
    damaged(&error, "`domains/1.json`, line 2");
    let error = refusal(&[REPORT, ("users/1.json", r#"{"value":[{"id":"a1","createdDateTime":"tomorrow"}]}"#)]);
    damaged(&error, "invalid value: string \"tomorrow\", expected a date and time");
    let error = refusal(&[REPORT, ("users/1.json", r#"{"value":[{"accountEnabled":true}]}"#)]);
    damaged(&error, "missing field `id`");
}

#[test]
fn a_condition_of_another_type_is_refused_at_any_depth() {
    for (condition, expected) in [
        (r#""conditions":{"users":{"includeUsers":{"id":"All"}}}"#, "`includeUsers` has another type"),
        (r#""conditions":{"users":{"includeUsers":[1,null]}}"#, "`includeUsers` has another type"),
        (r#""conditions":{"users":"All"}"#, "`users` has another type"),
        (r#""conditions":[]"#, "invalid type"),
        (r#""grantControls":{"BuiltInControls":[{"a":1}]}"#, "`BuiltInControls` has another type"),
    ] {
        let policies = format!(r#"{{"value":[{{"id":"c1","state":"enabled",{condition}}}]}}"#);
        let error = refusal(&[REPORT, ORGANIZATION, ("policies/1.json", &policies)]);
        damaged(&error, expected);
        damaged(&error, "`policies/1.json`, line 1");
    }
}

#[test]
fn two_tenants_in_one_export_are_refused() {
    let other = r#"{"value":[{"id":"22222222-0000-4000-8000-000000000002"}]}"#;
    let error = refusal(&[ORGANIZATION, ("organization/2.json", other)]);
    damaged(&error, "`organization/2.json` belongs to tenant 22222222-0000-4000-8000-000000000002");
    let error = refusal(&[REPORT, ("organization/1.json", other)]);
    damaged(&error, "the export began with tenant 11111111-0000-4000-8000-000000000001");
    let error = refusal(&[("a/collection.json", REPORT.1), ("b/collection.json", REPORT.1), ("a/users/1.json", "[]")]);
    damaged(&error, "are two collection reports");
    let domains = r#"{"value":[{"id":"other.onmicrosoft.com","isInitial":true}]}"#;
    let error = refusal(&[ORGANIZATION, ("domains/1.json", domains)]);
    damaged(
        &error,
        "belongs to tenant other.onmicrosoft.com, but the export began with tenant example.onmicrosoft.com",
    );
}

#[test]
fn an_input_without_a_usable_file_is_refused() {
    damaged(&refusal(&[("notes.txt", "hello"), ("other.json", r#"{"a":1}"#)]), "no usable file");
    damaged(&refusal(&[REPORT]), "no usable file");
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(read(folder.path(), &ReadOptions::default()), Err(ReadError::NothingUsable { .. })));
    let missing = read(&folder.path().join("nowhere"), &ReadOptions::default()).err().unwrap();
    assert!(missing.to_string().contains("cannot open"), "{missing}");
}

#[test]
fn archives_that_leave_their_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["../evil.json", "/tmp/evil.json", "a/../../evil.json"] {
        for (file, bytes) in [("x.zip", zipped(&[(name, "[]")])), ("x.tar", tarred(&[(name, "[]")]))] {
            let path = folder.path().join(file);
            std::fs::write(&path, bytes).unwrap();
            let error = read(&path, &ReadOptions::default()).err().unwrap();
            damaged(&error, "its path leaves the folder");
        }
    }
    assert!(!folder.path().join("evil.json").exists());
}

#[test]
fn links_in_archives_are_refused() {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "users.json", "/etc/passwd").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    std::fs::write(&path, tar.into_inner().unwrap()).unwrap();
    damaged(&read(&path, &ReadOptions::default()).err().unwrap(), "links are not allowed");
}

#[test]
fn devices_and_pipes_in_archives_are_refused() {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Fifo);
    header.set_size(0);
    tar.append_data(&mut header, "users.json", std::io::empty()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.tar");
    std::fs::write(&path, tar.into_inner().unwrap()).unwrap();
    damaged(&read(&path, &ReadOptions::default()).err().unwrap(), "devices and pipes are not allowed");
}

#[test]
fn half_a_surrogate_pair_is_refused() {
    let export = Export::of(&[REPORT]);
    let text: Vec<u16> = "\u{feff}[{\"id\":\"".encode_utf16().chain([0xd83d]).chain("\"}]".encode_utf16()).collect();
    export.add("users/1.json", &text.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    let message = format!("{:?}", export.read().err().unwrap());
    assert!(message.contains("stands alone"), "{message}");
}

#[test]
fn whoever_asked_may_end_the_reading_and_nothing_stays() {
    let export = Export::of(&[REPORT, ORGANIZATION]);
    let parent = tempfile::tempdir().unwrap();
    let stop = |_: idscore_snapshot::Advance<'_>| std::ops::ControlFlow::Break(());
    let options = ReadOptions { progress: Some(&stop), ..ReadOptions::default() };
    let error = idscore_snapshot::write_snapshot(&export.path(), &parent.path().join("s"), &options).err().unwrap();
    assert!(matches!(error, ReadError::Interrupted), "{error}");
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[test]
fn a_damaged_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let whole = zipped(&[("users.json", "[]")]);
    let path = folder.path().join("x.zip");
    std::fs::write(&path, &whole[..whole.len() - 10]).unwrap();
    assert!(matches!(read(&path, &ReadOptions::default()), Err(ReadError::Archive { .. })));
    std::fs::write(&path, "no archive at all").unwrap();
    assert!(matches!(read(&path, &ReadOptions::default()), Err(ReadError::Archive { .. })));
}

#[test]
fn a_thousand_levels_of_nesting_are_refused() {
    let deep = format!("{{\"value\":[{{\"id\":\"a\",\"deep\":{}{}}}]}}", "[".repeat(1_000), "]".repeat(1_000));
    damaged(&refusal(&[REPORT, ("users/1.json", &deep)]), "recursion limit exceeded");
    damaged(&refusal(&[REPORT, ("domains/1.json", &deep)]), "recursion limit exceeded");
}

#[test]
fn invalid_utf8_is_refused_even_in_a_property_that_nobody_reads() {
    let export = Export::of(&[REPORT]);
    export.add("users/1.json", b"{\"value\":[{\"id\":\"a\",\"unread\":\"\xff\"}]}");
    let error = export.read().err().unwrap();
    damaged(&error, "`users/1.json`, byte 30: not valid UTF-8");
}

#[test]
fn data_without_any_date_need_the_argument() {
    let files = [("users.json", r#"[{"id":"a1"}]"#)];
    damaged(&refusal(&files), "nothing in");
    let taken_at = Some("2026-11-20T06:00:00Z".parse().unwrap());
    let read = Export::of(&files).read_with(&ReadOptions { taken_at, ..ReadOptions::default() }).unwrap();
    assert_eq!(read.manifest.taken_at, "2026-11-20T06:00:00Z");
}
