//! Raw answers of Microsoft Graph, other tools' pages, encodings, archives.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use idscore_snapshot::{ReadOptions, TakenAtSource};

use crate::support::{Export, Read, read};

const USERS: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users(id,userPrincipalName,accountEnabled)",
    "value":[{"id":"a1","userPrincipalName":"zoë@example.org","createdDateTime":"2026-01-02T03:04:05Z"},{"id":"a2"}]}"#;

fn ids(read: &Read) -> Vec<String> {
    read.rows("users", &["id"])
}

#[test]
fn the_data_set_of_a_raw_page_follows_from_its_context() {
    let export = Export::of(&[
        ("anything.json", USERS),
        (
            "b.json",
            r#"{"@odata.context":"https://graph.microsoft.com/beta/$metadata#users(id,signInActivity)",
                "value":[{"id":"a1","signInActivity":{"lastSignInDateTime":"2026-02-01T00:00:00Z"}}]}"#,
        ),
        (
            "c.json",
            r##"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#groups('b1')/members",
                "value":[{"@odata.type":"#microsoft.graph.user","id":"a2"},{"@odata.type":"#microsoft.graph.group","id":"b2"}]}"##,
        ),
        (
            "d.json",
            r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#policies/identitySecurityDefaultsEnforcementPolicy/$entity","isEnabled":true}"#,
        ),
        (
            "e.json",
            r#"{"@odata.context":"https://graph.microsoft.com/beta/$metadata#policies/authorizationPolicy/authorizationPolicy",
                "value":[{"permissionGrantPolicyIdsAssignedToDefaultUserRole":["ManagePermissionGrantsForSelf.microsoft-user-default-low"]}]}"#,
        ),
    ]);
    let read = export.read().unwrap();
    assert_eq!(read.rows("users", &["id", "last_sign_in_date_time"]), ["a1 | 2026-02-01T00:00:00Z", "a2 | NULL"]);
    let members = read.snapshot.group_members().unwrap();
    assert_eq!(members[0].users.iter().collect::<Vec<_>>(), [1]);
    assert_eq!((members[0].groups.as_slice(), members[0].complete), (["b2".to_owned()].as_slice(), true));
    assert_eq!(read.rows("tenant", &["security_defaults_enabled", "user_consent"]), ["true | low"]);
    assert_eq!(read.manifest.taken_at, "2026-02-01T00:00:00Z");
    assert_eq!(read.manifest.taken_at_source, TakenAtSource::Data);
}

#[test]
fn sign_in_activity_inside_the_user_pages_counts_as_read() {
    let export = Export::of(&[(
        "users.json",
        r#"[{"id":"a1","signInActivity":{"lastSuccessfulSignInDateTime":"2026-02-01T00:00:00Z"}},{"id":"a2"}]"#,
    )]);
    let read = export.read().unwrap();
    assert_eq!(read.rows("users", &["id", "sign_in_activity_read"]), ["a1 | true", "a2 | NULL"]);
    assert!(read.status("signInActivity").starts_with("complete"));
}

#[test]
fn without_a_context_the_folder_or_the_name_tells() {
    let page = r#"{"value":[{"id":"a1","createdDateTime":"2026-01-02T03:04:05Z"}]}"#;
    for path in ["users.json", "users-0001.json", "Users_2.json", "users/0001.json", "zt-export/Users/Users-1.json"] {
        assert_eq!(ids(&Export::of(&[(path, page)]).read().unwrap()), ["a1"], "{path}");
    }
    let export = Export::of(&[("users.json", page), ("groups/b1/members/1.json", r#"{"value":[{"id":"a1"}]}"#)]);
    assert_eq!(export.read().unwrap().snapshot.group_members().unwrap()[0].group_id, "b1");
}

#[test]
fn pages_arrays_single_objects_and_lines_hold_the_same() {
    for (path, content) in [
        ("users.json", r#"{"value":[{"id":"a1","createdDateTime":"2026-01-02T03:04:05Z"},{"id":"a2"}]}"#),
        ("users.json", r#"[{"id":"a1","createdDateTime":"2026-01-02T03:04:05Z"},{"id":"a2"}]"#),
        ("users.ndjson", "{\"id\":\"a1\",\"createdDateTime\":\"2026-01-02T03:04:05Z\"}\n{\"id\":\"a2\"}\n"),
        ("users.jsonl", "{\"id\":\"a1\",\"createdDateTime\":\"2026-01-02T03:04:05Z\"}\r\n\r\n{\"id\":\"a2\"}"),
        ("users.json", r#"{"VALUE":[{"ID":"a1","CREATEDDATETIME":"2026-01-02T03:04:05Z"},{"Id":"a2"}]}"#),
    ] {
        assert_eq!(ids(&Export::of(&[(path, content)]).read().unwrap()), ["a1", "a2"], "{content}");
    }
    let export = Export::of(&[("users/1.json", r#"{"id":"a1","createdDateTime":"2026-01-02T03:04:05Z"}"#)]);
    assert_eq!(ids(&export.read().unwrap()), ["a1"]);
}

#[test]
fn encodings_and_gzip_make_no_difference() {
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(USERS.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xef\xbb\xbf".as_slice(), USERS.as_bytes()].concat();
    for (name, content) in [
        ("users.json", USERS.as_bytes().to_vec()),
        ("users.json", marked),
        ("users.json", utf16.clone()),
        ("users.json.gz", gz(USERS.as_bytes())),
        ("users.json.gz", gz(&utf16)),
    ] {
        let export = Export::of(&[]);
        export.add(name, &content);
        assert_eq!(export.read().unwrap().rows("users", &["user_principal_name"]), ["zoë@example.org", "NULL"]);
        // The same file alone instead of its folder.
        let alone = read(&export.path().join(name), &ReadOptions::default()).unwrap();
        assert_eq!(ids(&alone), ["a1", "a2"]);
    }
}

#[test]
fn archives_are_read_like_folders() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("tenant/users/1.json", USERS), ("tenant/groups/1.json", r#"{"value":[{"id":"b1"}]}"#)];
    let zip_path = folder.path().join("export.zip");
    std::fs::write(&zip_path, zipped(&files)).unwrap();
    let tar = tarred(&files);
    let (tar_path, tgz_path) = (folder.path().join("export.tar"), folder.path().join("export.tar.gz"));
    std::fs::write(&tar_path, &tar).unwrap();
    std::fs::write(&tgz_path, gz(&tar)).unwrap();
    // As tar of Unix version 7 wrote it: no mark, only a checksum.
    let old = tarred_as(tar::Header::new_old, &files);
    assert!(!old.windows(5).any(|part| part == b"ustar"));
    let (old_path, old_tgz_path) = (folder.path().join("v7.tar"), folder.path().join("v7.tar.gz"));
    std::fs::write(&old_path, &old).unwrap();
    std::fs::write(&old_tgz_path, gz(&old)).unwrap();
    for path in [zip_path, tar_path, tgz_path, old_path, old_tgz_path] {
        let read = read(&path, &ReadOptions::default()).unwrap();
        assert_eq!((read.status("users"), read.status("groups")), ("complete 2".to_owned(), "complete 1".to_owned()));
    }
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn tarred(files: &[(&str, &str)]) -> Vec<u8> {
    tarred_as(tar::Header::new_gnu, files)
}

fn tarred_as(header: fn() -> tar::Header, files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = header();
        // The library refuses to write a bad path; a test of reading one needs it.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, content.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap()
}
