//! What the lint says about files that are wrong.

use std::fs;
use std::path::Path;

use idscore_catalogue::{Catalogue, Severity};

/// An organisation's folder with one control, everything in it as it should be.
fn folder_with(name: &str, content: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

const OWN_CONTROL: &str = r#"+++
title       = "Name an owner for every guest"
set         = "extended"
points      = 1.5
scoring     = "binary"
since       = "0.1.0"
user_impact = "none"
effort      = "low"

[check]
of       = "tenant"
met      = "allow_invites_from IS NOT DISTINCT"
evidence = ["allow_invites_from"]
+++

Somebody must know why a guest is there.

## Fix

1. Ask.

## Cases

### Only administrators invite

Expect: met 1 of 1

| tenant  | allow_invites_from |
| ------- | ------------------ |
| contoso | none               |

### Everybody invites

Expect: notMet 0 of 1

| tenant  | allow_invites_from |
| ------- | ------------------ |
| contoso | everyone           |

### Not read

Expect: notAssessed

| tenant  | allow_invites_from |
| ------- | ------------------ |
| contoso |                    |
"#;

#[test]
fn every_mistake_is_named_with_file_and_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let (catalogue, problems) = Catalogue::lint(std::slice::from_ref(&folder));
    let mut report = String::new();
    for mut problem in problems {
        problem.path = problem.path.strip_prefix(&folder).unwrap_or(&problem.path).to_owned();
        let mark = if problem.severity == Severity::Flaw { "flaw " } else { "" };
        report.push_str(&format!("{mark}{problem}\n"));
    }
    insta::assert_snapshot!(report.replace('\\', "/"));
    assert!(catalogue.control("unfinished").is_some(), "a control with flaws still judges");
    assert!(catalogue.control("cases").is_none(), "a control with mistakes does not");
}

#[test]
fn an_own_control_joins_the_extended_set() {
    let good = OWN_CONTROL.replace("IS NOT DISTINCT", "IN ('none', 'adminsAndGuestInviters')");
    let folder = folder_with("contoso_guest_owners.md", good.as_bytes());
    let catalogue = Catalogue::load(&[folder.path().to_owned()]).unwrap();
    let control = catalogue.control("contoso_guest_owners").unwrap();
    assert_eq!(control.area, "own");
    assert_eq!(control.points.to_f64(), 1.5);
    assert_eq!(control.cases.len(), 3);
    assert_ne!(catalogue.version, Catalogue::embedded().unwrap().version, "other rules, another version");
}

#[test]
fn a_control_with_windows_line_ends_and_a_byte_order_mark_is_the_same_control() {
    let good = OWN_CONTROL.replace("IS NOT DISTINCT", "= 'none'").replace('\n', "\r\n");
    let folder = folder_with("contoso_guest_owners.md", format!("\u{feff}{good}").as_bytes());
    let (catalogue, problems) = Catalogue::lint(&[folder.path().to_owned()]);
    assert_eq!(problems, []);
    let control = catalogue.control("contoso_guest_owners").unwrap();
    assert_eq!(control.why, "Somebody must know why a guest is there.");
}

#[test]
fn loading_refuses_a_predicate_at_its_line_and_column() {
    let folder = folder_with("contoso_guest_owners.md", OWN_CONTROL.as_bytes());
    let problems = Catalogue::load(&[folder.path().to_owned()]).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].line, problems[0].column), (12, Some(39)), "{}", problems[0]);
}

#[test]
fn a_file_that_is_not_utf8_is_refused_at_the_line() {
    let folder = folder_with("latin1.md", b"+++\ntitle = \"caf\xe9\"\n+++\n");
    let problems = Catalogue::load(&[folder.path().to_owned()]).unwrap_err();
    assert_eq!((problems[0].line, problems[0].message.as_str()), (2, "the file is not UTF-8"));
}

#[test]
fn an_empty_folder_is_a_mistake_and_not_silently_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let problems = Catalogue::load(&[folder.path().to_owned()]).unwrap_err();
    assert_eq!(problems[0].message, "the folder holds no control, protection or framework");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("secret.md")).unwrap();
    let problems = Catalogue::load(&[folder.path().to_owned()]).unwrap_err();
    assert_eq!(problems[0].message, "links are not followed");
}
